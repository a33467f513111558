import type { Phrase } from '../strings.ts'

/** The English words for what draws attention to an answer; they come with it. */
export const enAttention = {
  announceNew: 'New message from {name}',
  sound: 'Sound for new messages',
  tell: 'Notify me of replies',
  tellMe: 'Tell me when you reply',
  tellYes: 'We will tell you when we reply.',
  tellNo: 'Your browser does not allow that. The answer waits for you here.'
} satisfies Record<string, Phrase>
