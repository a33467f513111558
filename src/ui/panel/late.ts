import { useLayoutEffect, useState } from 'preact/hooks'
import { useAround } from './around.ts'

/** A hook for a part of the panel that is fetched when it is needed, with its styles. Once there, it is there at once. */
export function late<Part extends { readonly css: string }>(load: () => Promise<Part>) {
  let loaded: Part | undefined
  return function useLate(needed: boolean): Part | undefined {
    const { adopt } = useAround()
    const [, again] = useState({})
    useLayoutEffect(() => {
      const fetch = async () => {
        loaded ??= await load()
        adopt(loaded.css)
        again({})
      }
      if (needed) fetch().catch(console.warn)
    }, [needed])
    return loaded
  }
}
