import type { Entry } from '../../core/chat.ts'
import type { Message } from '../../model/message.ts'
import { startOfDay } from './times.ts'

/** One line of the list. */
export type Row = { readonly key: string } & (
  | { readonly kind: 'day'; readonly at: number }
  /** Everything below arrived since the visitor last looked. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'gap' }
  | { readonly kind: 'notice'; readonly entry: Entry }
  | {
      readonly kind: 'message'
      readonly entry: Entry
      /** Begins, and ends, a group: one author within five minutes. */
      readonly first: boolean
      readonly last: boolean
      /** Where the state of several messages is the same, only the last one shows it. */
      readonly state: boolean
    }
)

const TOGETHER = 5 * 60_000

/** @param unreadAfter Position of the last message that was read; `undefined`: no line. */
export function rowsOf(entries: readonly Entry[], unreadAfter: number | undefined): readonly Row[] {
  const rows: Row[] = []
  let day: number | undefined
  let drawn = unreadAfter === undefined
  let previous: { last: boolean; state: boolean; readonly entry: Entry } | undefined
  for (const [at, entry] of entries.entries()) {
    const { message, delivery } = entry
    const { id } = message
    const before = entries[at - 1]?.message
    let first = !before || !together(before, message)
    if (entry.gap) {
      first = true
      rows.push({ kind: 'gap', key: `gap ${id}` })
    }
    const today = startOfDay(message.at)
    if (today !== day) {
      day = today
      first = true
      rows.push({ kind: 'day', key: `day ${id}`, at: message.at })
    }
    if (!drawn && message.position > unreadAfter! && message.author !== 'visitor' && message.author !== 'system') {
      drawn = first = true
      rows.push({ kind: 'unread', key: 'unread' })
    }
    if (message.author === 'system') {
      rows.push({ kind: 'notice', key: id, entry })
      continue
    }
    if (previous && !first) {
      previous.last = false
      previous.state = previous.entry.delivery === 'failed' || previous.entry.delivery !== delivery
    }
    const row = { kind: 'message' as const, key: id, entry, first, last: true, state: delivery !== undefined }
    rows.push(row)
    previous = row
  }
  return rows
}

function together(one: Message, next: Message): boolean {
  return (
    one.author === next.author &&
    one.by?.name === next.by?.name &&
    Math.abs(next.at - one.at) < TOGETHER &&
    startOfDay(one.at) === startOfDay(next.at)
  )
}
