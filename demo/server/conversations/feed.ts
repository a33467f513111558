import { createHash } from 'node:crypto'
import type { Cursor, ServerEvent } from '../../../src/model/event.ts'
import { createId } from '../../../src/model/id.ts'
import { columns, type Queries, type Store } from '../store/store.ts'
import { fitting } from './history.ts'
import type { Recent } from './recent.ts'
import {
  type MessageRow,
  messageFrom,
  SESSION_COLUMNS,
  type SessionRow,
  sessionFrom,
  type ThreadView,
  threadFrom,
  viewThreads
} from './rows.ts'
import type { ThreadRow, Writing } from './writing.ts'

/** What each visitor is to be told, in one order per visitor. */
export interface Feed {
  /** Where to go on for a client that has stored this cursor: after a number, or from scratch. */
  resume(visitorId: string, cursor: Cursor | undefined): Promise<Resumption>
  /** The events after a number, with their cursors; at most as many as fit into one frame. */
  after(visitorId: string, seq: number): Promise<FeedPage>
  /** The event with this number, if it is at hand: nothing is read for it. */
  at(visitorId: string, seq: number): ServerEvent | undefined
  /** The visitor's live chats that wait, as ephemeral events. */
  queued(visitorIds: readonly string[]): Promise<ReadonlyMap<string, readonly ServerEvent[]>>
}

export interface Resumption {
  /** What to say before anything else. */
  readonly events: readonly ServerEvent[]
  readonly seq: number
}

export interface FeedPage {
  readonly events: readonly ServerEvent[]
  /** The number of the last one. */
  readonly seq: number
  readonly more: boolean
}

interface FeedParts {
  readonly store: Store
  readonly recent: Recent
  /** Random, made with the store: a cursor of another store counts for nothing here. */
  readonly epoch: string
  readonly missed: number
  readonly pageSize: number
}

/** Names of logs that are kept at hand. */
const LOGS = 10_000

