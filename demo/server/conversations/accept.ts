import { createHash } from 'node:crypto'
import { type Command, laneOf } from '../../../src/model/command.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { perform } from './deeds.ts'
import type { Refusal } from './refusal.ts'
import { lockVisitor, type Writing } from './writing.ts'

/** One command, and from whom. */
export interface Offer {
  readonly device: string
  readonly visitorId: string
  /** Of the connection it came over; a newer one makes this void. */
  readonly term: number
  readonly command: Command
  /** Known to be wrong before anything was looked up; remembered, so that its lane goes on. */
  readonly refusal?: Refusal | undefined
  readonly home: boolean
}

export type Outcome =
  | { readonly accepted: true; readonly position: number | null; readonly at: number }
  | { readonly accepted: false; readonly code: TransportErrorCode; readonly reason: string; readonly message: string }
  /** A newer tab of this device took over, or it became somebody else's, or nobody's. */
  | 'fenced'

/**
 * Accepts commands: each exactly once, and in each lane in the order of their numbers. Everything a command does lies in
 * one transaction with the record that it was done. Commands of many devices may share a transaction; give them
 * ordered by visitor then, so that two such transactions lock in the same order.
 */
export async function accept(w: Writing, offers: readonly Offer[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const offer of offers) outcomes.push(await acceptOne(w, offer))
  return outcomes
}

async function acceptOne(w: Writing, offer: Offer): Promise<Outcome> {
  const { device, command } = offer
  const lane = laneOf(command)
  await lockVisitor(w, offer.visitorId)
  // A statement of its own: only what begins after the lock sees what the one before us did.
  const [known] = await w.query<Known>(
    `SELECT d.term, l.last, c.hash, c.code, c.reason, c.message, c.position, c.at
     FROM devices d
       LEFT JOIN lanes l ON l.device = d.hash AND l.lane = $2
       LEFT JOIN commands c ON c.device = d.hash AND c.id = $3
     WHERE d.hash = $1 AND d.visitor_id = $4 AND d.forgotten_at IS NULL`,
    [device, lane, command.id, offer.visitorId]
  )
  if (!known || known.term > offer.term) return 'fenced'
  const hash = hashOf(command)
  if (known.hash !== null) {
    return known.hash === hash
      ? outcomeFrom(known)
      : refused('rejected', 'id-conflict', 'command.id: another command of this device had it')
  }
  const last = known.last ?? 0
  if (command.n <= last) {
    return refused('rejected', 'seq-reuse', `command.n: ${command.n} was given to another command of this lane`)
  }
  if (command.n > last + 1) {
    // Not remembered: sent again in its turn, this command is welcome.
    return refused('busy', `expected:${last + 1}`, `command.n: expected ${last + 1} in this lane, got ${command.n}`)
  }
  const done = offer.refusal ?? (await perform(w, command, offer))
  const refusal = 'code' in done ? done : undefined
  await w.query(
    `WITH lane AS (
       INSERT INTO lanes (device, lane, last) VALUES ($1, $3, $4)
       ON CONFLICT (device, lane) DO UPDATE SET last = excluded.last)
     INSERT INTO commands (device, id, lane, n, hash, code, reason, message, position, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      device,
      command.id,
      lane,
      command.n,
      hash,
      refusal?.code ?? null,
      refusal?.reason ?? '',
      refusal?.message ?? '',
      'position' in done ? done.position : null,
      w.at
    ]
  )
  return refusal
    ? refused(refusal.code, refusal.reason, refusal.message)
    : { accepted: true, position: 'position' in done ? done.position : null, at: w.at }
}

interface Known {
  readonly term: number
  readonly last: number | null
  readonly hash: string | null
  readonly code: TransportErrorCode | null
  readonly reason: string
  readonly message: string
  readonly position: number | null
  readonly at: number
}

const outcomeFrom = (known: Known): Outcome =>
  known.code === null
    ? { accepted: true, position: known.position, at: known.at }
    : refused(known.code, known.reason, known.message)

const refused = (code: TransportErrorCode, reason: string, message: string): Outcome => ({
  accepted: false,
  code,
  reason,
  message
})

/**
 * What a command says, without its number: a client that lost count may number it anew, and it is the same command
 * still.
 */
function hashOf(command: Command): string {
  const { n: _, ...said } = command
  return createHash('sha256').update(canonical(said)).digest('base64url')
}

/** JSON with members in one order, so that the same command from another encoder is the same text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member
  )
}
