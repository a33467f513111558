import type { Words } from '../strings.ts'

/** Times as people in this language write them. All values are milliseconds. */
export interface Times {
  /** `10:02` */
  clock(at: number): string
  /** Whole date and time, for whoever wants to know exactly. */
  exact(at: number): string
  /** `Today`, `Yesterday`, `Monday`, `12 May 2024` */
  day(at: number): string
  /** The shortest that says when: a clock today, a day before. */
  brief(at: number): string
  /** `5 minutes`, `2 hours`: how long something takes. */
  span(after: number): string
}

const DAY = 86_400_000

export function createTimes({ locale, t }: Words): Times {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format
  const clock = format({ timeStyle: 'short' })
  const weekday = format({ weekday: 'long' })
  const date = format({ day: 'numeric', month: 'long', year: 'numeric' })
  const daysSince = (at: number) => Math.round((startOfDay(Date.now()) - startOfDay(at)) / DAY)

  const day = (at: number) => {
    const days = daysSince(at)
    return days > 1 ? (days < 7 ? weekday : date)(at) : t(days === 1 ? 'yesterday' : 'today')
  }

  return {
    clock,
    exact: format({ dateStyle: 'full', timeStyle: 'short' }),
    day,
    brief: at => (daysSince(at) ? day : clock)(at),
    span(after) {
      const minutes = after / 60_000
      const [unit, length] =
        minutes > 1440 ? ['day', 1440] : minutes > 45 ? ['hour', 60] : ['minute', minutes > 5 ? 5 : 1]
      // Rounded up to a figure that people say: nobody waits 17 minutes.
      const count = Math.ceil(minutes / length) * (unit === 'minute' ? length : 1)
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count || 1)
    }
  }
}

/** Days are compared by where they begin here, which no offset or summer time confuses. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}
