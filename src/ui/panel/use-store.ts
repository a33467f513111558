import { useLayoutEffect, useState } from 'preact/hooks'

interface Shown<Value> {
  get(): Value
  listen(listener: () => void): () => void
}

/** The value of a store, and a render whenever it changes. */
export function useStore<Value>(store: Shown<Value>): Value {
  const [, again] = useState({})
  const value = store.get()
  // A layout effect: its end is not put off until after the next paint, so nothing listens after the end.
  useLayoutEffect(() => {
    if (store.get() !== value) again({})
    return store.listen(() => again({}))
  }, [store])
  return value
}

/** Whether the page is in view, so that what is shown on it can be taken as seen. */
export const $visible = {
  get: () => !document.hidden,
  listen(listener: () => void) {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  }
}
