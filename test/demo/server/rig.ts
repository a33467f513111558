import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Limits } from '../../../demo/server/limits.ts'
import { silentLog } from '../../../demo/server/log.ts'
import { createServer, type Server, type ServerOptions } from '../../../demo/server/server.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import type { AgentCommand, AgentServerFrame } from '../../../demo/server/wire/agent-frames.ts'
import type { Command, Deed } from '../../../src/model/command.ts'
import type { ServerEvent } from '../../../src/model/event.ts'
import { createId } from '../../../src/model/id.ts'
import type { ServerFrame } from '../../../src/transport/frames.ts'
import { openPristine } from '../../support/pristine.ts'

/** Servers over one store that outlives them, as a folder outlives processes. */
export interface Rig {
  readonly store: Store
  /** Starts a server; an earlier one of this rig is stopped first, which makes it a restart. */
  start(options?: Partial<Omit<ServerOptions, 'store'>>, limits?: Partial<Limits>): Promise<Server>
  stop(): Promise<void>
  /** As if nothing had ever been said; the team stays. */
  wipe(): Promise<void>
  close(): Promise<void>
}

export const SAM = { name: 'Sam', email: 'sam@example.com', password: 'lantern' }
export const ALEX = { name: 'Alex', email: 'alex@example.com', password: 'candle' }

