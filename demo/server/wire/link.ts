import type { IncomingMessage, ServerResponse } from 'node:http'
import { object, type Shape, text, whole } from '../../../src/model/shape.ts'
import {
  type ClientFrame,
  clientFrameShape,
  decode,
  LIMITS,
  type Opened,
  type ServerFrame
} from '../../../src/transport/frames.ts'
import { createSecret } from '../identity/secrets.ts'
import type { Limits } from '../limits.ts'
import type { Log } from '../log.ts'
import { parseJson, readBody, readJson } from './body.ts'
import { tokenProblem } from './hello.ts'
import { json } from './http.ts'
import type { Place } from './places.ts'
import { createRequests, type Requests } from './requests.ts'
import type { VisitorDoor } from './visitors.ts'

/** Visitors' connections without a socket, under `/api/link`. */
export interface LinkRoutes {
  answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Settles when every connection there is has ended. */
  over(): Promise<void>
}

interface LinkParts {
  readonly visitors: VisitorDoor
  readonly limits: Limits
  readonly log: Log
  mayConnect(origin: string | undefined, host: string | undefined): boolean
  /** `undefined`: this address has as many connections as it may. */
  takePlace(request: IncomingMessage): Place | undefined
}

/** How long after its end a connection may still bring a last word, or a sign-out, in milliseconds. */
const LAST_WORDS = 5000

const connection = text(LIMITS.id, 1)
/** The first line of what is said. */
export const sayShape: Shape = object({ connection })
export const pollShape: Shape = object({ connection, n: whole(1) })

export function createLinkRoutes({ visitors, limits, log, mayConnect, takePlace }: LinkParts): LinkRoutes {
  const links = new Map<string, Requests>()
  const tickets = new Map<string, Requests>()
  /** Those that ended a moment ago: a stream is cut faster than a request arrives. */
  const leaving = new Map<string, Requests>()

  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>> = {
    'POST ': open,
    'GET /stream': stream,
    'POST /poll': poll,
    'POST /say': say
  }

  async function open(request: IncomingMessage, response: ServerResponse) {
    const body = await readBody(request, limits.frame)
    if (!body) return refuse(response, 413, 'too-large', `frame: expected at most ${limits.frame} bytes`)
    const hello = body.toString('utf8')
    const decoded = decode<ClientFrame>(hello, clientFrameShape)
    if ('problem' in decoded) {
      const message = tokenProblem(hello)
      if (message) return sayGoodbye(response, 401, { t: 'bye', code: 'unauthorized', message, retryAfter: null })
      return refuse(response, 400, decoded.code, decoded.problem)
    }
    if (decoded.frame.t !== 'hello') {
      return refuse(response, 400, 'out-of-turn', `${decoded.frame.t}: expected hello first`)
    }
    const place = takePlace(request)
    if (!place) {
      const message = 'too many connections of this address, too often new ones, or too often thrown out'
      return sayGoodbye(response, 429, { t: 'bye', code: 'busy', message, retryAfter: 5000 })
    }
    const opened: Opened = { t: 'opened', connection: createSecret(), ticket: createSecret() }
    const link = createRequests(limits.helloWait)
    links.set(opened.connection, link)
    tickets.set(opened.ticket, link)
    link.on('close', () => {
      links.delete(opened.connection)
      tickets.delete(opened.ticket)
      leaving.set(opened.connection, link)
      setTimeout(() => leaving.delete(opened.connection), LAST_WORDS).unref()
      place.leave()
    })
    visitors.welcome(link, place.blame)
    link.hear(hello)
    json(response, 200, opened)
  }

  async function stream(request: IncomingMessage, response: ServerResponse) {
    const ticket = new URLSearchParams(request.url?.split('?', 2)[1]).get('ticket') ?? ''
    const link = tickets.get(ticket)
    tickets.delete(ticket)
    if (!link?.stream(response)) sayGone(response)
  }

  async function poll(request: IncomingMessage, response: ServerResponse) {
    const asked = await readJson(request)
    const problem = pollShape(asked, '')
    if (problem) return refuse(response, 400, 'invalid', problem)
    const { connection, n } = asked as { connection: string; n: number }
    if (!links.get(connection)?.poll(n, response)) sayGone(response)
  }

  async function say(request: IncomingMessage, response: ServerResponse) {
    const body = await readBody(request, limits.body)
    if (!body) return refuse(response, 413, 'too-large', `body: expected at most ${limits.body} bytes`)
    const [head = '', ...frames] = body.toString('utf8').split('\n')
    const said = parseJson(head)
    const problem = sayShape(said, '')
    if (problem) return refuse(response, 400, 'invalid', problem)
    const { connection } = said as { connection: string }
    const link = links.get(connection) ?? leaving.get(connection)
    for (const frame of frames) link?.hear(frame)
    if (!links.has(connection)) return sayGone(response)
    response.writeHead(204, { 'cache-control': 'no-store' }).end()
  }

  return {
    async answer(path, request, response) {
      const { origin, host } = request.headers
      // Browsers say no origin when a page asks its own site for a stream: the ticket stands for it.
      const fine = mayConnect(origin, host) || (origin === undefined && path === '/stream')
      if (!fine) {
        log.warn('link: origin refused', { origin: origin?.slice(0, 100) })
        const message = 'expected a page of this host, or of an origin that is allowed'
        return sayGoodbye(response, 403, { t: 'bye', code: 'forbidden', message, retryAfter: null })
      }
      if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
      response.setHeader('vary', 'origin')
      if (request.method === 'OPTIONS') {
        response.setHeader('access-control-allow-methods', 'GET, POST')
        response.setHeader('access-control-allow-headers', 'content-type')
        response.setHeader('access-control-max-age', '600')
        return void response.writeHead(204).end()
      }
      const route = routes[`${request.method} ${path}`]
      if (!route) return refuse(response, 404, 'unknown', `there is no ${request.method} /api/link${path}`)
      return route(request, response)
    },
    async over() {
      await Promise.all([...links.values()].map(link => new Promise<void>(resolve => link.on('close', resolve))))
    }
  }
}

/** What a request to a connection that is not there is answered with: it has ended, or belonged to a server before us. */
function sayGone(response: ServerResponse) {
  const message = 'this connection is over, or not where this request believes it to be'
  sayGoodbye(response, 410, { t: 'bye', code: 'closed', message, retryAfter: null })
}

function sayGoodbye(response: ServerResponse, status: number, frame: Extract<ServerFrame, { readonly t: 'bye' }>) {
  json(response, status, frame, closing)
}

function refuse(
  response: ServerResponse,
  status: number,
  code: Extract<ServerFrame, { readonly t: 'error' }>['code'],
  message: string
) {
  json(response, status, { t: 'error', code, message } satisfies ServerFrame, closing)
}

/** What was not read of a body would be taken for the next request. */
const closing = { connection: 'close' }
