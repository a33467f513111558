// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backAt } from '../../../src/ui/panel/away/back.ts'
import { linkTo, readChannels } from '../../../src/ui/panel/away/channels.ts'
import { createWords } from '../../../src/ui/panel/words.ts'
import { ar } from '../../../src/ui/strings/ar.ts'
import { en } from '../../../src/ui/strings/en.ts'
import { enAway } from '../../../src/ui/strings/en-away.ts'

const words = createWords('en-GB', { ...en, ...enAway })
const back = (iso: string, zone?: string) => backAt({ opensAt: Date.parse(iso), zone }, words)

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
  ['tomorrow', '2026-11-24T08:00:00Z', 'Back tomorrow at 09:00 (your time)'],
  [
    'the day after, which is no more than a night away',
    '2026-11-24T23:30:00Z',
    'Back on Wednesday at 00:30 (your time)'
  ],
  ['within a week', '2026-11-29T08:00:00Z', 'Back on Sunday at 09:00 (your time)'],
  ['the same day of the next week', '2026-11-30T08:00:00Z', 'Back on 30 November at 09:00 (your time)'],
  ['after clocks were set forward', '2027-03-29T07:00:00Z', 'Back on 29 March at 09:00 (your time)'],
  ['no more', '2026-11-23T18:00:00Z', '']
])('says when somebody is back: %s', (_, at, text) => {
  expect(back(at, 'Europe/Oslo')).toBe(text)
})

test('the day is the visitor’s, and the zone has its name where the shop’s is another one', () => {
  vi.stubEnv('TZ', 'America/New_York')
  expect(back('2026-11-24T08:00:00Z', 'Europe/Oslo')).toBe('Back tomorrow at 03:00 (your time, GMT-5)')
  vi.stubEnv('TZ', 'Asia/Tokyo')
  expect(back('2026-11-24T08:00:00Z', 'Europe/Oslo')).toBe('Back at 17:00 (your time, GMT+9)')
})

test('the zone needs no name where clocks show the same, or where it is not known', () => {
  expect(back('2026-11-24T08:00:00Z', 'Europe/Berlin')).toBe('Back tomorrow at 09:00 (your time)')
  expect(back('2026-11-24T08:00:00Z')).toBe('Back tomorrow at 09:00 (your time)')
  expect(back('2026-11-24T08:00:00Z', 'Mars/Olympus')).toBe('Back tomorrow at 09:00 (your time)')
})

test('Arabic says it in its own words', () => {
  const text = backAt({ opensAt: Date.parse('2026-11-24T08:00:00Z') }, createWords('ar', ar))
  expect(text.replace(/[\u2068\u2069]/g, '')).toMatch(/^نعود غدًا الساعة .+ \(بتوقيتك\)$/)
})

test('channels are read as an owner writes them, from an attribute, too', () => {
  const channels = {
    email: 'hello@shop.example',
    whatsapp: '+47 912-34 (567)',
    sms: '0047 91234567',
    messenger: 'shop'
  }
  const read = [
    ['email', 'hello@shop.example'],
    ['whatsapp', '+4791234567'],
    ['sms', '+4791234567'],
    ['messenger', 'shop']
  ]
  expect(readChannels(channels)).toEqual(read)
  expect(readChannels(JSON.stringify(channels))).toEqual(read)
  expect(readChannels(undefined)).toEqual([])
})

test.each([
  [[], 'porchlight: option channels must be an object such as { "whatsapp": "+47 912 34 567" }, got []'],
  ['whatsapp', 'porchlight: option channels must be an object such as'],
  [{ telegram: 'x' }, 'channels must be an object with whatsapp, sms, messenger, email, got "telegram"'],
  [{ whatsapp: '91234567' }, 'option channels.whatsapp must be a number with its country code, such as +47 912 34 567'],
  [
    { sms: 4791234567 },
    'option channels.sms must be a number with its country code, such as +47 912 34 567, got 4791234567'
  ],
  [{ messenger: 'https://m.me/shop' }, 'channels.messenger must be the name of a page, such as fernhill.lamps'],
  [{ email: 'hello' }, 'channels.email must be an address such as hello@shop.example, got "hello"'],
  [{ email: 'a@b.c?cc=d@e.f' }, 'channels.email must be an address']
])('channels that are none are refused by name: %j', (option, message) => {
  expect(() => readChannels(option)).toThrow(message)
})

test('channels carry words and a code', () => {
  const text = 'Hello & welcome. Code K7QM-3XRT.'
  const links = readChannels({
    whatsapp: '+4791234567',
    sms: '+4791234567',
    messenger: 'shop',
    email: 'a@b.example'
  }).map(channel => linkTo(channel, text, 'K7QM-3XRT'))
  expect(links).toEqual([
    'https://wa.me/4791234567?text=Hello%20%26%20welcome.%20Code%20K7QM-3XRT.',
    'sms:+4791234567?body=Hello%20%26%20welcome.%20Code%20K7QM-3XRT.',
    'https://m.me/shop?ref=K7QM-3XRT',
    'mailto:a@b.example?subject=Hello%20%26%20welcome.%20Code%20K7QM-3XRT.'
  ])
  expect(linkTo(['messenger', 'shop'], text, '')).toBe('https://m.me/shop')
})