export async function createRig(store?: Store): Promise<Rig> {
  const kept = store ?? (await openPristine())
  let server: Server | undefined
  let invited = false
  const stop = async () => {
    await server?.close()
    server = undefined
  }
  return {
    store: kept,
    async start(options = {}, limits = {}) {
      await stop()
      // Hashing passwords is slow on purpose, so the team of the first start stays.
      const agents = invited ? [] : [SAM, ALEX]
      server = await createServer({
        agents,
        bot: false,
        log: silentLog,
        // What a test does not speak of does not get in its way.
        limits: {
          socketsPerAddress: 10_000,
          homeGrace: 0,
          messages: { perMinute: 1e6, burst: 1e6 },
          botWord: 1,
          ...limits
        },
        ...options,
        store: { ...kept, close: async () => {} }
      })
      invited = true
      return server
    },
    stop,
    async wipe() {
      await stop()
      const rows = await kept.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'agents')`
      )
      if (!rows.length) return
      await kept.script(`TRUNCATE ${rows.map(({ name }) => name).join(', ')} CASCADE`)
      await kept.query(`UPDATE agents SET presence = 'online'`)
    },
    async close() {
      await stop()
      await kept.close()
    }
  }
}

/** One socket, with everything that came over it. */
export interface Line<Frame> {
  readonly socket: WebSocket
  readonly frames: Frame[]
  /** The first frame, from now or from before, that fits. */
  until<Found extends Frame>(fits: (frame: Frame) => frame is Found): Promise<Found>
  until(fits: (frame: Frame) => boolean): Promise<Frame>
  say(frame: object): void
  /** Settles with the code when the other side has closed. */
  readonly closed: Promise<number>
  close(): void
}

export function open<Frame extends { readonly t: string }>(
  url: string,
  headers: Record<string, string>
): Promise<Line<Frame>> {
  const socket = new WebSocket(url, { headers })
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  let code: number | undefined
  const wake = () => {
    for (const look of [...waiting]) look()
  }
  socket.on('message', data => {
    const frame = JSON.parse(String(data)) as Frame
    if (frame.t === 'ping') socket.send('{"t":"pong"}')
    frames.push(frame)
    wake()
  })
  const closed = new Promise<number>(resolve =>
    socket.on('close', given => {
      code = given
      resolve(given)
      wake()
    })
  )
  const line: Line<Frame> = {
    socket,
    frames,
    closed,
    until(fits: (frame: Frame) => boolean) {
      return new Promise<never>((resolve, reject) => {
        const give = (error: Error) => {
          done()
          reject(error)
        }
        const timer = setTimeout(
          () => give(new Error(`waited in vain; got ${JSON.stringify(frames.slice(-12), null, 1)}`)),
          5000
        )
        const look = () => {
          const found = frames.find(fits)
          if (found) {
            done()
            resolve(found as never)
          } else if (code !== undefined) give(new Error(`closed with ${code}; got ${JSON.stringify(frames.slice(-5))}`))
        }
        const done = () => {
          clearTimeout(timer)
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      })
    },
    say: frame => socket.send(JSON.stringify(frame)),
    close: () => socket.terminate()
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(line))
    // Those after that are followed by a close.
    socket.on('error', reject)
  })
}

export type Answer = Extract<ServerFrame, { readonly t: 'ack' | 'nack' }>

export interface TestVisitor extends Line<ServerFrame> {
  readonly device: string
  /** All events so far. */
  events(): readonly ServerEvent[]
  untilEvent<Type extends ServerEvent['type']>(
    type: Type,
    fits?: (event: Extract<ServerEvent, { readonly type: Type }>) => boolean
  ): Promise<Extract<ServerEvent, { readonly type: Type }>>
  /** Numbers a deed in its lane and sends it. */
  send(deed: Deed, id?: string): Promise<Answer>
  /** Sends a command as it is. */
  offer(command: Command): Promise<Answer>
  message(threadId: string, text: string): Promise<Answer>
  cursor(): string | undefined
}

export interface Arrival {
  readonly device?: string
  readonly term?: number
  readonly cursor?: string | undefined
  readonly token?: string | undefined
  /** Goes on counting where another connection of this device stopped. */
  readonly lanes?: Map<string, number>
  /** Does not wait for the welcome. */
  readonly bare?: boolean
}

/** Counts of the lanes, by device, so that a second connection goes on where the first one was. */
const counts = new Map<string, Map<string, number>>()

export async function visit(server: Server, arrival: Arrival = {}): Promise<TestVisitor> {
  const { device = randomBytes(16).toString('base64url'), term = 1, cursor, token } = arrival
  const lanes = counts.get(device) ?? new Map<string, number>()
  counts.set(device, lanes)
  const line = await open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url })
  line.say({ t: 'hello', v: 1, device, term, locale: 'en', zone: 'Europe/Berlin', cursor, token })
  const events = () => line.frames.flatMap(frame => (frame.t === 'events' ? frame.events : []))
  const visitor: TestVisitor = {
    ...line,
    device,
    events,
    async untilEvent(type, fits = () => true) {
      const wanted = (event: ServerEvent) => event.type === type && fits(event as never)
      await line.until(frame => frame.t === 'events' && frame.events.some(wanted))
      return events().find(wanted) as never
    },
    send(deed, id = createId()) {
      const lane = 'threadId' in deed ? deed.threadId : 'visitor'
      const n = (lanes.get(lane) ?? 0) + 1
      lanes.set(lane, n)
      return visitor.offer({ ...deed, id, n })
    },
    async offer(command) {
      const seen = line.frames.length
      line.say({ t: 'send', command, again: false })
      return (await line.until(
        (frame): frame is Answer =>
          (frame.t === 'ack' || frame.t === 'nack') && frame.id === command.id && line.frames.indexOf(frame) >= seen
      )) as Answer
    },
    message: (threadId, text) => visitor.send({ type: 'message', threadId, text, attachments: [] }),
    cursor: () =>
      events()
        .map(event => event.cursor)
        .findLast(Boolean)
  }
  if (!arrival.bare) await visitor.untilEvent('caught-up')
  return visitor
}

export interface TestAgent extends Line<AgentServerFrame> {
  readonly welcome: Extract<AgentServerFrame, { readonly t: 'welcome' }>
  readonly token: string
  act(command: AgentCommand): Promise<Extract<AgentServerFrame, { readonly t: 'ack' | 'nack' }>>
  untilConversation(
    fits: (conversation: Extract<AgentServerFrame, { readonly t: 'conversation' }>['conversation']) => boolean
  ): Promise<Extract<AgentServerFrame, { readonly t: 'conversation' }>['conversation']>
}

export async function signIn(server: Server, who = SAM): Promise<string> {
  const response = await fetch(`${server.url.replace('localhost', '127.0.0.1')}/api/inbox/sign-in`, {
    method: 'POST',
    body: JSON.stringify({ email: who.email, password: who.password })
  })
  if (response.status !== 200) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { token: string }).token
}

export async function sitDown(server: Server, who = SAM): Promise<TestAgent> {
  const token = await signIn(server, who)
  const line = await open<AgentServerFrame>(`${socketUrl(server)}/api/inbox/socket`, { origin: server.url })
  line.say({ t: 'hello', v: 1, token })
  const welcome = await line.until(frame => frame.t === 'welcome')
  return {
    ...line,
    token,
    welcome: welcome as TestAgent['welcome'],
    async act(command) {
      const seen = line.frames.length
      line.say({ t: 'do', command })
      return (await line.until(
        frame =>
          (frame.t === 'ack' || frame.t === 'nack') && frame.id === command.id && line.frames.indexOf(frame) >= seen
      )) as never
    },
    async untilConversation(fits) {
      const frame = await line.until(frame => frame.t === 'conversation' && fits(frame.conversation))
      return (frame as Extract<AgentServerFrame, { readonly t: 'conversation' }>).conversation
    }
  }
}

/** The host of the socket has to be the one of the origin. */
export const socketUrl = (server: Server) => server.url.replace('http', 'ws')

/** Asks again until it is so. */
export async function eventually(check: () => boolean | Promise<boolean>, within = 5000): Promise<void> {
  for (const end = Date.now() + within; ; ) {
    if (await check()) return
    if (Date.now() > end) throw new Error('it did not come to be')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

export const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))
