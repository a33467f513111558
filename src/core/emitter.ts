/** Listeners by event name. `on` returns the function that stops listening. */
export interface Emitter<Events> {
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void
}

export function createEmitter<Events>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(value: never) => void>>()
  return {
    on(name, listener) {
      // A wrapper of its own, so that binding one function twice gives two bindings.
      const bound = (value: never) => listener(value)
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(bound))
      return () => {
        set.delete(bound)
      }
    },
    emit(name, value) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          ;(listener as (value: unknown) => void)(value)
        } catch (error) {
          // One bad listener must not stop the others; the page's own error handling hears of it.
          queueMicrotask(() => {
            throw error
          })
        }
      }
    }
  }
}
