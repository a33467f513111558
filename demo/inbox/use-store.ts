import type { ReadableAtom } from 'nanostores'
import { useLayoutEffect, useReducer } from 'preact/hooks'

/** The value of a store; draws again when it changes. */
export function useStore<Value>(store: ReadableAtom<Value>): Value {
  const [, redraw] = useReducer<number, undefined>(count => count + 1, 0)
  const value = store.get()
  useLayoutEffect(() => {
    // It may have changed between drawing and here.
    if (store.get() !== value) redraw(undefined)
    return store.listen(() => redraw(undefined))
  }, [store])
  return value
}
