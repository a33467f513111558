/**
 * The frames between the inbox and the server, on `/api/inbox/socket`: JSON like those of the visitors' protocol, and
 * explained in the same page (`src/transport/PROTOCOL.md`).
 */
import { type Form, formShape } from '../../../src/model/form.ts'
import type { Message } from '../../../src/model/message.ts'
import type { Session } from '../../../src/model/session.ts'
import {
  choice,
  flag,
  list,
  nullable,
  object,
  optional,
  type Shape,
  text,
  whole,
  word
} from '../../../src/model/shape.ts'
import type { Thread, ThreadId } from '../../../src/model/thread.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { type FrameErrorCode, LIMITS } from '../../../src/transport/frames.ts'

/** `online`: takes live chats. `messages`: answers messages only. `away`: is not there. */
export type Presence = 'online' | 'messages' | 'away'

export interface Agent {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly picture: string
  /** What the agent chose, or `away` while no inbox of theirs is connected. */
  readonly presence: Presence
}

/** A thread with all that an agent needs to see beside it. */
export interface Conversation {
  /** `read` is the visitor's mark, `theirs` are the team's. */
  readonly thread: Thread
  /** The latest live session, or `null`. */
  readonly session: Session | null
  readonly visitor: VisitorView
  /** Id of the agent who answers it, or `null`. */
  readonly assignee: string | null
  /** Since when the visitor waits for the team, in milliseconds since the epoch; `null`: is not waiting. */
  readonly waitingSince: number | null
  /** Messages of the visitor that the team has not read. */
  readonly unread: number
  readonly channel: 'web'
}

export interface VisitorView {
  readonly id: string
  readonly name: string
  readonly email: string
  /** What the site's own server vouched that this visitor is; `null`: whoever holds the browser. */
  readonly subject: string | null
  readonly locale: string
  /** IANA time zone; empty: not known. */
  readonly zone: string
  /** A page of theirs is connected. */
  readonly online: boolean
  /** What they look at, while online; empty: not known. */
  readonly page: SeenPage
  /** What they looked at before in this visit, the latest first. */
  readonly before: readonly SeenPage[]
  readonly since: number
}

/** A page of the site, as a visitor saw it. */
export interface SeenPage {
  /** Without what follows `?` or `#`. */
  readonly url: string
  readonly title: string
  /** When they came to it, in milliseconds since the epoch; 0: not known. */
  readonly since: number
}

/** What the owner may set. */
export interface Settings {
  /** The house switch: closed means nobody is offered a live chat, whoever is present. */
  readonly open: boolean
  /** After how many milliseconds in the queue a chat becomes messages; 90,000 by default. */
  readonly queueLimit: number
}

/** Whether it is within the team's hours. */
export interface OpeningView {
  readonly open: boolean
  /** When that turns over, in milliseconds since the epoch; `null`: never. */
  readonly changesAt: number | null
  /** IANA name of the time zone in which the hours are. */
  readonly zone: string
}

/** Something an agent did. The same `id` again has no second effect and gives the same answer. */
export type AgentCommand = { readonly id: string } & (
  | /** Takes a waiting live chat; refused with reason `taken` if a colleague was faster. */
  { readonly type: 'accept'; readonly threadId: ThreadId }
  /** `id` becomes the id of the message. Without files, there has to be text. */
  | {
      readonly type: 'reply'
      readonly threadId: ThreadId
      readonly text: string
      /** Ids of what this agent has uploaded; left out: none. */
      readonly files?: readonly string[] | undefined
      /** The last position the agent had seen when it was written, which may be long ago; left out: everything. */
      readonly upTo?: number | undefined
      /** What the visitor is asked with it. */
      readonly form?: Form | undefined
    }
  /** Ends the live chat. */
  | { readonly type: 'end'; readonly threadId: ThreadId }
  | { readonly type: 'read'; readonly threadId: ThreadId; readonly upTo: number }
  /**
   * Marks the thread as done, or not; a new message of the visitor opens it again. It stays open where the visitor has
   * written after `upTo`, the last position the agent has seen; left out: everything.
   */
  | {
      readonly type: 'state'
      readonly threadId: ThreadId
      readonly state: Thread['state']
      readonly upTo?: number | undefined
    }
  | { readonly type: 'presence'; readonly presence: Presence }
  | { readonly type: 'settings'; readonly settings: Settings }
)

export type AgentClientFrame =
  | { readonly t: 'hello'; readonly v: number; readonly token: string }
  | { readonly t: 'do'; readonly command: AgentCommand }
  | { readonly t: 'typing'; readonly threadId: ThreadId; readonly active: boolean }
  | {
      readonly t: 'history'
      readonly q: number
      readonly threadId: ThreadId
      /** Only messages before this position; `null`: the newest. */
      readonly before: number | null
      readonly limit: number
    }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

export type AgentServerFrame =
  /** After `hello`: who you are and all there is. Sent whole at each connect. */
  | {
      readonly t: 'welcome'
      readonly v: number
      readonly me: Agent
      readonly settings: Settings
      /** `null`: there are no hours, so it is always open. */
      readonly opening: OpeningView | null
      readonly agents: readonly Agent[]
      /** Latest activity first. */
      readonly conversations: readonly Conversation[]
      readonly heartbeat: number
    }
  | { readonly t: 'conversation'; readonly conversation: Conversation }
  | { readonly t: 'message'; readonly message: Message }
  | { readonly t: 'typing'; readonly threadId: ThreadId; readonly active: boolean }
  | { readonly t: 'agents'; readonly agents: readonly Agent[] }
  | { readonly t: 'settings'; readonly settings: Settings }
  | { readonly t: 'opening'; readonly opening: OpeningView | null }
  | { readonly t: 'ack'; readonly id: string; readonly at: number }
  | {
      readonly t: 'nack'
      readonly id: string
      readonly code: TransportErrorCode
      readonly message: string
      readonly reason: string
    }
  | { readonly t: 'page'; readonly q: number; readonly messages: readonly Message[]; readonly more: boolean }
  | { readonly t: 'error'; readonly code: FrameErrorCode; readonly message: string; readonly q?: number | undefined }
  /** The last frame before the server closes. */
  | {
      readonly t: 'bye'
      readonly code: TransportErrorCode
      readonly message: string
      /** Milliseconds to wait before coming back; `null`: as you like. */
      readonly retryAfter: number | null
    }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

const id = text(LIMITS.id, 1)

export const agentClientFrameShape: Shape = choice('t', {
  hello: object({ v: whole(1), token: text(LIMITS.token, 1) }),
  do: object({
    command: choice('type', {
      accept: object({ id, threadId: id }),
      reply: object({
        id,
        threadId: id,
        text: text(LIMITS.text),
        files: optional(list(id, LIMITS.files)),
        upTo: optional(whole()),
        form: optional(formShape)
      }),
      end: object({ id, threadId: id }),
      read: object({ id, threadId: id, upTo: whole() }),
      state: object({ id, threadId: id, state: word('open', 'closed'), upTo: optional(whole()) }),
      presence: object({ id, presence: word('online', 'messages', 'away') }),
      settings: object({ id, settings: object({ open: flag, queueLimit: whole(5000, 3_600_000) }) })
    })
  }),
  typing: object({ threadId: id, active: flag }),
  history: object({ q: whole(), threadId: id, before: nullable(whole()), limit: whole(1, LIMITS.page) }),
  ping: object({}),
  pong: object({})
})
