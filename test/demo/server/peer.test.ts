import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { defaultLimits } from '../../../demo/server/limits.ts'
import { silentLog } from '../../../demo/server/log.ts'
import { createPeer } from '../../../demo/server/wire/peer.ts'
import { createBucket, createCount } from '../../../demo/server/wire/rate.ts'
import { object } from '../../../src/model/shape.ts'

/** A socket whose other side reads as slowly as the test says. */
function createSocket() {
  const sent: string[] = []
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    sent,
    terminated: false,
    send: (text: string) => void sent.push(text),
    close: (_code: number) => {},
    terminate() {
      socket.terminated = true
    }
  })
  return socket
}

const createTestPeer = (socket: ReturnType<typeof createSocket>, onFrame = async () => {}) =>
  createPeer<{ readonly t: string }, { readonly t: string }>({
    socket: socket as unknown as WebSocket,
    shape: object({}),
    limits: defaultLimits,
    log: silentLog,
    onFrame,
    onClose() {}
  })

describe('peer', () => {
  it('drops who lets a megabyte pile up', () => {
    const socket = createSocket()
    const peer = createTestPeer(socket)
    socket.bufferedAmount = 1_048_576
    peer.send({ t: 'x' })
    expect([socket.sent.length, socket.terminated]).toEqual([1, false])
    socket.bufferedAmount++
    peer.send({ t: 'y' })
    expect([socket.sent.length, socket.terminated, peer.open]).toEqual([1, true, false])
    socket.emit('close')
  })

  it('waits for room before it says much', async () => {
    const socket = createSocket()
    const peer = createTestPeer(socket)
    await peer.room()
    socket.bufferedAmount = 300_000
    let room = false
    const waiting = peer.room().then(() => {
      room = true
    })
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(room).toBe(false)
    socket.bufferedAmount = 0
    await waiting
    socket.emit('close')
  })

  it('says goodbye when something breaks, and does not break with it', async () => {
    const socket = createSocket()
    createTestPeer(socket, async () => {
      throw new Error('the store is gone')
    })
    socket.emit('message', Buffer.from('{"t":"x"}'), false)
    await vi.waitFor(() => expect(socket.sent).toHaveLength(1))
    expect(JSON.parse(socket.sent[0]!)).toMatchObject({ t: 'bye', code: 'busy', retryAfter: 1000 })
    expect(socket.sent[0]).not.toContain('store')
    socket.emit('close')
  })
})

describe('bucket', () => {
  it('allows a burst, then the rate, and says how long to wait', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const bucket = createBucket({ perMinute: 60, burst: 3 })
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 1000])
    vi.advanceTimersByTime(999)
    expect(bucket.take()).toBe(1)
    vi.advanceTimersByTime(1)
    expect([bucket.take(), bucket.take()]).toEqual([0, 1000])
    vi.advanceTimersByTime(3_600_000)
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([0, 0, 0, 1000])
    vi.useRealTimers()
  })
})

describe('count', () => {
  it('gives each place back once', () => {
    const count = createCount(2)
    const [first, second] = [count.take('a'), count.take('a')]
    expect(count.take('a')).toBeUndefined()
    expect(count.take('b')).toBeDefined()
    first?.()
    first?.()
    expect(count.take('a')).toBeDefined()
    expect(count.take('a')).toBeUndefined()
    second?.()
    expect(count.take('a')).toBeDefined()
  })
})
