import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

/** Where those are answered who come in. */
export interface Desk {
  answer(request: IncomingMessage, response: ServerResponse): void
  connect(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

/** A port on which everybody is let in at once, and answered as soon as somebody is there to do it. */
export interface Listener {
  readonly http: HttpServer
  readonly port: number
  /** Answers from now on, those first who have waited. */
  open(desk: Desk): void
  /** Hangs up on everybody. */
  giveUp(): void
}

export interface ListenerOptions {
  /** 0: any free one. */
  readonly port: number
  readonly host: string
  /** How long a request may take to arrive as a whole, in milliseconds. */
  readonly requestTimeout: number
}

/**
 * Takes the port before anything else is ready. All who lost a server that starts anew are on their way back: whoever is
 * turned away tries again later each time, and a moment's wait is better than that.
 *
 * @throws {Error} If the port is taken.
 */
export async function listen({ port, host, requestTimeout }: ListenerOptions): Promise<Listener> {
  const http = createServer({ requestTimeout, headersTimeout: 10_000 })
  const waiting: (() => void)[] = []
  let desk: Desk | undefined
  const whenOpen = (isGone: () => boolean, task: (desk: Desk) => void) => {
    if (desk) task(desk)
    else waiting.push(() => isGone() || task(desk!))
  }
  const open = (given: Desk) => {
    desk = given
    for (const task of waiting.splice(0)) task()
  }

  http.on('request', (request, response) => {
    whenOpen(
      () => response.destroyed,
      ({ answer }) => answer(request, response)
    )
  })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A peer that goes away in the middle of it is no news.
    socket.on('error', () => socket.destroy())
    whenOpen(
      () => socket.destroyed,
      ({ connect }) => connect(request, socket, head)
    )
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken: stop what uses it, or set PORT to another one`)
          : error
      )
    )
    http.listen({ port, host, backlog: BACKLOG }, resolve)
  })
  return {
    http,
    port: (http.address() as AddressInfo).port,
    open,
    giveUp() {
      open(NOBODY)
      http.close()
      http.closeAllConnections()
    }
  }
}

/** How many the system keeps in line until we get to them; whoever comes then is dropped. It may have a lower bound itself. */
const BACKLOG = 4096

const NOBODY: Desk = {
  answer: (_, response) => response.destroy(),
  connect: (_, socket) => socket.destroy()
}
