import type { IncomingMessage, ServerResponse } from 'node:http'
import { nullable, object, text } from '../../../src/model/shape.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import type { Log } from '../log.ts'
import type { Copies, CopyRefusal } from '../mail/copies.ts'
import { readJson } from './body.ts'
import { json } from './http.ts'

interface CopyParts {
  /** Left out: this server sends no mail. */
  readonly copies: Copies | undefined
  readonly log: Log
  addressOf(request: IncomingMessage): string
  mayConnect(origin: string | undefined, host: string | undefined): boolean
}

/** What a visitor's page asks for: which conversations go where. */
export const copyShape = object({
  ticket: text(LIMITS.id, 1),
  threadId: nullable(text(LIMITS.id, 1)),
  to: text(LIMITS.email)
})

interface Asked {
  readonly ticket: string
  readonly threadId: string | null
  readonly to: string
}

const ANSWERS: Readonly<Record<CopyRefusal['reason'], readonly [status: number, code: TransportErrorCode]>> = {
  ticket: [401, 'unauthorized'],
  forbidden: [403, 'forbidden'],
  empty: [400, 'rejected'],
  email: [400, 'rejected'],
  'too-fast': [429, 'busy'],
  'too-many': [429, 'busy'],
  'mail-refused': [400, 'rejected'],
  'mail-failed': [502, 'busy']
}

/** Answers what is asked for at `/api/copies`. */
export function createCopyRoute({ copies, log, addressOf, mayConnect }: CopyParts) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // What was not read of a body would be taken for the next request.
    const refuse = (status: number, code: TransportErrorCode, reason: string, message: string, retryAfter?: number) =>
      json(response, status, { code, reason, message, retryAfter: retryAfter ?? null }, { connection: 'close' })
    const { origin, host } = request.headers
    response.setHeader('vary', 'origin')
    if (!mayConnect(origin, host)) {
      log.warn('copies: origin refused', { origin: origin?.slice(0, 100) })
      return refuse(403, 'forbidden', 'origin', 'expected a page of this host, or of an origin that is allowed')
    }
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
    if (request.method !== 'POST')
      return refuse(404, 'rejected', 'not-found', `there is no ${request.method} /api/copies`)
    if (!copies) return refuse(404, 'unsupported', 'mail', 'this server sends no mail')
    const said = await readJson(request)
    const problem = said ? copyShape(said, '') : 'expected one line of JSON'
    if (problem) return refuse(400, 'rejected', 'invalid', problem)
    const { ticket, threadId, to } = said as unknown as Asked
    const refusal = await copies.send({ ticket, threadId, to: to.trim(), address: addressOf(request) })
    if (!refusal) return json(response, 200, { to: to.trim() })
    const [status, code] = ANSWERS[refusal.reason]
    refuse(status, code, refusal.reason, refusal.message, refusal.retryAfter)
  }
}
