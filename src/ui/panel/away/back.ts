import type { Availability } from '../../../model/availability.ts'
import type { Words } from '../../strings.ts'
import { startOfDay } from '../times.ts'

const DAY = 86_400_000

/** When somebody is back, by the visitor's clock: `Back tomorrow at 9:00 (your time)`; nothing once that is over. */
export function backAt({ opensAt = 0, zone }: Pick<Availability, 'opensAt' | 'zone'>, words: Words): string {
  const { locale, t } = words
  const now = Date.now()
  if (opensAt <= now) return ''
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(opensAt)
  const days = Math.round((startOfDay(opensAt) - startOfDay(now)) / DAY)
  const values = {
    time: format({ timeStyle: 'short' }),
    zone: isElsewhere(opensAt, zone) ? t('yourZone', { zone: zoneName(opensAt, locale) }) : t('yourTime')
  }
  if (!days) return t('backToday', values)
  if (days === 1) {
    const tomorrow = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day')
    return t('backTomorrow', { ...values, day: tomorrow })
  }
  return t('backOn', { ...values, day: format(days < 7 ? { weekday: 'long' } : { day: 'numeric', month: 'long' }) })
}

/** Whether clocks there show something else than here at that moment. */
function isElsewhere(at: number, zone: string | undefined): boolean {
  const clock = (timeZone?: string) =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(at)
  try {
    return !!zone && clock(zone) !== clock()
  } catch {
    // A zone that this browser does not know: the time is right without it, too.
    return false
  }
}

/** What the visitor's zone is called at that moment: `GMT+1`, `EST`. */
function zoneName(at: number, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(at)
  return parts.find(({ type }) => type === 'timeZoneName')!.value
}
