import type { Phrase } from '../strings.ts'

/** The English words that are needed before the panel is loaded; the others are in `en.ts`. */
export const first = {
  launcherOpen: 'We’re here. Chat with us',
  launcherAway: 'Leave us a message',
  launcherUnknown: 'Chat with us',
  launcherClose: 'Close chat',
  launcherFailed: 'The chat could not be opened. Please try again.',
  unread: { one: '{count} unread message', other: '{count} unread messages' }
} satisfies Record<string, Phrase>
