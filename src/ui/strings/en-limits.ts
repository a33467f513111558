import type { Phrase } from '../strings.ts'

/** The English words for what is not possible here, too long or not taken; they come when that happens. */
export const enLimits = {
  volatile: 'This browser does not let us save. Your messages are gone when you close this page.',
  degraded: 'Saving does not work now. Keep this page open until your messages are sent.',
  unauthorized: 'Please sign in on this page to go on.',
  refused: 'Chat is not available here.',
  left: { one: '{count} character left', other: '{count} characters left' },
  over: { one: '{count} character too many', other: '{count} characters too many' },
  'reason-too-long': 'It is too long. Send it in parts.',
  'reason-slow-down': 'That was much at once. Try again in a minute.',
  'reason-closed': 'This conversation is closed. Begin a new one.',
  'reason-forbidden': 'This conversation is not open to you any more.',
  'reason-answered': 'This was answered already.',
  'reason-answers': 'Something in it was not right. Delete it, and fill it in again.',
  'reason-attachments': 'Files cannot be sent here.',
  'reason-other': 'It was not taken. Try other words, or a new conversation.'
} as const satisfies Record<string, Phrase>
