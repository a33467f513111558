import type { Phrase } from '../strings.ts'

/** The English words for what is not possible here, too long, not taken, or better not sent; they come when that happens. */
export const enLimits = {
  unauthorized: 'Please sign in on this page to go on.',
  refused: 'Chat is not available here.',
  volatile: 'Nothing is saved here. All is lost when you close this page.',
  gap: 'Messages are missing here.',
  unsent: 'Not all is sent yet: keep this page open until it is.',
  left: { one: '{count} character left', other: '{count} characters left' },
  over: { one: '{count} character too many', other: '{count} characters too many' },
  full: '{count} messages wait to be sent. Go on when the first of them are.',
  cardAsk: 'This looks like a card number.',
  cardHide: 'Send as {hidden}',
  cardSend: 'Send it anyway',
  'reason-too-long': 'It is too long. Send it in parts.',
  'reason-slow-down': 'That was much at once. Try again in a minute.',
  'reason-closed': 'This conversation is closed. Begin a new one.',
  'reason-forbidden': 'This conversation is not open to you any more.',
  'reason-answered': 'This was answered already.',
  'reason-answers': 'Something in it was not right. Delete it, and fill it in again.',
  'reason-attachments': 'A file of it is not there any more. Add it again.',
  'reason-file-size': 'It is too large.',
  'reason-file-empty': 'There is nothing in this file.',
  'reason-file-type': 'This kind of file cannot be sent here.',
  'reason-file-gone': 'The file did not outlive the page. Add it again.',
  'reason-file-lost': 'The upload broke off too often.',
  'reason-file-refused': 'This file was not taken.',
  'reason-other': 'It was not taken. Try other words, or a new conversation.'
} as const satisfies Record<string, Phrase>
