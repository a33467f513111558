import type { Answered, Attachment } from './message.ts'
import type { ThreadId } from './thread.ts'

/** Something the visitor did that must not be lost. `id` makes repeating it harmless. */
export type Command = {
  readonly id: string
  /** Its number in its lane: 1, 2, 3 … without holes, given when it is stored. See {@link laneOf}. */
  readonly n: number
} & Deed

/** A command before it has its number and id. */
export type Deed =
  | {
      readonly type: 'message'
      readonly threadId: ThreadId
      readonly text: string
      readonly attachments: readonly Attachment[]
      /** It answers a form; `text` says the same. */
      readonly answers?: Omit<Answered, 'type'> | undefined
    }
  /** Up to which position the visitor has read. */
  | { readonly type: 'read'; readonly threadId: ThreadId; readonly upTo: number }
  /** Asks for a live chat in this thread. */
  | { readonly type: 'start'; readonly threadId: ThreadId }
  /** Ends the live chat; `as: 'message'` leaves the queue or the chat and goes on as messages. */
  | { readonly type: 'end'; readonly threadId: ThreadId; readonly as: 'done' | 'message' }
  | {
      readonly type: 'rate'
      readonly threadId: ThreadId
      readonly sessionId: string
      readonly score: number
      readonly note: string
    }
  | { readonly type: 'identify'; readonly name: string; readonly email: string }
  /** Has everything erased that was said, and who the visitor is. */
  | { readonly type: 'erase' }
  /** Stands in the place of a command that was taken back, so that its lane has no hole. */
  | { readonly type: 'void'; readonly threadId: ThreadId }

/** While so many commands wait on a device, it accepts no message. */
export const MAX_WAITING = 200

/** Where order matters: commands of one lane arrive in the order they were written, lanes do not wait for each other. */
export function laneOf(deed: Deed): string {
  return 'threadId' in deed ? deed.threadId : 'visitor'
}

/** Something worthless a moment later. */
export type Hint =
  | { readonly type: 'typing'; readonly threadId: ThreadId; readonly active: boolean }
  | { readonly type: 'visit'; readonly url: string; readonly title: string }
  /** Enough of the answer that is growing in this thread. */
  | { readonly type: 'stop'; readonly threadId: ThreadId }
