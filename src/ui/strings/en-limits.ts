import type { Phrase } from '../strings.ts'

/** The English words for a text that is too long, and for what was not taken; they come when that happens. */
export const enLimits = {
  left: { one: '{count} character left', other: '{count} characters left' },
  over: { one: '{count} character too many', other: '{count} characters too many' },
  'reason-too-long': 'It is too long. Send it in parts.',
  'reason-slow-down': 'That was much at once. Try again in a minute.',
  'reason-closed': 'This conversation is closed. Begin a new one.',
  'reason-forbidden': 'This conversation is not open to you any more.',
  'reason-attachments': 'Files cannot be sent here.',
  'reason-other': 'It was not taken. Try other words, or a new conversation.'
} as const satisfies Record<string, Phrase>
