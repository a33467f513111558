import { describe, expect, test } from 'vitest'
import { inOrder, isIn, isWaiting, matches } from '../../../demo/inbox/queue/views.ts'
import { codeOf } from '../../../src/model/code.ts'
import { conversation, message } from './house.ts'

const queued = (id: string, since: number) => conversation(id, { session: { state: 'queued' }, waitingSince: since })
const ids = (list: ReturnType<typeof inOrder>) => list.map(({ thread }) => thread.id)

describe('order', () => {
  test('puts live chats before messages, and the longest wait first', () => {
    const list = [
      conversation('mail-short', { waitingSince: 900 }),
      queued('live-short', 800),
      conversation('mail-long', { waitingSince: 100 }),
      queued('live-long', 500)
    ]
    expect(ids(inOrder('waiting', list))).toEqual(['live-long', 'live-short', 'mail-long', 'mail-short'])
  })

  test('puts the latest activity first in the other views, after what is live', () => {
    const list = [
      conversation('old', { thread: { at: 1 } }),
      conversation('new', { thread: { at: 9 } }),
      conversation('chat', { session: { state: 'active' }, thread: { at: 2 } })
    ]
    expect(ids(inOrder('open', list))).toEqual(['chat', 'new', 'old'])
  })

  test('is the same whatever order they came in', () => {
    const list = [queued('b', 5), queued('a', 5)]
    expect(ids(inOrder('waiting', list))).toEqual(ids(inOrder('waiting', [...list].reverse())))
  })
})

describe('views', () => {
  test('counts as waiting: the queue, and messages that nobody answered', () => {
    expect(isWaiting(queued('a', 1))).toBe(true)
    expect(isWaiting(conversation('b', { waitingSince: 1 }))).toBe(true)
    expect(isWaiting(conversation('c'))).toBe(false)
    expect(isWaiting(conversation('d', { waitingSince: 1, thread: { state: 'closed' } }))).toBe(false)
  })

  test('does not count as waiting who is in a live chat already', () => {
    expect(isWaiting(conversation('a', { session: { state: 'active' }, waitingSince: 1, assignee: 'alex' }))).toBe(
      false
    )
  })

  test('keeps mine apart from those of colleagues', () => {
    expect(isIn('mine', conversation('a', { assignee: 'sam' }), 'sam')).toBe(true)
    expect(isIn('mine', conversation('a', { assignee: 'alex' }), 'sam')).toBe(false)
    expect(isIn('mine', conversation('a', { assignee: 'sam', thread: { state: 'closed' } }), 'sam')).toBe(false)
  })
})

describe('search', () => {
  test('finds a conversation by the code that a visitor brings along, as they write it', () => {
    const list = ['a', 'b', 'c'].map(id => conversation(id))
    const code = codeOf('b')
    for (const written of [code, code.toLowerCase(), code.replace('-', '')]) {
      expect(list.filter(one => matches(one, written)).map(({ thread }) => thread.id)).toEqual(['b'])
    }
  })

  const maya = conversation('a', {
    visitor: { name: 'Maya Lindqvist', email: 'maya@example.org' },
    thread: { newest: message('a', 1, { text: 'Is the Heron dimmable?' }) }
  })

  test('finds names, addresses and the newest message, in any case', () => {
    for (const query of ['maya', 'LIND', 'example.org', 'heron', 'heron maya']) expect(matches(maya, query)).toBe(true)
  })

  test('needs every word', () => {
    expect(matches(maya, 'maya osprey')).toBe(false)
  })

  test('finds who has no name by the made-up one', () => {
    expect(matches(conversation('b'), 'visitor')).toBe(true)
  })
})
