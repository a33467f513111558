import type { ReadableAtom } from 'nanostores'
import type { Availability } from '../model/availability.ts'
import type { Consent } from '../model/consent.ts'
import type { Answered, Attachment, Author, Delivery, Message, MessageId, Person } from '../model/message.ts'
import type { EndReason, Session } from '../model/session.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { Visitor } from '../model/visitor.ts'
import type { Capabilities } from '../transport/transport.ts'
import type { Found } from './search.ts'

/** A chat without an interface: what it knows, in stores, and what a visitor can do, as methods. */
export interface Chat {
  readonly $visitor: ReadableAtom<Visitor>
  /** Latest activity first. */
  readonly $threads: ReadableAtom<readonly Thread[]>
  /** The latest live session of each thread that ever had one. */
  readonly $sessions: ReadableAtom<Readonly<Record<ThreadId, Session>>>
  /** The part of each thread that was loaded; see `load`. */
  readonly $messages: ReadableAtom<Readonly<Record<ThreadId, Timeline>>>
  readonly $drafts: ReadableAtom<Readonly<Record<ThreadId, string>>>
  /** What the visitor chose about the interface, by its name; see `choose`. */
  readonly $choices: ReadableAtom<Readonly<Record<string, string>>>
  /** Unread messages in all threads. */
  readonly $unread: ReadableAtom<number>
  /** Who is typing, by thread. */
  readonly $typing: ReadableAtom<Readonly<Record<ThreadId, Typist>>>
  /** Whether somebody is home; `undefined` until the backend said so. */
  readonly $availability: ReadableAtom<Availability | undefined>
  readonly $link: ReadableAtom<LinkState>
  readonly $status: ReadableAtom<Status>

  /** A name for a thread that does not exist yet; the first message or chat in it makes it. */
  newThread(): ThreadId
  /**
   * Loads the newest stored messages of a thread. Cheap when they are loaded already.
   *
   * @param from Position of a message that has to be among them.
   */
  load(threadId: ThreadId, from?: number): Promise<void>
  /**
   * Loads older messages: those that are missing at a gap first, then those before the first one, from storage or
   * else from the backend. Settles with nothing more to load, too.
   */
  older(threadId: ThreadId): Promise<void>

  /**
   * Accepts a message. Settles when it is *stored*, not when it is sent: from then on it is delivered or shown as
   * failed, whatever dies in between.
   *
   * Attachments, made of files by `attach`, wait with their message until they are uploaded, and what was written after
   * it waits with them. If one of them is refused the whole message has failed: send each on its own where the others
   * should go.
   *
   * @throws {TypeError} If there is neither text nor an attachment, or the text is longer than 8,000 characters.
   * @throws {RangeError} If 200 commands wait to be sent already; `$status` has how many do.
   */
  send(threadId: ThreadId, message: Saying): Promise<MessageId>
  /** Sends a failed message again. */
  retry(id: MessageId): Promise<void>
  /** Takes a message back that was not sent yet, or has failed. */
  discard(id: MessageId): Promise<void>
  /**
   * Takes a message back that was not sent yet, and makes its words the draft of its thread again, before what is written
   * there meanwhile.
   *
   * @throws {Error} If it may be on its way already, as far as this tab knows.
   */
  undo(id: MessageId): Promise<void>
  /** Keeps half-written text: in memory at once, in storage after a moment. */
  draft(threadId: ThreadId, text: string): void
  /**
   * Searches everything that is stored on this device, without the backend: messages that have all words of the query,
   * whatever their case and accents; newest first.
   *
   * @param limit How many at the most; default 50.
   */
  search(query: string, limit?: number): Promise<readonly Found[]>
  /** Remembers what the visitor chose about the interface, such as `('sound', 'off')`, like messages: here, in all tabs. */
  choose(name: string, value: string): Promise<void>
  /**
   * When the answer was promised that has not come yet, in milliseconds since the epoch; `undefined`: none was, or it
   * came. Looks at what is loaded. From then on the thread is watched, and `promise-missed` tells, once on each page, when
   * the promise passes or has passed.
   */
  promised(threadId: ThreadId): Promise<number | undefined>
  /** Says that the visitor has seen everything in this thread. */
  read(threadId: ThreadId): Promise<void>
  /** Says that the visitor is typing; call it on every key, it is throttled here. */
  typing(threadId: ThreadId, active: boolean): void
  /** Has had enough of the answer that is growing in this thread: what was said of it stays. */
  stop(threadId: ThreadId): void

  /** Asks for a live chat in this thread; in one that is about to end because nobody writes, says that it goes on. */
  start(threadId: ThreadId): Promise<void>
  /** Ends the live chat, or (`'message'`) leaves the queue or the chat and goes on as messages. */
  end(threadId: ThreadId, as?: 'done' | 'message'): Promise<void>
  /** Rates the ended session of this thread, 1 to 5. */
  rate(threadId: ThreadId, score: number, note?: string): Promise<void>
  /** Says who is writing. */
  identify(visitor: Partial<Visitor>): Promise<void>
  /**
   * Has the backend erase everything that was said, and who the visitor is. Settles when it has done so, with a receipt:
   * the id of this command. `reset` then empties this device.
   *
   * @throws {Error} If the backend refuses.
   */
  erase(): Promise<string>
  /**
   * Signs out: forgets everything on this device, in all tabs, and begins as somebody new. Nothing is shown any more
   * when the call returns, nothing is stored any more when it settles.
   *
   * @param options `pending`: what becomes of messages that are not sent yet. `flush` (default) tries for three seconds
   *   to send them, `discard` does not.
   */
  reset(options?: { readonly pending?: 'flush' | 'discard' }): Promise<void>

