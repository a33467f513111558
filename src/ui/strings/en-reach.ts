import type { Phrase } from '../strings.ts'

/** The English words for what one can do with a message; they come when one was reached. */
export const enReach = {
  copyMessage: 'Copy this message',
  copied: 'Copied'
} as const satisfies Record<string, Phrase>
