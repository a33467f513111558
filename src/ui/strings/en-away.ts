import type { Phrase } from '../strings.ts'

/** The English words that are needed while nobody is home; they come then. */
export const enAway = {
  backToday: 'Back at {time} ({zone})',
  backTomorrow: 'Back {day} at {time} ({zone})',
  backOn: 'Back on {day} at {time} ({zone})',
  yourTime: 'your time',
  yourZone: 'your time, {zone}',
  promiseMissed: 'We promised an answer by now, and it has not come. We are sorry. Your message is still with us.',
  ways: 'You can also reach us here:',
  waysOnly: 'You can reach us here:',
  'way-whatsapp': 'WhatsApp',
  'way-sms': 'Text message',
  'way-messenger': 'Messenger',
  'way-email': 'E-mail',
  noteName: 'Your name',
  noteEmail: 'E-mail',
  noteHint: 'So that the answer finds you, also when you have left.',
  noteMessage: 'Your message',
  noteSend: 'Send message',
  waysText: 'Hello, I wrote to you in your chat. Code {code}.',
  waysHello: 'Hello, I have a question.'
} as const satisfies Record<string, Phrase>
