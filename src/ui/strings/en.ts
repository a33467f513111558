import type { Phrase } from '../strings.ts'
import { first } from './first.ts'

/** The words of the panel in English, but for those that come late, in the other files beside it. */
export const en = {
  ...first,
  visitor: 'You',
  bot: 'Assistant',
  team: 'our team',

  // Home
  title: 'Chat with us',
  greeting: 'Hello.',
  greetingOpen: 'Hello, we’re here.',
  greetingAway: 'We’re out just now.',
  hint: 'Write to us. The answer waits for you here.',
  hintOpen: 'Chat now, or leave a message and come back later.',
  hintAssistant: 'Our assistant answers at once.',
  reply: 'Usually replies in about {time}',
  chatNow: 'Chat now',
  leaveMessage: 'Leave a message',
  goOnWriting: 'Go on with your message',

  // Conversation
  back: 'Back',
  close: 'Close',
  conversation: 'Messages in this conversation',
  today: 'Today',
  yesterday: 'Yesterday',
  newLine: 'New',
  newCount: { one: '{count} new message', other: '{count} new messages' },
  toNewest: 'Go to the newest message',

  // Delivery
  queued: 'Not sent yet',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Delete',
  undo: 'Take back',

  // Composer
  write: 'Write a message',
  send: 'Send',

  // Live chat
  'live-queued': 'Waiting',
  'live-active': 'Live now',
  somebodyHere: 'Somebody is here.',

  // Banner
  connecting: 'Connecting…',
  'catching-up': 'Catching up…',
  waiting: 'No connection to us. What you write is kept and sent later.',
  syncedAt: 'Up to date as of {time}.',
  online: 'Connected again.',
  degraded: 'Saving does not work now. Keep this page open until all is sent.',
  failedAction: 'That did not work. Please try again.'
} satisfies Record<string, Phrase>
