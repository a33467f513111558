import type { Attachment, Author, Content, Message } from '../../../src/model/message.ts'
import type { EndReason, Session, SessionState } from '../../../src/model/session.ts'
import type { Thread } from '../../../src/model/thread.ts'
import type { Param, Queries } from '../store/store.ts'
import type { ThreadRow } from './writing.ts'

/** Words as a database can hold them: without zero characters and halves of surrogate pairs. */
export function storable(text: string): string {
  if (!/[\0\ud800-\udfff]/.test(text)) return text
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd')
}

export interface MessageRow {
  readonly thread_id: string
  readonly position: number
  readonly id: string
  readonly author: Author
  readonly by_name: string | null
  readonly by_picture: string | null
  readonly text: string
  readonly exact: string | null
  readonly content: Content | null
  readonly attachments: readonly Attachment[] | null
  readonly at: number
}

export function messageFrom(row: MessageRow): Message {
  return {
    id: row.id,
    threadId: row.thread_id,
    author: row.author,
    by: row.by_name === null ? null : { name: row.by_name, picture: row.by_picture ?? '' },
    text: row.exact ?? row.text,
    content: row.content,
    attachments: row.attachments ?? [],
    at: row.at,
    position: row.position
  }
}

export const SESSION_COLUMNS = `
  s.id, s.thread_id, s.visitor_id, s.state, s.version, s.agent_id, s.agent_name, s.agent_picture, s.reason, s.score,
  s.queued_at, s.active_at, s.kept_at, s.idle_since, s.ends_at,
  CASE WHEN s.state = 'queued' THEN (SELECT count(*) FROM sessions q WHERE q.state = 'queued'
    AND (q.queued_at, q.number) < (s.queued_at, s.number)) END AS ahead,
  CASE WHEN s.state = 'queued' THEN (SELECT value FROM meta WHERE name = 'wait') END AS average`

export interface SessionRow {
  readonly id: string
  readonly thread_id: string
  readonly visitor_id: string
  readonly state: SessionState
  readonly version: number
  readonly agent_id: string | null
  readonly agent_name: string | null
  readonly agent_picture: string | null
  readonly reason: EndReason | null
  readonly score: number | null
  readonly queued_at: number
  readonly active_at: number | null
  readonly kept_at: number | null
  readonly idle_since: number | null
  readonly ends_at: number | null
  readonly ahead: number | null
  /** The average wait in milliseconds, as text. */
  readonly average: string | null
}

export function sessionFrom(row: SessionRow, now = Date.now()): Session {
  return {
    id: row.id,
    threadId: row.thread_id,
    state: row.state,
    version: row.version,
    ahead: row.ahead,
    // Whoever has waited longer than most is told that it is a moment, not that it is less than nothing.
    wait: row.average === null ? null : Math.max(0, Math.round(Number(row.average)) - (now - row.queued_at)),
    agent: row.agent_name === null ? null : { name: row.agent_name, picture: row.agent_picture ?? '' },
    reason: row.reason,
    score: row.score,
    idle: row.idle_since === null || row.ends_at === null ? null : { since: row.idle_since, endsAt: row.ends_at }
  }
}

/** A thread with its newest message. */
export interface ThreadView extends ThreadRow {
  readonly message: MessageRow | null
}

const THREAD_VIEW = `
  SELECT t.*, to_json(m.*) AS message
  FROM threads t LEFT JOIN messages m ON m.thread_id = t.id AND m.position = t.newest`

/** @param where A condition on `t`, and what comes after it. */
export function viewThreads(tx: Queries, where: string, params: readonly Param[]): Promise<readonly ThreadView[]> {
  return tx.query<ThreadView>(`${THREAD_VIEW} ${where}`, params)
}

export function threadFrom(view: ThreadView): Thread {
  return {
    id: view.id,
    state: view.state,
    last: view.last,
    read: view.visitor_read,
    theirs: { delivered: view.team_delivered, read: view.team_read },
    unread: view.unread_visitor,
    newest: view.message && messageFrom(view.message),
    at: view.at
  }
}
