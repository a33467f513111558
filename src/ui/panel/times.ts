import type { Words } from '../strings.ts'

/** Times as people in this language write them. All values are milliseconds. */
export interface Times {
  /** `10:02` */
  clock(at: number): string
  /** Whole date and time, for whoever wants to know exactly. */
  exact(at: number): string
  /** `Today`, `Yesterday`, `Monday`, `12 May`, `12 May 2024` */
  day(at: number): string
  /** The shortest that says when: a clock today, a day before. */
  brief(at: number): string
  /** How soon an answer usually comes. */
  reply(after: number): string
  /** How long the queue takes. */
  wait(after: number): string
}

const MINUTE = 60_000
const DAY = 86_400_000

export function createTimes(words: Words): Times {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(words.locale, options)
    return (at: number) => made.format(at)
  }
  const clock = format({ hour: 'numeric', minute: '2-digit' })
  const exact = format({ dateStyle: 'full', timeStyle: 'short' })
  const weekday = format({ weekday: 'long' })
  const date = format({ day: 'numeric', month: 'long' })
  const dated = format({ day: 'numeric', month: 'long', year: 'numeric' })

  const day = (at: number) => {
    const now = Date.now()
    const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY)
    if (days === 0) return words.t('today')
    if (days === 1) return words.t('yesterday')
    if (days > 1 && days < 7) return weekday(at)
    return new Date(at).getFullYear() === new Date(now).getFullYear() ? date(at) : dated(at)
  }

  const span = (kind: 'reply' | 'wait', after: number) => {
    const minutes = round(after / MINUTE)
    if (minutes <= 1) return words.t(`${kind}Moment`)
    return minutes < 60
      ? words.t(`${kind}Minutes`, { count: minutes })
      : words.t(`${kind}Hours`, { count: Math.round(minutes / 60) })
  }

  return {
    clock,
    exact,
    day,
    brief: at => (startOfDay(at) === startOfDay(Date.now()) ? clock(at) : day(at)),
    reply: after => (after >= DAY ? words.t('replyDays', { count: Math.ceil(after / DAY) }) : span('reply', after)),
    wait: after => span('wait', after)
  }
}

/** Days are compared by where they begin here, which no offset or summer time confuses. */
export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/** Rounded up to a figure that people say: nobody waits 17 minutes. */
function round(minutes: number): number {
  const step = minutes <= 5 ? 1 : minutes <= 30 ? 5 : minutes <= 60 ? 15 : 60
  return Math.ceil(minutes / step) * step
}
