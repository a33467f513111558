/** What the core does about a failure. */
export type Retry = 'later' | 'after-auth' | 'never'

const RETRY = {
  /** No way to the backend: offline, DNS, refused, blocked. */
  offline: 'later',
  /** The link was open and is not any more. */
  closed: 'later',
  /** Nothing was heard for longer than the heartbeat or deadline allows. */
  timeout: 'later',
  /** The backend asks to slow down; see `retryAfter`. */
  busy: 'later',
  /** The peer does not speak our protocol: a proxy's login page, a bad frame. */
  protocol: 'later',
  /** The token is missing, wrong or expired. */
  unauthorized: 'after-auth',
  /** This visitor may not chat here. */
  forbidden: 'never',
  /** This command is refused: text too long, file not allowed. */
  rejected: 'never',
  /** This backend, browser or policy cannot do this at all. */
  unsupported: 'never'
} as const satisfies Record<string, Retry>

export type TransportErrorCode = keyof typeof RETRY

/**
 * The only error a transport throws, besides the reason of an aborted signal.
 *
 * Tell errors apart by `code`, not by class: the loader, the core and a third-party transport may each carry a
 * copy of this file.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  declare readonly code: TransportErrorCode
  declare readonly retry: Retry
  /** Milliseconds the backend asked to wait, if it did. */
  declare readonly retryAfter: number | undefined
  /** The backend's own word for it, such as `'too-long'`: picks what the visitor reads. */
  declare readonly reason: string | undefined

  constructor(code: TransportErrorCode, message: string, { cause, retryAfter, reason }: TransportErrorDetails = {}) {
    super(message, { cause })
    this.code = code
    this.retry = RETRY[code]
    // Timers hold 31 bits: one that is set for longer ends at once.
    this.retryAfter = retryAfter && Math.min(retryAfter, 1e9)
    this.reason = reason
  }
}

export interface TransportErrorDetails {
  readonly cause?: unknown
  readonly retryAfter?: number | undefined
  readonly reason?: string | undefined
}

/** The error that a backend named over the wire. One that is not of the closed list is not of our protocol. */
export function errorFrom(said: {
  readonly code: string
  readonly message: string
  readonly retryAfter: number | null
  readonly reason?: string
}): TransportError {
  const code = Object.hasOwn(RETRY, said.code) ? (said.code as TransportErrorCode) : 'protocol'
  return new TransportError(code, said.message, { retryAfter: said.retryAfter ?? undefined, reason: said.reason })
}

/** Works across bundles and realms, where `instanceof` does not. */
export function isTransportError(error: unknown): error is TransportError {
  return (error as { name?: unknown } | undefined)?.name === 'TransportError'
}
