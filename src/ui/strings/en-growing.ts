import type { Phrase } from '../strings.ts'

/** The English words that only an answer needs while it grows; they come with it. */
export const enGrowing = {
  stop: 'Stop answering'
} as const satisfies Record<string, Phrase>
