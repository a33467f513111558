import { beforeEach, describe, expect, it } from 'vitest'
import { createRecent, type Recent } from '../../../demo/server/conversations/recent.ts'
import type { ServerEvent } from '../../../src/model/event.ts'

describe('what the feeds were told last', () => {
  let recent: Recent
  const event = (n: number): ServerEvent => ({
    type: 'receipt',
    threadId: 'thread',
    by: 'visitor',
    delivered: n,
    read: n
  })
  const add = (...numbers: readonly number[]) => {
    for (const n of numbers) recent.add('ada', n, event(n))
  }
  const from = (seq: number) => recent.after('ada', seq).map(one => (one.type === 'receipt' ? one.read : undefined))

  beforeEach(() => {
    recent = createRecent(10)
  })

  it('is told from any number on, if that is still at hand', () => {
    add(5, 6, 7)
    expect([3, 4, 5, 6, 7, 8].map(from)).toEqual([[], [5, 6, 7], [6, 7], [7], [], []])
    expect(recent.after('bob', 0)).toEqual([])
  })

  it('stops before what is in the store only, and knows that it is there', () => {
    add(1)
    recent.add('ada', 2)
    add(3)
    expect(from(0)).toEqual([1])
    expect(recent.has('ada', 2)).toBe(true)
    expect(from(1)).toEqual([])
    expect(from(2)).toEqual([3])
    expect(recent.has('ada', 4)).toBe(false)
  })

  it('is not made less by a note of the same', () => {
    add(1)
    recent.add('ada', 1)
    expect(from(0)).toEqual([1])
  })

  it('does not matter which of two neighbours comes first', () => {
    add(2, 1, 3)
    expect(from(0)).toEqual([1, 2, 3])
  })

  it('never bridges a hole', () => {
    add(1, 2, 5)
    expect(from(0)).toEqual([])
    expect(from(4)).toEqual([5])
    add(3)
    expect(from(2)).toEqual([])
    expect(from(4)).toEqual([5])
  })

  it('is let go of as a whole, and begins anew', () => {
    for (let n = 1; n <= 5; n++) recent.add('bob', n, event(n))
    add(1, 2)
    recent.forget('ada')
    recent.forget('nobody')
    expect([from(0), recent.has('ada', 2)]).toEqual([[], false])
    add(3, 4, 5, 6, 7)
    expect(from(2)).toEqual([3, 4, 5, 6, 7])
    expect(recent.after('bob', 0)).toHaveLength(5)
  })

  it('forgets the feed that has been quiet longest when there is too much, never what was told just now', () => {
    add(1, 2)
    for (let n = 1; n <= 6; n++) recent.add('bob', n, event(n))
    add(3, 4)
    expect(recent.after('bob', 0)).toHaveLength(6)
    add(5)
    expect(recent.after('bob', 0)).toEqual([])
    expect(from(0)).toEqual([1, 2, 3, 4, 5])
  })
})
