import { DateTime } from 'luxon'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Day = (typeof DAYS)[number]

/** From and to, in minutes since midnight by the clock on the wall there; to is 1,440 for the end of the day. */
type Interval = readonly [from: number, to: number]

/** When a team is there. */
export interface Hours {
  /** IANA name of the time zone in which these hours are. */
  readonly zone: string
  readonly week: Readonly<Record<Day, readonly Interval[]>>
  /** Other hours on some days: by date (`2026-12-24`), or by month and day in every year (`12-25`). None: closed. */
  readonly holidays: ReadonlyMap<string, readonly Interval[]>
}

/** How far ahead is looked, in days: a year with some more. */
const AHEAD = 400

/**
 * Reads hours as a site writes them:
 *
 * ```json
 * { "zone": "Europe/Oslo", "week": { "mon": ["09:00-12:30", "13:00-17:00"], "fri": ["09:00-15:00"] },
 *   "holidays": { "12-25": [], "2026-12-24": ["09:00-12:00"] } }
 * ```
 *
 * A day that is left out is closed. An interval may end at `24:00`, and not after it: what goes on after midnight is
 * written at the next day.
 *
 * @throws {Error} That names the place, what it holds, and what would be right.
 */
export function readHours(value: unknown, name = 'hours'): Hours {
  const { zone, week, holidays = {} } = objectOf(value, name, 'an object with zone and week')
  if (typeof zone !== 'string' || !DateTime.utc().setZone(zone).isValid) {
    throw wrong(`${name}.zone`, 'an IANA time zone such as Europe/Oslo', zone)
  }
  const days = objectOf(week, `${name}.week`, 'an object such as {"mon":["09:00-17:00"]}')
  for (const day of Object.keys(days)) {
    if (!DAYS.includes(day as Day)) throw wrong(`${name}.week`, `days out of ${DAYS.join(', ')}`, day)
  }
  const special = objectOf(holidays, `${name}.holidays`, 'an object such as {"12-25":[]}')
  for (const date of Object.keys(special)) {
    if (!isDate(date)) throw wrong(`${name}.holidays`, 'dates such as 2026-12-24 or 12-25', date)
  }
  return {
    zone,
    week: Object.fromEntries(
      DAYS.map(day => [day, intervals(days[day] ?? [], `${name}.week.${day}`)])
    ) as Hours['week'],
    holidays: new Map(
      Object.entries(special).map(([date, list]) => [date, intervals(list, `${name}.holidays.${date}`)])
    )
  }
}

/** Whether somebody is there at this moment, in milliseconds since the epoch. */
export function isOpenAt(hours: Hours, at: number): boolean {
  return spansOf(hours, DateTime.fromMillis(at, { zone: hours.zone })).some(([from, to]) => from <= at && at < to)
}

/** When it closes if it is open, else when it opens, in milliseconds since the epoch; `undefined`: never. */
export function nextChange(hours: Hours, at: number): number | undefined {
  let end = at
  for (const [from, to] of spansFrom(hours, at)) {
    // What ends at midnight may go on right there.
    if (from > end) return end > at ? end : from
    end = to
  }
  return undefined
}

/** How much of the time between two moments somebody was there, in milliseconds. */
export function openBetween(hours: Hours, from: number, to: number): number {
  let open = 0
  for (const [begin, end] of spansFrom(hours, from)) {
    if (begin >= to) break
    open += Math.min(end, to) - Math.max(begin, from)
  }
  return open
}

/** When somebody will have been there for so long since a moment; `undefined`: never. */
export function afterOpen(hours: Hours, since: number, long: number): number | undefined {
  let left = long
  for (const [begin, end] of spansFrom(hours, since)) {
    const from = Math.max(begin, since)
    if (from + left <= end) return from + left
    left -= end - from
  }
  return undefined
}

/** From when to when somebody is there, day by day, beginning with what is not over at this moment. */
function* spansFrom(hours: Hours, at: number): Generator<readonly [from: number, to: number]> {
  const today = DateTime.fromMillis(at, { zone: hours.zone }).startOf('day')
  for (let day = 0; day < AHEAD; day++) {
    for (const span of spansOf(hours, today.plus({ days: day }))) if (span[1] > at) yield span
  }
}

/**
 * The moments at which a day's intervals begin and end. Clocks that are set on that day are taken into account: an hour
 * that is left out ends early, one that comes twice is open both times.
 */
function spansOf({ week, holidays }: Hours, day: DateTime): readonly (readonly [number, number])[] {
  const list =
    holidays.get(day.toFormat('yyyy-MM-dd')) ?? holidays.get(day.toFormat('MM-dd')) ?? week[DAYS[day.weekday - 1]!]
  return list
    .map(([from, to]) => [momentOf(day, from, 'first'), momentOf(day, to, 'last')] as const)
    .filter(([from, to]) => from < to)
}

/** When the clock on the wall shows this, in the first or the last hour that shows it. */
function momentOf(day: DateTime, minutes: number, which: 'first' | 'last'): number {
  const start = day.startOf('day')
  if (minutes === 1440) return start.plus({ days: 1 }).startOf('day').toMillis()
  const moment = start.set({ hour: Math.floor(minutes / 60), minute: minutes % 60 })
  const others = moment.getPossibleOffsets().map(other => other.toMillis())
  return which === 'first' ? Math.min(...others) : Math.max(...others)
}

function intervals(value: unknown, name: string): readonly Interval[] {
  const right = 'a list such as ["09:00-12:30","13:00-17:00"], in the order of the day'
  if (!Array.isArray(value)) throw wrong(name, right, value)
  const list = value.map((text: unknown): Interval => {
    const [, h, m, toH, toM] =
      /^([01]\d|2[0-3]):([0-5]\d)-(24(?=:00)|[01]\d|2[0-3]):([0-5]\d)$/.exec(String(text)) ?? []
    const [from, to] = [Number(h) * 60 + Number(m), Number(toH) * 60 + Number(toM)]
    if (!(from < to)) throw wrong(name, right, text)
    return [from, to]
  })
  for (const [i, [from]] of list.entries()) if (i && from < list[i - 1]![1]) throw wrong(name, right, value)
  return list
}

function isDate(text: string): boolean {
  const whole = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text
  return /^\d{4}-\d\d-\d\d$/.test(whole) && DateTime.fromISO(whole).isValid
}

function objectOf(value: unknown, name: string, right: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, right, value)
  return value as Readonly<Record<string, unknown>>
}

function wrong(name: string, right: string, value: unknown): Error {
  return new Error(`${name}: expected ${right}, got ${JSON.stringify(value) ?? typeof value}`)
}
