import type { Phrase } from '../strings.ts'

/** The English words that are needed while nobody is home; they come then. */
export const enAway = {
  backToday: 'Back at {time} ({zone})',
  backTomorrow: 'Back {day} at {time} ({zone})',
  backOn: 'Back on {day} at {time} ({zone})',
  yourTime: 'your time',
  yourZone: 'your time, {zone}'
} as const satisfies Record<string, Phrase>
