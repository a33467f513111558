import { createId } from '../../../src/model/id.ts'
import type { NoticeCode } from '../../../src/model/message.ts'
import { type EndReason, isLive, mayBecome } from '../../../src/model/session.ts'
import type { Queries } from '../store/store.ts'
import { append, readMeta, writeMeta } from './feed.ts'
import { placeNotice } from './place.ts'
import { type Away, promise } from './promise.ts'
import { SESSION_COLUMNS, type SessionRow, sessionFrom } from './rows.ts'
import { findThread, type ThreadRow, type Writing } from './writing.ts'

/** The latest session of a thread. */
export async function latestSession(tx: Queries, threadId: string): Promise<SessionRow | undefined> {
  const [row] = await tx.query<SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.thread_id = $1 ORDER BY s.number DESC LIMIT 1`,
    [threadId]
  )
  return row
}

/** The session of this thread that is queued or active. */
export async function liveSession(tx: Queries, threadId: string): Promise<SessionRow | undefined> {
  const row = await latestSession(tx, threadId)
  return row && isLive(sessionFrom(row)) ? row : undefined
}

/**
 * The visitor asks for a live chat. With nobody home the session has ended before it began: the visitor sees why, and
 * the thread goes on as messages.
 */
export async function startSession(w: Writing, thread: ThreadRow, away: Away | undefined): Promise<void> {
  const live = await liveSession(w, thread.id)
  // Whoever asks for what they have wants to keep it.
  if (live) return keepSession(w, live)
  const id = createId()
  const home = !away
  await w.query(
    `INSERT INTO sessions (id, thread_id, visitor_id, state, reason, queued_at, ended_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, thread.id, thread.visitor_id, home ? 'queued' : 'ended', home ? null : 'unanswered', w.at, home ? null : w.at]
  )
  // Whoever asks for a person waits for the team, with or without words.
  await w.query(`UPDATE threads SET waiting_since = COALESCE(waiting_since, $2), state = 'open' WHERE id = $1`, [
    thread.id,
    w.at
  ])
  if (thread.state === 'closed') await append(w, thread.visitor_id, thread.id, { kind: 'thread' })
  await append(w, thread.visitor_id, thread.id, { kind: 'session', sessionId: id })
  await placeNotice(w, { ...thread, state: 'open' }, home ? 'queued' : 'unanswered')
  if (away) await promise(w, [{ thread, away }])
  else w.tell('queue', {})
}

/** An agent takes a waiting chat. */
export async function acceptSession(w: Writing, thread: ThreadRow, session: SessionRow, agent: Joining): Promise<void> {
  await change(w, session, 'active', {
    agent_id: agent.id,
    agent_name: agent.name,
    agent_picture: agent.picture,
    active_at: w.at
  })
  // Without unanswered words the wait is over; with some, it is over when they are answered.
  await w.query(
    `UPDATE threads SET assignee = $2, waiting_since = CASE WHEN EXISTS (
       SELECT 1 FROM messages m WHERE m.thread_id = threads.id AND m.position = threads.newest AND m.author = 'visitor'
     ) THEN waiting_since END WHERE id = $1`,
    [thread.id, agent.id]
  )
  await placeNotice(w, thread, 'joined', agent.name)
  await learnWait(w, Math.max(0, w.at - session.queued_at))
  w.tell('queue', {})
  w.tell('figures', {})
}

export interface Joining {
  readonly id: string
  readonly name: string
  readonly picture: string
}

/** Ends a queued or active session. The thread stays open, whatever the reason. */
export async function endSession(
  w: Writing,
  thread: ThreadRow,
  session: SessionRow,
  reason: EndReason,
  name = ''
): Promise<void> {
  await change(w, session, 'ended', { reason, ended_at: w.at })
  if (reason === 'visitor' || reason === 'agent') {
    await w.query('UPDATE threads SET waiting_since = NULL WHERE id = $1', [thread.id])
  }
  await placeNotice(w, thread, NOTICES[reason], name)
  if (session.state === 'queued') w.tell('queue', {})
}

/** Ends a session by its id, if it is still in this state. For timers, which may be late. */
export async function endIfStill(
  w: Writing,
  { id, threadId, state, quietSince: since }: Seen,
  reason: EndReason
): Promise<void> {
  const thread = await findThread(w, threadId)
  const session = await liveSession(w, threadId)
  if (!thread || session?.id !== id || session.state !== state) return
  if (reason === 'idle' && quietSince(thread, session) > since) return
  await endSession(w, thread, session, reason, session.agent_name ?? '')
}

/** A live chat as it was seen a moment ago. */
interface Seen {
  readonly id: string
  readonly threadId: string
  readonly state: SessionRow['state']
  readonly quietSince: number
}

/** Since when neither side has written in an active session, nor said that it goes on. */
const quietSince = ({ at }: ThreadRow, { active_at, kept_at }: SessionRow) => Math.max(at, active_at ?? 0, kept_at ?? 0)

/** Tells both sides when a session ends in which nobody writes, unless somebody has just written. */
export async function warnIfStill(
  w: Writing,
  { id, threadId, quietSince: since }: Seen,
  endsAt: number
): Promise<void> {
  const thread = await findThread(w, threadId)
  const session = await liveSession(w, threadId)
  if (!thread || session?.id !== id || session.state !== 'active' || quietSince(thread, session) > since) return
  await w.query('UPDATE sessions SET idle_since = $2, ends_at = $3, version = version + 1 WHERE id = $1', [
    id,
    since,
    endsAt
  ])
  await append(w, session.visitor_id, threadId, { kind: 'session', sessionId: id })
}

/** Goes on with a session that would have ended because nobody writes. */
export async function keepSession(w: Writing, { id, visitor_id, thread_id, ends_at }: SessionRow): Promise<void> {
  if (ends_at === null) return
  await w.query(
    'UPDATE sessions SET kept_at = $2, idle_since = NULL, ends_at = NULL, version = version + 1 WHERE id = $1',
    [id, w.at]
  )
  await append(w, visitor_id, thread_id, { kind: 'session', sessionId: id })
  w.tell('queue', {})
}

export async function rateSession(w: Writing, session: SessionRow, score: number, note: string): Promise<void> {
  await change(w, session, 'rated', { score, note })
}

const NOTICES: Readonly<Record<EndReason, NoticeCode>> = {
  visitor: 'ended-by-visitor',
  agent: 'ended-by-agent',
  unanswered: 'unanswered',
  'visitor-away': 'visitor-away',
  'agent-away': 'agent-away',
  'as-message': 'as-message',
  idle: 'idle'
}

async function change(
  w: Writing,
  session: SessionRow,
  state: SessionRow['state'],
  set: Readonly<Record<string, string | number>>
): Promise<void> {
  if (!mayBecome(session.state, state)) throw new Error(`a session that is ${session.state} cannot become ${state}`)
  // Names are those written above, never from outside.
  const columns = Object.keys(set).map((name, i) => `, ${name} = $${i + 3}`)
  await w.query(`UPDATE sessions SET state = $2, version = version + 1${columns.join('')} WHERE id = $1`, [
    session.id,
    state,
    ...Object.values(set)
  ])
  await append(w, session.visitor_id, session.thread_id, { kind: 'session', sessionId: session.id })
}

/** The expected wait moves a tenth of the way to each wait that was seen. */
async function learnWait(w: Writing, waited: number): Promise<void> {
  const known = await readMeta(w, 'wait')
  const average = known === undefined ? waited : 0.9 * Number(known) + 0.1 * waited
  await writeMeta(w, 'wait', String(Math.round(average)))
}
