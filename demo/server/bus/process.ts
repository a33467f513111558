import type { Bus, Notes } from './bus.ts'

/** A bus inside this one process. Listeners are called later, never inside `publish`. */
export function createProcessBus(onError: (error: unknown) => void): Bus {
  const listeners = new Map<keyof Notes, Set<(note: never) => void>>()
  return {
    publish(topic, note) {
      queueMicrotask(() => {
        for (const listener of [...(listeners.get(topic) ?? [])]) {
          try {
            ;(listener as (note: unknown) => void)(note)
          } catch (error) {
            onError(error)
          }
        }
      })
    },
    subscribe(topic, listener) {
      const bound = (note: never) => listener(note)
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set.add(bound))
      return () => {
        set.delete(bound)
      }
    },
    async close() {
      listeners.clear()
    }
  }
}
