import type { Author, Notice, NoticeCode } from '../../../src/model/message.ts'
import { append, tellOf } from './feed.ts'
import { storable } from './rows.ts'
import type { ThreadRow, Writing } from './writing.ts'

export interface Placing {
  readonly id: string
  readonly author: Author
  readonly text: string
  readonly agentId?: string
  readonly by?: { readonly name: string; readonly picture: string }
  readonly content?: Notice
}

/**
 * Puts a message at the end of a thread, whose visitor the transaction has locked, and tells everyone. With its event
 * in one statement: this is what the server does all day.
 *
 * @returns Its position.
 */
export async function place(w: Writing, thread: ThreadRow, message: Placing): Promise<number> {
  const { author, text } = message
  const words = storable(text)
  const [placed] = await w.query<{ position: number }>(
    `WITH t AS (
       UPDATE threads SET
         last = last + 1,
         newest = CASE WHEN $3 <> 'system' OR newest IS NULL THEN last + 1 ELSE newest END,
         -- Whoever writes has read what stands above.
         visitor_read = CASE WHEN $3 = 'visitor' THEN last + 1 ELSE visitor_read END,
         team_read = CASE WHEN $3 = 'agent' THEN last + 1 ELSE team_read END,
         team_delivered = CASE WHEN $3 = 'agent' THEN last + 1 ELSE team_delivered END,
         waiting_since = CASE $3
           WHEN 'visitor' THEN COALESCE(waiting_since, $10)
           WHEN 'system' THEN waiting_since END,
         state = CASE WHEN $3 = 'system' THEN state ELSE 'open' END,
         at = $10
       WHERE id = $1 RETURNING last),
     m AS (
       INSERT INTO messages (thread_id, position, id, author, agent_id, by_name, by_picture, text, exact, content, at)
       SELECT $1, t.last, $2, $3, $4, $5, $6, $7, $8::json, $9::json, $10 FROM t),
     grown AS (UPDATE visitors SET feed = feed + 1 WHERE id = $11 RETURNING feed)
     INSERT INTO events (visitor_id, seq, kind, thread_id, position, at)
     SELECT $11, grown.feed, 'message', $1, t.last, $10 FROM t, grown
     RETURNING position`,
    [
      thread.id,
      message.id,
      author,
      message.agentId ?? null,
      message.by?.name ?? null,
      message.by?.picture ?? null,
      words,
      words === text ? null : JSON.stringify(text),
      message.content ? JSON.stringify(message.content) : null,
      w.at,
      thread.visitor_id
    ]
  )
  tellOf(w, thread.visitor_id, thread.id)
  if (thread.state === 'closed' && author !== 'system')
    await append(w, thread.visitor_id, thread.id, { kind: 'thread' })
  if (author === 'agent' && thread.team_read < thread.last) {
    await append(w, thread.visitor_id, thread.id, { kind: 'receipt', by: 'agent' })
  }
  return placed!.position
}

/** Puts a line between the bubbles. Its id comes from what it is about, so that it is there once. */
export function placeNotice(w: Writing, thread: ThreadRow, id: string, code: NoticeCode, name = ''): Promise<number> {
  const content: Notice = { type: 'notice', code, name }
  return place(w, thread, { id, author: 'system', text: WORDS[code](name), content })
}

/** For readers that do not know notices. */
const WORDS: Readonly<Record<NoticeCode, (name: string) => string>> = {
  queued: () => 'You asked to chat. Somebody is on the way.',
  joined: name => `${name} joined the chat.`,
  'ended-by-visitor': () => 'You ended the chat.',
  'ended-by-agent': name => `${name || 'The team'} ended the chat.`,
  unanswered: () => 'Nobody could come right now. Your messages are kept, and the answer comes here.',
  'visitor-away': () => 'You left the page, so this goes on as messages.',
  'agent-away': name => `${name || 'The team'} had to leave, so this goes on as messages.`,
  'as-message': () => 'This goes on as messages. The answer comes here.',
  'handed-over': name => `${name || 'The assistant'} passed this on to the team.`
}
