import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { websocket } from '../../src/transport/websocket.ts'

/** The other end of a connection. */
class Socket {
  static latest: Socket
  readonly asked: { readonly t: string; readonly q?: number }[] = []
  onopen = () => {}
  onmessage = (_: { readonly data: string }) => {}
  constructor() {
    Socket.latest = this
  }
  send(frame: string) {
    this.asked.push(JSON.parse(frame))
  }
  close() {}
  say(frame: object) {
    this.onmessage({ data: JSON.stringify(frame) })
  }
}

const HEARTBEAT = 25_000

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('silence on a connection', () => {
  async function connect(signal = new AbortController().signal) {
    const connecting = websocket('wss://chat.example/socket', { WebSocket: Socket as never }).connect({
      device: 'd',
      term: 1,
      token: undefined,
      credentials: undefined,
      cursor: undefined,
      signal
    })
    const socket = Socket.latest
    socket.onopen()
    socket.say({
      t: 'welcome',
      v: 1,
      heartbeat: HEARTBEAT,
      capabilities: { history: true, upload: false, typing: true, receipts: true, sessions: true }
    })
    const connection = await connecting
    const ended = connection.incoming[Symbol.asyncIterator]()
      .next()
      .then(
        () => 'said something',
        error => error.code
      )
    return { socket, connection, ended }
  }

  it('ends it when longer than the heartbeat, and no sooner after the last answer', async () => {
    const { socket, connection, ended } = await connect()
    const page = connection.history({ threadId: 't', before: undefined, limit: 50 })
    await vi.waitFor(() => expect(socket.asked.at(-1)?.t).toBe('history'))
    socket.say({ t: 'page', q: socket.asked.at(-1)?.q, messages: [], more: false })
    await page
    await vi.advanceTimersByTimeAsync(HEARTBEAT)
    expect(await Promise.race([ended, 'open'])).toBe('open')
    await vi.advanceTimersByTimeAsync(HEARTBEAT)
    expect(await ended).toBe('timeout')
  })

  it('ends it much sooner while an answer is due', async () => {
    const { socket, connection, ended } = await connect()
    const page = connection.history({ threadId: 't', before: undefined, limit: 50 }).catch(error => error.code)
    await vi.waitFor(() => expect(socket.asked.at(-1)?.t).toBe('history'))
    await vi.advanceTimersByTimeAsync(11_000)
    expect(await ended).toBe('timeout')
    expect(await page).toBe('timeout')
  })
  it('is not broken by what was said before, if an answer never comes', async () => {
    const { socket, connection, ended } = await connect()
    const page = connection.history({ threadId: 't', before: undefined, limit: 50 })
    page.catch(() => {})
    await vi.waitFor(() => expect(socket.asked.at(-1)?.t).toBe('history'))
    for (let late = 0; late < 29_000; late += 5000) {
      await vi.advanceTimersByTimeAsync(5000)
      socket.say({ t: 'pong' })
    }
    await vi.advanceTimersByTimeAsync(1)
    await expect(ended).resolves.toBe('timeout')
  })

  it('is of no interest after the end, whoever asks then', async () => {
    const end = new AbortController()
    const { connection, ended } = await connect(end.signal)
    end.abort()
    connection.probe?.()
    await ended
    expect(vi.getTimerCount()).toBe(0)
  })
})
