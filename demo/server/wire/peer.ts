import type { RawData } from 'ws'
import type { Shape } from '../../../src/model/shape.ts'
import type { TransportErrorCode } from '../../../src/transport/errors.ts'
import { decode, type FrameErrorCode } from '../../../src/transport/frames.ts'
import type { Limits } from '../limits.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Carrier } from './carrier.ts'
import { createBucket } from './rate.ts'

/** One connection, as frames: what those of visitors and of agents have in common. */
export interface Peer<Said> {
  send(frame: Said | PeerFrame): void
  /** Settles when little enough waits to be sent that there is room for more. */
  room(): Promise<void>
  /** Says in one sentence what was wrong with a frame; too many of these, and the connection is closed. */
  complain(code: FrameErrorCode, message: string, q?: number): void
  /** Says goodbye and closes. */
  bye(code: TransportErrorCode, message: string, retryAfter?: number | null, reason?: string): void
  readonly open: boolean
}

/** Frames that both protocols have. */
export type PeerFrame =
  | { readonly t: 'error'; readonly code: FrameErrorCode; readonly message: string; readonly q?: number | undefined }
  | {
      readonly t: 'bye'
      readonly code: TransportErrorCode
      readonly message: string
      readonly retryAfter: number | null
      readonly reason?: string
    }
  | { readonly t: 'ping' }
  | { readonly t: 'pong' }

interface PeerParts<Heard> {
  readonly socket: Carrier
  readonly shape: Shape
  readonly limits: Limits
  readonly log: Log
  /** A frame whose form is right. Frames wait for the one before to settle. */
  onFrame(frame: Heard): void | Promise<void>
  /** A frame whose form is wrong, or that is too large and perhaps no JSON, in its turn; `true`: it was dealt with. */
  onInvalid?(raw: string, problem: string): Promise<boolean>
  /** It is thrown out for what it sends, or for saying nothing at all. */
  readonly blame?: (() => void) | undefined
  onClose(): void
}

/** Said at close, after the last frame. */
const CLOSE_CODES: Partial<Record<TransportErrorCode, number>> = {
  busy: 1013,
  closed: 1012,
  offline: 1012,
  unauthorized: 4401
}
const POLICY = 1008
/** Goodbyes that are the peer's own fault. */
const BLAMED: readonly TransportErrorCode[] = ['protocol', 'timeout']
/** How long a peer may take to close its end. */
const LINGER = 2000
/** More than this waiting to be sent means: not now. */
const ROOM = 262_144

export function createPeer<Said extends object, Heard extends { readonly t: string }>(
  parts: PeerParts<Heard>
): Peer<Said> {
  const { socket, limits, log } = parts
  const frames = createBucket(limits.frames)
  const bad: number[] = []
  let heardAt = performance.now()
  let work: Promise<void> = Promise.resolve()
  let waiting = 0
  let ended = false

  const peer: Peer<Said> = {
    get open() {
      return !ended && socket.readyState === socket.OPEN
    },
    send(frame) {
      if (!peer.open) return
      if (socket.bufferedAmount > limits.buffered) {
        // Not reading: what is missed is read from the store when it comes back.
        log.warn('socket: closed, does not read what it is sent')
        ended = true
        return socket.terminate()
      }
      socket.send(JSON.stringify(frame))
    },
    async room() {
      while (peer.open && socket.bufferedAmount > ROOM) await new Promise(resolve => setTimeout(resolve, 50))
    },
    complain(code, message, q) {
      if (count(code, message)) peer.send({ t: 'error', code, message, ...(q === undefined ? {} : { q }) })
    },
    bye(code, message, retryAfter = null, reason) {
      if (ended) return
      if (BLAMED.includes(code)) parts.blame?.()
      peer.send({ t: 'bye', code, message, retryAfter, ...(reason === undefined ? {} : { reason }) })
      ended = true
      socket.close(CLOSE_CODES[code] ?? POLICY, message.slice(0, 100))
      setTimeout(() => socket.terminate(), LINGER).unref()
    }
  }

  /** Counts a wrong frame. `false`: it was one too many. */
  function count(code: FrameErrorCode, message: string): boolean {
    const now = performance.now()
    bad.push(now)
    while (bad[0] !== undefined && now - bad[0] > 60_000) bad.shift()
    // What would have been right; what came instead may be somebody's words.
    log.warn('socket: frame refused', { code, expected: message.replace(/, got .*/s, '').slice(0, 200) })
    if (bad.length <= limits.badFrames) return true
    peer.bye('protocol', 'too many wrong frames', null)
    return false
  }

  socket.on('message', (data: RawData, binary: boolean) => {
    heardAt = performance.now()
    if (ended) return
    const bytes = data as Buffer
    if (frames.take())
      return peer.complain('too-fast', `frame: expected at most ${limits.frames.perMinute / 60} a second`)
    if (binary) return peer.complain('malformed', 'frame: expected text, got binary')
    const raw = bytes.toString('utf8')
    const decoded =
      bytes.length > limits.frame
        ? ({
            code: 'too-large',
            problem: `frame: expected at most ${limits.frame} bytes, got ${bytes.length}`
          } as const)
        : decode<Heard>(raw, parts.shape)
    if ('problem' in decoded) {
      const { code, problem } = decoded
      // What no socket would even take in may come by a request: it is not looked at.
      const mayTell = code === 'invalid' || (code === 'too-large' && bytes.length <= limits.payload)
      if (!mayTell) return peer.complain(code, problem)
      return inTurn(async () => {
        if (!(await parts.onInvalid?.(raw, problem))) peer.complain(code, problem)
        // Nobody writes so much by mistake again and again, and it takes long to read.
        else if (code === 'too-large') count(code, problem)
      })
    }
    const { frame } = decoded
    if (frame.t === 'ping') return peer.send({ t: 'pong' })
    if (frame.t !== 'pong') inTurn(async () => parts.onFrame(frame))
  })

  /** One after the other, and no further than the store can follow. */
  function inTurn(task: () => Promise<void>) {
    if (waiting > limits.frames.burst) return peer.complain('too-fast', 'frame: too many wait for an answer')
    waiting++
    work = work.then(async () => {
      try {
        if (!ended) await task()
      } catch (error) {
        log.error('socket: frame failed', { reason: reasonOf(error) })
        peer.bye('busy', 'something went wrong here; please try again', 1000)
      } finally {
        waiting--
      }
    })
  }

  // Spread, so that the pings of those who came back together do not stay together.
  const beat = setInterval(
    () => {
      if (performance.now() - heardAt > limits.silence) {
        ended = true
        socket.terminate()
      } else peer.send({ t: 'ping' })
    },
    limits.heartbeat * (0.9 + 0.2 * Math.random())
  )

  socket.on('error', error => {
    log.warn('socket: broken', { reason: reasonOf(error) })
    // What is no WebSocket, or too much of one; a network that breaks is nobody's fault.
    if ('code' in error && String(error.code).startsWith('WS_ERR_')) parts.blame?.()
  })
  socket.on('close', () => {
    // What was heard before is still done: a last word, a sign-out.
    clearInterval(beat)
    parts.onClose()
  })

  return peer
}
