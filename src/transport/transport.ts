import type { Availability } from '../model/availability.ts'
import type { Command, Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import type { Attachment, Message, UploadLimits } from '../model/message.ts'
import type { ThreadId } from '../model/thread.ts'
import type { DeviceId } from '../model/visitor.ts'

/**
 * The wire to a chat backend: one file to implement, one suite to pass.
 *
 * The core owns what must be right once for every backend: retrying, ordering, deduplication, storage, and
 * deciding when to be online at all. A transport owns one thing: one live connection, translated into these
 * types. It never reconnects, never keeps what it could not deliver, and remembers nothing between two
 * connections.
 *
 * ```ts
 * const chat = await createChat({ app: 'shop', transport: websocket('wss://chat.example/api/socket') })
 * ```
 */
export interface Transport {
  /** Short and stable; shown in `chat.$link` and in error messages: `'websocket'`. */
  readonly name: string

  /**
   * Opens one connection. Settles once the backend has accepted the device.
   *
   * @throws {TransportError} If it did not; `error.retry` tells whether to try again.
   * @throws `request.signal.reason` If the caller gave up first.
   */
  connect(request: ConnectRequest): Promise<Connection>
}

export interface ConnectRequest {
  /** Names this browser. Made once by the core, replaced on `chat.reset()`. */
  readonly device: DeviceId

  /** Grows with each tab that takes over, so a backend can close what this replaces. */
  readonly term: number

  /** Proves who the visitor is; fetched from the host page for this very attempt. */
  readonly token: string | undefined

  /** What the backend asked to be shown again, by an event of type `credentials`. */
  readonly credentials: string | undefined

  /**
   * The last cursor the core has *stored*. Whatever came after it must come out of `incoming`. Opaque to the
   * core: an offset, an epoch and offset, a token.
   */
  readonly cursor: Cursor | undefined

  /**
   * The life of the connection, not only of the handshake. Aborting is the one way to close: everything pending
   * then rejects with `signal.reason`.
   */
  readonly signal: AbortSignal
}

/** One live connection. To hold one is to be online; there is no state to ask for. */
export interface Connection {
  /** What this backend can do for this visitor; fixed while the connection lives. */
  readonly capabilities: Capabilities

  /**
   * Everything the backend says, in the order it said it.
   *
   * Begins right after `request.cursor`. If the backend cannot tell what was missed (first visit, cursor too
   * old) it begins with one `reset` instead. When all that was missed has been said, one `caught-up` follows.
   * A batch is what arrived while the reader was storing the batch before, so a slow disk makes batches larger,
   * never the order different.
   *
   * Read it once, by one reader; what arrives before the first read is kept. It never returns: it ends by
   * throwing a {@link TransportError} when the link is lost, or `signal.reason` when it was aborted. A link gone
   * silent is lost; noticing that is the transport's job.
   */
  readonly incoming: AsyncIterable<readonly ServerEvent[]>

  /**
   * Delivers a command. Settles when the backend has made it durable.
   *
   * Sending the same `command.id` again has no second effect and gives the same acknowledgement: the core sends
   * again whenever it is not sure, and then says `again`. An adapter over a backend that does not deduplicate
   * looks first whether the earlier attempt arrived. The core sends one command at a time, so order needs no
   * promise from you.
   *
   * @throws {TransportError} With `retry: 'never'` if this command is refused for good (the connection stays
   *   usable), otherwise the outcome is unknown.
   */
  send(command: Command, options: SendOptions): Promise<Ack>

  /**
   * Tells something that is worthless a moment later: typing, the page in view. May be dropped; never waits,
   * never throws.
   */
  hint(hint: Hint): void

  /**
   * Somebody is looking, or the network is back: if the link has died unnoticed, it should be known within seconds.
   * A transport that cannot ask its backend for a sign of life leaves it out.
   */
  probe?(): void

  /** The visitor signs out: this device, and the token it showed, count for nothing from now on. */
  forget?(): void

  /** One page of older messages, oldest first. Does not touch the cursor. */
  history(request: HistoryRequest, signal?: AbortSignal): Promise<HistoryPage>

  /**
   * Stores a file for a later command to carry. The same `file.id` gives the same attachment, so an upload may
   * be repeated after a lost connection. Several may be under way at once, and commands are sent meanwhile. A
   * transport that takes no files leaves it out.
   *
   * @throws {TransportError} With `retry: 'never'` if this file is refused for good; `error.reason` says why.
   */
  upload?(file: Upload, signal?: AbortSignal): Promise<Attachment>
}

export interface SendOptions {
  /** An earlier attempt had an unknown outcome. */
  readonly again: boolean
  readonly signal?: AbortSignal | undefined
}

/** `false` means: the interface hides it, and calling it rejects with `unsupported`. */
export interface Capabilities {
  readonly history: boolean
  /** Files, and what is known beforehand of those that will be refused. */
  readonly upload: boolean | UploadLimits
  readonly typing: boolean
  readonly receipts: boolean
  /** Live sessions. Without them the widget offers messages only. */
  readonly sessions: boolean
  /** How a copy of a conversation is sent by e-mail; left out: this backend sends none. */
  readonly mail?: Mailing | undefined
  /** The address that addresses of attachments are relative to; left out: they are absolute. */
  readonly base?: string | undefined
}

/**
 * Where a visitor asks for a copy by e-mail: with a request of its own, so that every tab can, and not only the one that
 * holds the connection. What the request says, and how it is answered, stands in PROTOCOL.md.
 */
export interface Mailing {
  /** Relative to `base`. */
  readonly url: string
  /** Shows whose conversations may be asked for, in the body of the request; good for as long as the connection. */
  readonly ticket: string
  /** The visitor's own address, if the backend knows it. */
  readonly to?: string | undefined
}

/**
 * The backend's word that a command is durable.
 *
 * Carries no cursor, on purpose: only `incoming` moves the cursor. An event may sit between the last one read
 * and this acknowledgement.
 */
export interface Ack {
  readonly id: Command['id']
  /** Place in the thread, the same for everyone; `undefined` if the command put nothing there. */
  readonly position: number | undefined
  /** Milliseconds since the epoch, by the backend's clock. */
  readonly at: number
}

export interface HistoryRequest {
  readonly threadId: ThreadId
  /** Only messages placed before this one; `undefined` for the newest page. */
  readonly before: Pick<Message, 'id' | 'position'> | undefined
  readonly limit: number
}

export interface HistoryPage {
  readonly messages: readonly Message[]
  /** Whether another page lies before this one. */
  readonly more: boolean
}

export interface Upload {
  /** Unique for the device. */
  readonly id: string
  readonly file: Blob
  readonly name: string
  /** Called with the share sent so far, 0 to 1; may be called rarely. */
  onProgress(share: number): void
}

/**
 * Asks whether somebody is home without opening a connection, so that a launcher can tell before the visitor has
 * done anything.
 */
export type AskAvailability = (signal: AbortSignal) => Promise<Availability>
