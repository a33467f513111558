import { createBuckets, createCount } from './rate.ts'

/** Who may connect. */
export interface Places {
  /** `undefined`: no place left for this address, or not yet again. */
  take(address: string): Place | undefined
}

/** A place of one connection. */
export interface Place {
  readonly leave: () => void
  /** The connection was thrown out for what it sent. Who does that again and again waits before the next one. */
  readonly blame: () => void
}

/** @param most Of one address at a time. */
export function createPlaces(most: number): Places {
  const count = createCount(most)
  // All of them may come back at once, and once more; whoever goes on like that is not a browser.
  const handshakes = createBuckets({ perMinute: 12 * most, burst: 2 * most })
  // Many people may share an address, and few of them mean harm: how many there can be is how often it may happen.
  const throws = createBuckets({ perMinute: most / 3, burst: Math.max(1, most / 4) })

  return {
    take(address) {
      if (throws.wait(address) || handshakes.take(address)) return undefined
      const leave = count.take(address)
      return leave && { leave, blame: () => void throws.take(address) }
    }
  }
}
