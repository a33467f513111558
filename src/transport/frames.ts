/**
 * The frames of the reference protocol, as PROTOCOL.md beside this file explains them: one JSON object each, `t` says
 * which. Shared by the adapters and by the reference server; each side checks what the other says.
 */
import type { Command, Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { answersShape } from '../model/form.ts'
import { MAX_TEXT, type Message } from '../model/message.ts'
import { choice, flag, list, nullable, object, optional, type Shape, text, whole, word } from '../model/shape.ts'
import type { TransportErrorCode } from './errors.ts'
import type { Capabilities } from './transport.ts'

export const PROTOCOL_VERSION = 1

/** What both sides hold each other to; sizes in UTF-16 units, but for `frame`, in bytes of UTF-8. */
export const LIMITS = {
  frame: 65_536,
  text: MAX_TEXT,
  id: 64,
  name: 200,
  email: 320,
  note: 2000,
  url: 2000,
  token: 8192,
  page: 100,
  files: 20
} as const

export type ClientFrame =
  | {
      readonly t: 'hello'
      readonly v: number
      readonly device: string
      readonly term: number
      readonly token?: string | undefined
      readonly cursor?: Cursor | undefined
      /** BCP 47; empty: not said. */
      readonly locale: string
      /** IANA time zone; empty: not said. */
      readonly zone: string
    }
  | { readonly t: 'send'; readonly command: Command; readonly again: boolean }
  | { readonly t: 'hint'; readonly hint: Hint }
  | {
      readonly t: 'history'
      /** Names the question, so that the answer finds it. */
      readonly q: number
      readonly threadId: string
      /** Only messages before this position; `null`: the newest. */
      readonly before: number | null
      readonly limit: number
    }
  /** Signs out: this device and its token count for nothing from here on. */
  | { readonly t: 'forget' }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

export type ServerFrame =
  | {
      readonly t: 'welcome'
      readonly v: number
      readonly capabilities: Capabilities
      /** Milliseconds between pings of the server; silence for much longer means the link is dead. */
      readonly heartbeat: number
    }
  | { readonly t: 'events'; readonly events: readonly ServerEvent[] }
  | { readonly t: 'ack'; readonly id: string; readonly position: number | null; readonly at: number }
  | {
      readonly t: 'nack'
      readonly id: string
      readonly code: TransportErrorCode
      readonly message: string
      /** Picks what the visitor reads, such as `too-long`. */
      readonly reason: string
      readonly retryAfter: number | null
    }
  | { readonly t: 'page'; readonly q: number; readonly messages: readonly Message[]; readonly more: boolean }
  /** Something was wrong with one frame of yours; the connection stays. */
  | { readonly t: 'error'; readonly code: FrameErrorCode; readonly message: string; readonly q?: number | undefined }
  /** The last frame before the server closes. */
  | {
      readonly t: 'bye'
      readonly code: TransportErrorCode
      readonly message: string
      readonly retryAfter: number | null
      /** `forgotten`: this device was signed out. */
      readonly reason?: string
    }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

/** What the server answers to a `hello` that came by a request: see "Without a socket" in PROTOCOL.md. */
export interface Opened {
  readonly t: 'opened'
  /** Proves, in the body of each further request, which connection it belongs to. */
  readonly connection: string
  /** Opens the event stream, once and soon: it stands in an address, and addresses are written into logs. */
  readonly ticket: string
}

export type FrameErrorCode =
  /** Not JSON, or not an object with a `t`. */
  | 'malformed'
  /** A `t` this side does not know. */
  | 'unknown'
  /** The form is wrong; the message names the member. */
  | 'invalid'
  /** Larger than `LIMITS.frame`. */
  | 'too-large'
  /** Right, but not now: anything before `hello`, or a second `hello`. */
  | 'out-of-turn'
  /** Too many frames in too short a time. */
  | 'too-fast'
  /** Asked for what is not there, or not yours. */
  | 'not-found'

const id = text(LIMITS.id, 1)
const position = whole()
export const attachmentShape: Shape = object({
  id,
  name: text(LIMITS.name),
  mime: text(LIMITS.name),
  size: whole(),
  url: text(LIMITS.url),
  width: optional(whole(1)),
  height: optional(whole(1))
})

const command = choice('type', {
  // Longer than LIMITS.text is well-formed, and refused by name.
  message: object({
    id,
    n: whole(1),
    threadId: id,
    text: text(LIMITS.frame),
    attachments: list(attachmentShape, LIMITS.files),
    answers: optional(object({ to: nullable(id), values: answersShape }))
  }),
  read: object({ id, n: whole(1), threadId: id, upTo: position }),
  start: object({ id, n: whole(1), threadId: id }),
  end: object({ id, n: whole(1), threadId: id, as: word('done', 'message') }),
  rate: object({ id, n: whole(1), threadId: id, sessionId: id, score: whole(1, 5), note: text(LIMITS.note) }),
  identify: object({ id, n: whole(1), name: text(LIMITS.name), email: text(LIMITS.email) }),
  void: object({ id, n: whole(1), threadId: id })
})

const hint = choice('type', {
  typing: object({ threadId: id, active: flag }),
  visit: object({ url: text(LIMITS.url), title: text(LIMITS.name) }),
  stop: object({ threadId: id })
})

export const clientFrameShape: Shape = choice('t', {
  hello: object({
    v: whole(1),
    device: text(LIMITS.id, 16),
    term: whole(),
    token: optional(text(LIMITS.token)),
    cursor: optional(text(LIMITS.name)),
    locale: text(LIMITS.id),
    zone: text(LIMITS.id)
  }),
  send: object({ command, again: flag }),
  hint: object({ hint }),
  history: object({ q: whole(), threadId: id, before: nullable(position), limit: whole(1, LIMITS.page) }),
  forget: object({}),
  ping: object({}),
  pong: object({})
})

/** A frame that was read, or what is wrong with it in one sentence. */
export type Decoded<Frame> =
  | { readonly frame: Frame }
  | { readonly code: 'malformed' | 'unknown' | 'invalid'; readonly problem: string }

/** Reads one frame of a client. Never throws. */
export function decode<Frame>(raw: string, shape: Shape): Decoded<Frame> {
  let value: unknown
  try {
    value = JSON.parse(raw)
  } catch {
    return { code: 'malformed', problem: 'frame: expected JSON' }
  }
  const problem = shape(value, '')
  if (!problem) return { frame: value as Frame }
  if (object({ t: text(100) })(value, 'frame'))
    return { code: 'malformed', problem: 'frame: expected an object with t' }
  return { code: problem.startsWith('t: ') ? 'unknown' : 'invalid', problem }
}
