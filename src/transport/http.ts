import { type ExchangeOptions, exchange } from './exchange.ts'
import type { Opened } from './frames.ts'
import { createQueue } from './queue.ts'
import type { Connection, ConnectRequest } from './transport.ts'

export type HttpOptions = ExchangeOptions

/** What somebody needs who brings here what the server says. */
export interface Ears {
  hear(frame: string): void
  lost(message: string): void
  /** Settles with the text of the answer; rejects if there is none, or if it says no. */
  post(path: string, ...lines: readonly string[]): Promise<string>
  /** Aborts at the end of the connection. */
  readonly signal: AbortSignal
}

/**
 * What transports over requests share: `hello` goes by a request that is answered with a connection, and everything
 * else the client says by further ones, in order. No secret is in an address, but for a ticket that is good once.
 *
 * @param listen Called at once: what it throws means that this browser cannot do it. What it returns is called with the
 *   connection, to begin to bring what the server says.
 */
export function connectOverHttp(
  url: string,
  options: HttpOptions,
  request: ConnectRequest,
  listen: (ears: Ears) => (opened: Opened) => void
): Promise<Connection> {
  return exchange(request, url, options, (opened, hear, lost) => {
    const { deadline = 10_000, fetch: ask = fetch } = options
    const end = new AbortController()
    const { signal } = end
    const saying = createQueue<string>()

    const post: Ears['post'] = async (path, ...lines) => {
      // As plain text: with any other type of content the browser would first ask whether it may.
      const body = lines.join('\n')
      // What was said before the end still goes, and what waits behind it: a last word, a sign-out. But not for ever: a
      // browser has few connections to a host.
      const until = path === '/say' ? AbortSignal.timeout(deadline) : signal
      const response = await ask(url + path, { method: 'POST', body, signal: until, credentials: 'omit' })
      const answer = await response.text()
      if (response.ok || signal.aborted) return answer
      // A goodbye with its reason; or what stands in between says something that is not our protocol.
      hear(answer)
      throw new Error(`the server answered with ${response.status}`)
    }

    const begin = listen({ hear, lost, post, signal })
    const talk = async () => {
      let head: string | undefined
      // What is said while a request is under way goes with the next one.
      for await (const frames of saying) {
        // What the server says may arrive all the while: it is no sign that this arrived, too.
        const late = setTimeout(lost, deadline, 'a request was not answered')
        try {
          const answer = await (head ? post('/say', head, ...frames) : post('', ...frames))
          if (head) continue
          hear(answer)
          signal.throwIfAborted()
          const opening = JSON.parse(answer) as Opened
          head = JSON.stringify({ connection: opening.connection })
          begin(opening)
        } finally {
          clearTimeout(late)
        }
      }
    }
    talk().catch(error => lost((error as Error).message))
    queueMicrotask(opened)
    return { send: saying.push, close: () => end.abort() }
  })
}
