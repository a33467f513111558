import { atom, computed } from 'nanostores'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: what a failing disk needs is not what is waited for here.
import '../../src/core/holding.ts'
import { empty } from '../../src/core/leaving.ts'
import { createRows, patched, type RowChange, type Rows } from '../../src/core/rows.ts'
import { stillTabs } from '../../src/page/still.ts'
import type { TabNote, Tabs } from '../../src/page/tabs.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { Change, ChatStorage, Key } from '../../src/storage/storage.ts'

let disk: ChatStorage
let open: () => Tabs
let opened: Rows[]
let rows: Rows
/** What other tabs are told. */
let notes: TabNote[]
const made = (storage: ChatStorage = disk, tabs = open()) => {
  // What closes this tab leaves the disk to the others.
  const one = createRows({ ...storage, close() {} }, tabs)
  opened.push(one)
  return one
}
beforeEach(() => {
  disk = memory()
  open = stillTabs()
  opened = []
  notes = []
  open().listen(note => notes.push(note))
  rows = made()
})
afterEach(() => {
  for (const one of opened) one.close()
})

/** A command gets its number, as `accept` of the core stores it. */
const numbered = (n: number) => [put(['lane', 't'], n), put(['outbox', 't', n], `row ${n}`)]
/** A tab tells of these, which are stored. */
const tell = (changes: readonly { readonly put: Key }[]) =>
  open().tell({
    type: 'rows',
    keys: changes.map(change => change.put),
    after: undefined,
    cursor: undefined,
    life: undefined
  })
const put = (key: Key, value: unknown) => ({ put: key, value })
/** What these rows tell of one kind: each time the keys and values. */
function heard(kind: Parameters<Rows['on']>[0], of: Rows = rows) {
  const told: unknown[] = []
  const unbind = of.on(kind, changes => told.push(changes.map(({ key, value }) => [key.join(' '), value])))
  return { told, unbind }
}
/** Until all that was told has been looked at. */
const settled = (of: Rows) => of.commit(() => [])

/** One row of each kind that is always in memory, and of the others. */
const EACH = [
  put(['device'], 'me'),
  put(['term'], 3),
  put(['credentials'], 'secret'),
  put(['credentials', 'past'], 'log'),
  put(['visitor'], { name: 'Kim', email: '' }),
  put(['lane', 't'], 4),
  put(['thread', 't'], { id: 't' }),
  put(['session', 't'], { id: 's' }),
  put(['outbox', 't', 4], { command: { id: 'a' } }),
  put(['gap', 't', 2], true),
  put(['draft', 't'], 'half'),
  put(['choice', 'sound'], 'off'),
  put(['cursor'], 'c1')
] as const
const KEYS = EACH.map(change => ('put' in change ? change.put : []))
const known = (of: Rows, keys = KEYS) => keys.map(key => of.known(...(key as ['cursor'])))

