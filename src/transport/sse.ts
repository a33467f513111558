import { connectOverHttp, type HttpOptions } from './http.ts'
import type { Transport } from './transport.ts'

export interface SseOptions extends HttpOptions {
  /** Makes the event stream; default: the global one. */
  readonly EventSource?: typeof EventSource
}

/**
 * The reference protocol over an event stream down and requests up, for networks that let no socket through. The device's
 * secret and the token go in the body of the first request; the address of the stream holds a ticket that is good once.
 * Over HTTP/1.1 the stream is one of the six connections that a browser has for a host.
 *
 * @param url Address of the link, such as `https://chat.example/api/link`; paths of this site are understood as well.
 */
export function sse(url: string, options: SseOptions = {}): Transport {
  return {
    name: 'sse',
    connect: request =>
      connectOverHttp(url, options, request, ({ hear, lost, signal }) => {
        const Source = options.EventSource ?? EventSource
        return ({ ticket }) => {
          const source = new Source(`${url}/stream?ticket=${ticket}`)
          source.onmessage = ({ data }) => hear(String(data))
          // It would try again by itself, with a ticket that was used.
          source.onerror = () => lost('the event stream broke')
          signal.addEventListener('abort', () => source.close())
        }
      })
  }
}
