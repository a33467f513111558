import type { Phrase } from '../strings.ts'

/** The English words that only who was here before needs; they come with the earlier conversations. */
export const enEarlier = {
  earlier: 'Your conversations',
  draft: 'Draft',
  queueSoon: 'Somebody joins you soon',
  loadingOlder: 'Loading earlier messages',
  olderLoaded: 'Earlier messages loaded',
  olderFailed: 'Earlier messages could not be loaded.',
  search: 'Search your conversations',
  found: { one: '{count} message found', other: '{count} messages found' },
  foundNone: 'Nothing found. Try fewer or other words.',
  copyAll: 'Save a copy of your conversations',
  copyOne: 'Save a copy of this chat',
  copying: { one: 'Saving… {count} message', other: 'Saving… {count} messages' },
  eraseAll: 'Delete everything',
  eraseAsk: 'Delete all your conversations, here and with us? There is no way back.',
  eraseKeep: 'Keep them',
  eraseDo: 'Delete everything',
  erasing: 'Deleting… It is done as soon as there is a connection.',
  erased: 'Everything was deleted. Your receipt: {receipt}',
  eraseDone: 'Done',
  eraseFailed: 'Nothing was deleted. Please try again.',
  copyPart: 'Only a part of this conversation was on this device, and the rest could not be fetched.'
} as const satisfies Record<string, Phrase>
