import type { Attachment } from '../../../src/model/message.ts'
import type { Queries } from '../store/store.ts'
import { type Refusal, refuse } from './refusal.ts'
import type { Writing } from './writing.ts'

/** A file as the store knows it. */
export interface FileRow {
  readonly key: string
  readonly name: string
  readonly mime: string
  readonly size: number
  readonly width: number | null
  readonly height: number | null
}

/** @param id What whoever uploaded it calls it. */
export function attachmentFrom(id: string, { key, name, mime, size, width, height }: FileRow): Attachment {
  const room = width === null || height === null ? {} : { width, height }
  return { id, name, mime, size, url: `files/${key}/${encodeURIComponent(name)}`, ...room }
}

export const notUploaded: Refusal = refuse(
  'attachments',
  'command.attachments: expected files that were uploaded from here and are in no message yet'
)

/** What a message wants to carry. */
interface Wanted {
  /** A device or an agent. */
  readonly owner: string
  readonly ids: readonly string[]
}

/**
 * The files that each message names, in its order; `undefined` where one of them is not its writer's to send, or is in
 * another message. Asks nothing if no message names any, as nearly none does.
 */
export async function findFiles(
  tx: Queries,
  wanted: readonly Wanted[]
): Promise<readonly (readonly Attachment[] | undefined)[]> {
  const named = wanted.flatMap(({ owner, ids }) => ids.map(id => ({ owner, id })))
  if (!named.length) return wanted.map(() => [])
  const rows = await tx.query<FileRow & { readonly owner: string; readonly id: string }>(
    `SELECT f.* FROM unnest($1::text[], $2::text[]) AS named (owner, id)
       JOIN files f ON f.owner = named.owner AND f.id = named.id AND f.thread_id IS NULL`,
    [named.map(({ owner }) => owner), named.map(({ id }) => id)]
  )
  const found = new Map(rows.map(row => [`${row.owner} ${row.id}`, attachmentFrom(row.id, row)]))
  return wanted.map(({ owner, ids }) => {
    const all = [...new Set(ids)].flatMap(id => found.get(`${owner} ${id}`) ?? [])
    return all.length === ids.length ? all : undefined
  })
}

/** Notes in which thread the files of these messages are now: from here on they can be fetched. */
export async function bindFiles(
  w: Writing,
  messages: readonly { readonly thread: { readonly id: string }; readonly attachments?: readonly Attachment[] }[]
): Promise<void> {
  const bound = messages.flatMap(({ thread, attachments = [] }) =>
    attachments.map(({ url }) => ({ threadId: thread.id, key: url.split('/')[1]! }))
  )
  if (!bound.length) return
  await w.query(
    `UPDATE files SET thread_id = bound.thread_id FROM unnest($1::text[], $2::text[]) AS bound (key, thread_id)
     WHERE files.key = bound.key`,
    [bound.map(({ key }) => key), bound.map(({ threadId }) => threadId)]
  )
}
