import type { Recorder } from '../history.ts'
import type { Random } from './random.ts'
import type { Owner, World } from './time.ts'

/** How good a browser's network is. */
export interface Weather {
  readonly up: boolean
  /** From when to when a frame takes, in milliseconds. */
  readonly latency: readonly [number, number]
  /** Share of frames at which the stream stops, for good and without a word. */
  readonly loss: number
  /** Share of frames that arrive twice, where saying them twice is allowed. */
  readonly twice: number
  /** Share of answers that are overtaken by what was said after them. */
  readonly late: number
  /** Share of frames with events at which the stream stops: what comes back is answers only, and then nothing. */
  readonly deaf: number
  /** Share of frames that arrive damaged. */
  readonly damage: number
  /** Share of attempts to connect that nobody ever answers. */
  readonly hang: number
}

export const FINE: Weather = { up: true, latency: [5, 40], loss: 0, twice: 0, late: 0, deaf: 0, damage: 0, hang: 0 }

/** The server, as the network sees it. */
export interface Door {
  readonly owner: Owner
  welcome(socket: ServerSocket): void
}

export interface Network {
  /** The constructor of sockets for one tab. */
  socketsOf(tab: { readonly owner: Owner; readonly node: string; readonly device: string }): typeof WebSocket
  weather(device: string): Weather
  setWeather(device: string, weather: Weather): void
  /** Ends connections of this browser (all: of everybody) as routers do: both sides hear of it. */
  reset(device: string | undefined, code?: number): void
  /** From now on nothing arrives on the connections there are, and nobody hears of it. */
  silence(device: string): void
  /** The tab has died: the system closes its sockets. */
  left(owner: Owner): void
  /** The server has died; `quiet`: so suddenly that nobody says so. */
  serverLost(quiet: boolean): void
}

/** What the server's peer uses of a socket of `ws`. */
export interface ServerSocket {
  readonly OPEN: 1
  readyState: number
  readonly bufferedAmount: number
  on(event: 'message' | 'close' | 'error', listener: (...args: never[]) => void): void
  send(text: string): void
  close(code: number, reason?: string): void
  terminate(): void
}

/** Who speaks on a connection. */
export interface Call {
  readonly number: number
  readonly device: string
  readonly node: string
}

export type Direction = 'up' | 'down'

/** Hears every frame: when it is said, and when it has arrived. */
export interface Wiretap {
  said(call: Call, direction: Direction, frame: Frame): void
  heard(call: Call, direction: Direction, frame: Frame): void
  /** One side of a connection has come to its end; 0: this side closed it. */
  ended(call: Call, side: 'client' | 'server', code: number): void
}

/** One direction of a connection: what is sent arrives in order, until the stream stops. */
interface Stream {
  stopped: boolean
  arrives: number
  /** Characters that will never arrive. */
  stuck: number
}

interface Line extends Call {
  readonly tab: Owner
  readonly server: Owner
  readonly up: Stream
  readonly down: Stream
  /** What the client's side does at the end. */
  clientEnd(code: number): void
  serverEnd(code: number): void
  over: boolean
}

/** Saying these again has no effect, and they may be overtaken: they are answers, or worth nothing a moment later. */
const REPEATABLE = { up: ['send', 'history', 'hint', 'ping', 'pong'], down: ['ack', 'nack', 'page', 'ping', 'pong'] }

