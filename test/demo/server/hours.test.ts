import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterOpen,
  type Hours,
  isOpenAt,
  nextChange,
  openBetween,
  readHours
} from '../../../demo/server/routing/hours.ts'

const at = (iso: string) => Date.parse(iso)
const oslo = readHours({
  zone: 'Europe/Oslo',
  week: {
    mon: ['09:00-12:30', '13:00-17:00'],
    tue: ['09:00-17:00'],
    fri: ['09:00-15:00'],
    sat: ['22:00-24:00'],
    sun: ['00:00-02:30']
  },
  holidays: { '12-25': [], '2026-12-21': ['10:00-11:00'] }
})
const newYork = readHours({ zone: 'America/New_York', week: { sun: ['01:30-03:30'], mon: ['09:00-17:00'] } })
const kathmandu = readHours({ zone: 'Asia/Kathmandu', week: { wed: ['09:00-17:00'] } })
const kiritimati = readHours({ zone: 'Pacific/Kiritimati', week: { mon: ['08:00-09:00'] } })
const saoPaulo = readHours({ zone: 'America/Sao_Paulo', week: { sun: ['00:00-06:00'] } })

describe('being open', () => {
  it.each<[string, Hours, string, boolean]>([
    ['a minute before', oslo, '2026-11-23T07:59:59Z', false],
    ['at nine', oslo, '2026-11-23T08:00:00Z', true],
    ['in the morning', oslo, '2026-11-23T10:00:00Z', true],
    ['at the beginning of the break', oslo, '2026-11-23T11:30:00Z', false],
    ['in the break', oslo, '2026-11-23T11:45:00Z', false],
    ['after the break', oslo, '2026-11-23T12:00:00Z', true],
    ['at the end of the day', oslo, '2026-11-23T16:00:00Z', false],
    ['on a day that is left out', oslo, '2026-11-25T10:00:00Z', false],
    ['in summer, an hour earlier', oslo, '2026-07-06T07:00:00Z', true],
    ['in summer, where winter would be open', oslo, '2026-07-06T15:30:00Z', false],
    ['right before midnight', oslo, '2026-11-28T22:59:59Z', true],
    ['right after midnight', oslo, '2026-11-28T23:00:00Z', true],
    ['late in that night', oslo, '2026-11-29T01:29:59Z', true],
    ['after that night', oslo, '2026-11-29T01:30:00Z', false],
    ['on Christmas Day, a Friday', oslo, '2026-12-25T10:00:00Z', false],
    ['on Christmas Day in another year, a Monday', oslo, '2028-12-25T10:00:00Z', false],
    ['on a short day, too early', oslo, '2026-12-21T08:30:00Z', false],
    ['on a short day', oslo, '2026-12-21T09:30:00Z', true],
    ['on the same day of another year, a Tuesday', oslo, '2027-12-21T08:30:00Z', true],
    ['before clocks are set forward', newYork, '2026-03-08T06:45:00Z', true],
    ['after clocks were set forward', newYork, '2026-03-08T07:15:00Z', true],
    ['after 3:30 of that day', newYork, '2026-03-08T07:30:00Z', false],
    ['before clocks are set back', newYork, '2026-11-01T05:45:00Z', true],
    ['in the hour that comes twice', newYork, '2026-11-01T06:15:00Z', true],
    ['in the last hour of that day', newYork, '2026-11-01T08:15:00Z', true],
    ['after the last hour of that day', newYork, '2026-11-01T08:30:00Z', false],
    ['in a zone with 45 minutes', kathmandu, '2026-11-25T03:15:00Z', true],
    ['in a zone with 45 minutes, before', kathmandu, '2026-11-25T03:14:59Z', false],
    ['in a zone that is a day ahead', kiritimati, '2026-11-22T18:30:00Z', true],
    ['in a zone that is a day ahead, the day after', kiritimati, '2026-11-23T18:30:00Z', false],
    ['on a day that began at one', saoPaulo, '2018-11-04T03:30:00Z', true],
    ['on a day that began at one, before it', saoPaulo, '2018-11-04T02:59:00Z', false]
  ])('%s', (_, hours, when, open) => {
    expect(isOpenAt(hours, at(when))).toBe(open)
  })
})

const everyDay = (interval: string) =>
  Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map(day => [day, [interval]]))
const always = readHours({ zone: 'Europe/Oslo', week: everyDay('00:00-24:00') })
const never = readHours({ zone: 'Europe/Oslo', week: {} })

