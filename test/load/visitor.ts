import { randomBytes } from 'node:crypto'
import type { WebSocket } from 'ws'
import { nextDelay } from '../../src/core/backoff.ts'
import type { ServerEvent } from '../../src/model/event.ts'
import type { ServerFrame } from '../../src/transport/frames.ts'
import { now, pause } from './clock.ts'
import { type Heard, type Line, messageFrame, openSocket } from './line.ts'

/** A visitor's client without anything around it: it speaks the protocol, and keeps an eye on what it gets. */
export interface Visitor extends Line {
  /** Asks for a live chat. */
  start(): void
  /** From here on it stores nothing: all that comes is missed, as by a client that is not there. */
  miss(): void
  /** Comes back with the cursor it stored last, as often as it takes, as clients do. Settles when it has caught up. */
  comeBack(url: string, attempted: () => void): Promise<void>
  readonly account: Account
  /** How much of what it missed it has not been told yet. */
  readonly missing: number
}

/** What became of what was said. */
export interface Account {
  /** Acknowledged or told again after it had been told already, or told though nobody said it. */
  duplicated: number
  /** Refused for good, or in another place than it has to be in. */
  wrong: number
  /** Sent again because the server was busy. */
  retried: number
  /** Told of what was missed. */
  resumed: number
}

interface Owed {
  readonly heard: Heard
  readonly frame: string
  readonly n: number
  acked: boolean
  told: boolean
}

let visitors = 0

export function createVisitor(url: string): Visitor {
  visitors++
  const address = `10.${visitors >> 16}.${(visitors >> 8) & 255}.${visitors & 255}`
  const device = randomBytes(16).toString('base64url')
  const threadId = randomBytes(16).toString('base64url')
  const owed = new Map<string, Owed>()
  const account: Account = { duplicated: 0, wrong: 0, retried: 0, resumed: 0 }
  let socket: WebSocket
  let cursor: string | undefined
  let n = 0
  /** How many of the commands are no messages, and so have no place. */
  let others = 0
  /** Ids of what was said since it stores nothing. */
  let missed: Set<string> | undefined
  let away = false

  async function open() {
    socket = await openSocket(url, address)
    await greet()
  }

  /** Says hello and settles when it has caught up; rejects if it is turned away. */
  function greet(): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.on('message', data => {
        const frame = JSON.parse(String(data)) as ServerFrame
        if (frame.t === 'bye') reject(new Error(`bye: ${frame.code} ${frame.message}`))
        else if (hear(frame)) resolve()
      })
      socket.once('close', () => reject(new Error('closed')))
      const hello = { t: 'hello', v: 1, device, term: 1, locale: 'en', zone: '' }
      socket.send(JSON.stringify(cursor === undefined ? hello : { ...hello, cursor }))
    })
  }

  /** @returns Whether it has just caught up. */
  function hear(frame: ServerFrame): boolean {
    switch (frame.t) {
      case 'ping':
        socket.send('{"t":"pong"}')
        return false
      case 'ack':
        acked(frame.id, frame.position)
        return false
      case 'nack':
        refused(frame.id, frame.code, frame.retryAfter)
        return false
      case 'error':
        account.wrong++
        return false
      case 'events':
        return frame.events.filter(heardOf).length > 0
    }
    return false
  }

  function heardOf(event: ServerEvent): boolean {
    if (event.cursor !== undefined && !(missed && !away)) cursor = event.cursor
    if (event.type === 'message' && event.message.author === 'visitor') toldOf(event.message.id)
    return event.type === 'caught-up'
  }

  function acked(id: string, position: number | null) {
    const one = owed.get(id)
    if (!one) return
    if (!one.acked) one.heard.answered?.()
    one.acked = true
    if (others === 0 && position !== one.n) account.wrong++
    settle(id, one)
  }

  function refused(id: string, code: string, retryAfter: number | null) {
    const one = owed.get(id)
    if (code === 'busy' && one) {
      account.retried++
      setTimeout(() => socket.send(one.frame), retryAfter ?? 1000)
    } else account.wrong++
  }

  function toldOf(id: string) {
    if (away && missed) {
      if (missed.delete(id)) account.resumed++
      else account.duplicated++
    }
    const one = owed.get(id)
    if (one && !one.told) {
      one.told = true
      settle(id, one)
    } else if (!missed) account.duplicated++
  }

  function settle(id: string, one: Owed) {
    if (!one.acked || !one.told) return
    owed.delete(id)
    one.heard.done?.()
  }

  return {
    open,
    account,
    say(heard) {
      // As unguessable as the thread's, without asking the system for each of them.
      const id = `${threadId}.${++n}`
      const frame = messageFrame(id, n, threadId, now())
      owed.set(id, { heard, frame, n, acked: false, told: false })
      missed?.add(id)
      socket.send(frame)
    },
    start() {
      others++
      const command = { id: randomBytes(16).toString('base64url'), n: ++n, type: 'start', threadId }
      socket.send(JSON.stringify({ t: 'send', command, again: false }))
    },
    get owed() {
      return owed.size
    },
    get missing() {
      return missed?.size ?? 0
    },
    miss() {
      missed = new Set()
    },
    async comeBack(to, attempted) {
      away = true
      for (const one of owed.values()) one.told = false
      for (let attempt = 0; ; attempt++) {
        await pause(nextDelay(attempt))
        attempted()
        try {
          socket = await openSocket(to, address)
          await greet()
          break
        } catch {
          // As long as the server is not there; the next attempt waits longer.
        }
      }
      for (const { acked, frame } of owed.values()) if (!acked) socket.send(frame)
    },
    close: () => socket.terminate()
  }
}
