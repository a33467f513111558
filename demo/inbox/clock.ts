import { atom, computed, onMount, type ReadableAtom } from 'nanostores'

/** Now, for what counts along on the screen. Ticks only while somebody looks. */
export interface Clock {
  /** Every second, in milliseconds since the epoch. */
  readonly $second: ReadableAtom<number>
  /** The same, but changing only every half minute. */
  readonly $halfMinute: ReadableAtom<number>
}

export function createClock(): Clock {
  const $second = atom(Date.now())
  onMount($second, () => {
    $second.set(Date.now())
    const timer = setInterval(() => $second.set(Date.now()), 1000)
    return () => clearInterval(timer)
  })
  return { $second, $halfMinute: computed($second, now => Math.floor(now / 30_000) * 30_000) }
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A wait that counts: `0:07`, `12:40`, `1 h 05 min`, `2 days`. Clocks may differ, so it never falls below zero. */
export function wait(since: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - since) / 1000))
  const two = (count: number) => String(count).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`
  const days = Math.floor(seconds / 86_400)
  return days === 1 ? '1 day' : `${days} days`
}

/** How long ago, as short as a list wants it: `now`, `4 min`, `3 h`, `Tue`, `12 Mar`. */
export function ago(at: number, now: number): string {
  const past = now - at
  if (past < MINUTE) return 'now'
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min`
  if (past < DAY) return `${Math.floor(past / HOUR)} h`
  if (past < 6 * DAY) return format(at, { weekday: 'short' })
  return format(at, { day: 'numeric', month: 'short' })
}

/** `Today`, `Yesterday`, `Tuesday`, `Tuesday 12 March`. */
export function day(at: number, now: number): string {
  const days = Math.round((midnight(now) - midnight(at)) / DAY)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days < 6) return format(at, { weekday: 'long' })
  const thisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return format(at, { weekday: 'long', day: 'numeric', month: 'long', ...(thisYear ? {} : { year: 'numeric' }) })
}

/** A moment to come: `at 09:00`, `tomorrow at 09:00`, `on Tuesday at 09:00`, `on 12 March at 09:00`. */
export function moment(at: number, now: number): string {
  const days = Math.round((midnight(at) - midnight(now)) / DAY)
  const clock = `at ${time(at)}`
  if (days <= 0) return clock
  if (days === 1) return `tomorrow ${clock}`
  return `on ${format(at, days < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'long' })} ${clock}`
}

export const time = (at: number) => format(at, { hour: '2-digit', minute: '2-digit' })
export const exact = (at: number) => format(at, { dateStyle: 'long', timeStyle: 'short' })
export const date = (at: number) => format(at, { day: 'numeric', month: 'long', year: 'numeric' })
export const isSameDay = (a: number, b: number) => midnight(a) === midnight(b)

/** The time of day elsewhere, such as `09:41, Tuesday`; nothing if there is no such zone. */
export function timeIn(zone: string, now: number): string | undefined {
  try {
    return zone ? format(now, { hour: '2-digit', minute: '2-digit', weekday: 'long', timeZone: zone }) : undefined
  } catch {
    /* a zone that this browser does not know */
    return undefined
  }
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

// The inbox speaks English; hour and date order are those of English as it is set up here.
const tongue = () =>
  globalThis.navigator?.languages?.find(language => language.startsWith('en')) ?? ('en-GB' satisfies string)

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(tongue(), options).format(at)
}
