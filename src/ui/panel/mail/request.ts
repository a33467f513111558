import type { LinkState } from '../../../core/chat.ts'
import type { ThreadId } from '../../../model/thread.ts'

/** Why there is no copy: what the visitor reads, and when there may be one, in milliseconds from now. */
export interface Problem {
  readonly reason: 'email' | 'refused' | 'too-fast' | 'too-many' | 'empty' | 'failed' | 'offline'
  readonly retryAfter: number
}

const REASONS: Readonly<Record<string, Problem['reason']>> = {
  email: 'email',
  'mail-refused': 'refused',
  'too-fast': 'too-fast',
  'too-many': 'too-many',
  empty: 'empty',
  // The connection that it was for is over, and the next one is not there yet.
  ticket: 'offline'
}
/** How long the answer may take, in milliseconds: the backend asks a mail server meanwhile. */
const PATIENCE = 60_000

/**
 * Asks the backend to send a copy by e-mail: "Copies by e-mail" in PROTOCOL.md.
 *
 * @param threadId Of which conversation; left out: of all.
 * @returns Why it was not sent; nothing if it was.
 */
export async function requestCopy(
  { mail, base = '' }: NonNullable<LinkState['capabilities']>,
  threadId: ThreadId | undefined,
  to: string
): Promise<Problem | undefined> {
  if (!mail) return { reason: 'offline', retryAfter: 0 }
  try {
    const url = new URL(mail.url, new URL(base, location.href).href.replace(/^ws/, 'http'))
    // As plain text: with any other type of content the browser would first ask whether it may.
    const body = JSON.stringify({ ticket: mail.ticket, threadId: threadId ?? null, to })
    const signal = AbortSignal.timeout(PATIENCE)
    const response = await fetch(url, { method: 'POST', body, credentials: 'omit', signal })
    if (response.ok) return undefined
    const { reason = '', retryAfter } = (await response.json()) as { reason?: string; retryAfter?: number | null }
    return { reason: REASONS[reason] ?? 'failed', retryAfter: retryAfter ?? 0 }
  } catch {
    // No way there, or what came was no answer of ours.
    return { reason: 'offline', retryAfter: 0 }
  }
}
