import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fallback } from '../../src/transport/fallback.ts'
import { asking, endOf, way } from '../support/ways.ts'

const PATIENCE = 3000
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const three = () => [way('socket'), way('stream'), way('polls')] as const
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('fallback, when it connects', () => {
  it('asks none but the first when that one works', async () => {
    const [socket, stream, polls] = three()
    const transport = fallback([socket, stream, polls])
    socket.does = 'connect'
    await transport.connect(asking())
    await pass(20 * MINUTE)
    expect([stream.attempts, polls.attempts]).toEqual([[], []])
    expect(transport.name).toBe('socket')
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(['offline', 'timeout', 'protocol', 'unsupported'] as const)('moves on when one fails with %s', async code => {
    const [socket, stream, polls] = three()
    const transport = fallback([socket, stream, polls])
    Object.assign(socket, { does: code })
    Object.assign(stream, { does: 'connect' })
    await transport.connect(asking())
    expect(transport.name).toBe('stream')
    expect(polls.attempts).toHaveLength(0)
  })

  it.each(['unauthorized', 'forbidden', 'busy', 'closed', 'rejected'] as const)(
    'takes %s as the answer, whoever gives it',
    async code => {
      const [socket, stream, polls] = three()
      const transport = fallback([socket, stream, polls])
      socket.does = code
      await expect(transport.connect(asking())).rejects.toMatchObject({ code, message: 'socket failed' })
      socket.does = 'offline'
      stream.does = code
      await expect(transport.connect(asking())).rejects.toMatchObject({ code, message: 'stream failed' })
      expect(polls.attempts).toHaveLength(0)
    }
  )

  it('does not take an error that is none of ours for a bad network', async () => {
    const [, stream, polls] = three()
    const broken = { name: 'broken', connect: () => Promise.reject(new RangeError('a bug')) }
    await expect(fallback([broken, stream, polls]).connect(asking())).rejects.toThrow(RangeError)
    const throwing = {
      name: 'throwing',
      connect() {
        throw new RangeError('a bug')
      }
    }
    await expect(fallback([throwing, stream]).connect(asking())).rejects.toThrow(RangeError)
    expect(stream.attempts).toHaveLength(0)
  })

  it('tries the next beside one that takes long, and ends the one that is slower', async () => {
    const [socket, stream, polls] = three()
    const transport = fallback([socket, stream, polls])
    const connecting = transport.connect(asking())
    await pass(PATIENCE - 1)
    expect(stream.attempts).toHaveLength(0)
    await pass(1)
    expect(socket.attempts[0]?.request.signal.aborted).toBe(false)
    stream.attempts[0]?.connect()
    await connecting
    expect(transport.name).toBe('stream')
    expect(socket.attempts[0]?.request.signal.aborted).toBe(true)
    expect(stream.attempts[0]?.request.signal.aborted).toBe(false)
    expect(polls.attempts).toHaveLength(0)
  })

  it('takes the first again if that one is only slow', async () => {
    const [socket, stream, polls] = three()
    const transport = fallback([socket, stream, polls])
    const connecting = transport.connect(asking())
    await pass(2 * PATIENCE)
    socket.attempts[0]?.connect()
    await connecting
    expect(transport.name).toBe('socket')
    expect([stream, polls].map(({ attempts }) => attempts[0]?.request.signal.aborted)).toEqual([true, true])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wait for all deadlines in turn when the whole network is down', async () => {
    const deadline = 10_000
    const ways = three()
    const transport = fallback(ways)
    const connecting = transport.connect(asking())
    const failure = connecting.catch(error => ({ error, at: performance.now() }))
    const began = performance.now()
    const time = setInterval(() => {
      for (const { attempts } of ways) attempts[0]?.fail('timeout')
    }, deadline)
    await pass(3 * deadline)
    clearInterval(time)
    expect(await failure).toMatchObject({ error: { code: 'timeout', message: 'socket failed' } })
    const { at } = (await failure) as { at: number }
    expect(at - began).toBeLessThanOrEqual(2 * deadline)
    expect(ways.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1])
  })

  it('asks one alone when the browser says that there is no network', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    const [socket, stream, polls] = three()
    socket.does = 'offline'
    await expect(fallback([socket, stream, polls]).connect(asking())).rejects.toMatchObject({ code: 'offline' })
    expect(stream.attempts).toHaveLength(0)
  })

  it('asks all of them twice in ten seconds, and then only the first, when all fail at once', async () => {
    const ways = three()
    for (const way of ways) way.does = 'offline'
    const transport = fallback(ways)
    const attempts = async () => {
      await expect(transport.connect(asking())).rejects.toMatchObject({ message: 'socket failed' })
      return ways.map(({ attempts }) => attempts.length)
    }
    expect(await attempts()).toEqual([1, 1, 1])
    await pass(2000)
    expect(await attempts()).toEqual([2, 2, 2])
    await pass(7999)
    expect(await attempts()).toEqual([3, 2, 2])
    await pass(1)
    expect(await attempts()).toEqual([4, 3, 3])
  })

  it('asks the next all the same where the first does not even fail', async () => {
    const [socket, stream, polls] = three()
    for (const way of [socket, stream, polls]) way.does = 'offline'
    const transport = fallback([socket, stream, polls])
    for (let times = 0; times < 2; times++) await transport.connect(asking()).catch(() => {})
    socket.does = 'wait'
    stream.does = 'connect'
    const connecting = transport.connect(asking())
    await pass(PATIENCE)
    await connecting
    expect(transport.name).toBe('stream')
  })

  it('ends all attempts, and rejects with the reason, when it is aborted', async () => {
    const ways = three()
    const request = asking()
    const connecting = fallback(ways)
      .connect(request)
      .catch(error => error)
    await pass(2 * PATIENCE)
    const reason = new Error('enough')
    request.end.abort(reason)
    expect(await connecting).toBe(reason)
    expect(ways.map(({ attempts }) => attempts[0]?.request.signal.reason)).toEqual([reason, reason, reason])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('fallback, when one worked', () => {
  /** Connected over the second of three. */
  async function overStream() {
    const [socket, stream, polls] = three()
    const transport = fallback([socket, stream, polls])
    socket.does = 'offline'
    stream.does = 'connect'
    const request = asking()
    const connection = await transport.connect(request)
    return { socket, stream, polls, transport, request, connection }
  }

  it('stays with it', async () => {
    const { socket, stream, transport, request } = await overStream()
    request.end.abort()
    await transport.connect(asking())
    expect([socket.attempts.length, stream.attempts.length]).toEqual([1, 2])
  })

  it('tries the others, best first, when it works no more', async () => {
    const { socket, stream, polls, transport, request } = await overStream()
    request.end.abort()
    stream.does = 'offline'
    socket.does = 'connect'
    await transport.connect(asking())
    expect(transport.name).toBe('socket')
    expect(polls.attempts).toHaveLength(0)
  })

  it('begins with the best again when none worked', async () => {
    const { socket, stream, polls, transport, request } = await overStream()
    request.end.abort()
    stream.does = polls.does = 'offline'
    await expect(transport.connect(asking())).rejects.toMatchObject({ message: 'stream failed' })
    expect(transport.name).toBe('socket')
    await expect(transport.connect(asking())).rejects.toMatchObject({ message: 'socket failed' })
    expect(socket.attempts).toHaveLength(3)
  })

  it('tries better ones after a while, then ever more seldom, and at least every ten minutes', async () => {
    const { socket, stream, polls, connection } = await overStream()
    const ended = vi.fn()
    void endOf(connection).then(ended)
    const tried: number[] = []
    for (let minute = 1; minute <= 40; minute++) {
      const before = socket.attempts.length
      await pass(MINUTE)
      if (socket.attempts.length > before) tried.push(minute)
    }
    expect(tried).toEqual([1, 3, 7, 15, 25, 35])
    expect([stream.attempts.length, polls.attempts.length]).toEqual([1, 0])
    expect(ended).not.toHaveBeenCalled()
  })

  it('has the core connect anew when a better one works', async () => {
    const { socket, stream, transport, connection } = await overStream()
    socket.does = 'connect'
    const ended = endOf(connection)
    await pass(MINUTE)
    expect(await ended).toMatchObject({ name: 'TransportError', code: 'closed', retry: 'later' })
    expect(transport.name).toBe('socket')
    expect(socket.attempts.at(-1)?.request.signal.aborted).toBe(true)
    expect(stream.attempts[0]?.request.signal.aborted).toBe(true)
    await transport.connect(asking())
    expect([socket.attempts.length, stream.attempts.length]).toEqual([3, 1])
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(['lost', 'aborted'] as const)('leaves nothing behind when the connection is %s', async how => {
    const { stream, socket, request, connection } = await overStream()
    const ended = endOf(connection)
    if (how === 'lost') stream.attempts[0]?.lose()
    else request.end.abort()
    await ended
    expect(vi.getTimerCount()).toBe(0)
    await pass(20 * MINUTE)
    expect(socket.attempts).toHaveLength(1)
  })

  it('is the connection in everything it can do', async () => {
    const { stream, connection } = await overStream()
    const { made } = stream.attempts[0]!
    expect(Object.keys(connection).sort()).toEqual(Object.keys(made).sort())
    const send = vi.spyOn(made, 'send')
    await connection.send({ id: 'x', n: 1, type: 'identify', name: '', email: '' }, { again: true }).catch(() => {})
    expect(send).toHaveBeenCalledWith(expect.objectContaining({ id: 'x' }), { again: true })
    const probe = vi.spyOn(made, 'probe')
    connection.probe?.()
    expect(probe).toHaveBeenCalled()
  })

  it('begins with the best again after the browser was offline', async () => {
    const { socket, transport, request } = await overStream()
    vi.stubGlobal('navigator', { onLine: false })
    request.end.abort()
    vi.stubGlobal('navigator', { onLine: true })
    expect(transport.name).toBe('socket')
    socket.does = 'connect'
    await transport.connect(asking())
    expect(socket.attempts).toHaveLength(2)
  })
})