describe('rows', () => {
  it('know after a reload all that was stored, but for messages, which are read by the page', async () => {
    await rows.commit([put(['life'], 1), ...EACH, put(['message', 't', 1], { id: 'm1' })])
    const next = made()
    expect(next.life()).toBeUndefined()
    await next.load()
    expect(known(next)).toEqual(EACH.map(change => 'put' in change && change.value))
    expect(next.life()).toBe(1)
    expect(next.cursor()).toBe('c1')
    expect(next.known('message', 't', 1)).toBeUndefined()
    expect(rows.known('message', 't', 1)).toBeUndefined()
    expect(await next.get(['message', 't', 1])).toEqual({ id: 'm1' })
  })

  it('tell of what is shown already, then of each change to that kind, until nobody listens', async () => {
    await rows.commit([put(['draft', 't'], 'half')])
    const { told, unbind } = heard('draft')
    expect(told).toEqual([[['draft t', 'half']]])
    await rows.commit([put(['lane', 't'], 1)])
    await rows.commit([put(['draft', 't'], 'whole'), put(['draft', 'u'], 'other'), put(['lane', 't'], 2)])
    await rows.commit([{ drop: ['draft', 't'] }])
    unbind()
    await rows.commit([put(['draft', 't'], 'again')])
    expect(told.slice(1)).toEqual([
      [
        ['draft t', 'whole'],
        ['draft u', 'other']
      ],
      [['draft t', undefined]]
    ])
  })

  it('tell nobody of a kind of which there is nothing', () => {
    const { told } = heard('draft')
    expect(told).toEqual([])
  })

  it('show all of one commit at once: nobody sees one row of it without the others', async () => {
    const [$count, $names] = [atom(0), atom<readonly string[]>([])]
    const $both = computed([$count, $names], (count, names) => `${count}: ${names}`)
    const seen: string[] = []
    rows.on('lane', changes => $count.set(changes.length))
    rows.on('draft', changes => $names.set(changes.map(({ key }) => String(key[1]))))
    $both.listen(both => seen.push(both))
    await rows.commit([put(['lane', 't'], 1), put(['draft', 't'], 'half')])
    expect(seen).toEqual(['1: t'])
  })

  it('give a row only for the whole of its key', async () => {
    await rows.commit([put(['credentials', 'past'], 'log')])
    expect(await rows.get(['credentials'])).toBeUndefined()
    expect(await rows.get(['credentials', 'past'])).toBe('log')
    expect(await rows.get(['device'])).toBeUndefined()
  })

  it('take commits one after the other, and ask for changes when their turn has come', async () => {
    const seen: unknown[] = []
    const count = () => rows.commit(() => [put(['lane', 't'], (rows.known('lane', 't') ?? 0) + 1)])
    await Promise.all([
      count(),
      rows.commit(async () => {
        seen.push(rows.known('lane', 't'))
        return []
      }),
      count()
    ])
    expect(seen).toEqual([1])
    expect(rows.known('lane', 't')).toBe(2)
  })

  it('go on after a commit that failed, which says so', async () => {
    const failed = rows.commit([{ expect: ['lane', 't'], value: 7 }, put(['draft', 't'], 'half')])
    const next = rows.commit([put(['lane', 't'], 1)])
    await expect(failed).rejects.toMatchObject({ code: 'taken' })
    await next
    expect(rows.known('draft', 't')).toBeUndefined()
    expect(rows.known('lane', 't')).toBe(1)
    expect(rows.$storage.get()).toBe('volatile')
  })

  it('make a commit again as long as another tab is faster, before those behind it, where that was asked for', async () => {
    const other = made()
    let rivals = 2
    const asked: unknown[] = []
    const first = rows.commit(async () => {
      const last = rows.known('lane', 't')
      asked.push(last)
      if (rivals-- > 0) await other.commit([put(['lane', 't'], (last ?? 0) + 10)])
      return [{ expect: ['lane', 't'], value: last }, put(['lane', 't'], (last ?? 0) + 1)]
    }, true)
    const behind = rows.commit(() => [put(['draft', 't'], String(rows.known('lane', 't')))])
    await Promise.all([first, behind])
    expect(asked).toEqual([undefined, 10, 20])
    expect(rows.known('lane', 't')).toBe(21)
    expect(rows.known('draft', 't')).toBe('21')
  })

  it('give up a commit that failed for another reason, whatever was asked for', async () => {
    const ask = vi.fn((): readonly Change[] => {
      throw new Error('not a matter of the disk')
    })
    await expect(rows.commit(ask, true)).rejects.toThrow('not a matter of the disk')
    expect(ask).toHaveBeenCalledTimes(1)

    const late = rows.commit(async () => {
      await empty(made(), undefined)
      return [put(['draft', 't'], 'half')]
    }, true)
    await expect(late).rejects.toThrow('signed out')
    expect(await disk.list(['draft'])).toEqual([])
  })

  it('touch neither the disk nor other tabs where nothing changes', async () => {
    const commit = vi.spyOn(disk, 'commit')
    const one = made()
    await one.commit([])
    await one.commit(() => [])
    expect(commit).not.toHaveBeenCalled()
    expect(notes).toEqual([])
  })

  it.each([
    ['durable', true],
    ['volatile', false]
  ] as const)('are %s where the disk says so', (state, durable) => {
    expect(made({ ...disk, durable }).$storage.get()).toBe(state)
  })

  it('let go of the disk and of other tabs when they are closed', async () => {
    const close = vi.fn()
    const other = createRows({ ...disk, close }, open())
    const { told } = heard('draft', other)
    const list = vi.spyOn(disk, 'list')
    other.close()
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
    await rows.commit([put(['draft', 't'], 'half')])
    await settled(rows)
    expect(told).toEqual([])
    expect(list).not.toHaveBeenCalled()
  })

  it('let go at once of a disk that has failed, whatever still waits for its turn', async () => {
    const close = vi.fn()
    const commit = () => Promise.reject(new StorageError('full', 'no room'))
    const one = createRows({ ...disk, durable: true, commit, close }, open())
    await one.commit([put(['draft', 't'], 'half')])
    void one.commit(() => new Promise<never>(() => {}))
    one.close()
    await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1))
  })

  it.each([false, true])(
    'hold nothing in memory any more once they are closed: what cannot be stored then is not accepted, also where it may be tried again (%s)',
    async again => {
      const commit = vi.fn(() => Promise.reject(new StorageError('lost', 'closed')))
      const one = made({ ...disk, commit })
      one.close()
      await expect(one.commit([put(['draft', 't'], 'half')], again)).rejects.toThrow('closed')
      expect(commit).toHaveBeenCalledTimes(1)
    }
  )
})

