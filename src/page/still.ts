import type { Page, PageEvent } from './page.ts'
import type { TabNote, Tabs } from './tabs.ts'

/** A page where nothing happens until it is told: for servers, and for tests. */
export interface StillPage extends Page {
  visible: boolean
  emit(event: PageEvent): void
}

export function stillPage(): StillPage {
  const listeners = new Set<readonly [PageEvent, () => void]>()
  return {
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
  const listeners = new Set<Set<(note: TabNote) => void>>()
  const waiting: (() => void)[] = []
  /** Who leads: how it hears that another one took over. */
  let leading: { lost(): void } | undefined

  return () => {
    const own = new Set<(note: TabNote) => void>()
    listeners.add(own)
    return {
      lead: (signal, onLost, take) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return reject(signal.reason)
          const giveUp = () => {
            waiting.splice(waiting.indexOf(begin), 1)
            reject(signal.reason)
          }
          const begin = () => {
            signal.removeEventListener('abort', giveUp)
            const me = { lost: onLost }
            leading = me
            signal.addEventListener('abort', () => {
              // Another one may have taken over before.
              if (leading !== me) return
              leading = undefined
              waiting.shift()?.()
            })
            resolve()
          }
          if (take) {
            const before = leading
            begin()
            before?.lost()
          } else if (leading) {
            waiting.push(begin)
            signal.addEventListener('abort', giveUp, { once: true })
          } else begin()
        }),
      tell(note) {
        for (const set of listeners) {
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
