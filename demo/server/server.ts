import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Form } from '../../src/model/form.ts'
import { startBot } from './bot/bot.ts'
import { fernhill } from './bot/fernhill.ts'
import { createProcessBus } from './bus/process.ts'
import { createConversations } from './conversations/conversations.ts'
import { moveConversations } from './conversations/move.ts'
import { createWrite } from './conversations/writing.ts'
import { createFiles } from './files/files.ts'
import { memoryShelf, type Shelf } from './files/shelf.ts'
import { gatherWrites } from './gather.ts'
import { createAgents, type NewAgent } from './identity/agents.ts'
import { createDevices } from './identity/devices.ts'
import type { Verifier } from './identity/visitors.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { consoleLog, type Log, reasonOf } from './log.ts'
import { createCopies } from './mail/copies.ts'
import { createMailer, type MailerOptions } from './mail/mailer.ts'
import type { Hours } from './routing/hours.ts'
import { createPresence } from './routing/presence.ts'
import { createRouting } from './routing/routing.ts'
import { migrate } from './store/migrate.ts'
import type { Store } from './store/store.ts'
import { createCopyRoute } from './wire/copies.ts'
import type { House } from './wire/house.ts'
import { createHttp, defaultFolders, type Folders } from './wire/http.ts'
import { createInboxDoor } from './wire/inbox.ts'
import { createLinkRoutes } from './wire/link.ts'
import { type Listener, listen } from './wire/listener.ts'
import { networkOf } from './wire/network.ts'
import { isOwn, mayAsk } from './wire/origin.ts'
import { createPlaces } from './wire/places.ts'
import { createFileRoutes } from './wire/uploads.ts'
import { createVisitorDoor } from './wire/visitors.ts'

export interface ServerOptions {
  /** Closed with the server. */
  readonly store: Store
  /** 0, the default: any free port. */
  readonly port?: number
  /** `127.0.0.1` by default: reachable from this machine only. */
  readonly host?: string
  /** Whoever is not there yet is made; without any, nobody can sign in. */
  readonly agents?: readonly NewAgent[]
  /** Pages of these origins may chat, besides our own: `https://shop.example`. */
  readonly allowedOrigins?: readonly string[]
  /** Lets programs in that say no origin; browsers always do. */
  readonly allowNoOrigin?: boolean
  /** The address of a client is what the proxy in front says. */
  readonly trustProxy?: boolean
  /** Checks who visitors are; without one their tokens are ignored. */
  readonly verifier?: Verifier | undefined
  /** When the team is there; without any, whenever somebody is online. */
  readonly hours?: Hours | undefined
  /** Whether the assistant answers while nobody is home; on by default. */
  readonly bot?: boolean
  /** What visitors are asked before a conversation; nothing by default. */
  readonly form?: Form | undefined
  /** Through which mail server visitors get copies of their conversations; left out: they are not offered any. */
  readonly mail?: MailerOptions | undefined
  readonly folders?: Partial<Folders>
  /** Where files lie; left out: in memory, gone at the end. */
  readonly shelf?: Shelf
  readonly limits?: Partial<Limits>
  readonly log?: Log
}

export interface Server {
  /** `http://localhost:4400` */
  readonly url: string
  readonly port: number
  /** Passwords that were made up for new agents, to be shown once. */
  readonly madeUp: readonly { readonly email: string; readonly password: string }[]
  /** Says goodbye to everybody, finishes what has begun, closes the store. */
  close(): Promise<void>
}

