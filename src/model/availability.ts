import type { Form } from './form.ts'
import type { Person } from './message.ts'

/** Whether somebody is home, and what a visitor may expect. */
export interface Availability {
  /** Somebody is there to chat with right now. */
  readonly open: boolean
  /** A few of those who answer, for the first screen. */
  readonly people: readonly Person[]
  /** How soon a message is usually answered, in milliseconds; `null`: no figure yet. */
  readonly replyAfter: number | null
  /** How long the queue is expected to take, in milliseconds; `null`: not known. */
  readonly wait: number | null
  /** An assistant answers at once when nobody is there. */
  readonly assistant: boolean
  /** When the hours begin, in milliseconds since the epoch; left out within them, and where that is not known. */
  readonly opensAt?: number | undefined
  /** IANA name of the time zone the hours are in; comes with `opensAt`. */
  readonly zone?: string | undefined
  /** What is asked before a conversation begins; left out: nothing. */
  readonly form?: Form | undefined
}
