import type { Message, Notice, Person } from '../../model/message.ts'
import type { StringKey, Words } from '../strings.ts'
import type { Times } from './times.ts'

/** Who wrote this: somebody with a name, or a word for them. */
export function personOf({ author, by }: Message, words: Words): Person {
  return by?.name ? by : { name: words.t(author === 'bot' || author === 'visitor' ? author : 'team'), picture: '' }
}

/** Their name, or a word for them. */
export const authorOf = (message: Message, words: Words): string => personOf(message, words).name

/** What a message says in words: a notice in the visitor's language, everything else as it is. */
export function textOf({ content, text, attachments }: Message, words: Words, times: Pick<Times, 'exact'>): string {
  if (content?.type === 'notice') {
    const { code, name, due } = content as Notice
    const key = `notice-${code}` satisfies StringKey
    const said = words.t(key, { name: name || words.t('team'), time: times.exact(due!) })
    // A newer backend may know codes that we do not.
    if (said !== key) return said
  }
  // A string, whatever an older version or another backend has stored in its place.
  return `${text || attachments[0]?.name || ''}`
}
