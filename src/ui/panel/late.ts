import { useLayoutEffect, useState } from 'preact/hooks'
import { type LatePart, useAround } from './around.ts'

/**
 * A hook for a part of the panel that is fetched when it is needed, with its styles and words. Once there, it is there at
 * once; `undefined`: it is on its way, or not needed yet; `null`: it cannot be fetched.
 */
export function late<Part extends LatePart>(load: () => Promise<Part>) {
  let loaded: Part | null | undefined
  return function useLate(needed: unknown): Part | null | undefined {
    const { adopt } = useAround()
    const [, again] = useState({})
    useLayoutEffect(() => {
      const fetch = async () => {
        loaded ??= await load()
        adopt(loaded)
        again({})
      }
      if (needed) {
        fetch().catch(error => {
          console.warn(error)
          loaded ??= null
          again({})
        })
      }
    }, [!needed])
    return loaded
  }
}
