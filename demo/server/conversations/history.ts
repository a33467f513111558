import type { Message } from '../../../src/model/message.ts'
import type { Queries } from '../store/store.ts'
import { type MessageRow, messageFrom } from './rows.ts'

/** What can be asked of a thread's past. */
export interface Question {
  readonly threadId: string
  /** Only messages before this position; `null`: the newest. */
  readonly before: number | null
  readonly limit: number
}

export interface Page {
  /** Oldest first. */
  readonly messages: readonly Message[]
  readonly more: boolean
}

/** One page; `undefined` if the thread is not there, or not this visitor's. Agents ask without a visitor. */
export async function readPage(
  tx: Queries,
  { threadId, before, limit }: Question,
  visitorId?: string
): Promise<Page | undefined> {
  const [thread] = await tx.query<{ visitor_id: string }>('SELECT visitor_id FROM threads WHERE id = $1', [threadId])
  if (!thread || (visitorId !== undefined && thread.visitor_id !== visitorId)) return undefined
  const rows = await tx.query<MessageRow>(
    `SELECT * FROM messages WHERE thread_id = $1 AND ($2::bigint IS NULL OR position < $2)
     ORDER BY position DESC LIMIT $3`,
    [threadId, before, limit + 1]
  )
  const messages = fitting(rows.slice(0, limit).map(messageFrom))
  return { messages: [...messages].reverse(), more: rows.length > messages.length }
}

/** As many from the front as make a frame of bearable size, at least one. */
export function fitting<Said>(list: readonly Said[]): readonly Said[] {
  if (list.length < 2) return list
  let size = 0
  const end = list.findIndex((said, i) => {
    size += JSON.stringify(said).length
    return i > 0 && size > FRAME
  })
  return end < 0 ? list : list.slice(0, end)
}

/** Messages in a page of what is new. */
const NEWER = 1000

/** Characters; a slow line takes a second or two for it. */
const FRAME = 200_000

/** What came into these threads after the given positions, oldest first: a page, to be asked for again after it. */
export async function readNewer(tx: Queries, marks: ReadonlyMap<string, number>): Promise<Page> {
  const rows = await tx.query<MessageRow>(
    // Thread by thread: a plan that walks through all messages in order would look just as cheap while there are few.
    `SELECT m.* FROM unnest($1::text[], $2::bigint[]) AS given (id, mark),
       LATERAL (SELECT * FROM messages
         WHERE thread_id = given.id AND position > given.mark ORDER BY position LIMIT $3) AS m
     LIMIT $3`,
    [[...marks.keys()], [...marks.values()], NEWER]
  )
  return { messages: rows.map(messageFrom), more: rows.length === NEWER }
}
