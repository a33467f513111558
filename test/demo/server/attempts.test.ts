import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAttempts } from '../../../demo/server/identity/attempts.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

it('lets nobody wait longer than a minute, also where the clock is set back', () => {
  const attempts = createAttempts(2)
  attempts.failed('sam')
  expect(attempts.wait('sam')).toBe(0)
  attempts.failed('sam')
  expect(attempts.wait('sam')).toBe(60_000)
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(20_000)
  expect(attempts.wait('sam')).toBe(40_000)
  expect(attempts.wait('alex')).toBe(0)
  vi.advanceTimersByTime(40_000)
  expect(attempts.wait('sam')).toBe(0)
})
