import type { ThreadId } from '../../../src/model/thread.ts'
import type { Shelf } from '../shelf.ts'

/** Half-written replies, one for each conversation. */
export interface Drafts {
  get(threadId: ThreadId): string
  /** In memory at once, on the shelf after a moment. */
  put(threadId: ThreadId, text: string): void
  /** Writes what waits for its moment; for when the page is left. */
  flush(): void
  clear(): void
  close(): void
}

export function createDrafts(shelf: Shelf, writeAfter = 300): Drafts {
  const texts = new Map<ThreadId, string>()
  const unwritten = new Set<ThreadId>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function flush() {
    clearTimeout(timer)
    timer = undefined
    for (const threadId of unwritten) {
      const text = texts.get(threadId)
      if (text) shelf.put(threadId, { threadId, text })
      else shelf.drop(threadId)
    }
    unwritten.clear()
  }

  window.addEventListener('pagehide', flush)

  return {
    get(threadId) {
      const known = texts.get(threadId)
      if (known !== undefined) return known
      const stored = shelf.get(threadId) as { text?: unknown } | undefined
      return typeof stored?.text === 'string' ? stored.text : ''
    },
    put(threadId, text) {
      texts.set(threadId, text)
      unwritten.add(threadId)
      // An emptied composer was sent: its words must not come back after a crash.
      if (!text) return flush()
      timer ??= setTimeout(flush, writeAfter)
    },
    flush,
    clear() {
      texts.clear()
      unwritten.clear()
      for (const draft of shelf.list('')) shelf.drop(String((draft as { threadId?: unknown })?.threadId))
    },
    close() {
      window.removeEventListener('pagehide', flush)
      flush()
    }
  }
}
