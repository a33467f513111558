import { beforeEach, describe, expect, it } from 'vitest'
import { createRows, type Rows } from '../../src/core/rows.ts'
import { byActivity, createThreads, type Threads } from '../../src/core/threads.ts'
import type { Message } from '../../src/model/message.ts'
import { createThread, type Thread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'

let rows: Rows
let threads: Threads
let news: string[]
beforeEach(() => {
  rows = createRows(memory(), stillTabs()())
  news = []
  threads = createThreads(rows, ({ text }) => news.push(text))
})

const newest = (text: string) => ({ text }) as Message
const put = (...list: readonly Thread[]) => rows.commit(list.map(one => ({ put: ['thread', one.id], value: one })))
const thread = (id: string, at: number, more: Partial<Thread> = {}): Thread => ({ ...createThread(id, at), ...more })

describe('threads', () => {
  it('are shown with the latest activity first, and leave when their rows do', async () => {
    expect(threads.$threads.get()).toEqual([])
    await put(thread('a', 1), thread('b', 3), thread('c', 2))
    expect(threads.$threads.get().map(({ id }) => id)).toEqual(['b', 'c', 'a'])
    await rows.commit([{ drop: ['thread', 'c'] }, { put: ['thread', 'a'], value: thread('a', 4) }])
    expect(threads.$threads.get().map(({ id }) => id)).toEqual(['a', 'b'])
    expect(threads.get('a')?.at).toBe(4)
    expect(threads.get('c')).toBeUndefined()
  })

  it('of one moment are in the same order everywhere', () => {
    const [a, b, later] = [thread('a', 1), thread('b', 1), thread('z', 2)]
    for (const list of [
      [a, b, later],
      [later, b, a],
      [b, a, later]
    ]) {
      expect([...list].sort(byActivity)).toEqual([later, a, b])
    }
  })

  it('are unread by all that is unread in each', async () => {
    expect(threads.$unread.get()).toBe(0)
    await put(thread('a', 1, { unread: 2 }), thread('b', 2, { unread: 3 }), thread('c', 3))
    expect(threads.$unread.get()).toBe(5)
    await rows.commit([{ drop: ['thread', 'b'] }])
    expect(threads.$unread.get()).toBe(2)
  })

  it('tell of what is new and unread, and of nothing that only moved', async () => {
    await put(thread('a', 1, { unread: 1, newest: newest('one') }))
    await put(thread('a', 1, { unread: 1, newest: newest('one'), state: 'closed' }))
    await put(thread('a', 1, { unread: 0, newest: newest('one') }))
    expect(news).toEqual(['one'])
    await put(thread('a', 2, { unread: 1, newest: newest('two') }), thread('b', 1, { unread: 1 }))
    await rows.commit([{ drop: ['thread', 'a'] }])
    expect(news).toEqual(['one', 'two'])
  })

  it('tell of each of several messages that one commit brings, and of those that were there before', async () => {
    await rows.commit([
      { put: ['thread', 'a'], value: thread('a', 1, { unread: 1, newest: newest('one') }) },
      { put: ['thread', 'a'], value: thread('a', 2, { unread: 2, newest: newest('two') }) },
      { put: ['thread', 'b'], value: thread('b', 1, { newest: newest('read') }) }
    ])
    expect(news).toEqual(['one', 'two'])
    const found: string[] = []
    createThreads(rows, ({ text }) => found.push(text))
    expect(found).toEqual(['two'])
  })
})
