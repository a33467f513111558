import type { Phrase } from '../strings.ts'

/** The English words that only a live chat needs, and what tells of one; they come with it. */
export const enLive = {
  queueSoon: 'Somebody joins you soon',
  typing: '{name} is typing',
  stop: 'Stop answering',
  queueNext: 'You are next',
  queuePlace: { one: '{count} person is before you', other: '{count} people are before you' },
  wait: 'Takes about {time}',
  asMessage: 'Leave it as a message instead',
  endChat: 'End chat',
  endAsk: 'End this chat?',
  endHint: 'Your conversation stays here.',
  endKeep: 'Keep chatting',
  idleAsk: 'Still there? Otherwise this goes on as messages at {time}.',
  idleStay: 'Stay in the chat',
  rateAsk: 'How was your chat with {name}?',
  rate1: 'Bad',
  rate2: 'Poor',
  rate3: 'Okay',
  rate4: 'Good',
  rate5: 'Great',
  rateNote: 'Anything to add? (optional)',
  rateSend: 'Send rating',
  rateSkip: 'Skip',
  rateThanks: 'Thank you. That helps us.',

  // Notices
  'notice-idle': 'Nobody wrote for a while. This goes on as messages: we will answer here.',
  'notice-queued': 'You asked for a chat',
  'notice-joined': '{name} joined',
  'notice-ended-by-visitor': 'You ended the chat',
  'notice-ended-by-agent': '{name} ended the chat',
  'notice-unanswered': 'Nobody was free in time. This goes on as messages: we will answer here.',
  'notice-visitor-away': 'You left the page. This goes on as messages: we will answer here.',
  'notice-agent-away': '{name} had to go. This goes on as messages: we will answer here.',
  'notice-as-message': 'This goes on as messages: we will answer here.',
  'notice-handed-over': 'Handed over to the team'
} satisfies Record<string, Phrase>
