import type { Answers, Form } from './form.ts'
import type { ThreadId } from './thread.ts'

export type MessageId = string

/** The longest text a visitor may send, in UTF-16 units. */
export const MAX_TEXT = 8000

/** Somebody on the other side, as the visitor may see them. */
export interface Person {
  readonly name: string
  /** Address of a picture; empty: show initials. */
  readonly picture: string
}

/** A message as the backend knows it. What the visitor wrote has a {@link Delivery} beside it until then. */
export interface Message {
  readonly id: MessageId
  readonly threadId: ThreadId
  readonly author: Author
  /** Who of them; `null` for the visitor and for the system. */
  readonly by: Person | null
  /** Plain text. For kinds of content that a reader does not know, what it shows instead. */
  readonly text: string
  /** More than text, or `null`. */
  readonly content: Content | null
  readonly attachments: readonly Attachment[]
  /** Milliseconds since the epoch, by the backend's clock. For people to read; never for order. */
  readonly at: number
  /** Place in the thread: 1, 2, 3 … without holes, the same for everyone. The only order there is. */
  readonly position: number
}

export type Author = 'visitor' | 'agent' | 'bot' | 'system'

/**
 * A kind of content beyond text. Readers show `text` for a `type` that they do not know, and for one that is not of its
 * form.
 */
export type Content = Notice | Replies | Cards | Asking | Answered | Stopped | { readonly type: 'unknown' }

/** A form in a conversation; it is answered once. */
export interface Asking {
  readonly type: 'form'
  readonly form: Form
}

/** What the visitor answered, beside the same as words. */
export interface Answered {
  readonly type: 'answers'
  /** The message with the form; `null`: the form that is asked before a conversation. */
  readonly to: MessageId | null
  readonly values: Answers
}

/** An answer that the visitor stopped before it was whole. */
export interface Stopped {
  readonly type: 'stopped'
}

/** Answers to choose from while this is the newest message: the one that is chosen is sent as the visitor's words. */
export interface Replies {
  readonly type: 'replies'
  /** 1 to 10 of them, each of 1 to 80 characters. */
  readonly replies: readonly string[]
}

/** One card, or several side by side. */
export interface Cards {
  readonly type: 'cards'
  /** 1 to 10 of them. */
  readonly cards: readonly Card[]
}

export interface Card {
  readonly title: string
  readonly text?: string
  /** A picture of 16 by 9; what it shows is in `alt`, empty if it only decorates. Left out: no picture. */
  readonly picture?: { readonly url: string; readonly alt: string }
  /** At most 3. */
  readonly buttons?: readonly CardButton[]
}

/** Sends words as the visitor's, or leads to an address (`http`, `https`, `mailto`, `tel`). */
export type CardButton =
  | { readonly label: string; readonly reply: string }
  | { readonly label: string; readonly url: string }

/** A line between the bubbles that says what happened; its words are chosen by the reader's language. */
export interface Notice {
  readonly type: 'notice'
  readonly code: NoticeCode
  /** Whom it is about; may be empty. */
  readonly name: string
  /** When an answer may be expected, in milliseconds since the epoch; of `promised`. */
  readonly due?: number | undefined
}

export type NoticeCode =
  /** The visitor asked for a live chat. */
  | 'queued'
  /** An agent joined. */
  | 'joined'
  /** The visitor ended the live chat. */
  | 'ended-by-visitor'
  /** The agent ended it. */
  | 'ended-by-agent'
  /** Nobody came in time: goes on as messages. */
  | 'unanswered'
  /** The visitor left the page: goes on as messages. */
  | 'visitor-away'
  /** The agent left: goes on as messages. */
  | 'agent-away'
  /** The visitor chose to leave it as a message. */
  | 'as-message'
  /** Nobody wrote for long: goes on as messages. */
  | 'idle'
  /** The assistant handed over to the team. */
  | 'handed-over'
  /** Nobody is home, and an answer may be expected by then. */
  | 'promised'

export interface Attachment {
  readonly id: string
  readonly name: string
  readonly mime: string
  /** In bytes. */
  readonly size: number
  /** Where it lies; relative to `Capabilities.base`, if there is one. Empty as long as it was not uploaded. */
  readonly url: string
  /** Of a picture as it is shown, in pixels, so that its room is there before it is. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** The file itself, on the device it is sent from, until it was uploaded. */
  readonly blob?: Blob | undefined
}

/** What is known beforehand of files that will be refused. */
export interface UploadLimits {
  /** Bytes of one file. */
  readonly size: number
  /** Files in one message. */
  readonly count: number
  /** Ends of names that are taken, such as `.pdf`; empty: all. */
  readonly types: readonly string[]
}

/**
 * How far a message of ours has come. Only rises, unless the visitor retries a failed one.
 *
 * `sent`: the backend has made it durable. `delivered`: somebody's inbox has it. `read`: somebody looked.
 */
export type Delivery = 'queued' | 'sent' | 'delivered' | 'read' | 'failed'

/** A list ordered by position, with `message` put in or replaced. */
export function upsert(list: readonly Message[], message: Message): readonly Message[] {
  const last = list.at(-1)
  if (!last || last.position < message.position) return [...list, message]
  const at = list.findIndex(other => other.position >= message.position)
  const replaces = list[at]!.position === message.position ? 1 : 0
  return [...list.slice(0, at), message, ...list.slice(at + replaces)]
}
