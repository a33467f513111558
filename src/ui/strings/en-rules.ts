import type { Phrase } from '../strings.ts'

/** The English words beside the launcher, where the page has something to offer. */
export const enRules = {
  offer: 'Message from {name}',
  offerTeam: 'Message from our team',
  offerClose: 'Dismiss this message'
} satisfies Record<string, Phrase>
