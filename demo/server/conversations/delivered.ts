import { columns } from '../store/store.ts'
import type { Writing } from './writing.ts'

/** Up to where an inbox was sent a thread. */
export interface Mark {
  readonly visitorId: string
  readonly threadId: string
  readonly upTo: number
}

/**
 * Writes down what an inbox was sent, in a transaction that has locked the visitors, and tells those whose messages are
 * among it. One statement however many there are: every message of every visitor comes by here.
 */
export async function markDelivered(w: Writing, marks: readonly Mark[]): Promise<void> {
  if (!marks.length) return
  const told = await w.query<{ visitor_id: string; thread_id: string; seq: number; delivered: number; read: number }>(
    `WITH risen AS (
       UPDATE threads t SET team_delivered = given.mark
       FROM unnest($1::text[], $2::bigint[]) AS given (id, mark) JOIN threads was ON was.id = given.id
       WHERE t.id = given.id AND t.team_delivered < given.mark
       RETURNING t.id, t.visitor_id, was.team_delivered AS was, given.mark, t.team_read),
     ours AS (
       SELECT visitor_id, count(*) AS n, array_agg(id) AS ids, array_agg(mark) AS marks, array_agg(team_read) AS reads
       FROM risen WHERE EXISTS (
         SELECT 1 FROM messages m WHERE m.thread_id = risen.id AND m.position > was AND m.author = 'visitor')
       GROUP BY visitor_id),
     grown AS (
       UPDATE visitors SET feed = feed + n FROM ours WHERE visitors.id = ours.visitor_id
       RETURNING ours.*, feed - n AS before),
     told AS (
       SELECT visitor_id, before + nth AS seq, id, mark, read
       FROM grown, unnest(ids, marks, reads) WITH ORDINALITY AS each (id, mark, read, nth)),
     written AS (
       INSERT INTO events (visitor_id, seq, kind, thread_id, ref, at)
       SELECT visitor_id, seq, 'receipt', id, 'agent', $3 FROM told)
     SELECT visitor_id, id AS thread_id, seq, mark AS delivered, read FROM told`,
    [
      ...columns(
        marks,
        one => one.threadId,
        one => one.upTo
      ),
      w.at
    ]
  )
  for (const { visitor_id, thread_id, seq, delivered, read } of told) {
    w.grew(visitor_id, seq, { type: 'receipt', threadId: thread_id, by: 'agent', delivered, read })
  }
}
