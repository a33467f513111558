// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backAt } from '../../../src/ui/panel/away/back.ts'
import { createWords } from '../../../src/ui/panel/words.ts'
import { ar } from '../../../src/ui/strings/ar.ts'
import { en } from '../../../src/ui/strings/en.ts'
import { enAway } from '../../../src/ui/strings/en-away.ts'

const words = createWords('en-GB', { ...en, ...enAway })
/** Whether an hour of one digit is written with two depends on the release of ICU. */
const back = (iso: string, zone?: string) => backAt(Date.parse(iso), zone, words).replace(/\b0(?=\d:)/, '')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-11-23T18:00:00Z')
  vi.stubEnv('TZ', 'Europe/Oslo')
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

test.each([
  ['today', '2026-11-23T20:30:00Z', 'Back at 21:30 (your time)'],
  ['tomorrow', '2026-11-24T08:00:00Z', 'Back tomorrow at 9:00 (your time)'],
  [
    'the day after, which is no more than a night away',
    '2026-11-24T23:30:00Z',
    'Back on Wednesday at 0:30 (your time)'
  ],
  ['within a week', '2026-11-29T08:00:00Z', 'Back on Sunday at 9:00 (your time)'],
  ['the same day of the next week', '2026-11-30T08:00:00Z', 'Back on 30 November at 9:00 (your time)'],
  ['after clocks were set forward', '2027-03-29T07:00:00Z', 'Back on 29 March at 9:00 (your time)'],
  ['no more', '2026-11-23T18:00:00Z', '']
])('says when somebody is back: %s', (_, at, text) => {
  expect(back(at, 'Europe/Oslo')).toBe(text)
})

test('the day is the visitor’s, and the zone has its name where the shop’s is another one', () => {
  vi.stubEnv('TZ', 'America/New_York')
  expect(back('2026-11-24T08:00:00Z', 'Europe/Oslo')).toBe('Back tomorrow at 3:00 (your time, GMT-5)')
  vi.stubEnv('TZ', 'Asia/Tokyo')
  expect(back('2026-11-24T08:00:00Z', 'Europe/Oslo')).toBe('Back at 17:00 (your time, GMT+9)')
})

test('the zone needs no name where clocks show the same, or where it is not known', () => {
  expect(back('2026-11-24T08:00:00Z', 'Europe/Berlin')).toBe('Back tomorrow at 9:00 (your time)')
  expect(back('2026-11-24T08:00:00Z')).toBe('Back tomorrow at 9:00 (your time)')
  expect(back('2026-11-24T08:00:00Z', 'Mars/Olympus')).toBe('Back tomorrow at 9:00 (your time)')
})

test('Arabic says it in its own words', () => {
  const text = backAt(Date.parse('2026-11-24T08:00:00Z'), 'Europe/Oslo', createWords('ar', ar))
  expect(text.replace(/[\u2068\u2069]/g, '')).toMatch(/^نعود غدًا الساعة .+ \(بتوقيتك\)$/)
})