export function createNetwork(world: World, { record }: Recorder, door: () => Door | undefined, tap: Wiretap): Network {
  const weathers = new Map<string, Weather>()
  const lines = new Set<Line>()
  const everywhere = world.owner('network')
  let count = 0

  const weather = (device: string) => weathers.get(device) ?? FINE
  const delay = (device: string, random: Random) => {
    const [least, most] = weather(device).latency
    return least + random.next() * (most - least)
  }

  /** Sends one frame along a stream. */
  const carry = (line: Line, direction: Direction, text: string, arrive: (text: string) => void) => {
    const stream = line[direction]
    const { loss, twice, late, deaf, damage, up } = weather(line.device)
    const [from, to] = direction === 'up' ? [line.tab, line.server] : [line.server, line.tab]
    const { random } = world
    const frame = JSON.parse(text) as Frame
    tap.said(line, direction, frame)
    // Died over it: the frame is not out yet.
    if (!from.alive) return
    if (!up || random.chance(loss) || (frame.t === 'events' && random.chance(deaf))) {
      if (!stream.stopped)
        record('world', 'fault', { kind: 'drop', dev: line.device, conn: line.number, dir: direction })
      stream.stopped = true
    }
    if (stream.stopped) {
      stream.stuck += text.length
      return
    }
    const repeatable = REPEATABLE[direction].includes(frame.t)
    const deliver = (said: string, after: number, owner: Owner) =>
      world.plan(after, owner, () => {
        if (line.over || stream.stopped) return
        tap.heard(line, direction, frame)
        arrive(said)
      })
    let said = text
    if (random.chance(damage)) {
      said = damaged(text, random)
      record('world', 'fault', { kind: 'corrupt', dev: line.device, conn: line.number, dir: direction })
    }
    const after = delay(line.device, random)
    if (repeatable && random.chance(late)) {
      record('world', 'fault', { kind: 'reorder', dev: line.device, conn: line.number, dir: direction })
      deliver(said, after + random.next() * 3000, to)
    } else {
      stream.arrives = Math.max(stream.arrives, world.now() + after)
      deliver(said, stream.arrives - world.now(), to)
    }
    if (repeatable && random.chance(twice)) {
      record('world', 'fault', { kind: 'duplicate', dev: line.device, conn: line.number, dir: direction })
      for (let n = random.whole(1, 3); n; n--) deliver(text, after + random.next() ** 4 * 60_000, to)
    }
  }

  const end = (line: Line, code: number, afterClient: number, afterServer: number) => {
    world.plan(afterClient, line.tab, () => line.clientEnd(code))
    world.plan(afterServer, line.server, () => {
      lines.delete(line)
      line.over = true
      line.serverEnd(code)
    })
  }

  const dial = (tab: { owner: Owner; node: string; device: string }, client: ClientSocket) => {
    const { random } = world
    record(tab.node, 'wire', { dir: 'dial' })
    if (random.chance(weather(tab.device).hang)) {
      record('world', 'fault', { kind: 'hang', dev: tab.device })
      return
    }
    world.plan(delay(tab.device, random), everywhere, () => {
      const to = door()
      if (!to || !weather(tab.device).up) {
        world.plan(delay(tab.device, random), tab.owner, () => client.ended(1006))
        return
      }
      connect(tab, client, to)
    })
  }

  const connect = (tab: { owner: Owner; node: string; device: string }, client: ClientSocket, to: Door) => {
    const { random } = world
    const listeners = new Map<string, (...args: unknown[]) => void>()
    const tell = (event: string, ...args: unknown[]) => listeners.get(event)?.(...args)
    const stream = (): Stream => ({ stopped: false, arrives: 0, stuck: 0 })

    const server: ServerSocket = {
      OPEN: 1,
      readyState: 1,
      get bufferedAmount() {
        return line.down.stuck
      },
      on: (event, listener) => void listeners.set(event, listener as never),
      send(text) {
        carry(line, 'down', text, said => client.heard(said))
      },
      close(code) {
        if (server.readyState !== 1) return
        server.readyState = 2
        if (line.down.stopped) return
        const after = Math.max(line.down.arrives - world.now(), delay(tab.device, random))
        end(line, code, after, after + delay(tab.device, random))
      },
      terminate() {
        if (server.readyState === 3) return
        end(line, 1006, delay(tab.device, random), 0)
      }
    }
    const line: Line = {
      number: ++count,
      device: tab.device,
      node: tab.node,
      tab: tab.owner,
      server: to.owner,
      up: stream(),
      down: stream(),
      over: false,
      clientEnd(code) {
        if (client.readyState < 2) tap.ended(line, 'client', code)
        client.ended(code)
      },
      serverEnd(code) {
        if (server.readyState === 3) return
        server.readyState = 3
        tap.ended(line, 'server', code)
        tell('close', code)
      }
    }
    lines.add(line)
    client.line = {
      say(text) {
        carry(line, 'up', text, said => {
          if (server.readyState === 1) tell('message', Buffer.from(said), false)
        })
      },
      close() {
        tap.ended(line, 'client', 0)
        // What is on its way arrives before the end does; a stream that has stopped has no end.
        if (line.up.stopped) return
        const after = Math.max(line.up.arrives - world.now(), 0) + 1
        world.plan(after, line.server, () => {
          lines.delete(line)
          line.over = true
          line.serverEnd(1005)
        })
      }
    }
    world.plan(0, to.owner, () => to.welcome(server))
    world.plan(delay(tab.device, random), tab.owner, () => client.opened())
  }

  return {
    weather,
    setWeather: (device, given) => void weathers.set(device, given),
    socketsOf: tab =>
      class extends ClientSocket {
        constructor(url: string) {
          super(url)
          dial(tab, this)
        }
      } as unknown as typeof WebSocket,
    reset(device, code = 1006) {
      for (const line of lines) if (device === undefined || line.device === device) end(line, code, 0, 0)
    },
    silence(device) {
      for (const line of lines) if (line.device === device) line.up.stopped = line.down.stopped = true
    },
    left(owner) {
      for (const line of lines) {
        if (line.tab !== owner || line.up.stopped) continue
        world.plan(Math.max(line.up.arrives - world.now(), 0) + 1, line.server, () => {
          lines.delete(line)
          line.over = true
          line.serverEnd(1006)
        })
      }
    },
    serverLost(quiet) {
      for (const line of lines) {
        if (!quiet) world.plan(Math.max(line.down.arrives - world.now(), 0) + 1, line.tab, () => line.clientEnd(1006))
        lines.delete(line)
        if (quiet) line.up.stopped = line.down.stopped = true
      }
    }
  }
}

