/**
 * The frames of the reference protocol, as PROTOCOL.md beside this file explains them: one JSON object each, `t` says
 * which. Shared by the adapters and by the reference server; each side checks what the other says.
 */
import type { Command, Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
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
  page: 100
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
    }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

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
const at = whole()
const position = whole()
const person = object({ name: text(LIMITS.name), picture: text(LIMITS.url) })
const attachment = object({
  id,
  name: text(LIMITS.name),
  mime: text(LIMITS.name),
  size: whole(),
  url: text(LIMITS.url)
})

export const messageShape: Shape = object({
  id,
  threadId: id,
  author: word('visitor', 'agent', 'bot', 'system'),
  by: nullable(person),
  // Agents and assistants may say more than a visitor may.
  text: text(100_000),
  content: nullable(object({ type: text(LIMITS.name), name: optional(text(LIMITS.name)) })),
  attachments: list(attachment, 20),
  at,
  position: whole(1)
})

export const threadShape: Shape = object({
  id,
  state: word('open', 'closed'),
  last: position,
  read: position,
  theirs: object({ delivered: position, read: position }),
  unread: whole(),
  newest: nullable(messageShape),
  at
})

export const sessionShape: Shape = object({
  id,
  threadId: id,
  state: word('queued', 'active', 'ended', 'rated'),
  version: whole(),
  ahead: nullable(whole()),
  wait: nullable(whole()),
  agent: nullable(person),
  reason: nullable(text(LIMITS.name)),
  score: nullable(whole(1, 5))
})

export const availabilityShape: Shape = object({
  open: flag,
  people: list(person, 10),
  replyAfter: nullable(whole()),
  wait: nullable(whole()),
  assistant: flag
})

const eventShapes: Readonly<Record<string, Shape>> = {
  message: object({ message: messageShape }),
  thread: object({ thread: threadShape }),
  session: object({ session: sessionShape }),
  receipt: object({ threadId: id, by: word('visitor', 'agent'), delivered: position, read: position }),
  typing: object({ threadId: id, active: flag, by: nullable(person) }),
  availability: object({ availability: availabilityShape }),
  reset: object({ cursor: text(LIMITS.name, 1), threads: list(threadShape, 10_000) }),
  gap: object({ threadId: id, before: whole(1) }),
  credentials: object({ value: text(LIMITS.token) })
}

/** Known events are checked; an unknown one passes, so that the core can skip it and keep its cursor. */
export const eventShape: Shape = (value, at) => {
  const problem = object({ type: text(LIMITS.name, 1), cursor: optional(text(LIMITS.name, 1)) })(value, at)
  if (problem) return problem
  const { type } = value as { type: string }
  return Object.hasOwn(eventShapes, type) ? eventShapes[type]!(value, at) : undefined
}

const command = choice('type', {
  // Longer than LIMITS.text is well-formed, and refused by name.
  message: object({ id, n: whole(1), threadId: id, text: text(LIMITS.frame), attachments: list(attachment, 20) }),
  read: object({ id, n: whole(1), threadId: id, upTo: position }),
  start: object({ id, n: whole(1), threadId: id }),
  end: object({ id, n: whole(1), threadId: id, as: word('done', 'message') }),
  rate: object({ id, n: whole(1), threadId: id, sessionId: id, score: whole(1, 5), note: text(LIMITS.note) }),
  identify: object({ id, n: whole(1), name: text(LIMITS.name), email: text(LIMITS.email) }),
  void: object({ id, n: whole(1), threadId: id })
})

const hint = choice('type', {
  typing: object({ threadId: id, active: flag }),
  visit: object({ url: text(LIMITS.url), title: text(LIMITS.name) })
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
  ping: object({}),
  pong: object({})
})

export const serverFrameShape: Shape = choice('t', {
  welcome: object({
    v: whole(1),
    capabilities: object({ history: flag, upload: flag, typing: flag, receipts: flag, sessions: flag }),
    heartbeat: whole(1)
  }),
  events: object({ events: list(eventShape, 10_000) }),
  ack: object({ id, position: nullable(whole(1)), at }),
  nack: object({
    id,
    code: text(LIMITS.name),
    message: text(LIMITS.note),
    reason: text(LIMITS.name),
    retryAfter: nullable(whole())
  }),
  page: object({ q: whole(), messages: list(messageShape), more: flag }),
  error: object({ code: text(LIMITS.name), message: text(LIMITS.note), q: optional(whole()) }),
  bye: object({ code: text(LIMITS.name), message: text(LIMITS.note), retryAfter: nullable(whole()) }),
  ping: object({}),
  pong: object({})
})

/** A frame that was read, or what is wrong with it in one sentence. */
export type Decoded<Frame> =
  | { readonly frame: Frame }
  | { readonly code: 'malformed' | 'unknown' | 'invalid'; readonly problem: string }

/** Reads one frame from outside. Never throws. */
export function decode<Frame extends ClientFrame | ServerFrame>(raw: string, shape: Shape): Decoded<Frame> {
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
