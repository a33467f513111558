import { createId } from './id.ts'
import type { Attachment } from './message.ts'
import { pictureOf, withoutTraces } from './picture.ts'

/** What backends take as a name. */
const LONGEST_NAME = 200

/**
 * Files as a message takes them along until they are uploaded: `chat.send(threadId, { text, attachments: await attach(files) })`.
 * Read whole, because what lies on a disk may be gone by then, and without what a JPEG, PNG or WebP says of where and with
 * what it was made.
 *
 * @throws What the browser says of a file that cannot be read.
 */
export function attach(files: readonly Blob[]): Promise<readonly Attachment[]> {
  return Promise.all(
    files.map(async (file): Promise<Attachment> => {
      const bytes = withoutTraces(new Uint8Array(await file.arrayBuffer()))
      const { width, height, mime = file.type } = pictureOf(bytes) ?? {}
      const blob = new Blob([bytes as BlobPart], { type: mime })
      const name = ((file as Partial<File>).name || 'file').slice(-LONGEST_NAME)
      return { id: createId(), name, mime, size: blob.size, url: '', width, height, blob }
    })
  )
}