/**
 * Starts the whole server.
 *
 * @throws {Error} If the port is taken or the store is not usable; the store is closed then, too.
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  let listener: Listener | undefined
  try {
    listener = await listen({
      port: options.port ?? 0,
      host: options.host ?? '127.0.0.1',
      requestTimeout: limits.uploadWait
    })
    return await start(options, limits, listener)
  } catch (error) {
    listener?.giveUp()
    await options.store.close()
    throw error
  }
}

async function start(options: ServerOptions, limits: Limits, { http, port, open }: Listener): Promise<Server> {
  const { store, log = consoleLog, allowedOrigins = [], allowNoOrigin = false, bot = true } = options
  const startedAt = Date.now()

  await migrate(store)
  const bus = createProcessBus(error => log.error('bus: a listener failed', { reason: reasonOf(error) }))
  const agents = createAgents(store, limits.agentToken)
  const madeUp = await agents.invite(options.agents ?? [])
  const conversations = await createConversations({ store, bus, hours: options.hours, limits })
  const presence = createPresence(bus, startedAt)
  const routing = await createRouting({
    conversations,
    team: agents.all,
    signedIn: agents.signedIn,
    presence,
    bus,
    log,
    assistant: bot,
    hours: options.hours,
    form: options.form,
    startedAt,
    limits
  })
  const house: House = { ...presence, ...routing }
  const stopBot = bot
    ? await startBot({
        script: fernhill,
        conversations,
        bus,
        log,
        away: routing.away,
        delay: limits.botDelay,
        word: limits.botWord
      })
    : () => {}

  const addressOf = (request: IncomingMessage) => addressIn(request, options.trustProxy ?? false)
  const devices = createDevices(createWrite(store, bus), moveConversations)
  const files = createFiles(store, options.shelf ?? memoryShelf(), limits)
  const sweep = () => files.sweep().catch(error => log.error('files: sweeping failed', { reason: reasonOf(error) }))
  const sweeping = setInterval(sweep, HOUR).unref()
  void sweep()
  const mailer = options.mail && createMailer(options.mail)
  const copies = mailer && createCopies({ mailer, store, conversations, files, limits, log })
  const visitors = createVisitorDoor({
    conversations,
    devices,
    verifier: options.verifier,
    form: options.form,
    copies,
    house,
    bus,
    limits,
    log
  })
  const inbox = createInboxDoor({ conversations, agents, house, bus, limits, log })
  const places = createPlaces(limits.socketsPerAddress)
  const takePlace = (request: IncomingMessage) => places.take(addressOf(request))
  const mayConnect = (origin: string | undefined, host: string | undefined) =>
    origin === undefined ? allowNoOrigin : mayAsk(origin, host, allowedOrigins)
  const links = createLinkRoutes({
    visitors,
    limits,
    log,
    mayConnect,
    takePlace
  })
  const answer = createHttp({
    house,
    agents,
    folders: { ...defaultFolders, ...options.folders },
    allowedOrigins,
    limits,
    log,
    addressOf,
    link: links.answer,
    files: createFileRoutes({
      files,
      devices,
      agents,
      verifier: options.verifier,
      limits,
      log,
      addressOf,
      mayConnect
    }),
    copies: createCopyRoute({ copies, log, addressOf, mayConnect }),
    onSignOut: inbox.signedOut
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.payload, perMessageDeflate: false })

  function connect(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const { origin, host } = request.headers
    const [path] = (request.url ?? '').split('?', 1)
    const door = path === '/api/socket' ? visitors : path === '/api/inbox/socket' ? inbox : undefined
    if (!door) return turnAway(socket, 404, 'Not Found')
    const allowed =
      origin === undefined ? allowNoOrigin : door === inbox ? isOwn(origin, host) : mayAsk(origin, host, allowedOrigins)
    if (!allowed) {
      log.warn('socket: origin refused', { origin: origin?.slice(0, 100) })
      return turnAway(socket, 403, 'Forbidden')
    }
    const place = takePlace(request)
    if (!place) return turnAway(socket, 429, 'Too Many Requests')
    socket.once('close', place.leave)
    gatherWrites(socket)
    sockets.handleUpgrade(request, socket, head, carrier => door.welcome(carrier, place.blame))
  }

  open({ answer, connect })
  let closing: Promise<void> | undefined

  async function close() {
    http.close()
    clearInterval(sweeping)
    stopBot()
    visitors.close(COME_BACK)
    inbox.close(COME_BACK)
    http.closeIdleConnections()
    // A moment for the goodbyes to go out, and for what is under way to finish.
    await Promise.race([Promise.all([allGone(sockets), links.over()]), pause(limits.drain / 2)])
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    await routing.close()
    mailer?.close()
    await bus.close()
    await store.close()
  }

  return {
    url: `http://localhost:${port}`,
    port,
    madeUp,
    close() {
      closing ??= close()
      return closing
    }
  }
}

const HOUR = 3_600_000

/** After how many milliseconds, about, clients come back to a server that restarts. */
const COME_BACK = 1000

function turnAway(socket: Duplex, status: number, words: string) {
  socket.end(`HTTP/1.1 ${status} ${words}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function addressIn(request: IncomingMessage, trustProxy: boolean): string {
  const said = trustProxy ? request.headers['x-forwarded-for'] : undefined
  // The last one was added by the proxy we trust; those before it by whoever.
  const last = String(said ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return networkOf(last || request.socket.remoteAddress || 'unknown')
}

function allGone(sockets: WebSocketServer): Promise<void> {
  return Promise.all(
    [...sockets.clients].map(socket => new Promise<void>(resolve => socket.once('close', () => resolve())))
  ).then(() => {})
}

const pause = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))
