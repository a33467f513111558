import type { Content, Person } from '../../../src/model/message.ts'
import type { Queries } from '../store/store.ts'
import { isTaken, place, placeNotice } from './place.ts'
import { type Away, promise } from './promise.ts'
import { type MessageRow, messageFrom } from './rows.ts'
import { liveSession, startSession } from './sessions.ts'
import { lockThread, type ThreadRow, type Writing } from './writing.ts'

/** A visitor's message that the assistant may answer. */
export interface Unanswered {
  readonly threadId: string
  readonly visitorId: string
  /** Id of the message, and its words. */
  readonly messageId: string
  readonly text: string
  readonly position: number
  /** It answers a form. */
  readonly answers: boolean
  /** How often in a row the assistant had no answer. */
  readonly misses: number
  /** The assistant has spoken here before. */
  readonly engaged: boolean
}

/** What the visitor said last in this thread, unless a person answers here, or somebody has answered already. */
export async function unanswered(tx: Queries, threadId: string): Promise<Unanswered | undefined> {
  const [thread] = await tx.query<ThreadRow>('SELECT * FROM threads WHERE id = $1', [threadId])
  if (!thread || thread.bot_silent || thread.newest === null || (await liveSession(tx, threadId))) return undefined
  const [row] = await tx.query<MessageRow>(
    `SELECT * FROM messages WHERE thread_id = $1 AND position = $2 AND author = 'visitor'`,
    [threadId, thread.newest]
  )
  if (!row) return undefined
  const { id, text, content, position } = messageFrom(row)
  const [earlier] = await tx.query(`SELECT 1 FROM messages WHERE thread_id = $1 AND author = 'bot' LIMIT 1`, [threadId])
  return {
    threadId,
    visitorId: thread.visitor_id,
    messageId: id,
    text,
    position,
    answers: content?.type === 'answers',
    misses: thread.bot_misses,
    engaged: earlier !== undefined
  }
}

/** Threads where the visitor had the last word since `after`: what a restart may have left unanswered. */
export async function unansweredSince(tx: Queries, after: number): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT t.id FROM threads t JOIN messages m ON m.thread_id = t.id AND m.position = t.newest
     WHERE NOT t.bot_silent AND m.author = 'visitor' AND m.at > $1`,
    [after]
  )
  return rows.map(({ id }) => id)
}

export interface AssistantReply {
  /** Made from the id of the message it answers, so that it is there once whatever restarts. */
  readonly id: string
  readonly text: string
  /** Beside the words. */
  readonly content?: Content
  readonly by: Person
  readonly misses: number
  /** Passes the thread on to the team, after the words. */
  readonly handOver: boolean
}

/** Answers, if the message is still the last one and nobody else has answered. */
export async function answerAsAssistant(
  w: Writing,
  to: Unanswered,
  reply: AssistantReply,
  away: Away | undefined
): Promise<void> {
  const thread = await lockThread(w, to.threadId)
  if (!thread || thread.bot_silent || thread.newest !== to.position || (await liveSession(w, to.threadId))) return
  const { id, text, content, by, misses, handOver } = reply
  // Whoever guessed the id gets no answer, rather than one that is tried for ever.
  if (await isTaken(w, thread.id, id)) return
  await place(w, thread, { id, author: 'bot', text, by, ...(content && { content }) })
  await w.query('UPDATE threads SET bot_misses = $2, bot_silent = $3 WHERE id = $1', [thread.id, misses, handOver])
  if (!handOver) return
  await placeNotice(w, thread, 'handed-over', by.name)
  if (!away) return startSession(w, thread, undefined)
  await promise(w, [{ thread: { ...thread, waiting_since: null }, away }])
  await w.query('UPDATE threads SET waiting_since = $2 WHERE id = $1', [thread.id, w.at])
}
