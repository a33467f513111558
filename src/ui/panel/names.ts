import type { Message, Notice, NoticeCode, Person } from '../../model/message.ts'
import type { StringKey, Words } from '../strings.ts'

const NOTICES: Readonly<Record<NoticeCode, StringKey>> = {
  queued: 'noticeQueued',
  joined: 'noticeJoined',
  'ended-by-visitor': 'noticeEndedByVisitor',
  'ended-by-agent': 'noticeEndedByAgent',
  unanswered: 'noticeUnanswered',
  'visitor-away': 'noticeVisitorAway',
  'agent-away': 'noticeAgentAway',
  'as-message': 'noticeAsMessage',
  'handed-over': 'noticeHandedOver'
}

/** Who wrote this, in words. */
export function authorOf(message: Message, words: Words): string {
  if (message.author === 'visitor') return words.t('you')
  return message.by?.name || words.t(message.author === 'bot' ? 'assistant' : 'team')
}

/** Who wrote this, for their picture. */
export function personOf(message: Message, words: Words): Person {
  return { name: authorOf(message, words), picture: message.by?.picture ?? '' }
}

/** What a message says in words: a notice in the visitor's language, everything else as it is. */
export function textOf(message: Message, words: Words): string {
  const { content, text, attachments } = message
  if (content?.type === 'notice') {
    const key = NOTICES[(content as Notice).code]
    // A newer backend may know codes that we do not.
    if (key) return words.t(key, { name: (content as Notice).name || words.t('team') })
  }
  return text || (attachments[0] ? words.t('attachment', { name: attachments[0].name }) : '')
}
