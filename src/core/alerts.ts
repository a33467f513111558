import type { Message } from '../model/message.ts'
import type { ThreadId } from '../model/thread.ts'
import type { Rows } from './rows.ts'

/**
 * Tells of each new message of somebody else, once in each tab, however it came: over the link, or stored by the tab
 * that leads.
 */
export function watchAlerts(rows: Rows, alert: (message: Message) => void): void {
  /** Up to where each thread has been heard of; a thread that is new here counts from its beginning. */
  const heard = new Map<ThreadId, number>()

  rows.on('message', changes => {
    for (const { value } of changes) {
      if (!value || value.position <= (heard.get(value.threadId) ?? 0)) continue
      heard.set(value.threadId, value.position)
      if (value.author === 'agent' || value.author === 'bot') alert(value)
    }
  })
  // Comes after the messages in a commit: at boot it says what was known before, later it changes nothing.
  rows.on('thread', changes => {
    for (const { key, value } of changes) {
      const id = String(key[1])
      if (value) heard.set(id, Math.max(heard.get(id) ?? 0, value.last))
      else heard.delete(id)
    }
  })
}
