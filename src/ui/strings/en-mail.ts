import type { Phrase } from '../strings.ts'

/** The English words of a copy by e-mail; they come where the backend sends any. */
export const enMail = {
  mailCopy: 'Send a copy by e-mail',
  mailTo: 'E-mail address',
  mailSend: 'Send the copy',
  mailKeep: 'Cancel',
  mailSending: 'Sending…',
  mailSent: 'Sent to {to}',
  'mail-email': 'This needs to look like name@example.com.',
  'mail-refused': 'It could not be sent, because this address takes no mail. Is it right?',
  'mail-too-fast': 'It could not be sent, because there were several copies already. There can be one again at {time}.',
  'mail-too-many':
    'It could not be sent, because this address has had several copies already. There can be one again at {time}.',
  'mail-empty': 'It could not be sent, because nothing has been said yet.',
  'mail-failed': 'It could not be sent, because our mail does not go out just now. Please try again later.',
  'mail-offline': 'It could not be sent, because there is no connection. Please try again.'
} as const satisfies Record<string, Phrase>