export function createFeed({ store, recent, epoch, missed, pageSize }: FeedParts): Feed {
  /** Another one for each visitor: a browser that becomes somebody else's starts over. */
  const logOf = (visitorId: string) => {
    const known = logs.get(visitorId)
    if (known !== undefined) return known
    const log = createHash('sha256').update(`${epoch} ${visitorId}`).digest('base64url').slice(0, 22)
    if (logs.size === LOGS) logs.clear()
    logs.set(visitorId, log)
    return log
  }
  const logs = new Map<string, string>()

  return {
    async resume(visitorId, cursor) {
      const [visitor] = await store.query<{ feed: number }>('SELECT feed FROM visitors WHERE id = $1', [visitorId])
      const head = visitor?.feed ?? 0
      const log = logOf(visitorId)
      const seq = cursor?.startsWith(`${log}.`) ? Number(cursor.slice(log.length + 1)) : Number.NaN
      if (Number.isSafeInteger(seq) && seq >= 0 && seq <= head && head - seq <= missed) return { events: [], seq }
      // Read after the head: what happens in between is in the threads, and comes again as an event.
      const views = await viewThreads(store, 'WHERE t.visitor_id = $1 ORDER BY t.at DESC LIMIT 1000', [visitorId])
      const sessions = await store.query<SessionRow>(
        `SELECT DISTINCT ON (s.thread_id) ${SESSION_COLUMNS} FROM sessions s WHERE s.visitor_id = $1
         ORDER BY s.thread_id, s.number DESC`,
        [visitorId]
      )
      const at = `${log}.${head}`
      // Beyond the end: a backup was restored, and nobody said so. What this client saw since does not hold.
      const same = seq > head ? {} : { log }
      return {
        seq: head,
        events: [
          { type: 'reset', cursor: at, ...same, threads: views.map(threadFrom) },
          ...sessions.map((row): ServerEvent => ({ type: 'session', session: sessionFrom(row), cursor: at }))
        ]
      }
    },

    async after(visitorId, seq) {
      const events = recent.after(visitorId, seq).slice(0, pageSize)
      if (!events.length) return readAfter(visitorId, seq)
      const page = pageOf(
        visitorId,
        events.map((event, i) => ({ seq: seq + 1 + i, event }))
      )
      // What is not at hand may still be in the store.
      return { ...page, more: recent.has(visitorId, page.seq + 1) }
    },

    at: (visitorId, seq) => recent.after(visitorId, seq - 1)[0],

    async queued(visitorIds) {
      const rows = await store.query<SessionRow>(
        `SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.state = 'queued' AND s.visitor_id = ANY($1::text[])`,
        [visitorIds]
      )
      const found = new Map<string, ServerEvent[]>()
      for (const row of rows) {
        const events = found.get(row.visitor_id) ?? []
        events.push({ type: 'session', session: sessionFrom(row) })
        found.set(row.visitor_id, events)
      }
      return found
    }
  }

  async function readAfter(visitorId: string, seq: number): Promise<FeedPage> {
    const rows = await store.query<EventRow>(
      `SELECT e.seq, e.kind, e.thread_id, e.ref, to_json(m.*) AS message
       FROM events e LEFT JOIN messages m
         ON e.kind = 'message' AND m.thread_id = e.thread_id AND m.position = e.position
       WHERE e.visitor_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`,
      [visitorId, seq, pageSize]
    )
    if (!rows.length) return { events: [], seq, more: false }
    const found = await lookUp(rows)
    const page = pageOf(
      visitorId,
      rows.map(row => ({ seq: row.seq, event: resolve(row, found) }))
    )
    return { ...page, more: rows.length === pageSize || page.seq < rows.at(-1)!.seq }
  }

  /** As much of it as fits into one frame. */
  function pageOf(visitorId: string, entries: readonly Numbered[]): Pick<FeedPage, 'events' | 'seq'> {
    const said = fitting(entries)
    const log = logOf(visitorId)
    return {
      events: said.flatMap(({ seq, event }) => (event ? [{ ...event, cursor: `${log}.${seq}` }] : [])),
      seq: said.at(-1)!.seq
    }
  }

  /** Messages come with their rows; what else these name is read only if there is any, for mostly there is not. */
  async function lookUp(rows: readonly EventRow[]): Promise<Found> {
    const ids = (kind: Entry['kind'], id: (row: EventRow) => string | null) => [
      ...new Set(rows.flatMap(row => (row.kind === kind ? (id(row) ?? []) : [])))
    ]
    const by = <Row extends { readonly id: string }>(list: readonly Row[]) => new Map(list.map(row => [row.id, row]))
    const threads = ids('thread', row => row.thread_id)
    const sessions = ids('session', row => row.ref)
    const marks = ids('receipt', row => row.thread_id)
    return {
      threads: by(threads.length ? await viewThreads(store, 'WHERE t.id = ANY($1::text[])', [threads]) : []),
      sessions: by(
        sessions.length
          ? await store.query<SessionRow>(`SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.id = ANY($1::text[])`, [
              sessions
            ])
          : []
      ),
      marks: by(
        marks.length ? await store.query<ThreadRow>('SELECT * FROM threads WHERE id = ANY($1::text[])', [marks]) : []
      )
    }
  }
}

interface Numbered {
  readonly seq: number
  readonly event: ServerEvent | undefined
}

/** A kind of event, and where to look it up. Those of messages are written with the message, by `place`. */
export type Entry =
  | { readonly kind: 'thread' }
  | { readonly kind: 'session'; readonly sessionId: string }
  | { readonly kind: 'receipt'; readonly by: 'visitor' | 'agent' }

/** Adds one event to the feed of the visitor, whose row the transaction has locked. */
export function append(w: Writing, visitorId: string, threadId: string, entry: Entry): Promise<void> {
  return appendAll(w, [{ ...entry, visitorId, threadId }])
}

