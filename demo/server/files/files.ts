import type { Readable } from 'node:stream'
import type { Attachment } from '../../../src/model/message.ts'
import { pictureOf } from '../../../src/model/picture.ts'
import { attachmentFrom, type FileRow } from '../conversations/files.ts'
import { storable } from '../conversations/rows.ts'
import { createSecret } from '../identity/secrets.ts'
import type { Limits } from '../limits.ts'
import type { Store } from '../store/store.ts'
import type { Shelf } from './shelf.ts'
import { safeName, typeOf } from './types.ts'

/** What visitors and agents send that is not words. */
export interface Files {
  /** Takes a file in. The same owner's same id again gives the same attachment, and stores nothing. */
  take(upload: NewFile): Promise<Attachment | FileRefusal>
  /** A file that is in a message, by the key in its address. */
  find(key: string): Promise<StoredFile | undefined>
  /** Drops what has been in no message for too long. */
  sweep(): Promise<void>
}

export interface NewFile {
  /** A device or an agent. */
  readonly owner: string
  readonly id: string
  readonly name: string
  readonly body: AsyncIterable<Uint8Array>
}

export interface StoredFile extends FileRow {
  read(): Promise<Readable | undefined>
}

/** Why a file is not taken: `reason` picks what people read. */
export interface FileRefusal {
  readonly code: 'rejected' | 'busy'
  readonly reason: 'file-size' | 'file-empty' | 'file-type' | 'too-many'
  readonly message: string
}

/** Enough of the beginning of a file to see what it is. */
const BEGINNING = 524_288
/** Larger ones, in pixels, would fill the memory of whoever only wanted to read. */
const MOST_PIXELS = 40_000_000
/** Milliseconds after which somebody who has too many files that were not sent may try again. */
const LATER = 60_000

export const retryAfterOf = ({ code }: FileRefusal): number | null => (code === 'busy' ? LATER : null)

export function createFiles(store: Store, shelf: Shelf, limits: Limits): Files {
  const known = async (owner: string, id: string) => {
    const [row] = await store.query<FileRow>('SELECT * FROM files WHERE owner = $1 AND id = $2', [owner, id])
    return row && attachmentFrom(id, row)
  }

  /** Writes down, as nobody's, that there may be bytes of this key: whoever dies from here on, the sweep finds them. */
  const announce = (key: string) =>
    store.query("INSERT INTO files (key, owner, id, name, mime, size, at) VALUES ($1, $1, '', '', '', 0, $2)", [
      key,
      Date.now()
    ])

  /** Whether it is this owner's now; not if they have a file of this id already. */
  async function keep(owner: string, id: string, row: FileRow): Promise<boolean> {
    const { key, name, mime, size, width, height } = row
    const made = await store.transaction(async tx => {
      const [, made] = await Promise.all([
        tx.query('DELETE FROM files WHERE key = $1', [key]),
        tx.query(
          `INSERT INTO files (key, owner, id, name, mime, size, width, height, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING key`,
          [key, owner, id, name, mime, size, width, height, Date.now()]
        )
      ])
      return made
    })
    return made.length > 0
  }

  async function drop(key: string): Promise<void> {
    await shelf.drop(key)
    // Only now: whoever dies in between finds it again.
    await store.query('DELETE FROM files WHERE key = $1', [key])
  }

  return {
    async take({ owner, id, name: said, body }) {
      const before = await known(owner, id)
      if (before) return before
      const [unsent] = await store.query<{ count: number }>(
        'SELECT count(*) AS count FROM files WHERE owner = $1 AND thread_id IS NULL',
        [owner]
      )
      if (unsent!.count >= limits.unsentFiles) {
        return refuse('too-many', `expected at most ${limits.unsentFiles} files that are in no message`, 'busy')
      }
      const name = safeName(storable(said))
      const key = createSecret()
      const measure = { size: 0, beginning: Buffer.alloc(0) }
      await announce(key)
      try {
        await shelf.put(key, measured(body, limits.fileSize, measure))
      } catch (error) {
        await drop(key)
        if (!(error instanceof TooLarge)) throw error
        return refuse('file-size', `file: expected at most ${limits.fileSize} bytes`)
      }
      const picture = pictureOf(measure.beginning)
      const promised = typeOf(name)
      const flaw = !measure.size
        ? refuse('file-empty', 'file: expected at least one byte')
        : picture || promised
          ? undefined
          : refuse('file-type', 'name: expected the end of a name that is taken, such as .pdf')
      if (flaw) {
        await drop(key)
        return flaw
      }
      const isShown = picture && picture.width * picture.height <= MOST_PIXELS
      // What calls itself a picture and is none is nothing that a browser should try to show.
      const isFalse = !picture && /^image\/(png|jpeg|gif|webp)$/.test(promised!)
      const row: FileRow = {
        key,
        name,
        mime: isShown ? picture.mime : picture || isFalse ? OTHER : promised!,
        size: measure.size,
        width: isShown ? picture.width : null,
        height: isShown ? picture.height : null
      }
      let isKept = false
      try {
        isKept = await keep(owner, id, row)
      } finally {
        // The same upload was here twice at once, or the store failed.
        if (!isKept) await drop(key)
      }
      return isKept ? attachmentFrom(id, row) : (await known(owner, id))!
    },

    async find(key) {
      const [row] = await store.query<FileRow>('SELECT * FROM files WHERE key = $1 AND thread_id IS NOT NULL', [key])
      return row && { ...row, read: () => shelf.take(key) }
    },

    async sweep() {
      const rows = await store.query<{ key: string }>(
        // Nobody's from here on, so that no message takes what is about to go.
        'UPDATE files SET owner = key WHERE thread_id IS NULL AND at < $1 RETURNING key',
        [Date.now() - limits.unsentFor]
      )
      for (const { key } of rows) await drop(key)
    }
  }
}

export const OTHER = 'application/octet-stream'

const refuse = (
  reason: FileRefusal['reason'],
  message: string,
  code: FileRefusal['code'] = 'rejected'
): FileRefusal => ({
  code,
  reason,
  message
})

class TooLarge extends Error {}

/** Passes a file on and notes what it is, until it is too large. */
async function* measured(
  body: AsyncIterable<Uint8Array>,
  most: number,
  measure: { size: number; beginning: Buffer }
): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    measure.size += part.length
    if (measure.size > most) throw new TooLarge()
    const missing = BEGINNING - measure.beginning.length
    if (missing > 0) measure.beginning = Buffer.concat([measure.beginning, part.subarray(0, missing)])
    yield part
  }
}
