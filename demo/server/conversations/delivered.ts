import type { Writing } from './writing.ts'

/**
 * Notes that an inbox was sent everything up to these positions, and tells the visitors whose messages are among it.
 * Two statements however many there are: every message of every visitor comes by here.
 */
export async function markDelivered(w: Writing, marks: ReadonlyMap<string, number>): Promise<void> {
  const ids = [...marks.keys()]
  // Always in the same order, so that two of these never wait for each other.
  await w.query(
    `SELECT id FROM visitors WHERE id IN (SELECT visitor_id FROM threads WHERE id = ANY($1::text[]))
     ORDER BY id FOR NO KEY UPDATE`,
    [ids]
  )
  const told = await w.query<{ visitor_id: string; thread_id: string }>(
    `WITH risen AS (
       UPDATE threads t SET team_delivered = given.mark
       FROM unnest($1::text[], $2::bigint[]) AS given (id, mark), threads o
       WHERE t.id = given.id AND o.id = t.id AND t.team_delivered < given.mark
       RETURNING t.id, t.visitor_id, o.team_delivered AS was),
     ours AS (
       SELECT r.id, r.visitor_id, row_number() OVER (PARTITION BY r.visitor_id ORDER BY r.id) AS nth
       FROM risen r WHERE EXISTS (
         SELECT 1 FROM messages m WHERE m.thread_id = r.id AND m.position > r.was AND m.author = 'visitor')),
     grown AS (
       UPDATE visitors v SET feed = feed + many.n
       FROM (SELECT visitor_id, count(*) AS n FROM ours GROUP BY visitor_id) AS many
       WHERE v.id = many.visitor_id RETURNING v.id, v.feed - many.n AS before)
     INSERT INTO events (visitor_id, seq, kind, thread_id, ref, at)
     SELECT o.visitor_id, g.before + o.nth, 'receipt', o.id, 'agent', $3 FROM ours o JOIN grown g ON g.id = o.visitor_id
     RETURNING visitor_id, thread_id`,
    [ids, [...marks.values()], w.at]
  )
  for (const { visitor_id, thread_id } of told) {
    w.tell('feed', { visitorId: visitor_id })
    w.tell('thread', { threadId: thread_id })
  }
}