/** The same for many visitors, one event each. */
export async function appendAll(
  w: Writing,
  entries: readonly (Entry & { readonly visitorId: string; readonly threadId: string })[]
): Promise<void> {
  if (!entries.length) return
  const rows = await w.query<{ visitor_id: string; seq: number; thread_id: string }>(
    `WITH given AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS given (visitor_id, thread_id, kind, ref)),
     grown AS (
       UPDATE visitors SET feed = feed + 1 FROM given WHERE visitors.id = given.visitor_id RETURNING given.*, feed)
     INSERT INTO events (visitor_id, seq, kind, thread_id, ref, at)
     SELECT visitor_id, feed, kind, thread_id, ref, $5 FROM grown
     RETURNING visitor_id, seq, thread_id`,
    [
      ...columns(
        entries,
        one => one.visitorId,
        one => one.threadId,
        one => one.kind,
        one => (one.kind === 'session' ? one.sessionId : one.kind === 'receipt' ? one.by : null)
      ),
      w.at
    ]
  )
  for (const { visitor_id, seq, thread_id } of rows) {
    w.grew(visitor_id, seq)
    w.tell('thread', { threadId: thread_id })
  }
}

/**
 * Tells of these threads, and of the feeds they are in, though nothing is new. For what is sent again: whoever wrote it
 * down may have lost the database before they heard of it, and then nobody was told.
 */
export async function tellAgain(w: Writing, threadIds: readonly string[]): Promise<void> {
  if (!threadIds.length) return
  const rows = await w.query<{ thread_id: string; visitor_id: string; feed: number }>(
    `SELECT t.id AS thread_id, v.id AS visitor_id, v.feed FROM threads t JOIN visitors v ON v.id = t.visitor_id
     WHERE t.id = ANY($1::text[])`,
    [threadIds]
  )
  for (const { thread_id, visitor_id, feed } of rows) {
    w.grew(visitor_id, feed)
    w.tell('thread', { threadId: thread_id })
  }
}

/** The epoch of this store; made now if it has none. */
export async function epochOf(store: Store): Promise<string> {
  await store.query(`INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING`, [createId()])
  return (await readMeta(store, 'epoch'))!
}

export async function readMeta(tx: Queries, name: string): Promise<string | undefined> {
  const [row] = await tx.query<{ value: string }>('SELECT value FROM meta WHERE name = $1', [name])
  return row?.value
}

export async function writeMeta(tx: Queries, name: string, value: string): Promise<void> {
  await tx.query(
    'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    [name, value]
  )
}

interface EventRow {
  readonly seq: number
  readonly kind: Entry['kind'] | 'message'
  readonly thread_id: string
  readonly ref: string | null
  readonly message: MessageRow | null
}

interface Found {
  readonly threads: ReadonlyMap<string, ThreadView>
  readonly sessions: ReadonlyMap<string, SessionRow>
  readonly marks: ReadonlyMap<string, ThreadRow>
}

/** What the event is by now: it may have changed again since. */
function resolve({ kind, thread_id, ref, message }: EventRow, found: Found): ServerEvent | undefined {
  switch (kind) {
    case 'message':
      return message ? { type: 'message', message: messageFrom(message) } : undefined
    case 'thread': {
      const thread = found.threads.get(thread_id)
      return thread && { type: 'thread', thread: threadFrom(thread) }
    }
    case 'session': {
      const session = found.sessions.get(ref ?? '')
      return session && { type: 'session', session: sessionFrom(session) }
    }
    case 'receipt': {
      const marks = found.marks.get(thread_id)
      if (!marks) return undefined
      return ref === 'agent'
        ? { type: 'receipt', threadId: marks.id, by: 'agent', delivered: marks.team_delivered, read: marks.team_read }
        : { type: 'receipt', threadId: marks.id, by: 'visitor', delivered: marks.last, read: marks.visitor_read }
    }
  }
}
