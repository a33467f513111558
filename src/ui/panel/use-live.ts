import { useEffect, useState } from 'preact/hooks'
import { useAround } from './around.ts'

type Live = typeof import('./live/index.tsx')

/** The parts of a live chat, once one was needed; `undefined` until they are there. */
export function useLive(needed: boolean): Live | undefined {
  const { adopt, attempt } = useAround()
  const [live, setLive] = useState<Live | undefined>(undefined)
  useEffect(() => {
    if (!needed || live) return
    void attempt(
      import('./live/index.tsx').then(loaded => {
        adopt(loaded.css)
        setLive(loaded)
      }),
      null
    )
  }, [needed, live, adopt, attempt])
  return live
}
