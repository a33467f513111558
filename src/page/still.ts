import type { Page, PageEvent } from './page.ts'
import type { TabNote, Tabs } from './tabs.ts'

/** A page where nothing happens until it is told: for servers, and for tests. */
export interface StillPage extends Page {
  online: boolean
  visible: boolean
  emit(event: PageEvent): void
}

export function stillPage(url = 'https://shop.example/'): StillPage {
  const listeners = new Set<readonly [PageEvent, () => void]>()
  return {
    url,
    title: '',
    online: true,
    visible: true,
    on(event, listener) {
      const entry = [event, listener] as const
      listeners.add(entry)
      return () => {
        listeners.delete(entry)
      }
    },
    emit(event) {
      for (const [name, listener] of [...listeners]) if (name === event) listener()
    }
  }
}

/** Tabs that share one process: each call of the returned function opens one more. The first to ask leads. */
export function stillTabs(): () => Tabs {
  const listeners = new Map<object, Set<(note: TabNote) => void>>()
  const waiting: (() => void)[] = []
  let led = false

  const next = () => {
    const lead = waiting.shift()
    led = lead !== undefined
    lead?.()
  }

  return () => {
    const own = new Set<(note: TabNote) => void>()
    listeners.set(own, own)
    return {
      lead: signal =>
        new Promise((resolve, reject) => {
          const begin = () => {
            signal.addEventListener('abort', next, { once: true })
            resolve()
          }
          const giveUp = () => {
            waiting.splice(waiting.indexOf(take), 1)
            reject(signal.reason)
          }
          const take = () => {
            signal.removeEventListener('abort', giveUp)
            begin()
          }
          if (signal.aborted) return reject(signal.reason)
          if (!led) {
            led = true
            return begin()
          }
          waiting.push(take)
          signal.addEventListener('abort', giveUp, { once: true })
        }),
      tell(note) {
        for (const set of listeners.values()) {
          if (set !== own) for (const listener of [...set]) listener(structuredClone(note))
        }
      },
      listen(listener) {
        own.add(listener)
        return () => {
          own.delete(listener)
        }
      }
    }
  }
}
