import type { Phrase } from '../strings.ts'

/** The English words that only who was here before needs; they come with the earlier conversations. */
export const enEarlier = {
  search: 'Search your conversations',
  found: { one: '{count} message found', other: '{count} messages found' },
  foundNone: 'Nothing found. Try fewer or other words.'
} as const satisfies Record<string, Phrase>
