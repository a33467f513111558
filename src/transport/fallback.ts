import { isOfTheWay } from './eager.ts'
import { TransportError } from './errors.ts'
import type { Connection, ConnectRequest, Transport } from './transport.ts'

export interface FallbackOptions {
  /** How long one may take to connect before the next is tried beside it, in milliseconds; default 3,000. */
  readonly patience?: number
  /**
   * How long a connection that is not over the best transport lives before better ones are tried beside it, in
   * milliseconds; default a minute. Doubles, up to ten minutes, each time they are tried in vain.
   */
  readonly retryAfter?: number
}

const MOST_RETRY_AFTER = 600_000
/** Where all have failed twice within this time, in milliseconds, it is enough that the first one fails at once. */
const DOWN = 10_000

/** A transport that is connecting, and what ends the attempt or the connection that came of it. */
interface Attempt {
  readonly transport: Transport
  readonly connection: Promise<Connection>
  readonly end: AbortController
}

/**
 * A transport made of transports, best first: tries them in order, and stays with the first that worked. For networks
 * that block sockets or silently swallow what is sent through them.
 *
 * Only a failure of the way moves on to the next. What the backend answers (`unauthorized`, `forbidden`, `busy`,
 * `closed`) is the answer. What worked is remembered for as long as this object lives; a better one is tried again after
 * a while, and at once when the browser was offline, because it may come back in another network. `name` is the name of
 * the one that worked last.
 *
 * ```ts
 * const api = 'https://chat.example/api'
 * const transport = fallback([websocket(`${api}/socket`), sse(`${api}/link`), polling(`${api}/link`)])
 * ```
 */
export function fallback(
  transports: readonly [Transport, ...(readonly Transport[])],
  { patience = 3000, retryAfter = 60_000 }: FallbackOptions = {}
): Transport {
  const [best] = transports
  let chosen = best
  let wait = retryAfter
  /** When all were tried in vain, the last two times. */
  let failedAt = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as const

  const forget = () => {
    chosen = best
    wait = retryAfter
  }

  /** The core connects anew, with a better one than this. */
  const change = (current: Attempt, better: Transport) => {
    wait = retryAfter
    chosen = better
    current.end.abort(new TransportError('closed', `${better.name} works again`))
  }

  /** Tries better ones from time to time, for as long as this connection lives. */
  const improve = (current: Attempt, request: ConnectRequest) => {
    const { signal } = current.end
    const better = transports.slice(0, transports.indexOf(current.transport))
    const timer = setTimeout(async () => {
      try {
        const found = await race(better, { ...request, signal }, patience)
        found.end.abort()
        change(current, found.transport)
      } catch {
        // Still none; or this connection is over, and there is nothing to improve.
        if (signal.aborted) return
        wait = Math.min(wait * 2, MOST_RETRY_AFTER)
        improve(current, request)
      }
    }, wait)
    signal.addEventListener('abort', () => clearTimeout(timer))
  }

  return {
    get name() {
      return chosen.name
    },
    async connect(request) {
      const others = transports.filter(transport => transport !== chosen)
      // Without a network none of them can, and one is enough to say so.
      const candidates = isOffline() ? [chosen] : [chosen, ...others]
      const isDown = performance.now() - failedAt[0] < DOWN
      try {
        const won = await race(candidates, request, patience, isDown)
        chosen = won.transport
        const connection = await won.connection
        if (chosen === best) return connection
        improve(won, request)
        // The browser may come back in another network.
        won.end.signal.addEventListener('abort', () => isOffline() && forget())
        return ending(connection, () => won.end.abort())
      } catch (error) {
        if (isOfTheWay(error)) {
          forget()
          // A network that comes and goes is not asked three times whenever somebody writes.
          if (!isDown && candidates.length > 1) failedAt = [failedAt[1], performance.now()]
        }
        throw error
      }
    }
  }
}

/**
 * Settles with the first attempt that connects, and ends the others. Each begins when the one before has failed, or has
 * taken too long: so none of them waits for all the others' deadlines, and nor does whoever wants to know that all fail.
 *
 * @param isDown Whether it is expected that all fail: none is tried because the one before has failed.
 * @throws The answer of the backend, or what the first one failed with if all did.
 */
function race(
  transports: readonly Transport[],
  request: ConnectRequest,
  patience: number,
  isDown = false
): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const attempts: Attempt[] = []
    const failures: unknown[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false

    const finish = (winner?: Attempt) => {
      over = true
      clearTimeout(timer)
      for (const other of attempts) if (other !== winner) other.end.abort()
    }
    const next = () => {
      clearTimeout(timer)
      const transport = transports[attempts.length]
      if (!transport) return
      const mine = attempt(transport, request)
      attempts.push(mine)
      timer = setTimeout(next, patience)
      mine.connection.then(
        () => {
          if (over) return
          finish(mine)
          resolve(mine)
        },
        error => {
          if (over) return
          failures.push(error)
          const isAnswer = !isOfTheWay(error)
          if (isAnswer || failures.length === (isDown ? attempts : transports).length) {
            finish()
            reject(isAnswer ? error : failures[0])
          } else if (mine === attempts.at(-1)) next()
        }
      )
    }
    next()
  })
}

function attempt(transport: Transport, request: ConnectRequest): Attempt {
  const { signal } = request
  const end = new AbortController()
  const stop = () => end.abort(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { signal: end.signal })
  return { transport, end, connection: transport.connect({ ...request, signal: end.signal }) }
}

/** The same connection, whose end is told. */
function ending(connection: Connection, onEnd: () => void): Connection {
  return {
    capabilities: connection.capabilities,
    incoming: {
      async *[Symbol.asyncIterator]() {
        try {
          yield* connection.incoming
        } finally {
          onEnd()
        }
      }
    },
    send: (command, options) => connection.send(command, options),
    hint: hint => connection.hint(hint),
    ...(connection.probe && { probe: () => connection.probe?.() }),
    ...(connection.forget && { forget: () => connection.forget?.() }),
    history: (request, signal) => connection.history(request, signal),
    ...(connection.upload && { upload: (file, signal) => connection.upload!(file, signal) })
  }
}

/** `false` is certain, `true` a guess: browsers only know when there is no network at all. */
const isOffline = () => typeof navigator !== 'undefined' && navigator.onLine === false
