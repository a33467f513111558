import { createHash } from 'node:crypto'
import { type Command, laneOf } from '../../../src/model/command.ts'
import type { Form } from '../../../src/model/form.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { columns } from '../store/store.ts'
import { type Done, findAddressed, performAll } from './deeds.ts'
import { tellAgain } from './feed.ts'
import type { Away } from './promise.ts'
import type { Refusal } from './refusal.ts'
import type { Writing } from './writing.ts'

/** One command, and from whom. */
export interface Offer {
  readonly device: string
  readonly visitorId: string
  /** Of the connection it came over; a newer one makes this void. */
  readonly term: number
  readonly command: Command
  /** Known to be wrong before anything was looked up; remembered, so that its lane goes on. */
  readonly refusal?: Refusal | undefined
  /** What there is to say if nobody is home, asked by what a wait may begin with; left out: somebody is. */
  readonly away?: (() => Away | undefined) | undefined
  /** What visitors are asked before a conversation, if they are. */
  readonly form?: Form | undefined
}

export type Outcome =
  | { readonly accepted: true; readonly position: number | null; readonly at: number }
  | { readonly accepted: false; readonly code: TransportErrorCode; readonly reason: string; readonly message: string }
  /** A newer tab of this device took over, or it became somebody else's, or nobody's. */
  | 'fenced'

/**
 * Accepts commands: each exactly once, and in each lane in the order of their numbers. Everything a command does lies in
 * one transaction with the record that it was done.
 *
 * @param w Has locked the visitors, by a statement before: only what begins after that sees what those before us did.
 * @param offers Of many visitors, but at most one of each.
 */
export async function accept(w: Writing, offers: readonly Offer[]): Promise<readonly Outcome[]> {
  if (!offers.length) return []
  const asked = offers.map(offer => ({ ...offer, lane: laneOf(offer.command), hash: hashOf(offer.command) }))
  const [known, addressed] = await Promise.all([look(w, asked), findAddressed(w, asked)])
  const outcomes = new Map(asked.map((one, i) => [one, judge(one, known[i]!)]))
  repeat(
    w,
    asked.flatMap(({ command }, i) => (known[i]!.hash !== null ? command : []))
  )
  const due = asked.filter(one => !outcomes.get(one))
  const done = await performAll(w, due, addressed)
  w.alongside(remember(w, due, done))
  for (const [i, one] of due.entries()) outcomes.set(one, outcomeOf(done[i]!, w.at))
  return [...outcomes.values()] as Outcome[]
}

interface Asked extends Offer {
  readonly lane: string
  readonly hash: string
}

/** What is known of the device, the lane and the command of each. */
function look(w: Writing, asked: readonly Asked[]): Promise<readonly Known[]> {
  return w.query<Known>(
    `SELECT d.term, l.last, c.hash, c.code, c.reason, c.message, c.position, c.at
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
         WITH ORDINALITY AS asked (device, visitor_id, lane, id, nth)
       LEFT JOIN devices d ON d.hash = asked.device AND d.visitor_id = asked.visitor_id AND d.forgotten_at IS NULL
       LEFT JOIN lanes l ON l.device = asked.device AND l.lane = asked.lane
       LEFT JOIN commands c ON c.device = asked.device AND c.id = asked.id
     ORDER BY asked.nth`,
    columns(
      asked,
      one => one.device,
      one => one.visitorId,
      one => one.lane,
      one => one.command.id
    )
  )
}

/** What becomes of a command that is not to be done now; `undefined`: it is. */
function judge({ term, command, hash }: Asked, known: Known): Outcome | undefined {
  if (known.term === null || known.term > term) return 'fenced'
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
  return undefined
}

/** What is done already is not done again, but those whom it concerns may have missed it just as whoever sent it. */
function repeat(w: Writing, commands: readonly Command[]): void {
  const threads = commands.flatMap(command => ('threadId' in command ? command.threadId : []))
  w.alongside(tellAgain(w, threads))
  if (commands.some(({ type }) => type === 'start' || type === 'end')) w.tell('queue', {})
}

/** Writes down what became of commands, so that the same one again gets the same answer. */
async function remember(w: Writing, asked: readonly Asked[], done: readonly Done[]): Promise<void> {
  if (!asked.length) return
  const ends = asked.map((one, i) => ({ ...one, end: done[i]! }))
  await w.query(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
         $8::text[], $9::bigint[]) AS given (device, id, lane, n, hash, code, reason, message, position)),
     counted AS (
       INSERT INTO lanes (device, lane, last) SELECT device, lane, n FROM given
       ON CONFLICT (device, lane) DO UPDATE SET last = excluded.last)
     INSERT INTO commands (device, id, lane, n, hash, code, reason, message, position, at)
     SELECT device, id, lane, n, hash, code, COALESCE(reason, ''), COALESCE(message, ''), position, $10 FROM given`,
    [
      ...columns(
        ends,
        one => one.device,
        one => one.command.id,
        one => one.lane,
        one => one.command.n,
        one => one.hash,
        ({ end }) => ('code' in end ? end.code : null),
        ({ end }) => ('code' in end ? end.reason : null),
        ({ end }) => ('code' in end ? end.message : null),
        ({ end }) => ('code' in end ? null : end.position)
      ),
      w.at
    ]
  )
}

const outcomeOf = (done: Done, at: number): Outcome =>
  'code' in done ? refused(done.code, done.reason, done.message) : { accepted: true, position: done.position, at }

interface Known {
  readonly term: number | null
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
  return JSON.stringify(inOrder(value))
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const ordered = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(value).sort()) ordered[name] = inOrder((value as Record<string, unknown>)[name])
  return ordered
}
