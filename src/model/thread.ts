import type { Message } from './message.ts'

export type ThreadId = string

/** One conversation of a visitor: messages in one order, with stretches of live chat in it. */
export interface Thread {
  /** Made on the client, so that a first message needs no round trip and cannot open two threads. */
  readonly id: ThreadId
  readonly state: 'open' | 'closed'
  /** Position of its newest message; 0: none yet. */
  readonly last: number
  /** Up to which position the visitor has read, on any device. */
  readonly read: number
  /** Up to which position the other side has received, and has read. */
  readonly theirs: { readonly delivered: number; readonly read: number }
  /** How many messages of others lie after `read`. */
  readonly unread: number
  /** The newest message, for the list of threads; `null`: none yet. */
  readonly newest: Message | null
  /** When it last changed, in milliseconds since the epoch, by the backend's clock. */
  readonly at: number
}

/** A thread that only this browser knows of so far. */
export function createThread(id: ThreadId, at: number): Thread {
  return { id, state: 'open', last: 0, read: 0, theirs: { delivered: 0, read: 0 }, unread: 0, newest: null, at }
}

/** The thread with one message more, or with one of its messages changed. */
export function withMessage(thread: Thread, message: Message): Thread {
  if (message.position <= thread.last) {
    return message.id === thread.newest?.id ? { ...thread, newest: message } : thread
  }
  const ours = message.author === 'visitor'
  const counts = !ours && message.author !== 'system' && message.position > thread.read
  return {
    ...thread,
    last: message.position,
    newest: message.author === 'system' && thread.newest ? thread.newest : message,
    // What somebody wrote they know, but not what came before it arrived: it may have waited for a network.
    read: ours && !thread.unread ? message.position : thread.read,
    unread: thread.unread + (counts ? 1 : 0),
    at: message.at
  }
}

/** How far the other side has come. */
type Mark = Thread['theirs']

/** The thread after a mark moved. Marks only rise. */
export function withReceipt(thread: Thread, by: 'visitor' | 'agent', mark: Mark): Thread {
  if (by === 'agent') return { ...thread, theirs: higher(thread.theirs, mark) }
  const read = Math.max(thread.read, mark.read)
  // At the most all that come after it: which of them are ours is not known here.
  return { ...thread, read, unread: Math.max(0, Math.min(thread.unread, thread.last - read)) }
}

/** The higher of two marks. */
export function higher(a: Mark, b: Mark): Mark {
  const read = Math.max(a.read, b.read)
  return { read, delivered: Math.max(a.delivered, b.delivered, read) }
}