describe('a load', () => {
  it('tells of what has changed and gone, and of nothing else', async () => {
    await rows.commit([put(['draft', 't'], 'half'), put(['draft', 'u'], 'same'), put(['draft', 'v'], 'gone')])
    const { told } = heard('draft')
    await disk.commit([put(['draft', 't'], 'half written'), put(['draft', 'w'], 'new'), { drop: ['draft', 'v'] }])
    await rows.load()
    expect(told.slice(1)).toEqual([
      [
        ['draft v', undefined],
        ['draft t', 'half written'],
        ['draft w', 'new']
      ]
    ])
    await rows.load()
    expect(told).toHaveLength(2)
  })

  it('says that messages may have changed where the cursor has moved, and only there', async () => {
    await rows.commit([put(['cursor'], 'c1'), put(['draft', 't'], 'half')])
    const { told } = heard('message')
    await disk.commit([put(['draft', 't'], 'more')])
    await rows.load()
    expect(told).toEqual([])
    await disk.commit([put(['cursor'], 'c2'), put(['draft', 't'], 'and more')])
    await rows.load()
    expect(told).toEqual([[['message', undefined]]])
    await disk.commit([{ drop: ['cursor'] }])
    await rows.load()
    expect(told).toHaveLength(2)
  })

  it('reads the cursor before the rows: of what is stored in between the cursor must not say that it was read', async () => {
    await disk.commit([put(['cursor'], 'c1')])
    let isRead = false
    const one = made({
      ...disk,
      async list(prefix, page) {
        const found = await disk.list(prefix, page)
        if (!isRead) await disk.commit([put(['cursor'], 'c2'), put(['draft', 't'], 'half')])
        isRead = true
        return found
      }
    })
    await one.load()
    expect([one.cursor(), one.known('draft', 't')]).toEqual(['c1', 'half'])
  })

  it('waits for the commit before it', async () => {
    const done = rows.commit(async () => {
      await disk.commit([put(['draft', 't'], 'of another tab')])
      return [put(['lane', 't'], 1)]
    })
    await rows.load()
    expect(rows.known('draft', 't')).toBe('of another tab')
    await done
  })

  it('is made when the disk says that something may have gone', async () => {
    const storage: ChatStorage = { ...disk }
    const one = createRows(storage, open())
    opened.push(one)
    await one.commit([put(['draft', 't'], 'half')])
    await disk.commit([{ drop: ['draft', 't'] }])
    storage.onLost!()
    await settled(one)
    expect(one.known('draft', 't')).toBeUndefined()
  })
})

