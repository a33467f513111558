import { atom, type ReadableAtom } from 'nanostores'
import type { OutboxRow, Rows } from './rows.ts'
import { until } from './waiting.ts'

export interface Outbox {
  /** How many commands wait. */
  readonly $waiting: ReadableAtom<number>
  /**
   * Ids of commands that may have been offered to the backend: by this tab, or by one that led before. The others need no
   * `again`, and may be taken back. Right in the tab that leads.
   */
  offered: Set<string>
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
    offered: new Set(),
    all,
    changed: signal =>
      until(signal, done => {
        wake = done
        return undefined
      })
  }
}
