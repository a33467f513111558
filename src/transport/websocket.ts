import type { ServerEvent } from '../model/event.ts'
import { isTransportErrorCode, TransportError, type TransportErrorCode } from './errors.ts'
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from './frames.ts'
import { createQueue } from './queue.ts'
import { readServerFrame } from './server-frames.ts'
import type { Ack, Connection, ConnectRequest, HistoryPage, Transport } from './transport.ts'

export interface WebSocketOptions {
  /** Makes the socket; default: the global one. */
  readonly WebSocket?: typeof WebSocket
  /** Longest silence while an answer is due, in milliseconds; default 10,000. */
  readonly deadline?: number
}

/** How long an answer may take when somebody looks at what may be dead, in milliseconds. */
const PROBE = 3000

/**
 * The reference protocol over one WebSocket. The token goes in the first frame, never in the address.
 *
 * @param url `ws:` or `wss:` address; `http:`, `https:` and paths of this site are understood as well.
 */
export function websocket(url: string, options: WebSocketOptions = {}): Transport {
  return {
    name: 'websocket',
    connect: request => connect(url, options, request)
  }
}

function connect(url: string, options: WebSocketOptions, request: ConnectRequest): Promise<Connection> {
  const { signal } = request
  const deadline = options.deadline ?? 10_000
  return new Promise<Connection>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let socket: WebSocket
    try {
      socket = new (options.WebSocket ?? WebSocket)(absolute(url))
    } catch (cause) {
      // A content security policy, or an address that is none.
      return reject(new TransportError('unsupported', `cannot open a WebSocket to ${url}`, { cause }))
    }
    const incoming = createQueue<ServerEvent>()
    /** Questions that wait for an answer, by their names: what settles them with it, or with an error. */
    const pending = new Map<string | number, (error: unknown, answer?: unknown) => void>()
    let connected = false
    let over = false
    let questions = 0
    let silence: ReturnType<typeof setTimeout> | undefined
    let patience = deadline

    const say = (frame: ClientFrame) => {
      if (socket.readyState === 1) socket.send(JSON.stringify(frame))
    }

    /** The one end of everything: whatever the reason, nothing is left waiting. */
    const finish = (error: unknown) => {
      if (over) return
      over = true
      clearTimeout(silence)
      signal.removeEventListener('abort', onAbort)
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null
      socket.close()
      reject(error)
      for (const settle of pending.values()) settle(error)
      incoming.fail(error)
    }
    const onAbort = () => finish(signal.reason)
    const lost = (code: TransportErrorCode, message: string) => finish(new TransportError(code, message))

    // Safari keeps a socket "open" in flight mode: only silence tells, and who waits for an answer is told sooner.
    const listen = (within = pending.size ? deadline : patience) => {
      clearTimeout(silence)
      silence = setTimeout(lost, within, 'timeout', 'nothing was heard for too long')
    }

    /** Asks, and settles with the frame that answers under this name. */
    const ask = <T>(name: string | number, frame: ClientFrame, aborted?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (over) return reject(signal.aborted ? signal.reason : new TransportError('closed', 'the link is closed'))
        if (aborted?.aborted) return reject(aborted.reason)
        const settle = (error: unknown, answer?: unknown) => {
          aborted?.removeEventListener('abort', giveUp)
          pending.delete(name)
          if (error) reject(error)
          else resolve(answer as T)
        }
        const giveUp = () => settle(aborted?.reason)
        aborted?.addEventListener('abort', giveUp)
        pending.set(name, settle)
        listen()
        say(frame)
      })

    const connection = (capabilities: Connection['capabilities']): Connection => ({
      capabilities,
      incoming,
      send: (command, { again, signal }) => ask<Ack>(command.id, { t: 'send', command, again }, signal),
      hint: hint => say({ t: 'hint', hint }),
      probe() {
        listen(PROBE)
        say({ t: 'ping' })
      },
      history: ({ threadId, before, limit }, signal) => {
        const q = ++questions
        return ask<HistoryPage>(q, { t: 'history', q, threadId, before: before?.position ?? null, limit }, signal)
      },
      upload: () => Promise.reject(new TransportError('unsupported', 'this server takes no files'))
    })

    const receive = (frame: ServerFrame) => {
      switch (frame.t) {
        case 'welcome':
          connected = true
          // The server's own rhythm and some more: a ping that is late is not the end.
          patience = frame.heartbeat * 1.4
          listen()
          return resolve(connection(frame.capabilities))
        case 'events':
          return incoming.push(...frame.events)
        case 'ack':
          return pending.get(frame.id)?.(undefined, { ...frame, position: frame.position ?? undefined })
        case 'nack':
          return pending.get(frame.id)?.(asError(frame))
        case 'page':
          return pending.get(frame.q)?.(undefined, frame)
        case 'error':
          return pending.get(frame.q ?? '')?.(new TransportError('rejected', frame.message))
        case 'bye':
          return finish(asError(frame))
        case 'ping':
          return say({ t: 'pong' })
      }
    }

    socket.onopen = () => {
      const { device, term, token, cursor } = request
      const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions()
      say({ t: 'hello', v: PROTOCOL_VERSION, device, term, token, cursor, locale, zone: timeZone ?? '' })
    }
    socket.onmessage = ({ data }) => {
      listen()
      try {
        receive(readServerFrame(String(data)))
      } catch (cause) {
        // Nothing after a frame that is not ours can be trusted to be complete.
        finish(new TransportError('protocol', (cause as Error).message))
      }
    }
    socket.onclose = event => {
      lost(connected ? 'closed' : 'offline', `the socket was closed (${event.code})`)
    }
    socket.onerror = () => {
      /* a close follows, always */
    }
    signal.addEventListener('abort', onAbort)
    listen()
  })
}

function asError(frame: Extract<ServerFrame, { readonly t: 'nack' | 'bye' }>): TransportError {
  const { code, message, retryAfter } = frame
  return new TransportError(isTransportErrorCode(code) ? code : 'protocol', message, {
    retryAfter: retryAfter ?? undefined,
    reason: frame.t === 'nack' ? frame.reason : undefined
  })
}

/** Older engines take neither `http:` nor relative addresses in `new WebSocket`. */
function absolute(url: string): string {
  const here = typeof location === 'undefined' ? undefined : location.href
  return new URL(url, here).href.replace(/^http/, 'ws')
}
