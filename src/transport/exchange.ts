import type { ServerEvent } from '../model/event.ts'
import type { Asking, Pending } from './asking.ts'
import { errorFrom, TransportError, type TransportErrorCode } from './errors.ts'
import { type ClientFrame, PROTOCOL_VERSION, type ServerFrame } from './frames.ts'
import { createQueue } from './queue.ts'
import { readServerFrame } from './server-frames.ts'
import type { Connection, ConnectRequest } from './transport.ts'

/** How long an answer may take when somebody looks at what may be dead, in milliseconds. */
const PROBE = 3000

/** What brings frames to the server: a WebSocket is one. */
export interface Carrier {
  /** Brings this frame there, or loses it together with the connection. */
  send(frame: string): void
  /** Lets go of everything; called once, at the end. */
  close(): void
}

export interface ExchangeOptions {
  /** Longest silence while an answer is due, in milliseconds; default 10,000. */
  readonly deadline?: number
  /** Makes requests; default: the global one, and for files the one that tells how far they are. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * One connection of the reference protocol, the same over whatever carries its frames: questions and their answers,
 * events, silence, and one end for all of it.
 *
 * @param url Where it goes: files lie beside it.
 * @param carry Opens the carrier. It calls `opened`, not before it has returned, when frames can be said; `hear` with each
 *   frame that arrives; `lost` when the line broke, or when there is none. After the end all three do nothing. What it
 *   throws means that this browser, or the policy of this page, does not allow it.
 */
export function exchange(
  request: ConnectRequest,
  url: string,
  { deadline = 10_000, fetch }: ExchangeOptions,
  carry: (opened: () => void, hear: (frame: string) => void, lost: (message: string) => void) => Carrier
): Promise<Connection> {
  const { signal, device, term, token, cursor } = request
  return new Promise<Connection>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const incoming = createQueue<ServerEvent>()
    /** Questions that wait for an answer, by their names. */
    const pending: Pending = new Map()
    let connected = false
    let over: { readonly error: unknown } | undefined
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
      for (const settle of pending.values()) settle(undefined, error)
      incoming.fail(error)
    }
    const onAbort = () => finish(signal.reason)
    const fail = (code: TransportErrorCode, message: string) => finish(new TransportError(code, message))

    // Safari keeps a socket "open" in flight mode: only silence tells, and who waits for an answer is told sooner.
    const listen = (within = pending.size ? deadline : patience) => {
      clearTimeout(silence)
      if (!over) silence = setTimeout(fail, within, 'timeout', 'silence')
    }

    // What asks comes with the panel, where things are said; who only listens needs none of it.
    let loaded: Promise<Asking> | undefined
    const asking = () => {
      loaded ??= import('./asking.ts').then(({ createAsking }) =>
        createAsking(
          pending,
          frame => {
            if (over) throw over.error
            listen()
            say(frame)
          },
          () => fail('timeout', 'no answer')
        )
      )
      return loaded
    }

    const receive = (frame: ServerFrame) => {
      switch (frame.t) {
        case 'welcome':
          connected = true
          // The server's own rhythm and some more: a ping that is late is not the end.
          patience = frame.heartbeat * 1.36
          return resolve({
            capabilities: { ...frame.capabilities, base: url },
            incoming,
            send: async (command, options) => (await asking()).send(command, options),
            hint: hint => say({ t: 'hint', hint }),
            probe() {
              listen(PROBE)
              say({ t: 'ping' })
            },
            forget: () => say({ t: 'forget' }),
            history: async (request, signal) => (await asking()).history(request, signal),
            upload: async (file, end) => (await import('./upload.ts')).upload(url, request, file, end, fetch)
          })
        case 'events':
          return incoming.push(...frame.events)
        case 'bye':
          return finish(errorFrom(frame))
        case 'ping':
          return say({ t: 'pong' })
        default: {
          const { id, q } = frame as { readonly id?: string; readonly q?: number }
          pending.get(id ?? q!)?.(frame)
        }
      }
    }

    const hear = (raw: string) => {
      if (over) return
      try {
        receive(readServerFrame(raw))
        // Not before: with the last answer, silence may be longer again.
        listen()
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
      return reject(new TransportError('unsupported', 'unsupported', { cause }))
    }
    signal.addEventListener('abort', onAbort)
    listen()
  })
}
