import type { Message } from '../../../src/model/message.ts'
import { isMarked, plainOf } from '../../../src/ui/panel/rich/markdown.ts'
import { exact } from '../clock.ts'

/** What a message says to an agent, in one line. For a notice that this inbox does not know, the words that came with it. */
export function wordsOf(message: Message, visitor: string): string {
  if (message.content?.type !== 'notice') return isMarked(message) ? plainOf(message.text) : message.text
  const { code, name, due } = message.content
  const agent = name || 'An agent'
  switch (code) {
    case 'queued':
      return `${visitor} asked for a live chat`
    case 'joined':
      return `${agent} joined the chat`
    case 'ended-by-visitor':
      return `${visitor} ended the chat`
    case 'ended-by-agent':
      return `${agent} ended the chat`
    case 'unanswered':
      return 'Nobody was there in time: it goes on as messages'
    case 'visitor-away':
      return `${visitor} left the page: it goes on as messages`
    case 'agent-away':
      return `${agent} left: it goes on as messages`
    case 'idle':
      return 'Nobody wrote for a while: it goes on as messages'
    case 'as-message':
      return `${visitor} chose to go on by message`
    case 'handed-over':
      return `${name || 'The assistant'} handed over to the team`
    case 'promised':
      return `Nobody was home: ${visitor} may expect an answer by ${exact(due ?? message.at)}`
    case 'erased':
      return `${visitor} had everything above erased`
    default:
      return message.text
  }
}

/** What stands where one line is all there is, for a message without words. */
export const namesOf = ({ attachments }: Message): string => attachments.map(({ name }) => name).join(', ')

/** Why a reply was refused, and what to do about it. */
export function whyFailed(reason: string): string {
  if (reason === 'too-long') return 'It is longer than 8,000 characters: send it in parts.'
  if (reason === 'empty') return 'There are no words in it.'
  if (reason === 'attachments') return 'Its files are not there any more: add them again.'
  if (reason === 'not-found') return 'This conversation is not there any more.'
  return 'The server did not take it.'
}
