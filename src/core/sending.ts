import { laneOf } from '../model/command.ts'
import type { Page } from '../page/page.ts'
import type { Change } from '../storage/storage.ts'
import type { TransportError } from '../transport/errors.ts'
import type { Ack, Connection } from '../transport/transport.ts'
import type { ChatEvents } from './chat.ts'
import type { Emitter } from './emitter.ts'
import type { Outbox } from './outbox.ts'
import { dropRow, findRow, putRow, voidRow } from './outbox-row.ts'
import type { OutboxRow, Rows } from './rows.ts'
import { until } from './waiting.ts'

/** A chat that was asked for longer ago than this is not asked for any more: nobody sits there waiting. */
const STALE_START = 120_000
/** How often it is looked whether a message may go out by now, in milliseconds. */
const LOOK = 200

export interface SendingParts {
  readonly rows: Rows
  readonly outbox: Outbox
  /** Told of a message that the backend refused for good. */
  readonly events: Pick<Emitter<ChatEvents>, 'emit'>
}

/**
 * Offers what waits, in order and one at a time, for as long as the connection lives. Never settles but by throwing.
 * Loads with the panel, where things are said, or when something waits from an earlier visit.
 */
export async function flush(parts: FlushParts, connection: Connection, signal: AbortSignal): Promise<never> {
  const { outbox, rows, page } = parts
  const offered = new Set<string>()
  /** When it was last looked here at what waits while the visitor saw the page. */
  let seen = 0
  /**
   * Whether it may still be taken back. In a page that was turned away from, only what was written in another one since:
   * this one may be closed. A clock that was set back holds nothing for longer than it should.
   */
  const isHeld = ({ grace = 0, at }: OutboxRow) => {
    if (page.visible) seen = Date.now()
    return Math.abs(Date.now() - at) < grace && !rows.hidden && (page.visible || at > seen)
  }
  for (;;) {
    signal.throwIfAborted()
    const row = next(outbox.all(), offered)
    if (!row) await outbox.changed(signal)
    // From now on some lanes may have to wait for what is uploaded.
    else if (hasFile(row)) return (await import('./files.ts')).flush(parts, connection, signal, offered, offer, isHeld)
    else if (!isHeld(row) && (await offer(parts, connection, row, signal))) offered.add(row.command.id)
    else await pause(LOOK, signal)
  }
}

export interface FlushParts extends SendingParts {
  readonly page: Page
}

const pause = (length: number, signal: AbortSignal) => until(signal, undefined, length)

/** Whether a file of it has to be uploaded: the first of a message is uploaded last. */
const hasFile = ({ command }: OutboxRow) => (command as Partial<MessageCommand>).attachments?.[0]?.blob

/** The next command to offer: the lowest number of the first lane that has one. */
function next(waiting: readonly OutboxRow[], offered: ReadonlySet<string>): OutboxRow | undefined {
  let found: OutboxRow | undefined
  for (const row of waiting) {
    // Acknowledged, but its event has not come: offered once on each connection, in case the backend lost it.
    if (row.failed || (row.acked && offered.has(row.command.id))) continue
    if (!found || (laneOf(row.command) === laneOf(found.command) && row.command.n < found.command.n)) found = row
  }
  return found
}

type MessageCommand = Extract<OutboxRow['command'], { readonly type: 'message' }>

export type Offer = typeof offer

/** Settles with whether it was dealt with; not, if it is another one by the time it could be. */
async function offer(
  { rows, outbox, events }: SendingParts,
  connection: Connection,
  row: OutboxRow,
  signal: AbortSignal
): Promise<boolean> {
  const { command } = row
  const { id } = command
  /** Changes to the row as it is when they are made; none if it has left by then. Not of a tab that slept meanwhile. */
  const change = (make: (row: OutboxRow) => readonly Change[] | Promise<readonly Change[]>) =>
    rows.commit(async () => {
      const now = findRow(outbox, id)
      return now ? [{ expect: ['cursor'], value: rows.cursor() }, ...(await make(now))] : []
    })
  const acknowledge = ({ position, at }: Ack) =>
    change(async now => {
      // The event may have been faster, even in a tab that led before: then nothing would ever take this row away.
      const waits =
        position !== undefined &&
        'threadId' in command &&
        (await rows.get(['message', command.threadId, position]))?.id !== id
      return [waits ? putRow({ ...now, acked: { position, at } }) : dropRow(now)]
    })

  let again: boolean | undefined
  // In turn: whoever takes it back or numbers it anew either has done so by now, or sees that it is on its way.
  await rows.commit(() => {
    if (findRow(outbox, id)?.command.n === command.n) {
      again = outbox.offered.has(id) || !!row.offered
      outbox.offered.add(id)
    }
    return []
  })
  if (again === undefined) return false
  if (command.type === 'start' && Date.now() - row.at > STALE_START) {
    await change(now => [voidRow(now)])
    return true
  }
  try {
    await acknowledge(await connection.send(command, { again, signal }))
  } catch (error) {
    const { retry, code } = error as TransportError
    // The link is to blame. Only what the backend answered needs more, and then it is there to be fetched: in Firefox a
    // file that could not be fetched once is not there again until the page is loaded anew.
    if (retry !== 'never' && code !== 'busy') throw error
    const { refused } = await import('./recovery.ts')
    const wait = await refused(error as TransportError, row, { rows, outbox, change, events })
    await pause(wait, signal)
  }
  return true
}
