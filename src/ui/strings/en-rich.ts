import type { Phrase } from '../strings.ts'

/**
 * The English words that only messages with more than text need; they come with them. Until then a notice says what the
 * backend says.
 */
export const enRich = {
  cards: { one: '{count} card', other: '{count} cards' },
  cardsBack: 'Previous cards',
  cardsOn: 'More cards',
  gone: 'Deleted',
  stopped: 'Stopped',
  'notice-promised': 'Nobody is here just now. You can expect an answer by {time} (your time).'
} as const satisfies Record<string, Phrase>
