import { useLayoutEffect, useState } from 'preact/hooks'
import { type LatePart, useAround } from './around.ts'

/** A hook for a part of the panel that is fetched when it is needed, with its styles and words. Once there, it is there at once. */
export function late<Part extends LatePart>(load: () => Promise<Part>) {
  let loaded: Part | undefined
  return function useLate(needed: unknown): Part | undefined {
    const { adopt } = useAround()
    const [, again] = useState({})
    useLayoutEffect(() => {
      const fetch = async () => {
        loaded ??= await load()
        adopt(loaded)
        again({})
      }
      if (needed) fetch().catch(console.warn)
    }, [!needed])
    return loaded
  }
}
