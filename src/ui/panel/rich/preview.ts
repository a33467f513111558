import type { Message } from '../../../model/message.ts'
import type { Words } from '../../strings.ts'
import { textOf } from '../names.ts'
import type { Times } from '../times.ts'
import { isMarked, plainOf } from './markdown.ts'

/** What a message says, where there is room for one line: without the marks that only the team's messages have. */
export function previewOf(message: Message, words: Words, times: Pick<Times, 'exact'>): string {
  const text = textOf(message, words, times)
  return isMarked(message) ? plainOf(text) : text
}
