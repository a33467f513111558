import type { Deed } from '../model/command.ts'
import type { Session } from '../model/session.ts'

/**
 * Rates the chat that a thread shows; nothing, if there is none.
 *
 * @throws {TypeError} If `score` is not 1 to 5.
 */
export async function rate(
  accept: (deed: Deed, also: () => readonly []) => Promise<unknown>,
  session: Session | undefined,
  score: number,
  note = ''
): Promise<void> {
  if (![1, 2, 3, 4, 5].includes(score)) throw new TypeError(`porchlight: score must be 1 to 5, got ${score}`)
  if (session) await accept({ type: 'rate', threadId: session.threadId, sessionId: session.id, score, note }, () => [])
}
