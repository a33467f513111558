import { useLayoutEffect, useReducer } from 'preact/hooks'
import type { Readable } from '../store.ts'

/** The value of a store, and a render whenever it changes. */
export function useStore<Value>(store: Readable<Value>): Value {
  const [, again] = useReducer<number, void>(times => times + 1, 0)
  const value = store.get()
  // A layout effect: its end is not put off until after the next paint, so nothing listens after `dispose`.
  useLayoutEffect(() => {
    if (store.get() !== value) again()
    return store.listen(() => again())
  }, [store])
  return value
}
