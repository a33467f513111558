/** A value that says when it changes. Stores of the core have this shape, too. */
export interface Readable<Value> {
  get(): Value
  /** Called with each new value. Returns the function that stops listening. */
  listen(listener: (value: Value) => void): () => void
}

export interface Writable<Value> extends Readable<Value> {
  set(value: Value): void
}

/** A small store, so that the first bytes of the widget need no library. */
export function createStore<Value>(value: Value): Writable<Value> {
  const listeners = new Set<(value: Value) => void>()
  return {
    get: () => value,
    set(next) {
      if (next === value) return
      value = next
      for (const listener of listeners) listener(next)
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    }
  }
}
