import type { Entry } from '../../core/chat.ts'
import { startOfDay } from './times.ts'

/** One message of the list, with the lines that stand above it. */
export interface Row {
  readonly entry: Entry
  /** Messages are missing between this one and the one above; what is before the first is only not loaded yet. */
  readonly gap: boolean
  /** A new day begins here. */
  readonly day: boolean
  /** Everything from here on arrived since the visitor last looked. */
  readonly unread: boolean
  /** Begins, and ends, a group: one author within five minutes. */
  readonly first: boolean
  last: boolean
  /** Where the state of several messages is the same, only the last one shows it. */
  state: boolean
}

const TOGETHER = 5 * 60_000

/** @param unreadAfter Position of the last message that was read; `undefined`: no line. */
export function rowsOf(entries: readonly Entry[], unreadAfter: number | undefined): readonly Row[] {
  const rows: Row[] = []
  // Not where only a later part of what is unread is shown.
  let line = entries[0] && entries[0].message.position <= unreadAfter! + 1
  for (const entry of entries) {
    const { author, by, at, position } = entry.message
    const above = rows.at(-1)
    const before = above?.entry.message
    const day = !before || startOfDay(before.at) !== startOfDay(at)
    const unread = !!line && position > unreadAfter! && (author === 'agent' || author === 'bot')
    if (unread) line = false
    const first =
      day ||
      unread ||
      entry.gap ||
      before.author !== author ||
      before.by?.name !== by?.name ||
      Math.abs(at - before.at) >= TOGETHER
    if (above) {
      const { delivery } = above.entry
      above.last = first
      above.state = first || delivery === 'failed' || delivery !== entry.delivery
    }
    rows.push({ entry, gap: !!above && entry.gap, day, unread, first, last: true, state: true })
  }
  return rows
}