describe('other tabs', () => {
  it('are told which rows have changed, whose they are, and where the cursor was and is', async () => {
    await rows.commit([put(['life'], 2), put(['cursor'], 'c1')])
    await rows.commit([
      { expect: ['cursor'], value: 'c1' },
      put(['draft', 't'], 'half'),
      { drop: ['lane', 't'] },
      put(['cursor'], 'c2')
    ])
    expect(notes[1]).toEqual({
      type: 'rows',
      keys: [['draft', 't'], ['lane', 't'], ['cursor']],
      after: 'c1',
      cursor: 'c2',
      life: 2
    })
  })

  it('show what was stored here, and read no more for it than has changed', async () => {
    await rows.commit([put(['cursor'], 'c1'), put(['draft', 't'], 'half'), ...numbered(1)])
    const other = made()
    await other.load()
    const list = vi.spyOn(disk, 'list')
    const watched = made({ ...disk })
    await watched.load()
    list.mockClear()
    await rows.commit([{ drop: ['draft', 't'] }, ...numbered(2), put(['cursor'], 'c2')])
    for (const one of [other, watched]) {
      await settled(one)
      expect([one.known('draft', 't'), one.known('lane', 't'), one.cursor()]).toEqual([undefined, 2, 'c2'])
    }
    expect(list.mock.calls.map(([prefix]) => String(prefix))).toEqual(['draft,t', 'lane,t', 'outbox,t,2', 'life'])
  })

  it('have the cursor of the note, not that which is stored by now: what came with that is not shown yet', async () => {
    const other = made()
    await rows.commit([put(['cursor'], 'c1')])
    await settled(other)
    const tabs = open()
    await disk.commit([put(['draft', 't'], 'with the third'), put(['cursor'], 'c3')])
    tabs.tell({ type: 'rows', keys: [['cursor']], after: 'c1', cursor: 'c2', life: undefined })
    await settled(other)
    expect(other.cursor()).toBe('c2')
    expect(other.known('draft', 't')).toBeUndefined()
  })

  it.each([
    ['missed the note before', { after: 'c8', life: undefined, keys: [['lane', 't']] }],
    ['do not know yet that somebody else is here', { after: undefined, life: 5, keys: [['lane', 't']] }],
    ['hear that everything has gone', { after: undefined, life: undefined, keys: [['lane', 't'], []] }]
  ] as const)('look at everything where they %s', async (_, note) => {
    const other = made()
    await disk.commit([put(['draft', 't'], 'not in the note')])
    open().tell({ type: 'rows', cursor: 'c9', ...note })
    await settled(other)
    expect(other.known('draft', 't')).toBe('not in the note')
  })

  it('look at everything where a number was left out: the note of it was missed', async () => {
    await rows.commit([put(['lane', 't'], 1)])
    const other = made()
    await other.load()
    await disk.commit([put(['draft', 't'], 'not in the note'), put(['lane', 't'], 3)])
    open().tell({ type: 'rows', keys: [['lane', 't']], after: undefined, cursor: undefined, life: undefined })
    await settled(other)
    expect(other.known('draft', 't')).toBe('not in the note')
  })

  it('take nothing of somebody else from a note of the one before that comes late', async () => {
    await rows.commit([put(['life'], 1)])
    const other = made()
    await other.load()
    await disk.commit([{ drop: [] }, put(['life'], 2), put(['device'], 'of the next')])
    const { told } = heard('life', other)
    open().tell({ type: 'rows', keys: [['device']], after: undefined, cursor: undefined, life: 1 })
    await settled(other)
    expect([other.life(), other.known('device')]).toEqual([2, 'of the next'])
    expect(told.at(-1)).toEqual([['life', 2]])
  })

  it.each([
    [
      'one of several numbers',
      [
        ['lane', 't'],
        ['lane', 'u']
      ]
    ],
    ['the first number of a thread', [['lane', 'u']]]
  ])('look at everything where %s does not follow', async (_, keys) => {
    await rows.commit([put(['lane', 't'], 1)])
    const other = made()
    await other.load()
    await disk.commit([put(['draft', 't'], 'not in the note'), put(['lane', 't'], 2), put(['lane', 'u'], 2)])
    open().tell({ type: 'rows', keys, after: undefined, cursor: undefined, life: undefined })
    await settled(other)
    expect(other.known('draft', 't')).toBe('not in the note')
  })

  it('look at everything where they missed that somebody else is here, and the disk knows', async () => {
    const other = made()
    await disk.commit([put(['life'], 5), put(['draft', 't'], 'not in the note'), put(['lane', 't'], 1)])
    open().tell({ type: 'rows', keys: [['lane', 't']], after: undefined, cursor: undefined, life: 5 })
    await settled(other)
    expect([other.life(), other.known('draft', 't')]).toEqual([5, 'not in the note'])
  })

  it('look at nothing else for other rows whose numbers do not follow', async () => {
    const other = made()
    await disk.commit([put(['draft', 't'], 'not in the note'), put(['term'], 9)])
    open().tell({ type: 'rows', keys: [['term']], after: undefined, cursor: undefined, life: undefined })
    await settled(other)
    expect([other.known('term'), other.known('draft', 't')]).toEqual([9, undefined])
  })

  it('look at what a note names and at nothing else where they missed none', async () => {
    await rows.commit(numbered(1))
    const other = made()
    await other.load()
    await disk.commit([put(['draft', 't'], 'not in the note'), ...numbered(2)])
    tell(numbered(2))
    await settled(other)
    expect(other.known('lane', 't')).toBe(2)
    expect(other.known('outbox', 't', 2)).toBe('row 2')
    expect(other.known('draft', 't')).toBeUndefined()
  })

  it('know no number without what was stored with it, where a note is read late', async () => {
    await disk.commit(numbered(1))
    const other = made()
    await other.load()
    // Of the first number this tab knows already, of the second it is not told yet.
    await disk.commit([...numbered(2), put(['thread', 't'], 'with the second')])
    tell(numbered(1))
    await settled(other)
    expect(other.known('thread', 't')).toBe(other.known('lane', 't') === 1 ? undefined : 'with the second')
    expect(other.known('outbox', 't', 2)).toBe(other.known('lane', 't') === 1 ? undefined : 'row 2')
  })

  it('pass over notes of other things', async () => {
    const other = made()
    await disk.commit([put(['draft', 't'], 'half')])
    open().tell({ type: 'reset', life: 7 })
    await settled(other)
    expect(other.known('draft', 't')).toBeUndefined()
  })

  it('read nothing while their page is about to be frozen', async () => {
    const other = made()
    other.asleep = true
    const list = vi.spyOn(disk, 'list')
    await rows.commit([put(['draft', 't'], 'half')])
    await settled(other)
    expect(list).not.toHaveBeenCalled()
    expect(other.known('draft', 't')).toBeUndefined()
  })

  it('have no cursor of a note of which the disk did not give the rows', async () => {
    await rows.commit([put(['cursor'], 'c1')])
    let isFailing = false
    const other = made({
      ...disk,
      durable: true,
      async list(prefix, page) {
        if (isFailing && prefix[0] === 'draft') {
          isFailing = false
          throw new StorageError('lost', 'once')
        }
        return disk.list(prefix, page)
      }
    })
    await other.load()
    const seen: unknown[] = []
    other.on('cursor', () => seen.push([other.cursor(), other.known('draft', 't')]))
    isFailing = true
    await rows.commit([put(['draft', 't'], 'half'), put(['cursor'], 'c2')])
    await vi.waitUntil(() => other.cursor() === 'c2', { interval: 1 })
    expect(seen).not.toContainEqual(['c2', undefined])
    expect(seen.at(-1)).toEqual(['c2', 'half'])
  })

  it('are asked once what has left, however much fails at once', async () => {
    let left = 2
    const one = made({
      ...disk,
      durable: true,
      async list(prefix, page) {
        if (left-- > 0) throw new StorageError('lost', 'twice')
        return disk.list(prefix, page)
      }
    })
    await Promise.all([one.get(['device']), one.get(['life'])])
    await settled(one)
    expect(notes.filter(({ type }) => type === 'holds')).toHaveLength(1)
    expect(one.$storage.get()).toBe('durable')
  })

  it('are told of what a failing disk did not take only when it has taken it', async () => {
    let isFailing = true
    const one = made({
      ...disk,
      durable: true,
      async commit(changes) {
        const failed = isFailing
        isFailing = false
        if (failed) throw new StorageError('lost', 'once')
        await disk.commit(changes)
      }
    })
    const told: boolean[] = []
    const commit = vi.spyOn(disk, 'commit')
    open().listen(note => {
      if (note.type === 'rows') told.push(commit.mock.calls.length > 0)
    })
    await one.commit([put(['draft', 't'], 'half')])
    await settled(one)
    expect(told).toEqual([true])
    expect(await disk.list(['draft'])).toHaveLength(1)
    await one.commit([put(['draft', 't'], 'half written')])
    expect(told).toHaveLength(2)
  })
})

