import { atom, type ReadableAtom } from 'nanostores'
import { createId } from '../../../src/model/id.ts'
import type { Attachment } from '../../../src/model/message.ts'
import { withoutTraces } from '../../../src/model/picture.ts'
import type { ThreadId } from '../../../src/model/thread.ts'
import { LIMITS } from '../../../src/transport/frames.ts'

/** Files that an agent has chosen and not sent yet: they are uploaded at once, and go with the next reply. */
export interface Uploads {
  readonly $chosen: ReadableAtom<Readonly<Record<ThreadId, readonly Chosen[]>>>
  add(threadId: ThreadId, files: Iterable<File>): void
  remove(threadId: ThreadId, id: string): void
  /** Takes those that are uploaded out of the list, to be sent; no more than one reply may carry. */
  take(threadId: ThreadId): readonly Attachment[]
  close(): void
}

export interface Chosen {
  readonly id: string
  readonly name: string
  /** How much of it has gone out, 0 to 1. */
  readonly share: number
  readonly done: Attachment | undefined
  /** Why it cannot be sent, in words; empty: it can. */
  readonly problem: string
}

/** What agents read where the server gives a reason. */
const WHY: Readonly<Record<string, string>> = {
  'file-size': 'is too large',
  'file-type': 'is of a kind that cannot be sent',
  'file-empty': 'is empty',
  'too-fast': 'came too soon after others; try again in a minute',
  'too-many': 'is one too many; send the others first'
}

/** @param url Of the server's API. */
export function createUploads(url: string, token: string): Uploads {
  const $chosen = atom<Readonly<Record<ThreadId, readonly Chosen[]>>>({})
  const requests = new Map<string, XMLHttpRequest>()

  const change = (threadId: ThreadId, make: (list: readonly Chosen[]) => readonly Chosen[]) =>
    $chosen.set({ ...$chosen.get(), [threadId]: make($chosen.get()[threadId] ?? []) })
  const patch = (threadId: ThreadId, id: string, what: Partial<Chosen>) =>
    change(threadId, list => list.map(one => (one.id === id ? { ...one, ...what } : one)))

  async function send(threadId: ThreadId, id: string, file: File): Promise<void> {
    const bytes = withoutTraces(new Uint8Array(await file.arrayBuffer()))
    const body = new Blob([`${JSON.stringify({ id, name: file.name })}\n`, bytes as BlobPart])
    const request = new XMLHttpRequest()
    requests.set(id, request)
    request.upload.onprogress = ({ loaded, total }) => patch(threadId, id, { share: loaded / total })
    request.onloadend = () => {
      requests.delete(id)
      const said = parse(request.responseText)
      if (request.status === 200) patch(threadId, id, { share: 1, done: said as unknown as Attachment })
      else patch(threadId, id, { problem: WHY[String(said.reason)] ?? 'could not be uploaded' })
    }
    request.open('POST', `${url}/inbox/files`)
    request.setRequestHeader('authorization', `Bearer ${token}`)
    request.send(body)
  }

  return {
    $chosen,
    add(threadId, files) {
      for (const file of files) {
        const id = createId()
        change(threadId, list => [...list, { id, name: file.name, share: 0, done: undefined, problem: '' }])
        send(threadId, id, file).catch(() => patch(threadId, id, { problem: 'could not be read' }))
      }
    },
    remove(threadId, id) {
      requests.get(id)?.abort()
      change(threadId, list => list.filter(one => one.id !== id))
    },
    take(threadId) {
      const ready = ($chosen.get()[threadId] ?? []).filter(({ done }) => done).slice(0, LIMITS.files)
      change(threadId, list => list.filter(one => !ready.includes(one)))
      return ready.flatMap(({ done }) => done ?? [])
    },
    close() {
      for (const request of requests.values()) request.abort()
    }
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    // Cut off, or something in between has answered.
    return {}
  }
}
