import { setTimeout as pause } from 'node:timers/promises'

/** @throws {Error} If it takes longer: something hangs that should not. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = pause(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new Error(`expected it to end within ${milliseconds / 1000} seconds`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
    late.catch(() => {})
  }
}
