import type { Listening } from '../core/chat.ts'
import { isLike } from '../model/pattern.ts'
import type { Look, ModeRule } from './look.ts'

const MODES = ['both', 'live', 'messages']
const CLOCK = '([01]\\d|2[0-4]):([0-5]\\d)'
const HOURS = new RegExp(`^${CLOCK}-${CLOCK}$`)

/** A look whose mode, which is rules, is that of the first one that is true when somebody asks for it; else `both`. */
export function withModes(look: Look, { $threads }: Pick<Listening, '$threads'>): Look {
  const rules = valid(look.mode)
  return {
    ...look,
    get mode() {
      const returning = $threads.get().length > 0
      return rules.find(rule => isTrue(rule, location.pathname, Date.now(), returning))?.mode ?? 'both'
    }
  }
}

/** Whether all that a rule asks for is so. */
function isTrue({ path, hours, zone, visitor }: ModeRule, page: string, now: number, returning: boolean): boolean {
  return (
    (path === undefined || isLike(page, path)) &&
    (hours === undefined || isWithin(hours, clockOf(now, zone))) &&
    (visitor === undefined || (visitor === 'returning') === returning)
  )
}

/** The clock on the wall there, as `09:05`. */
const clockOf = (now: number, timeZone: string | undefined) =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(now)

function isWithin(hours: string, clock: string): boolean {
  const [from, to] = hours.split('-') as [string, string]
  // What ends before it begins goes on over midnight.
  return from < to ? from <= clock && clock < to : from <= clock || clock < to
}

/**
 * Reads the rules, which an attribute gives as JSON.
 *
 * @throws {TypeError} That names the rule, what came and what would be right.
 */
export function readModes(option: unknown): readonly ModeRule[] {
  let given = option
  try {
    if (typeof given === 'string') given = JSON.parse(given)
  } catch {
    // Told below: text is no list.
  }
  if (!Array.isArray(given)) throw wrong('mode', 'one of both, live, messages, or a list of rules', given)
  return given.map((rule: ModeRule, i) => {
    const at = `mode[${i}]`
    const { mode, path, hours, zone, visitor, ...others } = rule ?? {}
    if (!MODES.includes(mode)) throw wrong(`${at}.mode`, `one of ${MODES.join(', ')}`, mode)
    if (path !== undefined && !/^[/*]/.test(path)) throw wrong(`${at}.path`, 'a path such as /checkout/*', path)
    if (hours !== undefined && !HOURS.test(hours)) throw wrong(`${at}.hours`, 'hours such as 09:00-17:00', hours)
    if (zone !== undefined && !isZone(zone)) throw wrong(`${at}.zone`, 'a time zone such as Europe/Oslo', zone)
    if (visitor !== undefined && !['new', 'returning'].includes(visitor)) {
      throw wrong(`${at}.visitor`, 'new or returning', visitor)
    }
    const [strange] = Object.keys(others)
    if (strange) throw wrong(at, 'a rule of mode, path, hours, zone and visitor', strange)
    return rule
  })
}

function valid(option: unknown): readonly ModeRule[] {
  try {
    return readModes(option)
  } catch (error) {
    // For whoever put the widget on the page; visitors are offered both.
    console.error(error)
    return []
  }
}

function isZone(zone: string): boolean {
  try {
    return !!clockOf(0, zone)
  } catch {
    return false
  }
}

function wrong(name: string, right: string, value: unknown): TypeError {
  return new TypeError(`porchlight: option ${name} must be ${right}, got ${JSON.stringify(value)}`)
}