describe('signing out', () => {
  const SEEN = /^(cursor|device|term|credentials|lane|outbox|choice)/

  it('takes off the screen at once what was said and who it was, and keeps what it takes to send what waits', async () => {
    await rows.commit(EACH)
    const { told } = heard('draft')
    void rows.hide()
    expect(rows.hidden).toBe(true)
    expect(told[1]).toEqual([['draft t', undefined]])
    const left = KEYS.filter(key => rows.known(...(key as ['cursor'])) !== undefined)
    expect(left).toEqual(KEYS.filter(([kind]) => SEEN.test(String(kind))))
    expect(await disk.list([])).toHaveLength(EACH.length)
  })

  it('shows nothing new of theirs while it lasts, takes away what goes, and shows all of the next one', async () => {
    await rows.commit([put(['device'], 'me')])
    void rows.hide()
    const thread = heard('thread')
    const outbox = heard('outbox')
    await rows.commit([put(['thread', 't'], { id: 't' }), put(['outbox', 't', 1], 'waits')])
    await rows.commit([{ drop: ['thread', 't'] }])
    expect(thread.told.flat()).toEqual(Array(2).fill(['thread t', undefined]))
    expect(outbox.told).toEqual([[['outbox t 1', 'waits']]])
    await empty(rows, rows.life())
    expect(rows.hidden).toBe(false)
    await rows.commit([put(['thread', 'u'], { id: 'u' })])
    expect(thread.told.at(-1)).toEqual([['thread u', { id: 'u' }]])
  })

  it('lasts until another life begins, not for as long as the old one is read again', async () => {
    await rows.commit([put(['life'], 1), put(['draft', 't'], 'half')])
    void rows.hide()
    await rows.load()
    await rows.commit([put(['life'], 1)])
    expect(rows.hidden).toBe(true)
    expect(rows.known('draft', 't')).toBeUndefined()
  })

  it('drops everything there is, shows that, and counts the lives', async () => {
    await rows.commit([...EACH, put(['message', 't', 1], { id: 'm1' })])
    const { told } = heard('draft')
    await empty(rows, rows.life())
    expect(await disk.list([])).toEqual([{ key: ['life'], value: 1 }])
    expect(known(rows).filter(value => value !== undefined)).toEqual([])
    expect(told.at(-1)).toEqual([['draft t', undefined]])
    await empty(rows, rows.life())
    expect(rows.life()).toBe(2)
  })

  it('refuses what was begun before, though its turn comes after', async () => {
    const left = empty(rows, rows.life())
    await expect(rows.commit([put(['draft', 't'], 'of the one before')])).rejects.toThrow('signed out')
    await left
    expect(await disk.list(['draft'])).toEqual([])
  })

  it('in another tab is noticed when something is to be stored here, and shown', async () => {
    await rows.commit([put(['draft', 't'], 'half')])
    await disk.commit([{ drop: [] }, put(['life'], 1)])
    await expect(rows.commit([put(['lane', 't'], 1)])).rejects.toThrow('signed out')
    expect(rows.life()).toBe(1)
    expect(rows.known('draft', 't')).toBeUndefined()
    expect(await disk.list(['lane'])).toEqual([])
  })

  it('is not done twice for one life: the tab that comes second hears that it was done', async () => {
    const other = made()
    await disk.commit([put(['life'], 1)])
    await expect(empty(other, other.life())).rejects.toThrow('signed out')
    expect(await disk.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
  })
})

it('a copy of rows by thread follows what is stored and dropped, and leaves the copy before as it was', () => {
  const before = { t: 'half', u: 'other' }
  const changes = [
    { key: ['draft', 't'], value: undefined },
    { key: ['draft', 'u'], value: 'changed' },
    { key: ['draft', 'v'], value: '' }
  ] as readonly RowChange<'draft'>[]
  expect(patched(before, changes)).toEqual({ u: 'changed', v: '' })
  expect(before).toEqual({ t: 'half', u: 'other' })
})
