import { atom, type ReadableAtom } from 'nanostores'
import { type Command, laneOf } from '../model/command.ts'
import type { Change } from '../storage/storage.ts'
import { isTransportError } from '../transport/errors.ts'
import type { Ack, Connection } from '../transport/transport.ts'
import { dropRow, type OutboxRow, putRow, type Rows, voidRow } from './rows.ts'
import { pause, until } from './waiting.ts'

/** A chat that was asked for longer ago than this is not asked for any more: nobody sits there waiting. */
const STALE_START = 120_000

export interface Outbox {
  /** How many commands wait. */
  readonly $waiting: ReadableAtom<number>
  /** Ids of commands that nobody has ever offered to the backend: only these may be taken back, and need no `again`. */
  readonly fresh: Set<string>
  /** The row of a command that still waits. */
  find(id: string): OutboxRow | undefined
  /** All rows that wait. */
  all(): readonly OutboxRow[]
  /** Offers what waits, in order and one at a time, for as long as the connection lives. Never settles but by throwing. */
  flush(connection: Connection, signal: AbortSignal): Promise<never>
}

/**
 * Commands waiting for their outcome. Everything the visitor says goes through here, and is stored before it is sent.
 *
 * @param onFailed Hears of a command that the backend refused for good.
 */
export function createOutbox(rows: Rows, onFailed: (command: Command) => void): Outbox {
  const $waiting = atom(0)
  /** Everything that waits, by id. */
  const entries = new Map<string, OutboxRow>()
  const fresh = new Set<string>()
  let wake = () => {}
  const all = () => [...entries.values()]

  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      for (const [id, { command }] of entries) {
        if (laneOf(command) === key[1] && command.n === key[2] && id !== value?.command.id) forget(id)
      }
      if (value) entries.set(value.command.id, value)
    }
    $waiting.set(all().filter(row => !row.failed && !row.acked).length)
    wake()
  })

  const forget = (id: string) => {
    entries.delete(id)
    fresh.delete(id)
  }

  /** The next command to offer: the lowest number of the first lane that has one. */
  const next = (offered: ReadonlySet<string>): OutboxRow | undefined => {
    let found: OutboxRow | undefined
    for (const row of entries.values()) {
      // Acknowledged, but its event has not come: offered once on each connection, in case the backend lost it.
      if (row.failed || (row.acked && offered.has(row.command.id))) continue
      if (!found || (laneOf(row.command) === laneOf(found.command) && row.command.n < found.command.n)) found = row
    }
    return found
  }

  /** Changes to a row as it is when they are made; none if it has left by then. */
  const change = (id: string, make: (row: OutboxRow) => readonly Change[] | Promise<readonly Change[]>) =>
    rows.commit(() => {
      const row = entries.get(id)
      return row ? make(row) : []
    })

  const acknowledge = (id: string, { position, at }: Ack) =>
    change(id, async row => {
      if (position === undefined || !('threadId' in row.command)) return [dropRow(row)]
      // The event may have been faster, even in a tab that led before: then nothing would ever take this row away.
      const stored = await rows.get(['message', row.command.threadId, position])
      return [stored?.id === id ? dropRow(row) : putRow({ ...row, acked: { position, at } })]
    })

  const offer = async (connection: Connection, row: OutboxRow, signal: AbortSignal): Promise<void> => {
    const { command } = row
    if (command.type === 'start' && Date.now() - row.at > STALE_START) {
      return change(command.id, () => [voidRow(row)])
    }
    const again = !fresh.delete(command.id)
    try {
      await acknowledge(command.id, await connection.send(command, { again, signal }))
    } catch (error) {
      if (!isTransportError(error)) throw error
      const { refused } = await import('./recovery.ts')
      const wait = await refused(error, row, { rows, all, change, onFailed })
      if (wait === undefined) throw error
      await pause(wait, signal)
    }
  }

  return {
    $waiting,
    fresh,
    find: id => entries.get(id),
    all,
    async flush(connection, signal) {
      const offered = new Set<string>()
      for (;;) {
        signal.throwIfAborted()
        const row = next(offered)
        if (row) {
          offered.add(row.command.id)
          await offer(connection, row, signal)
        } else {
          await until(signal, done => {
            wake = done
            return undefined
          })
        }
      }
    }
  }
}