  /**
   * The visitor allows more, or less, to be kept on this device. Nothing is loaded anew, and the chat goes on where it
   * is: what it knows is kept from now on (`session`, `persistent`), or no more (`none`), in all tabs. Settles when that
   * is so. Only there if option `consent` says what was allowed at first.
   *
   * With `none`, what an earlier visit has left is deleted. Where a conversation is kept already that is of another device,
   * as one begun in another tab, the two are not mixed: this page's stays in memory, and `$status` goes on saying
   * `volatile` until the page is loaded anew.
   */
  readonly consent?: ((level: Consent) => Promise<void>) | undefined
  /** Somebody is looking: be online until the returned function is called. */
  watch(): () => void
  /** Tries to be online now, rather than when the next attempt is due. */
  reconnect(): void
  /** Returns the function that stops listening. */
  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void
  /** Lets go of everything: link, storage, timers, listeners. Stored messages stay and are sent next time. */
  close(): void
}

/** What a visitor says. */
export interface Saying {
  readonly text: string
  readonly attachments?: readonly Attachment[]
  /**
   * So many milliseconds pass before it is sent, in which `undo` surely takes it back; they end when nobody sees the page
   * any more. Default: 0.
   */
  readonly grace?: number
  /** It answers a form, and `text` says the same. */
  readonly answers?: Omit<Answered, 'type'>
}

/** The part of a chat that is there before anybody talks: all that a launcher needs. */
export type Listening = Pick<Chat, '$threads' | '$unread' | '$availability' | '$link' | 'consent' | 'on' | 'close'>

/** The loaded part of a thread, oldest first. */
export interface Timeline {
  readonly entries: readonly Entry[]
  /** Whether messages are missing here: before the first entry, or where an entry has a `gap`. */
  readonly more: boolean
}

/** One line of a timeline. */
export interface Entry {
  readonly message: Message
  /** How far a message of the visitor's has come; `undefined` for everyone else's. */
  readonly delivery: Delivery | undefined
  /** Why it failed: the backend's reason, such as `too-long`; empty if it did not, or if none was given. */
  readonly reason: string
  /** Messages are known to be missing right before this one. */
  readonly gap: boolean
  /** It is still being written: its text so far. */
  readonly growing?: boolean
}

export interface Typist {
  readonly by: Person | null
}

export interface LinkState {
  readonly state:
    | 'idle'
    /** Another tab of this browser holds the link. */
    | 'following'
    | 'connecting'
    /** Connected, and what was missed is arriving. */
    | 'catching-up'
    | 'online'
    /** Not connected; the next attempt is at `retryAt`. */
    | 'waiting'
    /** The backend wants to know who this is, and the host page did not say. */
    | 'unauthorized'
    /** The backend refuses this visitor for good. */
    | 'refused'
  /** When the next attempt is due, in milliseconds since the epoch; `undefined` unless waiting. */
  readonly retryAt?: number | undefined
  /** When everything was last known to be up to date, in milliseconds since the epoch. */
  readonly syncedAt?: number | undefined
  readonly capabilities?: Capabilities | undefined
}

export interface Status {
  readonly link: LinkState['state']
  readonly syncedAt: number | undefined
  /** How many commands wait for the backend. */
  readonly waiting: number
  /** `volatile`: kept only while this page is open. `degraded`: the last write failed, memory holds it. */
  readonly storage: 'durable' | 'degraded' | 'volatile'
}

export interface ChatEvents extends ChatNumbers {
  /** An answer was promised by `due`, in milliseconds since the epoch, and has not come; see `promised`. */
  readonly 'promise-missed': { readonly threadId: ThreadId; readonly due: number }
  /** A message of somebody else arrived that the visitor has not seen. */
  readonly alert: { readonly message: Message; readonly threadId: ThreadId }
  /** A live session changed its state. */
  readonly session: { readonly session: Session; readonly was: Session['state'] | undefined }
  /**
   * A file of a message is on its way: how much of it has gone out, 0 to 1. Only told in the tab that holds the link.
   */
  readonly upload: { readonly id: MessageId; readonly file: string; readonly share: number }
  /** The backend refused a message for good; `reason` is its word for why. */
  readonly failed: { readonly id: MessageId; readonly threadId: ThreadId }
}

/**
 * What a site may count. Never a word of what was said. What the visitor does is told in the tab in which they do it,
 * everything else in the tab that holds the link, so that each is counted once in all tabs. Times are milliseconds.
 */
export interface ChatNumbers {
  /** Somebody began to look: the panel was opened, or `watch` was called. */
  readonly opened: undefined
  readonly closed: undefined
  /** The visitor sent a message: it is stored here, and on its way. */
  readonly sent: { readonly threadId: ThreadId }
  /** A message of somebody else came that the visitor has not seen. */
  readonly received: { readonly threadId: ThreadId; readonly author: Author }
  /** An agent answered what the visitor wrote last, `ms` after the first message that nobody had answered. */
  readonly answered: { readonly threadId: ThreadId; readonly ms: number; readonly first: boolean }
  /** An agent joined, `ms` after the visitor had asked for a live chat. */
  readonly waited: { readonly threadId: ThreadId; readonly ms: number }
  /** The visitor left the queue, or the page, before anybody had joined. */
  readonly abandoned: { readonly threadId: ThreadId; readonly ms: number }
  /** A live chat, or the wait for one, went on as messages; `reason` says why. */
  readonly converted: { readonly threadId: ThreadId; readonly reason: EndReason }
  /** A live chat was over, `ms` after an agent had joined. */
  readonly ended: { readonly threadId: ThreadId; readonly reason: EndReason; readonly ms: number }
  /** 1 to 5. */
  readonly rated: { readonly threadId: ThreadId; readonly score: number }
}
