import type { Phrase } from '../strings.ts'

/** The English words of forms; they come with the first one. */
export const enForms = {
  formFirst: 'Before we begin',
  formFrom: 'Questions from {name}',
  formGo: 'Go on',
  formSend: 'Send answers',
  formOptional: '{label} (optional)',
  formChoose: 'Please choose',
  'flaw-required': 'Please fill this in.',
  'flaw-box': 'Please tick this to go on.',
  'flaw-email': 'This needs to look like name@example.com.',
  'flaw-option': 'Please choose one of these.',
  'flaw-too-long': 'This is too long.'
} as const satisfies Record<string, Phrase>
