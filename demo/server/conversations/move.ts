import type { Writing } from './writing.ts'

/**
 * Makes everything that was said by one visitor another one's, both of whom the transaction has locked. The feed of the
 * first goes to the end of the second's, so that the other browsers of the second hear it all as news.
 */
export async function moveConversations(w: Writing, from: string, to: string): Promise<void> {
  const threads = await w.query<{ id: string }>(
    'UPDATE threads SET visitor_id = $2 WHERE visitor_id = $1 RETURNING id',
    [from, to]
  )
  await w.query('UPDATE sessions SET visitor_id = $2 WHERE visitor_id = $1', [from, to])
  const moved = await w.query<{ seq: number }>(
    `WITH gone AS (DELETE FROM events WHERE visitor_id = $1 RETURNING *),
     grown AS (
       UPDATE visitors SET feed = feed + (SELECT count(*) FROM gone) WHERE id = $2
       RETURNING feed - (SELECT count(*) FROM gone) AS before)
     INSERT INTO events (visitor_id, seq, kind, thread_id, position, ref, at)
     SELECT $2, grown.before + row_number() OVER (ORDER BY gone.seq), kind, thread_id, position, ref, at
     FROM gone, grown
     RETURNING seq`,
    [from, to]
  )
  for (const { seq } of moved) w.grew(to, seq)
  for (const { id } of threads) w.tell('thread', { threadId: id })
}
