import { atom, type ReadableAtom } from 'nanostores'
import type { OutboxRow, Rows } from './rows.ts'
import { until } from './waiting.ts'

export interface Outbox {
  /** How many commands wait. */
  readonly $waiting: ReadableAtom<number>
  /** Ids of commands that nobody has ever offered to the backend: only these may be taken back, and need no `again`. */
  readonly fresh: Set<string>
  /** The row of a command that still waits. */
  find(id: string): OutboxRow | undefined
  /** All rows that wait. */
  all(): readonly OutboxRow[]
  /** Settles when something else waits than before. */
  changed(signal: AbortSignal): Promise<void>
}

/** Commands waiting for their outcome. Everything the visitor says goes through here, and is stored before it is sent. */
export function createOutbox(rows: Rows): Outbox {
  const $waiting = atom(0)
  /** Everything that waits, by key. */
  const entries = new Map<string, OutboxRow>()
  const all = () => [...entries.values()]
  let wake = () => {}

  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      if (value) entries.set(String(key), value)
      else entries.delete(String(key))
    }
    $waiting.set(all().filter(row => !row.failed && !row.acked).length)
    wake()
  })

  return {
    $waiting,
    fresh: new Set(),
    find: id => all().find(({ command }) => command.id === id),
    all,
    changed: signal =>
      until(signal, done => {
        wake = done
        return undefined
      })
  }
}
