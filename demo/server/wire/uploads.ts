import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { object, optional, text } from '../../../src/model/shape.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import { type Files, OTHER, retryAfterOf } from '../files/files.ts'
import type { Agents } from '../identity/agents.ts'
import type { Devices } from '../identity/devices.ts'
import { prove, type Verifier } from '../identity/visitors.ts'
import type { Limits } from '../limits.ts'
import type { Log } from '../log.ts'
import { parseJson } from './body.ts'
import { isId } from './commands.ts'
import { json } from './http.ts'
import { createBuckets, createCount } from './rate.ts'

/** Files that come in and go out by requests. */
export interface FileRoutes {
  /** Answers what is asked for at `/api/files` and below. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Takes a file from an agent, whose page is ours. */
  takeFromAgent(request: IncomingMessage, response: ServerResponse): Promise<void>
}

interface FileParts {
  readonly files: Files
  readonly devices: Devices
  readonly agents: Agents
  readonly verifier: Verifier | undefined
  readonly limits: Limits
  readonly log: Log
  addressOf(request: IncomingMessage): string
  mayConnect(origin: string | undefined, host: string | undefined): boolean
}

/** The line before a file: whose it is, and what it is called. */
export const uploadShape = object({
  device: optional(text(LIMITS.id, 16)),
  token: optional(text(LIMITS.token)),
  id: text(LIMITS.id, 1),
  name: text(LIMITS.name, 1)
})

interface Head {
  readonly device?: string
  readonly token?: string
  readonly id: string
  readonly name: string
}

/** Longest line before a file, in bytes. */
const HEAD = 16_384
/** How long somebody whose file is refused may go on sending it, so that the answer arrives, in milliseconds. */
const LINGER = 1000

export function createFileRoutes(parts: FileParts): FileRoutes {
  const { files, devices, agents, verifier, limits, log, addressOf, mayConnect } = parts
  const { perMinute, burst } = limits.uploads
  const ofOwner = createBuckets(limits.uploads)
  const ofAddress = createBuckets({ perMinute: 3 * perMinute, burst: 3 * burst })
  const atOnce = createCount(limits.uploadsAtOnce)

  /** @param ownerOf Who it is that uploads, by the line before the file; `undefined`: nobody. */
  async function take(
    request: IncomingMessage,
    response: ServerResponse,
    ownerOf: (head: Head) => Promise<string | undefined>
  ): Promise<void> {
    const turnAway = (status: number, refusal: Refusal) => refuse(request, response, status, refusal)
    if (!limits.fileSize) return turnAway(404, say('unsupported', 'files', 'this server takes no files'))
    const wait = ofAddress.take(addressOf(request))
    if (wait) return turnAway(429, { ...say('busy', 'too-fast', 'too many files from this address'), retryAfter: wait })
    const release = atOnce.take(addressOf(request))
    if (!release) {
      const message = `expected at most ${limits.uploadsAtOnce} files at a time from one address`
      return turnAway(429, { ...say('busy', 'too-fast', message), retryAfter: 2000 })
    }
    try {
      const most = HEAD + limits.fileSize
      if (Number(request.headers['content-length'] ?? 0) > most) {
        return turnAway(413, say('rejected', 'file-size', `file: expected at most ${limits.fileSize} bytes`))
      }
      request.setTimeout(limits.requestWait, () => request.destroy())
      const { head, body } = await split(request)
      const problem = uploadShape(head, '')
      if (problem) return turnAway(400, say('rejected', 'invalid', problem))
      const { id, name } = head as unknown as Head
      if (!isId(id)) return turnAway(400, say('rejected', 'invalid', 'id: expected printable ASCII without spaces'))
      const owner = await ownerOf(head as unknown as Head)
      if (!owner) {
        const message = 'expected a device that is connected, with the token it showed there'
        return turnAway(401, say('unauthorized', 'device', message))
      }
      const pause = ofOwner.take(owner)
      if (pause) return turnAway(429, { ...say('busy', 'too-fast', 'too many files'), retryAfter: pause })
      const taken = await files.take({ owner, id, name, body })
      if ('code' in taken) {
        const status = taken.reason === 'file-size' ? 413 : taken.code === 'busy' ? 429 : 415
        return turnAway(status, { ...taken, retryAfter: retryAfterOf(taken) })
      }
      request.resume()
      json(response, 200, taken)
    } catch (error) {
      // Whoever went away in the middle of it comes back with all of it.
      if (!request.destroyed) throw error
    } finally {
      release()
    }
  }

  async function give(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = /^[\w-]{43}$/.test(key) ? await files.find(key) : undefined
    const source = await file?.read()
    if (!file || !source) return refuse(request, response, 404, say('rejected', 'not-found', 'there is no such file'))
    const isPicture = file.width !== null
    const headers: OutgoingHttpHeaders = {
      ...LOCKED,
      // What is under a key never changes.
      etag: `"${key}"`,
      'content-type': isPicture ? file.mime : OTHER,
      'content-length': file.size,
      'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename*=UTF-8''${quoted(file.name)}`
    }
    const isKnown = request.headers['if-none-match'] === headers.etag
    response.writeHead(isKnown ? 304 : 200, headers)
    if (isKnown || request.method === 'HEAD') {
      source.destroy()
      response.end()
    } else {
      // Whoever goes away has seen enough.
      await pipeline(source, response).catch(() => {})
    }
  }

  return {
    async answer(path, request, response) {
      const { origin, host } = request.headers
      const fine = mayConnect(origin, host)
      if (origin !== undefined && fine) response.setHeader('access-control-allow-origin', origin)
      response.setHeader('vary', 'origin')
      // Pictures are asked for without an origin; what is in the address stands for it.
      if (path && (request.method === 'GET' || request.method === 'HEAD')) {
        return give(path.split('/')[1] ?? '', request, response)
      }
      if (!fine) {
        log.warn('files: origin refused', { origin: origin?.slice(0, 100) })
        const message = 'expected a page of this host, or of an origin that is allowed'
        return refuse(request, response, 403, say('forbidden', 'origin', message))
      }
      if (request.method === 'OPTIONS') {
        response.setHeader('access-control-allow-methods', 'GET, POST')
        response.setHeader('access-control-allow-headers', 'content-type')
        response.setHeader('access-control-max-age', '600')
        return void response.writeHead(204).end()
      }
      if (path || request.method !== 'POST') {
        return refuse(
          request,
          response,
          404,
          say('rejected', 'not-found', `there is no ${request.method} /api/files${path}`)
        )
      }
      return take(request, response, async ({ device, token }) => {
        const proof = await prove(token, verifier)
        if (!device || (proof && 'problem' in proof)) return undefined
        const found = await devices.whose(device, proof)
        return 'hash' in found ? found.hash : undefined
      })
    },
    takeFromAgent: (request, response) =>
      take(request, response, async () => {
        const token = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? '')?.[1]
        return token && (await agents.whose(token))?.agent.id
      })
  }
}

