import { EventSource } from 'eventsource'
import { WebSocket } from 'ws'

/** The network of one device, which can be made bad, as what its adapters are given to connect with. */
export interface Network {
  readonly WebSocket: typeof globalThis.WebSocket
  readonly EventSource: typeof globalThis.EventSource
  readonly fetch: typeof globalThis.fetch
  /** Cuts what is open. */
  drop(): void
  /** Cuts what is open, and lets nothing new through. */
  offline(is: boolean): void
  /** What would carry an acknowledgement is cut instead. */
  loseAcks(is: boolean): void
  /** Everything stays open, but nothing arrives any more. */
  silence(): void
  /** Something in between answers in place of the server. */
  babble(): void
  /** Lets these through no more: `refuse` says so at once, `swallow` lets them open and keeps what is said. */
  block(what: 'sockets' | 'streams' | 'requests', how: 'refuse' | 'swallow'): void
}

const SIGN_IN = '<!doctype html><title>Sign in</title>'
const NOWHERE = '127.0.0.1:1'
const ACK = /"t":"n?ack"/

/** What is open, and can be made to fail. */
interface Open {
  cut(): void
  babble(): void
}

/** @param origin Of the page that asks. */
export function openNetwork(origin: () => string): Network {
  const open = new Set<Open>()
  const blocked = new Map<string, 'refuse' | 'swallow'>()
  let offline = false
  let acksLost = false
  let silent = false

  const drop = () => {
    for (const one of [...open]) one.cut()
  }

  class BadSocket extends WebSocket {
    constructor(url: string) {
      super(offline || blocked.get('sockets') === 'refuse' ? `ws://${NOWHERE}` : url, { origin: origin() })
      const one = { cut: () => this.terminate(), babble: () => this.emit('message', Buffer.from(SIGN_IN), false) }
      open.add(one)
      this.on('close', () => open.delete(one))
      Object.defineProperty(this, 'onmessage', { set: listener => this.#hear(listener) })
    }

    #hear(listener: (event: { readonly data: string }) => void) {
      this.on('message', data => {
        if (silent || blocked.has('sockets')) return
        if (acksLost && ACK.test(String(data))) this.terminate()
        else listener({ data: String(data) })
      })
    }
  }

  const badFetch = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const isStream = new Headers(init.headers).get('accept') === 'text/event-stream'
    const how = blocked.get(isStream ? 'streams' : 'requests')
    if (offline || how === 'refuse') throw new TypeError('fetch failed')
    const cut = new AbortController()
    const signal = AbortSignal.any([cut.signal, ...(init.signal ? [init.signal] : [])])
    /** What is said in place of the server, before its answer has come. */
    let answer: (response: Response) => void = () => {}
    const instead = new Promise<Response>(resolve => {
      answer = resolve
    })
    const one = { cut: () => cut.abort(new TypeError('terminated')), babble: () => answer(new Response(SIGN_IN)) }
    open.add(one)
    signal.addEventListener('abort', () => open.delete(one))

    const headers = { ...(init.headers as Record<string, string> | undefined), origin: origin() }
    const response = await Promise.race([fetch(input, { ...init, headers, signal }), instead])
    const swallowed = () => silent || how === 'swallow'
    if (!response.body) return response
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        start(controller) {
          one.babble = () => controller.enqueue(Buffer.from(`data: ${SIGN_IN}\n\n`))
        },
        transform(chunk, controller) {
          if (swallowed()) return
          if (acksLost && ACK.test(Buffer.from(chunk).toString())) drop()
          else controller.enqueue(chunk)
        },
        async flush() {
          open.delete(one)
          if (swallowed()) await new Promise((_, reject) => signal.addEventListener('abort', reject))
        }
      })
    )
    return new Response(body, { status: response.status, headers: response.headers })
  }

  class BadEventSource extends EventSource {
    constructor(url: string) {
      super(url, { fetch: (input, init) => badFetch(input, init as RequestInit) })
    }
  }

  return {
    // Those of packages differ from the browser's in types only.
    WebSocket: BadSocket as unknown as typeof globalThis.WebSocket,
    EventSource: BadEventSource as unknown as typeof globalThis.EventSource,
    fetch: badFetch as typeof globalThis.fetch,
    drop,
    offline(is) {
      offline = is
      if (is) drop()
    },
    loseAcks(is) {
      acksLost = is
    },
    silence() {
      silent = true
    },
    babble() {
      for (const one of [...open]) one.babble()
    },
    block: (what, how) => void blocked.set(what, how)
  }
}
