import { laneOf } from '../model/command.ts'
import type { Attachment } from '../model/message.ts'
import type { TransportError } from '../transport/errors.ts'
import type { Connection } from '../transport/transport.ts'
import { findRow, putRow } from './outbox-row.ts'
import type { OutboxRow } from './rows.ts'
import type { FlushParts, Offer, SendingParts } from './sending.ts'
import { linked, until } from './waiting.ts'

/** So many messages are uploaded at a time: one that is slow does not hold up the next. */
const AT_ONCE = 2
/** How often it is looked whether a message may go out by now, in milliseconds. */
const LOOK = 200
/** After so many failures in a row that nobody answered for, the visitor is asked. */
const TRIES = 5
/** How long to wait after the first of them, in milliseconds; twice as long after each more. */
const PAUSE = 1000

/**
 * Goes on offering what waits for as long as the connection lives, as `sending` does, with files: they are uploaded
 * beside everything else, and only the lane of their message waits for them. What is refused, or fails too often, makes
 * the message a failed one, so that what was written after it can go.
 */
export async function flush(
  parts: FlushParts,
  connection: Connection,
  signal: AbortSignal,
  offered: Set<string>,
  offer: Offer,
  isHeld: (row: OutboxRow) => boolean
): Promise<never> {
  const { outbox } = parts
  /** Ids of the messages whose files are on their way. */
  const busy = new Set<string>()
  const begin = (id: string) => {
    busy.add(id)
    uploadAll(parts, connection, id, signal)
      .catch(() => {
        // The link is over, or the message was taken back; or it could not be stored, which has been said.
      })
      .finally(() => {
        busy.delete(id)
        if (!signal.aborted) look()
      })
  }
  const look = () => {
    const files = outbox.all().filter(row => !row.failed && pendingFile(row))
    for (const { command } of files.sort((a, b) => a.command.n - b.command.n)) {
      if (busy.size < AT_ONCE && !busy.has(command.id)) begin(command.id)
    }
  }
  for (;;) {
    signal.throwIfAborted()
    look()
    const row = firstOfLanes(outbox.all(), offered).find(row => !pendingFile(row))
    if (!row) await outbox.changed(signal)
    else if (!isHeld(row) && (await offer(parts, connection, row, signal))) offered.add(row.command.id)
    else await pause(LOOK, signal)
  }
}

/** Of each lane the command that is next. */
function firstOfLanes(waiting: readonly OutboxRow[], offered: ReadonlySet<string>): readonly OutboxRow[] {
  const firsts = new Map<string, OutboxRow>()
  for (const row of waiting) {
    // Acknowledged, but its event has not come: offered once on each connection, as in `sending`.
    if (row.failed || (row.acked && offered.has(row.command.id))) continue
    const lane = laneOf(row.command)
    const first = firsts.get(lane)
    if (!first || row.command.n < first.command.n) firsts.set(lane, row)
  }
  return [...firsts.values()]
}

/** The file of a message to upload next: as long as the first is one, it is known that there are any. */
const pendingFile = ({ command }: OutboxRow): Attachment | undefined =>
  command.type === 'message' ? command.attachments.findLast(({ blob }) => blob) : undefined

async function uploadAll(
  { rows, outbox, events: { emit } }: SendingParts,
  connection: Connection,
  id: string,
  signal: AbortSignal
): Promise<void> {
  const end = linked(signal)
  // Taken back: what has not gone out by now need not.
  const unbind = rows.on('outbox', () => findRow(outbox, id) ?? end.abort())
  /** Changes to the row as it is when they are made; none if it has left by then. Not of a tab that slept meanwhile. */
  const change = (make: (row: OutboxRow) => OutboxRow) =>
    rows.commit(() => {
      const now = findRow(outbox, id)
      return now ? [{ expect: ['cursor'], value: rows.cursor() }, putRow(make(now))] : []
    })
  let tries = 0
  try {
    for (;;) {
      const row = findRow(outbox, id)
      const file = row && pendingFile(row)
      if (!file) return
      try {
        const done = await send(connection, file, share => emit('upload', { id, file: file.id, share }), end.signal)
        tries = 0
        await change(now => withFile(now, done))
      } catch (error) {
        end.signal.throwIfAborted()
        const { retry, code, retryAfter, reason } = error as TransportError
        if (code !== 'busy') tries++
        if (retry === 'never' || tries === TRIES) {
          await change(now => ({
            ...now,
            failed: { reason: retry === 'never' ? reason || 'file-refused' : 'file-lost' }
          }))
          return emit('failed', { id, threadId: (row.command as { readonly threadId: string }).threadId })
        }
        await pause(retryAfter ?? PAUSE * 2 ** tries, end.signal)
      }
    }
  } finally {
    unbind()
    end.abort()
  }
}

async function send(
  connection: Connection,
  { id, name, blob }: Attachment,
  onProgress: (share: number) => void,
  signal: AbortSignal
): Promise<Attachment> {
  if (!connection.upload) throw refused('this backend takes no files', 'file-refused')
  // A storage that holds text only has kept the words of it.
  if (!(blob instanceof Blob)) throw refused('the file did not outlive the page', 'file-gone')
  return connection.upload({ id, name, file: blob, onProgress }, signal)
}

/** The row with where a file lies in place of the file. */
function withFile(row: OutboxRow, file: Attachment): OutboxRow {
  const command = row.command as Extract<OutboxRow['command'], { readonly type: 'message' }>
  const attachments = command.attachments.map(one => (one.id === file.id ? file : one))
  return { ...row, command: { ...command, attachments } }
}

const pause = (length: number, signal: AbortSignal) => until(signal, undefined, length)

const refused = (message: string, reason: string) => Object.assign(new Error(message), { retry: 'never', reason })
