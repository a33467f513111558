import { expect, test } from 'vitest'
import { createConversations } from '../../../demo/inbox/queue/conversations.ts'
import { conversation, message } from './house.ts'

test('replaces everything with a welcome', () => {
  const conversations = createConversations()
  conversations.put(conversation('old'))
  conversations.welcome([conversation('a'), conversation('b')])
  expect(Object.keys(conversations.$conversations.get())).toEqual(['a', 'b'])
})

test('counts a message of the visitor once, however often it comes', () => {
  const conversations = createConversations()
  conversations.put(conversation('a'))
  conversations.message(message('a', 1))
  conversations.message(message('a', 1))
  expect(conversations.get('a')).toMatchObject({ unread: 1, thread: { last: 1, newest: { text: 'message 1' } } })
})

test('does not count what the team wrote', () => {
  const conversations = createConversations()
  conversations.put(conversation('a'))
  conversations.message(message('a', 1, { author: 'agent' }))
  expect(conversations.get('a')).toMatchObject({ unread: 0, thread: { last: 1 } })
})

test('believes the server when it counts differently', () => {
  const conversations = createConversations()
  conversations.put(conversation('a'))
  conversations.message(message('a', 1))
  conversations.put(conversation('a', { unread: 0, thread: { last: 1 } }))
  expect(conversations.get('a')?.unread).toBe(0)
})

test('leaves out a message of a conversation that it does not know', () => {
  const conversations = createConversations()
  conversations.message(message('a', 1))
  expect(conversations.$conversations.get()).toEqual({})
})

test('has nothing unread after reading', () => {
  const conversations = createConversations()
  conversations.put(conversation('a', { unread: 2, thread: { last: 5 } }))
  conversations.read('a', 5)
  expect(conversations.get('a')).toMatchObject({ unread: 0, thread: { theirs: { read: 5 } } })
})
