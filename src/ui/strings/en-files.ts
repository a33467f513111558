import type { Phrase } from '../strings.ts'

/** The English words that only messages with files need; they come with the first file. */
export const enFiles = {
  filesAdded: { one: '{count} file added', other: '{count} files added' },
  filesSend: { one: 'Send {count} file', other: 'Send {count} files' },
  filesRemove: 'Remove {name}',
  filesMost: 'Up to {size} each. Where a picture was taken is not sent along.',
  fileCancel: 'Cancel',
  fileWaits: 'Goes out when the connection is back',
  fileSending: 'Sending… {share}',
  picture: 'Picture: {name}',
  pictureOf: '{place} of {count}',
  picturesBack: 'Previous picture',
  picturesOn: 'Next picture',
  'file-size': 'Too large. Up to {size} can be sent.',
  'file-empty': 'There is nothing in this file.',
  'file-type': 'This kind of file cannot be sent here.',
  'file-broken': 'This file could not be read.'
} satisfies Record<string, Phrase>
