import type { Queries } from '../store/store.ts'
import type { Conversation, VisitorView } from '../wire/agent-frames.ts'
import { SESSION_COLUMNS, type SessionRow, sessionFrom, threadFrom, viewThreads } from './rows.ts'

/** What only the connections know of a visitor. */
export type Seen = (visitorId: string) => Pick<VisitorView, 'online' | 'page' | 'before'>

/** Everything for the first screen of an inbox: those that wait, and the latest ones. Latest activity first. */
export async function viewAll(tx: Queries, limit: number, seen: Seen): Promise<readonly Conversation[]> {
  const rows = await tx.query<{ id: string }>(
    `(SELECT id FROM threads WHERE waiting_since IS NOT NULL ORDER BY waiting_since LIMIT $1)
     UNION (SELECT id FROM threads ORDER BY hour DESC, at DESC LIMIT $1)`,
    [limit]
  )
  const all = await viewConversations(
    tx,
    rows.map(({ id }) => id),
    seen
  )
  const waits = (one: Conversation) => (one.waitingSince === null ? 1 : 0)
  return [...all]
    .sort((a, b) => waits(a) - waits(b) || b.thread.at - a.thread.at)
    .slice(0, limit)
    .sort((a, b) => b.thread.at - a.thread.at)
}

export async function viewConversations(
  tx: Queries,
  threadIds: readonly string[],
  seen: Seen
): Promise<readonly Conversation[]> {
  if (!threadIds.length) return []
  const views = await viewThreads(tx, 'WHERE t.id = ANY($1::text[])', [threadIds])
  const sessions = await tx.query<SessionRow>(
    `SELECT DISTINCT ON (s.thread_id) ${SESSION_COLUMNS} FROM sessions s WHERE s.thread_id = ANY($1::text[])
     ORDER BY s.thread_id, s.number DESC`,
    [threadIds]
  )
  const visitors = await tx.query<Omit<VisitorView, 'online' | 'page' | 'before'>>(
    `SELECT v.id, v.name, v.email, v.locale, v.zone, v.since, s.subject
     FROM visitors v LEFT JOIN verified s ON s.visitor_id = v.id WHERE v.id = ANY($1::text[])`,
    [[...new Set(views.map(view => view.visitor_id))]]
  )
  const sessionOf = new Map(sessions.map(row => [row.thread_id, row]))
  const visitorOf = new Map(visitors.map(row => [row.id, row]))
  return views.map((view): Conversation => {
    const session = sessionOf.get(view.id)
    const { id, ...visitor } = visitorOf.get(view.visitor_id)!
    return {
      thread: threadFrom(view),
      session: session ? sessionFrom(session) : null,
      visitor: { id, ...visitor, ...seen(id) },
      assignee: view.assignee,
      waitingSince: view.waiting_since,
      unread: view.unread_team,
      channel: 'web'
    }
  })
}
