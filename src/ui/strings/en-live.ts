import type { Phrase } from '../strings.ts'

/** The English words that only a live chat needs; they come with it. */
export const enLive = {
  typing: '{name} is typing',
  queueNext: 'You are next',
  queuePlace: { one: '{count} person is before you', other: '{count} people are before you' },
  wait: 'Takes about {time}',
  asMessage: 'Leave it as a message instead',
  endChat: 'End chat',
  endAsk: 'End this chat?',
  endHint: 'Your conversation stays here.',
  endKeep: 'Keep chatting',
  rateAsk: 'How was your chat with {name}?',
  rate1: 'Bad',
  rate2: 'Poor',
  rate3: 'Okay',
  rate4: 'Good',
  rate5: 'Great',
  rateNote: 'Anything to add? (optional)',
  rateSend: 'Send rating',
  rateSkip: 'Skip',
  rateThanks: 'Thank you. That helps us.'
} satisfies Record<string, Phrase>
