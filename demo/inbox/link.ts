import { atom, type ReadableAtom } from 'nanostores'
import { createEmitter, type Emitter } from '../../src/core/emitter.ts'
import { PROTOCOL_VERSION } from '../../src/transport/frames.ts'
import type { AgentClientFrame, AgentServerFrame } from '../server/wire/agent-frames.ts'

/** The one socket to the server: signs in, notices silence, comes back by itself. */
export interface Link extends Pick<Emitter<LinkEvents>, 'on'> {
  readonly $link: ReadableAtom<LinkState>
  /** Whether the frame went out; `false`: not online, nothing was kept. */
  send(frame: AgentClientFrame): boolean
  /** Tries now, rather than when the next attempt is due. */
  retry(): void
  close(): void
}

export interface LinkState {
  readonly state:
    | 'connecting'
    /** Connected and signed in; the first picture is on its way. */
    | 'catching-up'
    | 'online'
    /** Not connected; the next attempt is at `retryAt`. */
    | 'waiting'
    /** The server refused the token. */
    | 'refused'
  /** In milliseconds since the epoch; `undefined` unless waiting. */
  readonly retryAt: number | undefined
  /** Since when this is not online, in milliseconds since the epoch; `undefined` while it is. */
  readonly lostAt: number | undefined
}

export interface LinkEvents {
  /** All there is; the link becomes `online` when every listener has taken it in. */
  readonly welcome: Welcome
  /** Frames go out from here on. */
  readonly online: undefined
  /** Everything but welcomes and heartbeats. */
  readonly frame: Exclude<AgentServerFrame, Welcome>
  /** The link was open and is not any more. */
  readonly lost: undefined
  readonly refused: undefined
}

export type Welcome = Extract<AgentServerFrame, { readonly t: 'welcome' }>

export interface LinkParts {
  readonly url: string
  readonly token: string
  readonly WebSocket?: typeof WebSocket
  /** From 0 to 1; spreads the attempts of many inboxes. */
  readonly random?: () => number
}

const HANDSHAKE_AFTER = 10_000
/** Silence for more than so many heartbeats means that nobody is there. */
const SILENT_BEATS = 2.2

export function createLink({ url, token, WebSocket = globalThis.WebSocket, random = Math.random }: LinkParts): Link {
  const { on, emit } = createEmitter<LinkEvents>()
  const $link = atom<LinkState>({ state: 'connecting', retryAt: undefined, lostAt: Date.now() })
  let socket: WebSocket | undefined
  let attempt = 0
  let closed = false
  let heartbeat = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let deadTimer: ReturnType<typeof setTimeout> | undefined

  function become(state: LinkState['state'], retryAt?: number) {
    const lostAt = state === 'online' ? undefined : ($link.get().lostAt ?? Date.now())
    $link.set({ state, retryAt, lostAt })
  }

  function connect() {
    clearTimeout(retryTimer)
    become('connecting')
    const mine = new WebSocket(url)
    socket = mine
    expect(HANDSHAKE_AFTER)
    mine.onopen = () => {
      if (mine !== socket) return
      mine.send(JSON.stringify({ t: 'hello', v: PROTOCOL_VERSION, token } satisfies AgentClientFrame))
      become('catching-up')
    }
    mine.onmessage = event => {
      if (mine !== socket) return
      expect(heartbeat ? heartbeat * SILENT_BEATS : HANDSHAKE_AFTER)
      const frame = read(event.data)
      if (frame) receive(frame)
    }
    // An error is always followed by a close, which says as much.
    mine.onclose = () => {
      if (mine === socket) lose()
    }
  }

  function receive(frame: AgentServerFrame) {
    switch (frame.t) {
      case 'welcome':
        attempt = 0
        heartbeat = frame.heartbeat
        // Whoever listens fills the stores first, so that `online` never shows yesterday's picture.
        emit('welcome', frame)
        become('online')
        expect(heartbeat * SILENT_BEATS)
        return emit('online', undefined)
      case 'ping':
        socket?.send(JSON.stringify({ t: 'pong' } satisfies AgentClientFrame))
        return
      case 'pong':
        return
      case 'bye':
        if (frame.code === 'unauthorized' || frame.code === 'forbidden') refuse()
        else lose()
        return
      case 'error':
        console.warn(`inbox: the server did not take a frame: ${frame.code}, ${frame.message}`)
        return emit('frame', frame)
      default:
        emit('frame', frame)
    }
  }

  function expect(silentFor: number) {
    clearTimeout(deadTimer)
    deadTimer = setTimeout(lose, silentFor)
  }

  function drop() {
    clearTimeout(deadTimer)
    clearTimeout(retryTimer)
    heartbeat = 0
    const mine = socket
    socket = undefined
    mine?.close()
  }

  function lose() {
    const was = $link.get().state
    drop()
    if (closed) return
    const wait = Math.round(random() * Math.min(20_000, 500 * 2 ** attempt++))
    become('waiting', Date.now() + wait)
    retryTimer = setTimeout(connect, wait)
    if (was === 'online') emit('lost', undefined)
  }

  function refuse() {
    closed = true
    drop()
    unbind()
    become('refused')
    emit('refused', undefined)
  }

  function retry() {
    if (closed || $link.get().state !== 'waiting') return
    attempt = 0
    connect()
  }

  function look() {
    if (document.visibilityState === 'visible') retry()
  }

  // Being told that there is no network is certain; a socket may take a minute to notice.
  const noticeLoss = () => $link.get().state !== 'waiting' && lose()

  function unbind() {
    window.removeEventListener('online', retry)
    window.removeEventListener('offline', noticeLoss)
    document.removeEventListener('visibilitychange', look)
  }

  window.addEventListener('online', retry)
  window.addEventListener('offline', noticeLoss)
  document.addEventListener('visibilitychange', look)
  connect()

  return {
    $link,
    on,
    send(frame) {
      if ($link.get().state !== 'online' || socket?.readyState !== 1) return false
      socket.send(JSON.stringify(frame))
      return true
    },
    retry,
    close() {
      closed = true
      unbind()
      drop()
    }
  }
}

/** The frame, or nothing if it is none of this protocol. */
function read(data: unknown): AgentServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(String(data))
    if (typeof frame === 'object' && frame !== null && 't' in frame) return frame as AgentServerFrame
  } catch {
    /* said below */
  }
  console.warn('inbox: expected a JSON object with t from the server, and left it out')
}
