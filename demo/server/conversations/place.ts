import { createId } from '../../../src/model/id.ts'
import type { Attachment, Author, Content, Message, Notice, NoticeCode, Person } from '../../../src/model/message.ts'
import { columns } from '../store/store.ts'
import { appendAll } from './feed.ts'
import { bindFiles } from './files.ts'
import { storable } from './rows.ts'
import type { ThreadRow, Writing } from './writing.ts'

/** A message, and where it goes. */
export interface Placing extends Said {
  readonly thread: Target
}

/** What has to be known of a thread to place something there. */
export type Target = Pick<ThreadRow, 'id' | 'visitor_id' | 'state' | 'last' | 'team_read'>

interface Said {
  readonly id: string
  readonly author: Author
  readonly text: string
  readonly agentId?: string
  readonly by?: Person
  readonly content?: Content
  /** None of them in a message yet. */
  readonly attachments?: readonly Attachment[]
}

/**
 * Puts a message at the end of a thread, whose visitor the transaction has locked, and tells everyone.
 *
 * @returns Its position.
 */
export async function place(w: Writing, thread: Target, said: Said): Promise<number> {
  const [position] = await placeAll(w, [{ ...said, thread }])
  return position!
}

/**
 * The same for many visitors, one message each. With its event in one statement, however many: this is what the server
 * does all day.
 *
 * @returns Their positions, in the same order.
 */
export async function placeAll(w: Writing, placings: readonly Placing[]): Promise<readonly number[]> {
  if (!placings.length) return []
  const written = w.query<{ thread_id: string; position: number; seq: number }>(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
         $8::text[], $9::text[], $10::text[], $11::text[])
         AS given (thread_id, visitor_id, id, author, agent_id, by_name, by_picture, text, exact, content, files)),
     t AS (
       UPDATE threads SET
         last = last + 1,
         newest = CASE WHEN author <> 'system' OR newest IS NULL THEN last + 1 ELSE newest END,
         -- What visitors wrote they know, but not what came before it arrived: it may have waited for a network.
         visitor_read = CASE WHEN author = 'visitor' AND unread_visitor = 0 THEN last + 1 ELSE visitor_read END,
         unread_visitor = unread_visitor + (author NOT IN ('visitor', 'system'))::int,
         -- Agents have it before their eyes.
         team_read = CASE WHEN author = 'agent' THEN last + 1 ELSE team_read END,
         unread_team = CASE WHEN author = 'agent' THEN 0 ELSE unread_team + (author = 'visitor')::int END,
         team_delivered = CASE WHEN author = 'agent' THEN last + 1 ELSE team_delivered END,
         waiting_since = CASE author
           WHEN 'visitor' THEN COALESCE(waiting_since, $12)
           WHEN 'system' THEN waiting_since END,
         state = CASE WHEN author = 'system' THEN state ELSE 'open' END,
         at = $12
       FROM given WHERE threads.id = given.thread_id RETURNING given.*, last AS position),
     m AS (
       INSERT INTO messages (thread_id, position, id, author, agent_id, by_name, by_picture, text, exact, content, attachments,
         at)
       SELECT thread_id, position, id, author, agent_id, by_name, by_picture, text, exact::json, content::json,
         files::json, $12
       FROM t),
     grown AS (
       UPDATE visitors SET feed = feed + 1 FROM t WHERE visitors.id = t.visitor_id
       RETURNING t.visitor_id, feed, thread_id, position)
     INSERT INTO events (visitor_id, seq, kind, thread_id, position, at)
     SELECT visitor_id, feed, 'message', thread_id, position, $12 FROM grown
     RETURNING thread_id, position, seq`,
    [
      ...columns(
        placings,
        one => one.thread.id,
        one => one.thread.visitor_id,
        one => one.id,
        one => one.author,
        one => one.agentId ?? null,
        one => one.by?.name ?? null,
        one => one.by?.picture ?? null,
        one => storable(one.text),
        one => (storable(one.text) === one.text ? null : JSON.stringify(one.text)),
        one => (one.content ? JSON.stringify(one.content, storableMember) : null),
        one => (one.attachments?.length ? JSON.stringify(one.attachments) : null)
      ),
      w.at
    ]
  )
  w.alongside(bindFiles(w, placings))
  // Given at once, because the transaction may end before the rows are here.
  const [rows] = await Promise.all([
    written,
    appendAll(
      w,
      placings.filter(reopens).map(({ thread }) => ({ ...inFeedOf(thread), kind: 'thread' }))
    ),
    appendAll(
      w,
      placings.filter(reads).map(({ thread }) => ({ ...inFeedOf(thread), kind: 'receipt', by: 'agent' }))
    )
  ])
  const placed = new Map(rows.map(row => [row.thread_id, row]))
  return placings.map(({ thread, id, author, text, by, content, attachments = [] }) => {
    const { position, seq } = placed.get(thread.id)!
    const message: Message = {
      id,
      threadId: thread.id,
      author,
      by: by ? { name: by.name, picture: by.picture } : null,
      text,
      content: content ?? null,
      attachments,
      at: w.at,
      position
    }
    w.grew(thread.visitor_id, seq, { type: 'message', message })
    w.tell('thread', { threadId: thread.id, said: true })
    return position
  })
}

const storableMember = (_: string, value: unknown) => (typeof value === 'string' ? storable(value) : value)

/** Whoever writes opens the thread. */
const reopens = ({ thread, author }: Placing) => thread.state === 'closed' && author !== 'system'
/** An agent who writes has read what stands above. */
const reads = ({ thread, author }: Placing) => author === 'agent' && thread.team_read < thread.last

const inFeedOf = ({ id, visitor_id }: Target) => ({ visitorId: visitor_id, threadId: id })

/** Whether another message of a thread has this id. */
export async function isTaken(w: Writing, threadId: string, id: string): Promise<boolean> {
  const rows = await w.query('SELECT 1 FROM messages WHERE thread_id = $1 AND id = $2', [threadId, id])
  return rows.length > 0
}

/** Puts a line between the bubbles, in the transaction in which happens what it is about, so that it is there once. */
export function placeNotice(w: Writing, thread: ThreadRow, code: NoticeCode, name = ''): Promise<number> {
  return place(w, thread, noticeOf(code, { name }))
}

/** Under an id that nobody can have known: a visitor who took it would keep the notice, and what it is about, from happening. */
export function noticeOf(code: NoticeCode, about: Partial<Pick<Notice, 'name' | 'due'>>): Said {
  const content: Notice = { type: 'notice', code, name: '', ...about }
  return { id: createId(), author: 'system', text: WORDS[code](content.name), content }
}

/** For readers that do not know notices. */
const WORDS: Readonly<Record<NoticeCode, (name: string) => string>> = {
  erased: () => 'Everything above was deleted.',
  queued: () => 'You asked to chat. Somebody is on the way.',
  joined: name => `${name} joined the chat.`,
  'ended-by-visitor': () => 'You ended the chat.',
  'ended-by-agent': name => `${name || 'The team'} ended the chat.`,
  unanswered: () => 'Nobody could come right now. Your messages are kept, and the answer comes here.',
  'visitor-away': () => 'You left the page, so this goes on as messages.',
  'agent-away': name => `${name || 'The team'} had to leave, so this goes on as messages.`,
  'as-message': () => 'This goes on as messages. The answer comes here.',
  idle: () => 'Nobody wrote for a while, so this goes on as messages.',
  'handed-over': name => `${name || 'The assistant'} passed this on to the team.`,
  promised: () => 'Nobody is here just now. Your message is kept, and the answer comes here.'
}
