import type { ServerEvent } from '../model/event.ts'
import { isTransportErrorCode, TransportError, type TransportErrorCode } from './errors.ts'
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from './frames.ts'
import { createQueue } from './queue.ts'
import { readServerFrame } from './server-frames.ts'
import type { Ack, Connection, ConnectRequest, HistoryPage } from './transport.ts'

/** How long an answer may take when somebody looks at what may be dead, in milliseconds. */
const PROBE = 3000

/** What brings frames to the server: a WebSocket is one. */
export interface Carrier {
  /** Brings this frame there, or loses it together with the connection. */
  send(frame: string): void
  /** Lets go of everything; called once, at the end. */
  close(): void
}

/**
 * One connection of the reference protocol, the same over whatever carries its frames: questions and their answers,
 * events, silence, and one end for all of it.
 *
 * @param deadline Longest silence while an answer is due, in milliseconds.
 * @param carry Opens the carrier. It calls `opened`, not before it has returned, when frames can be said; `hear` with each
 *   frame that arrives; `lost` when the line broke, or when there is none. After the end all three do nothing. What it
 *   throws means that this browser, or the policy of this page, does not allow it.
 */
export function exchange(
  request: ConnectRequest,
  deadline = 10_000,
  carry: (opened: () => void, hear: (frame: string) => void, lost: (message: string) => void) => Carrier
): Promise<Connection> {
  const { signal, device, term, token, cursor } = request
  return new Promise<Connection>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const incoming = createQueue<ServerEvent>()
    /** Questions that wait for an answer, by their names: what settles them with it, or with an error. */
    const pending = new Map<string | number, (error: unknown, answer?: unknown) => void>()
    let connected = false
    let over: { readonly error: unknown } | undefined
    let questions = 0
    let silence: ReturnType<typeof setTimeout> | undefined
    let patience = deadline

    const say = (frame: ClientFrame) => carrier.send(JSON.stringify(frame))

    /** The one end of everything: whatever the reason, nothing is left waiting. */
    const finish = (error: unknown) => {
      if (over) return
      over = { error }
      clearTimeout(silence)
      signal.removeEventListener('abort', onAbort)
      carrier.close()
      reject(error)
      for (const settle of pending.values()) settle(error)
      incoming.fail(error)
    }
    const onAbort = () => finish(signal.reason)
    const fail = (code: TransportErrorCode, message: string) => finish(new TransportError(code, message))

    // Safari keeps a socket "open" in flight mode: only silence tells, and who waits for an answer is told sooner.
    const listen = (within = pending.size ? deadline : patience) => {
      clearTimeout(silence)
      silence = setTimeout(fail, within, 'timeout', 'nothing was heard for too long')
    }

    /** Asks, and settles with the frame that answers under this name. */
    const ask = <T>(name: string | number, frame: ClientFrame, aborted?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (over) return reject(over.error)
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

    const receive = (frame: ServerFrame) => {
      switch (frame.t) {
        case 'welcome':
          connected = true
          // The server's own rhythm and some more: a ping that is late is not the end.
          patience = frame.heartbeat * 1.4
          listen()
          return resolve({
            capabilities: frame.capabilities,
            incoming,
            send: (command, { again, signal }) => ask<Ack>(command.id, { t: 'send', command, again }, signal),
            hint: hint => say({ t: 'hint', hint }),
            probe() {
              listen(PROBE)
              say({ t: 'ping' })
            },
            history: ({ threadId, before, limit }, signal) =>
              ask<HistoryPage>(
                ++questions,
                { t: 'history', q: questions, threadId, before: before?.position ?? null, limit },
                signal
              ),
            upload: () => Promise.reject(new TransportError('unsupported', 'this server takes no files'))
          })
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

    const hear = (raw: string) => {
      if (over) return
      listen()
      try {
        receive(readServerFrame(raw))
      } catch (cause) {
        // Nothing after a frame that is not ours can be trusted to be complete.
        fail('protocol', (cause as Error).message)
      }
    }
    const greet = () => {
      const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions()
      say({ t: 'hello', v: PROTOCOL_VERSION, device, term, token, cursor, locale, zone: timeZone ?? '' })
    }
    let carrier: Carrier
    try {
      carrier = carry(greet, hear, message => fail(connected ? 'closed' : 'offline', message))
    } catch (cause) {
      // A content security policy, an address that is none, or an engine that lacks it.
      return reject(new TransportError('unsupported', 'cannot connect from here', { cause }))
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
