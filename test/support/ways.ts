import { TransportError, type TransportErrorCode } from '../../src/transport/errors.ts'
import { createQueue } from '../../src/transport/queue.ts'
import type { Connection, ConnectRequest, Transport } from '../../src/transport/transport.ts'

/** A transport that does what the test says, when it says so. */
export interface Way extends Transport {
  /** Attempts so far, oldest first. */
  readonly attempts: readonly WayAttempt[]
  /** What attempts do by themselves; by default they wait for the test. */
  does: 'connect' | 'wait' | TransportErrorCode
}

export interface WayAttempt {
  readonly request: ConnectRequest
  /** What it gives when it connects. */
  readonly made: Connection
  connect(): void
  fail(code: TransportErrorCode): void
  /** The connection that came of it is lost. */
  lose(): void
}

export function way(name: string, does: Way['does'] = 'wait'): Way {
  const attempts: WayAttempt[] = []
  const self: Way = {
    name,
    attempts,
    does,
    connect: request =>
      new Promise((resolve, reject) => {
        const incoming = createQueue<never>()
        const made = connectionOver(incoming)
        const attempt: WayAttempt = {
          request,
          made,
          connect: () => resolve(made),
          fail: code => reject(new TransportError(code, `${name} failed`)),
          lose: () => incoming.fail(new TransportError('closed', `${name} was lost`))
        }
        attempts.push(attempt)
        const stop = () => {
          reject(request.signal.reason)
          incoming.fail(request.signal.reason)
        }
        if (request.signal.aborted) stop()
        request.signal.addEventListener('abort', stop)
        if (self.does === 'connect') attempt.connect()
        else if (self.does !== 'wait') attempt.fail(self.does)
      })
  }
  return self
}

function connectionOver(incoming: Connection['incoming']): Connection {
  const unsupported = () => Promise.reject(new TransportError('unsupported', 'this is for tests'))
  return {
    capabilities: { history: false, upload: false, typing: false, receipts: false, sessions: false },
    incoming,
    send: unsupported,
    hint() {},
    probe() {},
    history: unsupported
  }
}

/** A request, and what ends it. */
export function asking(): ConnectRequest & { readonly end: AbortController } {
  const end = new AbortController()
  return {
    device: 'device',
    term: 1,
    token: undefined,
    credentials: undefined,
    cursor: undefined,
    signal: end.signal,
    end
  }
}

/** Reads until the end, and gives what ended it. */
export async function endOf(connection: Connection): Promise<unknown> {
  try {
    for await (const _ of connection.incoming);
  } catch (error) {
    return error
  }
  throw new Error('incoming must end by throwing')
}