describe('the next change', () => {
  it.each<[string, Hours, string, string | undefined]>([
    ['is the opening', oslo, '2026-11-23T06:00:00Z', '2026-11-23T08:00:00Z'],
    ['is the break', oslo, '2026-11-23T08:00:00Z', '2026-11-23T11:30:00Z'],
    ['is the end of the break', oslo, '2026-11-23T11:30:00Z', '2026-11-23T12:00:00Z'],
    ['is the end of the day', oslo, '2026-11-23T12:00:00Z', '2026-11-23T16:00:00Z'],
    ['is not midnight, where it goes on', oslo, '2026-11-28T21:30:00Z', '2026-11-29T01:30:00Z'],
    ['is after a holiday', oslo, '2026-12-24T16:00:00Z', '2026-12-26T21:00:00Z'],
    ['comes later by the hour that comes twice', newYork, '2026-11-01T05:30:00Z', '2026-11-01T08:30:00Z'],
    ['is never, where it is always open', always, '2026-11-23T06:00:00Z', undefined],
    ['is never, where it is never open', never, '2026-11-23T06:00:00Z', undefined]
  ])('%s', (_, hours, when, expected) => {
    expect(nextChange(hours, at(when))).toBe(expected && at(expected))
  })
})

const HOUR = 3_600_000

describe('the time that somebody is there', () => {
  it.each<[string, Hours, string, string, number]>([
    ['within the hours is all of it', oslo, '2026-11-23T08:00:00Z', '2026-11-23T10:00:00Z', 2],
    ['leaves out the break', oslo, '2026-11-23T11:00:00Z', '2026-11-23T12:30:00Z', 1],
    ['leaves out the night', oslo, '2026-11-23T15:00:00Z', '2026-11-24T09:00:00Z', 2],
    ['leaves out a holiday', oslo, '2026-12-24T12:00:00Z', '2026-12-26T12:00:00Z', 0],
    ['leaves out an hour that clocks skip', newYork, '2026-03-08T00:00:00Z', '2026-03-08T20:00:00Z', 1],
    ['counts both hours of the same name', newYork, '2026-11-01T00:00:00Z', '2026-11-01T20:00:00Z', 3],
    ['is nothing before it', oslo, '2026-11-23T05:00:00Z', '2026-11-23T06:00:00Z', 0],
    ['is nothing where nobody ever is', never, '2026-11-23T05:00:00Z', '2026-12-23T06:00:00Z', 0]
  ])('%s', (_, hours, from, to, expected) => {
    expect(openBetween(hours, at(from), at(to)) / HOUR).toBe(expected)
  })

  it.each<[string, Hours, string, number, string | undefined]>([
    ['passes within the hours', oslo, '2026-11-23T08:00:00Z', 2, '2026-11-23T10:00:00Z'],
    ['goes on after the break', oslo, '2026-11-23T11:00:00Z', 1, '2026-11-23T12:30:00Z'],
    ['goes on the next day', oslo, '2026-11-23T15:30:00Z', 1, '2026-11-24T08:30:00Z'],
    ['begins with the opening', oslo, '2026-11-22T15:30:00Z', 1, '2026-11-23T09:00:00Z'],
    ['never passes where nobody ever is', never, '2026-11-23T05:00:00Z', 1, undefined]
  ])('%s', (_, hours, since, long, expected) => {
    expect(afterOpen(hours, at(since), long * HOUR)).toBe(expected && at(expected))
  })

  it('is as long as what it is the end of', () => {
    const start = at('2026-01-01T00:00:00Z')
    const minutes = fc.integer({ min: 1, max: 7 * 24 * 60 })
    fc.assert(
      fc.property(fc.constantFrom(oslo, newYork, kathmandu, always), minutes, minutes, (hours, since, long) => {
        const from = start + since * 60_000
        expect(openBetween(hours, from, afterOpen(hours, from, long * 60_000)!)).toBe(long * 60_000)
      }),
      { numRuns: 50 }
    )
  })
})

describe('hours that are none', () => {
  it.each<[unknown, string]>([
    [undefined, 'hours: expected an object with zone and week, got undefined'],
    [{ zone: 'Oslo', week: {} }, 'hours.zone: expected an IANA time zone such as Europe/Oslo, got "Oslo"'],
    [{ zone: 'UTC' }, 'hours.week: expected an object such as {"mon":["09:00-17:00"]}, got undefined'],
    [
      { zone: 'UTC', week: { monday: [] } },
      'hours.week: expected days out of mon, tue, wed, thu, fri, sat, sun, got "monday"'
    ],
    [{ zone: 'UTC', week: { mon: '9-5' } }, 'hours.week.mon: expected a list'],
    [{ zone: 'UTC', week: { mon: ['9:00-17:00'] } }, 'hours.week.mon: expected a list'],
    [{ zone: 'UTC', week: { mon: ['17:00-09:00'] } }, 'got "17:00-09:00"'],
    [{ zone: 'UTC', week: { mon: ['09:00-24:30'] } }, 'got "09:00-24:30"'],
    [{ zone: 'UTC', week: { mon: ['09:00-13:00', '12:00-17:00'] } }, 'in the order of the day'],
    [
      { zone: 'UTC', week: {}, holidays: { '2026-02-30': [] } },
      'hours.holidays: expected dates such as 2026-12-24 or 12-25, got "2026-02-30"'
    ],
    [{ zone: 'UTC', week: {}, holidays: { '02-29': ['x'] } }, 'hours.holidays.02-29: expected a list']
  ])('%j', (value, message) => {
    expect(() => readHours(value)).toThrow(message)
  })
})
