import type { TabNote, Tabs } from './tabs.ts'

/**
 * The tabs of this browser: a Web Lock makes one of them lead, a BroadcastChannel carries the notes. Where either is
 * missing (pages served over plain http, old browsers) each tab is alone and leads itself.
 *
 * @param name Shared by the tabs that belong together.
 */
export function browserTabs(name: string): Tabs {
  const locks = globalThis.navigator?.locks
  const listeners = new Set<(note: TabNote) => void>()
  let channel: BroadcastChannel | undefined

  // Only open while somebody listens: an open channel keeps a page out of the back/forward cache in some browsers.
  const open = () => {
    if (channel || typeof BroadcastChannel === 'undefined') return channel
    channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => {
      if (isNote(data)) for (const listener of [...listeners]) listener(data)
    }
    return channel
  }

  return {
    async lead(signal) {
      signal.throwIfAborted()
      if (!locks) return
      await new Promise<void>((resolve, reject) => {
        const hold = () => {
          resolve()
          return new Promise<void>(release => signal.addEventListener('abort', () => release(), { once: true }))
        }
        locks.request(name, { signal }, hold).catch(error => {
          // An opaque origin has no locks: alone, it leads. Aborted while waiting: not an error of ours.
          if ((error as Error).name === 'SecurityError') resolve()
          else reject(error)
        })
      })
    },
    tell(note) {
      open()?.postMessage(note)
    },
    listen(listener) {
      listeners.add(listener)
      open()
      return () => {
        listeners.delete(listener)
        if (listeners.size) return
        channel?.close()
        channel = undefined
      }
    }
  }
}

/** Another version of this code, or another script, may use the channel: only what looks like a note passes. */
function isNote(value: unknown): value is TabNote {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
