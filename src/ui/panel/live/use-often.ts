import { useEffect } from 'preact/hooks'
import type { Announcer } from '../../announcer.ts'
import { useAround } from '../around.ts'

/** What changes all the time is said aloud no more often. */
const OFTEN = 30_000

const saidAt = new WeakMap<Announcer, Record<string, number>>()

/** Says a text aloud when it changes, at most once in 30 seconds for each subject. */
export function useOften(subject: string, text: string): void {
  const { announcer } = useAround()
  useEffect(() => {
    const said = saidAt.get(announcer) ?? {}
    saidAt.set(announcer, said)
    const now = Date.now()
    if (now - (said[subject] ?? 0) < OFTEN) return
    said[subject] = now
    announcer.say(text)
  }, [text])
}
