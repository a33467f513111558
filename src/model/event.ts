import type { Availability } from './availability.ts'
import type { Message, Person } from './message.ts'
import type { Session } from './session.ts'
import type { Thread, ThreadId } from './thread.ts'

/** A place in what a backend has to say to one visitor. Made by the backend, only stored by the core. */
export type Cursor = string

/** What the backend says. Without a cursor it is ephemeral: shown, not stored. */
export type ServerEvent = { readonly cursor?: Cursor } & (
  | /**
   * New, or changed: the same id replaces. An answer that grows is the same message many times, each with the whole text
   * so far and without a cursor, and once more with one when it is whole.
   */
  { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'thread'; readonly thread: Thread }
  | { readonly type: 'session'; readonly session: Session }
  /** Marks that only rise; 0 where the backend does not say. `by` is who received or read. */
  | {
      readonly type: 'receipt'
      readonly threadId: ThreadId
      readonly by: 'visitor' | 'agent'
      readonly delivered: number
      readonly read: number
    }
  | { readonly type: 'typing'; readonly threadId: ThreadId; readonly active: boolean; readonly by: Person | null }
  | { readonly type: 'availability'; readonly availability: Availability }
  /**
   * "I cannot say what you missed": all threads there are, and where to go on from. `log` names what the cursor is a place
   * in: as long as it is the same, what was said earlier still holds. Left out: nothing said earlier needs to.
   */
  | { readonly type: 'reset'; readonly cursor: Cursor; readonly log?: string; readonly threads: readonly Thread[] }
  /** Messages of this thread that end right before the position `before` were left out. */
  | { readonly type: 'gap'; readonly threadId: ThreadId; readonly before: number }
  /** A secret this backend wants to see again at the next connect; the core stores it and gives it back. */
  | { readonly type: 'credentials'; readonly value: string }
  /** Everything that was missed has been said; what follows is new. */
  | { readonly type: 'caught-up' }
)