/** What the adapter uses of a WebSocket. */
class ClientSocket {
  readonly url: string
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: string }) => void) | null = null
  onclose: ((event: { readonly code: number }) => void) | null = null
  onerror: (() => void) | null = null
  line: { say(text: string): void; close(): void } | undefined

  constructor(url: string) {
    this.url = url
  }
  send(text: string) {
    if (this.readyState === 1) this.line?.say(text)
  }
  close() {
    if (this.readyState > 1) return
    this.readyState = 2
    this.line?.close()
  }
  opened() {
    if (this.readyState !== 0) return
    this.readyState = 1
    this.onopen?.()
  }
  heard(data: string) {
    if (this.readyState === 1) this.onmessage?.({ data })
  }
  ended(code: number) {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code })
  }
}

/** A frame of either side, as far as it matters here. */
export interface Frame {
  readonly t: string
  readonly id?: string
  readonly device?: string
  readonly term?: number
  readonly cursor?: string
  readonly position?: number | null
  readonly code?: string
  readonly reason?: string
  readonly message?: string
  readonly command?: { readonly id: string; readonly n: number; readonly type: string; readonly threadId?: string }
  readonly events?: readonly FrameEvent[]
}

interface FrameEvent {
  readonly type: string
  readonly cursor?: string
  readonly message?: { readonly id: string; readonly threadId: string; readonly position: number }
}

/** The frame as a broken line, or a broken program, might make it: whoever reads it can tell that it is wrong. */
function damaged(text: string, random: Random): string {
  const cut = random.whole(1, Math.max(1, text.length - 1))
  return random.pick([
    () => text.slice(0, cut),
    () => `${text.slice(0, cut)}\u0000${text.slice(cut)}`,
    () => '[]',
    () => 'null',
    () => '{}',
    () => '{"t":7}',
    () => text.replace(/"t":"(\w+)"/, '"t":["$1"]'),
    () => text.replace(/:(\d+)/, ':9007199254740993'),
    () => text.replace(/:"[^"]*"/g, ':null'),
    () => `${'['.repeat(10_000)}`
  ])()
}
