import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Writable } from 'node:stream'
import * as ws from 'ws'

/**
 * The network between a browser and the server, in our hands: bytes pass as they are, later, or not at all. Each wire
 * has a port of its own, so it is a site of its own, with nothing stored for it yet.
 */
export interface Wire {
  readonly url: string
  /** What happens to new connections, and from now on to the open ones. */
  mode:
    | 'open'
    /** Nothing passes and nobody is told, as where a cable is cut. Held once, a connection stays so for ever. */
    | 'held'
    /** Who wants to connect is refused. The open ones go on. */
    | 'refused'
  /** How long the server's bytes are on their way, in milliseconds. */
  delay: number
  /** Breaks every open connection, without a goodbye (RST). */
  reset(): void
  /** The links that the browser asked for so far, oldest first: sockets, and event streams in place of one. */
  readonly links: readonly WireLink[]
  /** `send` frames on sockets so far. */
  readonly sendFrames: number
  /** Those of them whose command had been sent before. */
  readonly duplicateFrames: number
  close(): Promise<void>
}

/** A link that the browser asked for. Times are of `performance.now()`. */
export interface WireLink {
  readonly since: number
  /** When the browser let go of it; `undefined` as long as it holds it. */
  readonly until: number | undefined
}

/** A browser's `Receiver` for frames: the `ws` package has it, its types do not. */
type FrameReader = new (options: { readonly isServer: boolean }) => Writable

const { Receiver } = ws as unknown as { readonly Receiver: FrameReader }

/** @param target Port of the server on this machine. */
export async function openWire(target: number): Promise<Wire> {
  const clients = new Set<Socket>()
  const links: WireLink[] = []
  const sent = new Set<string>()
  let sendFrames = 0
  let duplicateFrames = 0

  /** Notes a link, from now until the browser lets go of it. */
  const note = (client: Socket): (() => void) => {
    const link: { since: number; until: number | undefined } = { since: performance.now(), until: undefined }
    links.push(link)
    const gone = () => {
      link.until ??= performance.now()
    }
    client.once('end', gone).once('close', gone)
    return gone
  }

  /** Counts what the browser says on a WebSocket; the bytes themselves pass elsewhere. */
  const tap = (client: Socket, first: Buffer) => {
    const gone = note(client)
    const frames = new Receiver({ isServer: true })
    frames.on('message', (data: Buffer) => {
      const { t, command } = JSON.parse(String(data)) as { t: string; command?: { id: string } }
      if (t !== 'send' || !command) return
      sendFrames++
      if (sent.has(command.id)) duplicateFrames++
      sent.add(command.id)
    })
    frames.on('conclude', gone)
    // What is cut off in the middle of a frame is not whole.
    frames.on('error', gone)
    frames.write(first.subarray(first.indexOf('\r\n\r\n') + 4))
    client.on('data', data => frames.write(data))
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    clients.add(client)
    client.on('error', () => client.destroy())
    client.once('close', () => clients.delete(client))
    if (wire.mode === 'refused') return client.resetAndDestroy()
    let dead = wire.mode === 'held'
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    const alive = () => {
      dead ||= wire.mode === 'held'
      return !dead
    }
    // A connection carries one request after the other, until one makes it a link.
    const look = (data: Buffer) => {
      const head = data.toString('latin1')
      const isSocket = /^upgrade: websocket/im.test(head)
      if (!isSocket && !head.startsWith('GET /api/link/stream')) return
      client.off('data', look)
      if (isSocket) tap(client, data)
      else note(client)
    }
    client.on('data', look)
    client.on('data', data => alive() && upstream.write(data))
    client.on('end', () => (alive() ? upstream.end() : client.destroy()))
    client.once('close', () => upstream.destroy())
    const later = inOrder(() => wire.delay, alive)
    upstream.on('data', data => later(() => client.write(data)))
    upstream.on('end', () => later(() => client.end()))
    upstream.on('error', () => later(() => client.resetAndDestroy()))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })

  const wire: Wire = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    mode: 'open',
    delay: 0,
    reset() {
      for (const client of clients) client.resetAndDestroy()
    },
    links,
    get sendFrames() {
      return sendFrames
    },
    get duplicateFrames() {
      return duplicateFrames
    },
    close() {
      wire.mode = 'refused'
      for (const client of clients) client.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    }
  }
  return wire
}

/** Does things after a while, one after the other even if the while has become shorter. */
function inOrder(delay: () => number, alive: () => boolean): (pass: () => void) => void {
  const queue: { readonly due: number; pass(): void }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const drain = () => {
    timer = undefined
    for (let next = queue[0]; next; next = queue[0]) {
      const wait = next.due - performance.now()
      if (wait > 0) {
        timer = setTimeout(drain, wait)
        return
      }
      queue.shift()
      if (alive()) next.pass()
    }
  }
  return pass => {
    queue.push({ due: performance.now() + delay(), pass })
    if (!timer) drain()
  }
}
