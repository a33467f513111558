import { noticeOf, placeAll, type Target } from './place.ts'
import type { ThreadRow, Writing } from './writing.ts'

/** What there is to say to whoever begins to wait while nobody is home. */
export interface Away {
  /** When an answer may be expected, in milliseconds since the epoch; `null`: that is not known. */
  readonly due: number | null
  /** An assistant answers first: nobody waits for the team before it hands over. */
  readonly assistant: boolean
  /** The server has just started, and somebody may be home again in a moment: whoever asks for a live chat waits. */
  readonly awaited: boolean
}

/** Something of a visitor's that a wait for the team may begin with. */
export interface Beginning {
  /** As it was before. */
  readonly thread: Target & Pick<ThreadRow, 'waiting_since'>
  readonly away: Away
}

/**
 * Says when an answer may be expected to those who begin to wait, in the transaction in which they do: once for each
 * wait, whatever restarts. At most one of each visitor.
 */
export async function promise(w: Writing, beginnings: readonly Beginning[]): Promise<void> {
  await placeAll(
    w,
    beginnings.flatMap(({ thread, away: { due } }) =>
      thread.waiting_since === null && due !== null ? { thread, ...noticeOf('promised', { due }) } : []
    )
  )
}
