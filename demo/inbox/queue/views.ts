import { codeOf } from '../../../src/model/code.ts'
import type { Conversation } from '../../server/wire/agent-frames.ts'
import { nameOf } from '../context/visitor-name.ts'

export const VIEWS = ['waiting', 'mine', 'open', 'closed'] as const
export type View = (typeof VIEWS)[number]

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  waiting: 'Waiting',
  mine: 'Mine',
  open: 'All open',
  closed: 'Closed'
}

/** Whether the visitor asked for a live chat that nobody has taken yet. */
export function isQueued({ session }: Conversation): boolean {
  return session?.state === 'queued'
}

export function isChatting({ session }: Conversation): boolean {
  return session?.state === 'active'
}

/** Whether somebody should take this up: a live chat in the queue, or messages that nobody has answered. */
export function isWaiting(conversation: Conversation): boolean {
  if (isQueued(conversation)) return true
  // In a live chat somebody is there already; that it is their turn shows in the row.
  return conversation.thread.state === 'open' && conversation.waitingSince !== null && !isChatting(conversation)
}

export function isIn(view: View, conversation: Conversation, me: string): boolean {
  switch (view) {
    case 'waiting':
      return isWaiting(conversation)
    case 'mine':
      return conversation.assignee === me && conversation.thread.state === 'open'
    case 'open':
      return conversation.thread.state === 'open'
    case 'closed':
      return conversation.thread.state === 'closed' && !isQueued(conversation)
  }
}

/** Live chats in the queue come before everything; among those who wait, the longest wait does. */
export function inOrder(view: View, list: readonly Conversation[]): readonly Conversation[] {
  const since = ({ waitingSince, thread }: Conversation) => waitingSince ?? thread.at
  const rank = (one: Conversation) => (isQueued(one) ? 0 : isChatting(one) ? 1 : 2)
  return [...list].sort((a, b) => {
    if (view !== 'closed' && rank(a) !== rank(b)) return rank(a) - rank(b)
    const first = view === 'waiting' || isQueued(a) ? since(a) - since(b) : b.thread.at - a.thread.at
    return first || (a.thread.id < b.thread.id ? -1 : 1)
  })
}

/** Every word must be found in the name, the address, the newest message or the code for other channels. */
export function matches(conversation: Conversation, query: string): boolean {
  const { visitor, thread } = conversation
  const code = codeOf(thread.id)
  const text =
    `${nameOf(visitor)} ${visitor.email} ${code} ${code.replace('-', '')} ${thread.newest?.text ?? ''}`.toLocaleLowerCase()
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}
