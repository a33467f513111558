import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Carrier } from './carrier.ts'

/** A connection made of requests: what is said to it waits here until an event stream or a poll takes it along. */
export interface Requests extends Carrier {
  /** From now on frames go out on this event stream. `false`: they go out otherwise already. */
  stream(response: ServerResponse): boolean
  /**
   * Answers with all frames that wait, as soon as there are any. The same number again gets the same frames again,
   * because browsers repeat requests by themselves when a kept connection breaks. `false`: this number is out of turn.
   */
  poll(n: number, response: ServerResponse): boolean
  /** A frame of the client arrived. */
  hear(frame: string): void
}

/** A poll is answered so much later than it could be: acknowledgement and event of one message go together. */
const TOGETHER = 25
/** A poll that was cut is asked again at once, or its page is gone. */
const CUT = 2000
/** What keeps those in between from holding frames back until there are more of them, or from changing them. */
const UNCHANGED = {
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff'
}

/** @param patience How many milliseconds the client may take to come for frames, each time. */
export function createRequests(patience: number): Requests {
  const events = new EventEmitter()
  let waiting: string[] = []
  let size = 0
  let streaming: ServerResponse | undefined
  let asking: ServerResponse | undefined
  let asked = 0
  let answer: string | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  let absence: ReturnType<typeof setTimeout> | undefined
  let closing = false
  let over = false

  const end = () => {
    if (over) return
    over = true
    clearTimeout(soon)
    clearTimeout(absence)
    events.emit('close')
  }
  const absent = (most: number) => {
    clearTimeout(absence)
    absence = setTimeout(end, most)
  }
  const take = () => {
    const frames = waiting
    waiting = []
    size = 0
    return frames
  }

  const give = () => {
    clearTimeout(soon)
    soon = undefined
    const response = asking
    if (!response) return
    answer ??= take().join('\n')
    asking = undefined
    response.writeHead(200, { ...UNCHANGED, 'content-type': 'text/plain; charset=utf-8' }).end(answer)
    absent(patience)
    if (closing) end()
  }
  const giveSoon = () => {
    if (asking && waiting.length) soon ??= setTimeout(give, TOGETHER)
  }

  absent(patience)
  return {
    OPEN: 1,
    get readyState() {
      return over ? 3 : 1
    },
    get bufferedAmount() {
      return size + (streaming?.writableLength ?? 0)
    },
    send(frame) {
      if (streaming) return void streaming.write(asEvent(frame))
      waiting.push(frame)
      size += Buffer.byteLength(frame)
      giveSoon()
    },
    close() {
      closing = true
      if (streaming) streaming.end()
      else if (asking && waiting.length) give()
    },
    terminate() {
      streaming?.destroy()
      asking?.destroy()
      end()
    },
    on: (event: string, listener: (...args: never[]) => void) =>
      void events.on(event, listener as (...args: unknown[]) => void),

    stream(response) {
      if (streaming || asked || over) return false
      clearTimeout(absence)
      streaming = response
      response.on('close', end)
      response.writeHead(200, { ...UNCHANGED, 'content-type': 'text/event-stream; charset=utf-8' })
      response.write(take().map(asEvent).join(''))
      if (closing) response.end()
      return true
    },
    poll(n, response) {
      if (streaming || over || (n !== asked && n !== asked + 1)) return false
      asking?.destroy()
      asking = response
      clearTimeout(absence)
      const leave = () => {
        if (asking !== response) return
        asking = undefined
        absent(CUT)
      }
      if (n > asked) answer = undefined
      asked = n
      // Its client may have gone while the body was read.
      if (response.destroyed) leave()
      else response.on('close', leave)
      if (answer === undefined && !closing) giveSoon()
      else give()
      // Who asks is there, as with a pong.
      events.emit('message', Buffer.from('{"t":"pong"}'), false)
      return true
    },
    hear: frame => void events.emit('message', Buffer.from(frame), false)
  }
}

const asEvent = (frame: string) => `data: ${frame}\n\n`
