import { atom, type ReadableAtom } from 'nanostores'
import type { Message } from '../../../src/model/message.ts'
import { type ThreadId, withMessage } from '../../../src/model/thread.ts'
import type { Conversation } from '../../server/wire/agent-frames.ts'

type ConversationsById = Readonly<Record<ThreadId, Conversation>>

/** Every conversation the server told of, as it is now. */
export interface Conversations {
  readonly $conversations: ReadableAtom<ConversationsById>
  /** Replaces everything. */
  welcome(list: readonly Conversation[]): void
  put(conversation: Conversation): void
  /** A message may come before the conversation that counts it. */
  message(message: Message): void
  /** The team has seen everything up to there; what the server counts comes later. */
  read(threadId: ThreadId, upTo: number): void
  get(threadId: ThreadId): Conversation | undefined
}

export function createConversations(): Conversations {
  const $conversations = atom<ConversationsById>({})
  const put = (conversation: Conversation) =>
    $conversations.set({ ...$conversations.get(), [conversation.thread.id]: conversation })

  return {
    $conversations,
    welcome: list => $conversations.set(Object.fromEntries(list.map(one => [one.thread.id, one]))),
    put,
    message(message) {
      const known = $conversations.get()[message.threadId]
      if (known) put(withNewMessage(known, message))
    },
    read(threadId, upTo) {
      const known = $conversations.get()[threadId]
      if (!known || known.unread === 0) return
      const { thread } = known
      const theirs = { ...thread.theirs, read: Math.max(thread.theirs.read, upTo) }
      put({ ...known, unread: 0, thread: { ...thread, theirs } })
    },
    get: threadId => $conversations.get()[threadId]
  }
}

function withNewMessage(known: Conversation, message: Message): Conversation {
  const thread = withMessage(known.thread, message)
  const counts = message.author === 'visitor' && message.position > Math.max(known.thread.last, thread.theirs.read)
  return { ...known, thread, unread: known.unread + (counts ? 1 : 0) }
}
