import type { Person } from './message.ts'
import type { ThreadId } from './thread.ts'

/**
 * A stretch of live chat inside a thread: queued → active → ended → rated. The thread goes on when it ends.
 * A new stretch is a new session with a new id.
 */
export interface Session {
  readonly id: string
  readonly threadId: ThreadId
  readonly state: SessionState
  /** Grows with every change, so that an older state that arrives late is known as such. */
  readonly version: number
  /** How many are served first; `null`: not said, or not queued. */
  readonly ahead: number | null
  /** Expected wait in milliseconds; `null`: not known, or not queued. */
  readonly wait: number | null
  /** Who joined; `null` while queued. */
  readonly agent: Person | null
  /** Why it ended; `null` until then. */
  readonly reason: EndReason | null
  /** The visitor's rating, 1 to 5; `null`: not rated. */
  readonly score: number | null
  /** Nobody has written for long: since when, and when it ends if nobody does, in milliseconds since the epoch. */
  readonly idle?: { readonly since: number; readonly endsAt: number } | null | undefined
}

export type SessionState = 'queued' | 'active' | 'ended' | 'rated'

/** Why a session ended. All but the first two mean: the thread goes on as messages, and nothing is closed. */
export type EndReason = 'visitor' | 'agent' | 'unanswered' | 'visitor-away' | 'agent-away' | 'as-message' | 'idle'

const AFTER: Readonly<Record<SessionState, readonly SessionState[]>> = {
  queued: ['active', 'ended'],
  active: ['queued', 'ended'],
  ended: ['rated'],
  rated: []
}

/** Whether a session may go from one state to the other. `active` to `queued` is a transfer. */
export function mayBecome(from: SessionState, to: SessionState): boolean {
  return AFTER[from].includes(to)
}

/** Whether both sides are, or wait to be, in a live chat. */
export function isLive(session: Session | undefined): session is Session {
  return session?.state === 'queued' || session?.state === 'active'
}

/** Whether there is something to rate: somebody joined, it was ended, and no rating was given. */
export function isRateable(session: Session | undefined): session is Session {
  return session?.state === 'ended' && session.agent !== null
}
