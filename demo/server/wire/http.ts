import { randomBytes } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { LIMITS } from '../../../src/transport/frames.ts'
import type { Agents } from '../identity/agents.ts'
import { createAttempts } from '../identity/attempts.ts'
import type { Limits } from '../limits.ts'
import { type Log, reasonOf } from '../log.ts'
import { readJson } from './body.ts'
import { readServed, type Served } from './files.ts'
import type { House } from './house.ts'
import { isHost, isOwn, mayAsk } from './origin.ts'
import type { FileRoutes } from './uploads.ts'

/** Where the pages lie. */
export interface Folders {
  readonly shop: string
  /** What the build made: the widget, the inbox, the shop pages with scripts. */
  readonly cdn: string
  readonly inbox: string
  readonly built: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export const defaultFolders: Folders = {
  shop: here('../../shop'),
  cdn: here('../../../dist/cdn'),
  inbox: here('../../../dist/inbox'),
  built: here('../../../dist/shop')
}

interface HttpParts {
  readonly house: House
  readonly agents: Agents
  readonly folders: Folders
  readonly allowedOrigins: readonly string[]
  readonly limits: Limits
  readonly log: Log
  addressOf(request: IncomingMessage): string
  /** Answers what is asked for under `/api/link`. */
  link(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>
  readonly files: FileRoutes
  /** Answers what is asked for at `/api/copies`. */
  copies(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** An agent signed out: their sockets of this token are to be closed. */
  onSignOut(token: string): void
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Everything but the sockets. */
export function createHttp(parts: HttpParts): Handler {
  const { house, agents, folders, limits, log } = parts
  const attempts = createAttempts(limits.signInFailures)
  // Whoever tries one password on everybody; and each try costs a tenth of a second of ours.
  const attemptsOfAddress = createAttempts(limits.signInFailures * 4)

  return (request, response) => {
    // Whoever uploads takes longer, and is looked after there.
    if (!UPLOAD.test(request.url ?? '')) {
      const late = setTimeout(() => request.complete || request.destroy(), limits.requestWait)
      response.once('close', () => clearTimeout(late))
    }
    answer(request, response).catch(error => {
      log.error('http: request failed', { reason: reasonOf(error) })
      if (response.headersSent) response.destroy()
      else fail(response, 500, 'failed', 'something went wrong here; please try again')
    })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Without `URL`: it would resolve `..` before we see it.
    const [path = '/'] = (request.url ?? '/').split(/[?#]/, 1)
    if (path.startsWith('/api/')) return api(path, request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return fail(response, 405, 'method', 'expected GET', { allow: 'GET, HEAD' })
    }
    if (path.startsWith('/porchlight/')) return widget(path.slice('/porchlight'.length), request, response)
    if (path === '/inbox') return redirect(response, '/inbox/')
    if (path.startsWith('/inbox/')) return inbox(path.slice('/inbox'.length), request, response)
    return shop(path, request, response)
  }

  async function api(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = `${request.method} ${path}`
    if (path === '/api/availability') return askAvailability(request, response)
    if (path === '/api/link' || path.startsWith('/api/link/')) {
      return parts.link(path.slice('/api/link'.length), request, response)
    }
    if (path === '/api/copies') return parts.copies(request, response)
    if (path === '/api/files' || path.startsWith('/api/files/')) {
      return parts.files.answer(path.slice('/api/files'.length), request, response)
    }
    if (
      asked === 'POST /api/inbox/sign-in' ||
      asked === 'POST /api/inbox/sign-out' ||
      asked === 'POST /api/inbox/files'
    ) {
      const { origin, host } = request.headers
      // A page of somebody else must not even try passwords through a visitor's browser.
      if (origin !== undefined && !isOwn(origin, host)) {
        return fail(response, 403, 'origin', 'expected a page of this very host')
      }
      if (path.endsWith('files')) return parts.files.takeFromAgent(request, response)
      return path.endsWith('in') ? signIn(request, response) : signOut(request, response)
    }
    fail(response, 404, 'not-found', `there is no ${asked}`)
  }

  async function askAvailability(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { origin, host } = request.headers
    if (origin !== undefined && mayAsk(origin, host, parts.allowedOrigins)) {
      response.setHeader('access-control-allow-origin', origin)
    }
    response.setHeader('vary', 'origin')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET')
      response.setHeader('access-control-max-age', '600')
      return void response.writeHead(204).end()
    }
    if (request.method !== 'GET') return fail(response, 405, 'method', 'expected GET', { allow: 'GET, OPTIONS' })
    json(response, 200, house.availability(), { 'cache-control': 'public, max-age=10' })
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { email, password } = (await readJson(request)) ?? {}
    if (
      typeof email !== 'string' ||
      typeof password !== 'string' ||
      email.length > LIMITS.email ||
      password.length > LIMITS.name ||
      email.includes('\0')
    ) {
      return fail(response, 400, 'invalid', 'expected a JSON object with email and password')
    }
    const address = parts.addressOf(request)
    const key = `${address} ${email.trim().toLowerCase()}`
    const wait = Math.max(attempts.wait(key), attemptsOfAddress.wait(address))
    if (wait) {
      const seconds = Math.ceil(wait / 1000)
      return fail(response, 429, 'too-many', `Too many attempts. Try again in ${seconds} seconds.`, {
        'retry-after': String(seconds)
      })
    }
    // Counted before it is known, so that a hundred at once are not all first attempts.
    attempts.failed(key)
    attemptsOfAddress.failed(address)
    const signedIn = await agents.signIn(email, password)
    if (!signedIn) {
      log.warn('sign-in: refused')
      return fail(response, 401, 'wrong', 'E-mail or password is wrong.')
    }
    attempts.forget(key)
    attemptsOfAddress.forget(address)
    json(response, 200, signedIn)
  }

  async function signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (!token) return fail(response, 401, 'unauthorized', 'expected the header Authorization: Bearer <token>')
    await agents.signOut(token)
    parts.onSignOut(token)
    response.writeHead(204, { 'cache-control': 'no-store' }).end()
  }

  async function widget(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await readServed(folders.cdn, path)
    if (!file) return fail(response, 404, 'not-found', `there is no ${path} here; has the widget been built?`)
    // Any site may load the widget; what it may then ask for is decided by its origin.
    send(request, response, file, {
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin'
    })
  }

  async function inbox(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await readServed(folders.inbox, path === '/' ? '/index.html' : path)
    if (!file) return fail(response, 404, 'not-found', `there is no ${path} here; has the inbox been built?`)
    send(request, response, file, {
      'content-security-policy': INBOX_POLICY,
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin'
    })
  }

  async function shop(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = path === '/' ? '/index.html' : path
    if (name === '/strict-csp.html') return strict(request, response)
    // What needs a build is there only after one; its source would not run.
    const built = await readServed(folders.built, name)
    if (built) return send(request, response, built)
    const file = /^\/(headless|gallery)\.html$/.test(name) ? undefined : await readServed(folders.shop, name)
    if (!file) return fail(response, 404, 'not-found', `there is no ${path} here`)
    // Its names were given by people: what looks like a hash there is a word.
    send(request, response, { ...file, hashed: false })
  }

  /** The same page as the others, under the strictest policy that it can run under. */
  async function strict(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host } = request.headers
    const file = await readServed(folders.shop, '/strict-csp.html')
    if (!file || !isHost(host)) return fail(response, 404, 'not-found', 'there is no /strict-csp.html here')
    const nonce = randomBytes(16).toString('base64')
    const body = Buffer.from(file.body.toString('utf8').replaceAll('{{nonce}}', nonce))
    const policy = STRICT_POLICY.replaceAll('{{nonce}}', nonce).replaceAll('{{host}}', host)
    response.writeHead(200, {
      ...SAFE,
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': 'no-store',
      'content-security-policy': policy
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
}

const UPLOAD = /^\/api(\/inbox)?\/files$/

const SAFE = { 'x-content-type-options': 'nosniff' }

const INBOX_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

const STRICT_POLICY = [
  "default-src 'none'",
  "script-src 'nonce-{{nonce}}'",
  "style-src 'nonce-{{nonce}}'",
  "connect-src 'self' ws://{{host}} wss://{{host}}",
  "img-src 'self' data:",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  "base-uri 'none'",
  "form-action 'none'"
].join('; ')

function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: Served,
  headers: OutgoingHttpHeaders = {}
): void {
  const all: OutgoingHttpHeaders = {
    ...SAFE,
    ...headers,
    'content-type': file.type,
    etag: file.etag,
    'cache-control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache'
  }
  if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304, all).end()
  response.writeHead(200, { ...all, 'content-length': file.body.length })
  response.end(request.method === 'HEAD' ? undefined : file.body)
}

/** Answers with a value as JSON. */
export function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {}
): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    ...SAFE,
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers
  })
  response.end(body)
}

function fail(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: OutgoingHttpHeaders = {}
): void {
  // What was not read of a body would be taken for the next request.
  if (status === 400 || status === 403) headers = { ...headers, connection: 'close' }
  json(response, status, { error: { code, message } }, headers)
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { ...SAFE, location }).end()
}