/** Shown as what it is and nothing else: no script, no frame, no guess at another type, and the address stays here. */
const LOCKED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  // Asked for again after a while, because it may have been erased.
  'cache-control': 'private, max-age=600'
}

const quoted = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, letter => `%${letter.charCodeAt(0).toString(16)}`)

interface Refusal {
  readonly code: TransportErrorCode
  readonly reason: string
  readonly message: string
  readonly retryAfter: number | null
}

const say = (code: TransportErrorCode, reason: string, message: string): Refusal => ({
  code,
  reason,
  message,
  retryAfter: null
})

/** Answers before all has arrived. What still comes is thrown away, for as long as it takes the answer to be read. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, refusal: Refusal): void {
  json(response, status, refusal, { connection: 'close' })
  if (request.complete) return
  request.resume()
  const timer = setTimeout(() => request.destroy(), LINGER)
  request.once('close', () => clearTimeout(timer))
}

/** The first line of a request, and what follows it. */
async function split(
  request: IncomingMessage
): Promise<{ readonly head: unknown; readonly body: AsyncIterable<Uint8Array> }> {
  const chunks = request.iterator({ destroyOnReturn: false })
  let begun = Buffer.alloc(0)
  let end = -1
  while (end < 0 && begun.length <= HEAD) {
    const { value, done } = await chunks.next()
    if (done) break
    begun = Buffer.concat([begun, value as Buffer])
    end = begun.indexOf('\n')
  }
  const rest = begun.subarray(end + 1)
  return {
    head: parseJson(end < 0 ? '' : begun.subarray(0, end).toString('utf8')),
    body: {
      async *[Symbol.asyncIterator]() {
        if (end >= 0) yield rest
        yield* { [Symbol.asyncIterator]: () => chunks } as AsyncIterable<Uint8Array>
      }
    }
  }
}
