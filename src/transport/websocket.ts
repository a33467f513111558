import { type ExchangeOptions, exchange } from './exchange.ts'
import type { Transport } from './transport.ts'

export interface WebSocketOptions extends ExchangeOptions {
  /** Makes the socket; default: the global one. */
  readonly WebSocket?: typeof WebSocket
}

/**
 * The reference protocol over one WebSocket. The token goes in the first frame, never in the address.
 *
 * @param url `ws:` or `wss:` address; `http:`, `https:` and paths of this site are understood as well.
 */
export function websocket(url: string, options: WebSocketOptions = {}): Transport {
  return {
    name: 'websocket',
    connect: request =>
      exchange(request, url, options, (opened, hear, lost) => {
        const socket = new (options.WebSocket ?? WebSocket)(absolute(url))
        socket.onopen = opened
        socket.onmessage = ({ data }) => hear(String(data))
        socket.onclose = ({ code }) => lost(`closed (${code})`)
        socket.onerror = () => {
          /* a close follows, always */
        }
        return socket
      })
  }
}

/** Older engines take neither `http:` nor relative addresses in `new WebSocket`. */
function absolute(url: string): string {
  const here = typeof location === 'undefined' ? undefined : location.href
  return new URL(url, here).href.replace(/^http/, 'ws')
}
