import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import type { Attachment } from '../../../src/model/message.ts'

/** What an upload was answered with. */
export interface Answer {
  readonly status: number
  readonly body: Partial<Attachment> & {
    readonly code?: string
    readonly reason?: string
    readonly retryAfter?: number
  }
}

export interface Given {
  readonly device?: string | undefined
  readonly token?: string | undefined
  readonly id?: string
  readonly name?: string
  readonly origin?: string | undefined
}

/** Uploads as the widget does. */
export async function upload(server: Server, bytes: BlobPart, given: Given = {}): Promise<Answer> {
  const { origin = at(server, ''), id = createId(), name = 'lamp.txt', ...who } = given
  const body = new Blob([`${JSON.stringify({ ...who, id, name })}\n`, bytes])
  const response = await fetch(at(server, '/api/files'), { method: 'POST', body, headers: { origin } })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

/** Uploads as an agent's inbox does. */
export async function uploadAsAgent(
  server: Server,
  token: string,
  bytes: BlobPart,
  name = 'lamp.txt'
): Promise<Answer> {
  const body = new Blob([`${JSON.stringify({ id: createId(), name })}\n`, bytes])
  const headers = { authorization: `Bearer ${token}`, origin: at(server, '') }
  const response = await fetch(at(server, '/api/inbox/files'), { method: 'POST', body, headers })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

/** Fetches what an attachment's address leads to. */
export const fetchFile = (server: Server, url: string | undefined, headers: Record<string, string> = {}) =>
  fetch(at(server, `/api/${url}`), { headers })

/** Some systems look up `localhost` as an address that nobody listens on. */
const at = (server: Server, path: string) => server.url.replace('localhost', '127.0.0.1') + path

/** A picture of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64'
)
