import { type Hours, isOpenAt, nextChange } from './hours.ts'

/** Whether it is within a team's hours, at any moment. */
export interface Opening {
  isOpen(): boolean
  /** When that turns over, in milliseconds since the epoch; `undefined`: never, or there are no hours. */
  changesAt(): number | undefined
  close(): void
}

/** Timers hold 31 bits; and a clock may be set, or a machine sleep. */
const LONGEST = 3_600_000

/**
 * Watches the hours.
 *
 * @param hours None: it is always open.
 * @param onChange Called when it turns over.
 */
export function watchOpening(hours: Hours | undefined, onChange: () => void): Opening {
  let timer: ReturnType<typeof setTimeout> | undefined
  let open = true
  let until: number | undefined = 0
  let lookedAt = 0
  /** What was told last: whoever asks may see it turn over a moment before the timer does. */
  let told: boolean

  /** Days are looked through for this, so what was found counts until then; or until the clock was set back. */
  function look() {
    const now = Date.now()
    if (!hours || (now >= lookedAt && now < (until ?? Number.POSITIVE_INFINITY))) return
    lookedAt = now
    open = isOpenAt(hours, now)
    until = nextChange(hours, now)
  }

  function wait() {
    look()
    if (!hours || until === undefined) return
    timer = setTimeout(
      () => {
        wait()
        if (open === told) return
        told = open
        onChange()
      },
      Math.min(until - Date.now(), LONGEST)
    )
  }
  wait()
  told = open

  return {
    isOpen() {
      look()
      return open
    },
    changesAt() {
      look()
      return hours && until
    },
    close: () => clearTimeout(timer)
  }
}
