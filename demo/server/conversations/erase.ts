import { append } from './feed.ts'
import { placeNotice } from './place.ts'
import { endSession, liveSession } from './sessions.ts'
import type { ThreadRow, Writing } from './writing.ts'

/**
 * Erases what a visitor and the team said to each other, and who the visitor said to be. What remains is that there was
 * something, how long ago and how much of it; agents read that it was erased.
 *
 * Erased messages keep their places, and are told again as they are now: other devices of the visitor then have no more of
 * them than we.
 */
export async function eraseAll(w: Writing, visitorId: string): Promise<void> {
  const threads = await w.query<ThreadRow>('SELECT * FROM threads WHERE visitor_id = $1 ORDER BY id', [visitorId])
  for (const thread of threads) {
    const session = await liveSession(w, thread.id)
    if (session) await endSession(w, thread, session, 'visitor')
  }
  const [grown] = await w.query<{ feed: number }>(
    `WITH gone AS (
       UPDATE messages m SET text = '', exact = NULL, attachments = NULL, content = '{"type":"erased"}'
       FROM threads t WHERE t.id = m.thread_id AND t.visitor_id = $1 RETURNING m.thread_id, m.position),
     numbered AS (SELECT *, row_number() OVER (ORDER BY thread_id, position) AS nth FROM gone),
     told AS (
       INSERT INTO events (visitor_id, seq, kind, thread_id, position, at)
       SELECT $1, v.feed + nth, 'message', thread_id, position, $2 FROM numbered, visitors v WHERE v.id = $1)
     UPDATE visitors SET feed = feed + (SELECT count(*) FROM gone), name = '', email = '', locale = '', zone = ''
     WHERE id = $1 RETURNING feed`,
    [visitorId, w.at]
  )
  w.rewrote(visitorId)
  w.grew(visitorId, grown!.feed)
  await w.query(`UPDATE sessions SET note = '' WHERE visitor_id = $1`, [visitorId])
  await w.query(`UPDATE verified SET name = '', email = '' WHERE visitor_id = $1`, [visitorId])
  // In no thread, nobody's and old: none can be fetched or sent again, and they are swept away.
  await w.query(
    `UPDATE files SET thread_id = NULL, owner = key, at = 0, name = '' FROM threads t WHERE t.id = files.thread_id AND t.visitor_id = $1`,
    [visitorId]
  )
  await w.query(
    `UPDATE threads SET newest = NULL, state = 'closed', waiting_since = NULL, unread_visitor = 0, unread_team = 0
     WHERE visitor_id = $1`,
    [visitorId]
  )
  for (const thread of threads) {
    await placeNotice(w, thread, 'erased')
    await append(w, visitorId, thread.id, { kind: 'thread' })
  }
  w.tell('erased', { visitorId })
  w.tell('visit', { visitorId })
}
