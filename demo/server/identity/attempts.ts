/** Counts failures by key, and says when there were too many within a minute. */
export interface Attempts {
  /** Milliseconds to wait before another try; 0: go on. */
  wait(key: string): number
  failed(key: string): void
  forget(key: string): void
}

const MINUTE = 60_000
/** So many keys are remembered; beyond it the oldest is forgotten, so that a flood does not fill the memory. */
const KEYS = 10_000

export function createAttempts(perMinute: number): Attempts {
  const failures = new Map<string, readonly number[]>()
  const recent = (key: string) => (failures.get(key) ?? []).filter(at => performance.now() - at < MINUTE)
  return {
    wait(key) {
      const list = recent(key)
      const decisive = list.at(-perMinute)
      return list.length < perMinute || decisive === undefined ? 0 : decisive + MINUTE - performance.now()
    },
    failed(key) {
      const list = recent(key)
      failures.delete(key)
      failures.set(key, [...list, performance.now()].slice(-perMinute))
      const oldest = failures.keys().next().value
      if (failures.size > KEYS && oldest !== undefined) failures.delete(oldest)
    },
    forget(key) {
      failures.delete(key)
    }
  }
}
