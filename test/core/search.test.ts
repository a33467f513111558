import { beforeEach, describe, expect, it } from 'vitest'
import { createRows, type Rows } from '../../src/core/rows.ts'
import { createSearch, folded } from '../../src/core/search.ts'
import type { Message } from '../../src/model/message.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'

let rows: Rows
beforeEach(() => {
  rows = createRows(memory(), stillTabs()())
})

const message = (position: number, text: string, more: Partial<Message> = {}): Message => ({
  id: `m${position}`,
  threadId: 't',
  author: 'visitor',
  by: null,
  text,
  content: null,
  attachments: [],
  at: position,
  position,
  ...more
})
const put = (...messages: readonly Message[]) =>
  rows.commit(messages.map(value => ({ put: ['message', value.threadId, value.position], value })))

/** The texts found, with brackets around what was found in them. */
async function find(query: string, limit?: number) {
  const search = await createSearch(rows)
  return search(query, limit).map(({ message: { text }, ranges }) =>
    [...ranges].reverse().reduce((so, [from, to]) => `${so.slice(0, from)}[${so.slice(from, to)}]${so.slice(to)}`, text)
  )
}

describe('search', () => {
  it('finds messages with all words, newest first, at most as many as asked for', async () => {
    await put(message(1, 'The lamp is broken'), message(2, 'A broken chair'), message(3, 'broken: my lamp'))
    expect(await find('broken lamp')).toEqual(['[broken]: my [lamp]', 'The [lamp] is [broken]'])
    expect(await find('broken', 2)).toHaveLength(2)
    expect(await find('nothing of it')).toEqual([])
  })

  it.each([
    ['uber', 'Über', '[Über]'],
    ['ÜBER', 'u\u0308ber', '[u\u0308ber]'],
    ['strasse', 'Straße 5', '[Straße] 5'],
    ['Łódź', 'lodz', '[lodz]'],
    ['احمد', 'أَحْمَد هنا', '[أَحْمَد] هنا'],
    ['ελλαδα', 'ΕΛΛΆΔΑ', '[ΕΛΛΆΔΑ]'],
    ['ing', 'writing and singing', 'writ[ing] and s[inging]'],
    ['aa', 'aaa', '[aa]a'],
    ['注文', 'ご注文の品', 'ご[注文]の品'],
    ['fi', 'ﬁne', '[ﬁ]ne'],
    ['x', '😀x😀', '😀[x]😀']
  ])('finds %s in %s', async (query, text, expected) => {
    await put(message(1, text))
    expect(await find(query)).toEqual([expected])
  })

  it('joins what overlaps', async () => {
    await put(message(1, 'abcd'))
    expect(await find('abc bcd')).toEqual(['[abcd]'])
  })

  it('takes a query for words, not for a pattern', async () => {
    await put(message(1, 'a.c or abc?'))
    expect(await find('.*')).toEqual([])
    expect(await find('a.c')).toEqual(['[a].[c] or [a]b[c]?'])
  })

  it('looks at what people said, in all threads', async () => {
    await put(
      message(1, 'lamp'),
      message(1, 'lamp of another thread', { threadId: 'u', at: 9 }),
      message(2, 'lamp joined', { author: 'system' })
    )
    expect(await find('lamp')).toEqual(['[lamp] of another thread', '[lamp]'])
  })

  it('follows what is stored, changed and dropped', async () => {
    const search = await createSearch(rows)
    await put(message(1, 'first'), message(2, 'second'))
    expect(search('first')).toHaveLength(1)
    await put(message(1, 'changed'))
    await rows.commit([{ drop: ['message', 't', 2] }])
    expect([search('first').length, search('changed').length, search('second').length]).toEqual([0, 1, 0])
  })

  it('finds nothing of somebody who signed out', async () => {
    const search = await createSearch(rows)
    await put(message(1, 'secret'))
    void rows.hide()
    expect(search('secret')).toEqual([])
    await rows.commit([{ put: ['life'], value: 1 }])
    expect(search('secret')).toEqual([])
  })

  it('folds what has no accents to take off', () => {
    expect(folded('ÆŒØŁĐıĦÞß')).toBe('aeoeoldihthss')
  })
})
