import type { TabNote, Tabs } from './tabs.ts'

/**
 * The tabs of this browser: a Web Lock makes one of them lead, a BroadcastChannel carries the notes. On pages served
 * over plain http there are no locks: a tab that hears nobody lead does. Without a channel each tab is alone.
 *
 * @param name Shared by the tabs that belong together.
 */
export function browserTabs(name: string): Tabs {
  const locks = globalThis.navigator?.locks
  const listeners = new Set<(note: TabNote) => void>()
  let channel: BroadcastChannel | undefined

  const tabs: Tabs = {
    async lead(signal, onLost, take) {
      signal.throwIfAborted()
      if (!locks) return (await import('./no-locks.ts')).elect(tabs, signal, take)
      await new Promise<void>((resolve, reject) => {
        const hold = () => {
          resolve()
          // What was taken over is not asked whether it is still wanted.
          return signal.aborted || new Promise(release => signal.addEventListener('abort', release))
        }
        locks.request(name, take ? { steal: true } : { signal }, hold).catch(error => {
          // An opaque origin has no locks: alone, it leads. Aborted while waiting: not an error of ours.
          if ((error as Error).name === 'SecurityError') return resolve()
          reject(error)
          if (!signal.aborted) onLost()
        })
      })
    },
    tell(note) {
      channel?.postMessage(note)
    },
    listen(listener) {
      listeners.add(listener)
      // Only open while somebody listens: an open channel keeps a page out of the back/forward cache in some browsers.
      if (typeof BroadcastChannel !== 'undefined') {
        channel ??= new BroadcastChannel(name)
        channel.onmessage = ({ data }) => {
          // Another version of this code, or another script, may use the channel: only what looks like a note passes.
          if (data?.type) for (const listener of [...listeners]) listener(data)
        }
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size) return
        channel?.close()
        channel = undefined
      }
    }
  }
  return tabs
}
