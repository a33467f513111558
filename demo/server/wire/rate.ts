import type { Rate } from '../limits.ts'

/** A bucket that fills at a steady rate and holds a burst. */
export interface Bucket {
  /** Takes one; else how many milliseconds until there is one again. */
  take(): number
}

export function createBucket(rate: Rate): Bucket {
  const level = full(rate)
  return { take: () => takeFrom(level, rate) }
}

/** How much a bucket held when something was last taken from it. */
interface Level {
  held: number
  at: number
}

const full = ({ burst }: Rate): Level => ({ held: burst, at: performance.now() })

function waitFor(level: Level, { perMinute, burst }: Rate): number {
  const perMillisecond = perMinute / 60_000
  const now = performance.now()
  level.held = Math.min(burst, level.held + (now - level.at) * perMillisecond)
  level.at = now
  // A hair less, or what fractions lose makes it one more.
  return level.held >= 1 ? 0 : Math.max(1, Math.ceil((1 - level.held) / perMillisecond - 1e-6))
}

function takeFrom(level: Level, rate: Rate): number {
  const wait = waitFor(level, rate)
  if (!wait) level.held -= 1
  return wait
}

/** A bucket for each, such as the messages of one device. */
export interface Buckets {
  /** Takes one from the bucket of this key; else how many milliseconds until there is one again. */
  take(key: string): number
  /** How many milliseconds until there is one in it; 0: there is, and it stays. */
  wait(key: string): number
}

/** So many are kept before those that are full again are forgotten: to whoever they belong, they are as good as new. */
const KEPT = 1000

export function createBuckets(rate: Rate): Buckets {
  const fillsIn = (rate.burst / rate.perMinute) * 60_000
  const levels = new Map<string, Level>()
  let sweepAt = KEPT
  return {
    take(key) {
      const now = performance.now()
      if (levels.size >= sweepAt) {
        for (const [other, { at }] of levels) if (now - at >= fillsIn) levels.delete(other)
        sweepAt = Math.max(KEPT, levels.size * 2)
      }
      const level = levels.get(key) ?? full(rate)
      levels.set(key, level)
      return takeFrom(level, rate)
    },
    wait(key) {
      const level = levels.get(key)
      return level ? waitFor(level, rate) : 0
    }
  }
}

/** How many there are of each, such as sockets of one address. */
export interface Count {
  /** Returns the function that gives the place back; `undefined`: no place left. */
  take(key: string): (() => void) | undefined
}

export function createCount(most: number): Count {
  const counts = new Map<string, number>()
  return {
    take(key) {
      const now = counts.get(key) ?? 0
      if (now >= most) return undefined
      counts.set(key, now + 1)
      let held = true
      return () => {
        if (!held) return
        held = false
        const rest = (counts.get(key) ?? 1) - 1
        if (rest) counts.set(key, rest)
        else counts.delete(key)
      }
    }
  }
}
