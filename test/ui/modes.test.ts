// @vitest-environment happy-dom
import { atom } from 'nanostores'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Thread } from '../../src/model/thread.ts'
import { createThread } from '../../src/model/thread.ts'
import { checkLook, type ModeRule } from '../../src/ui/look.ts'
import { readModes, withModes } from '../../src/ui/modes.ts'

const $threads = atom<readonly Thread[]>([])
const look = (options: object) => withModes(checkLook(options), { $threads })
const modeBy = (mode: unknown) => look({ mode }).mode

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.stubEnv('TZ', 'Europe/Oslo')
  $threads.set([])
  history.replaceState(null, '', '/checkout/pay')
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

test.each<[string, readonly ModeRule[], string]>([
  ['no rule that is true', [{ mode: 'live', path: '/elsewhere' }], 'both'],
  ['a rule without conditions', [{ mode: 'live' }], 'live'],
  ['the page', [{ mode: 'live', path: '/checkout/*' }], 'live'],
  ['the page, whatever its capital letters', [{ mode: 'live', path: '/Checkout/*' }], 'live'],
  ['the very page', [{ mode: 'live', path: '/checkout' }], 'both'],
  ['a dot that is a dot', [{ mode: 'live', path: '/check.ut/*' }], 'both'],
  ['the first that is true', [{ mode: 'live', path: '/help' }, { mode: 'messages' }, { mode: 'live' }], 'messages'],
  ['who comes back', [{ mode: 'messages', visitor: 'returning' }], 'both'],
  ['who is new', [{ mode: 'messages', visitor: 'new' }], 'messages'],
  ['the hour', [{ mode: 'messages', hours: '17:00-20:00' }], 'messages'],
  ['another hour', [{ mode: 'messages', hours: '20:00-22:00' }], 'both'],
  ['a night', [{ mode: 'messages', hours: '18:00-09:00' }], 'messages'],
  ['the hour somewhere else', [{ mode: 'messages', hours: '13:00-14:00', zone: 'America/New_York' }], 'messages'],
  ['all conditions of a rule', [{ mode: 'live', path: '/checkout/*', visitor: 'returning' }], 'both']
])('the mode depends on %s', (_, rules, mode) => {
  vi.setSystemTime('2026-11-23T18:30:00Z')
  expect(modeBy(rules)).toBe(mode)
  expect(modeBy(JSON.stringify(rules))).toBe(mode)
})

test('the mode is that of the moment', () => {
  vi.setSystemTime('2026-11-23T18:30:00Z')
  const shown = look({
    title: 'Shop',
    mode: [
      { mode: 'messages', visitor: 'returning' },
      { mode: 'live', path: '/help' }
    ]
  })
  expect([shown.title, shown.mode]).toEqual(['Shop', 'both'])
  history.replaceState(null, '', '/help')
  expect(shown.mode).toBe('live')
  $threads.set([createThread('t', 1)])
  expect(shown.mode).toBe('messages')
})

test.each([
  ['[{', 'option mode must be one of both, live, messages, or a list of rules, got "[{"'],
  [[{ mode: 'chat' }], 'option mode[0].mode must be one of both, live, messages, got "chat"'],
  [
    [{ mode: 'live' }, { mode: 'live', path: 'checkout' }],
    'mode[1].path must be a path such as /checkout/*, got "checkout"'
  ],
  [[{ mode: 'live', hours: '9-5' }], 'mode[0].hours must be hours such as 09:00-17:00, got "9-5"'],
  [[{ mode: 'live', zone: 'Oslo' }], 'mode[0].zone must be a time zone such as Europe/Oslo, got "Oslo"'],
  [[{ mode: 'live', visitor: 'vip' }], 'mode[0].visitor must be new or returning, got "vip"'],
  [[{ mode: 'live', page: '/' }], 'mode[0] must be a rule of mode, path, hours, zone and visitor, got "page"']
])('rules that are none are refused by name: %j', (option, message) => {
  expect(() => readModes(option)).toThrow(message)
})

test('visitors are offered both where rules are wrong, and the page hears why', () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(modeBy('[oops')).toBe('both')
  expect(String(error.mock.calls[0])).toContain('option mode must be')
})
