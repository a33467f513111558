import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byActivity } from '../../src/core/threads.ts'
import { merge } from '../../src/model/merge.ts'
import { type Message, upsert } from '../../src/model/message.ts'
import { createThread, withMessage, withReceipt } from '../../src/model/thread.ts'

const message = (position: number, author: Message['author'] = 'agent'): Message => ({
  id: `m${position}`,
  threadId: 't',
  author,
  by: null,
  text: `text ${position}`,
  content: null,
  attachments: [],
  at: position * 1000,
  position
})

describe('upsert', () => {
  it('keeps the order of positions, whatever the order of arrival, and each position once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 })), positions => {
        const list = positions.reduce<readonly Message[]>((known, position) => upsert(known, message(position)), [])
        expect(list.map(({ position }) => position)).toEqual([...new Set(positions)].sort((a, b) => a - b))
      })
    )
  })

  it('replaces a message that changed', () => {
    const list = upsert([message(1), message(2)], { ...message(1), text: 'edited' })
    expect(list.map(({ text }) => text)).toEqual(['edited', 'text 2'])
  })
})

describe('a thread', () => {
  it('counts what others wrote and the visitor has not seen', () => {
    let thread = createThread('t', 0)
    for (const [position, author] of [
      [1, 'visitor'],
      [2, 'system'],
      [3, 'agent'],
      [4, 'bot']
    ] as const) {
      thread = withMessage(thread, message(position, author))
    }
    expect([thread.unread, thread.last, thread.read]).toEqual([2, 4, 1])
    const caughtUp = withReceipt(thread, 'visitor', { delivered: 0, read: 4 })
    expect(caughtUp.unread).toBe(0)
    expect(withMessage(caughtUp, message(5, 'visitor'))).toMatchObject({ unread: 0, read: 5 })
    // Written without a network, and sent when the answers had come.
    expect(withMessage(thread, message(5, 'visitor'))).toMatchObject({ unread: 2, read: 1, last: 5 })
  })

  it('shows the newest thing somebody said, not the notice after it', () => {
    const thread = withMessage(withMessage(createThread('t', 0), message(1)), message(2, 'system'))
    expect(thread.newest?.id).toBe('m1')
  })

  it('counts a message once, however often it arrives', () => {
    const once = withMessage(createThread('t', 0), message(1))
    expect(withMessage(once, message(1))).toEqual(once)
  })

  it('has marks that only rise, in any order of arrival', () => {
    const mark = fc.record({ delivered: fc.nat(20), read: fc.nat(20) })
    fc.assert(
      fc.property(fc.array(mark), marks => {
        let thread = createThread('t', 0)
        for (const one of marks) {
          const next = withReceipt(thread, 'agent', one)
          expect(next.theirs.read).toBeGreaterThanOrEqual(thread.theirs.read)
          expect(next.theirs.delivered).toBeGreaterThanOrEqual(thread.theirs.delivered)
          expect(next.theirs.delivered).toBeGreaterThanOrEqual(next.theirs.read)
          thread = next
        }
      })
    )
  })

  it('never falls behind what is known when the backend speaks of an older state', () => {
    const known = withMessage(withMessage(createThread('t', 0), message(1)), message(2))
    const said = withMessage(createThread('t', 0), message(1))
    const merged = merge(known, said)
    expect([merged.last, merged.newest?.id, merged.unread]).toEqual([2, 'm2', 2])
    expect(merge(known, { ...said, read: 2, unread: 0 }).unread).toBe(0)
  })

  it('sorts by latest activity, and the same way for equal times', () => {
    const [a, b, c] = [createThread('a', 1), createThread('b', 2), createThread('c', 1)]
    expect([c, a, b].sort(byActivity).map(({ id }) => id)).toEqual(['b', 'a', 'c'])
  })
})
