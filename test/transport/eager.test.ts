import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eager } from '../../src/transport/eager.ts'
import { fallback } from '../../src/transport/fallback.ts'
import { asking, way } from '../support/ways.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const [socket, stream] = [way('socket'), way('stream')]
  const load = vi.fn(async () => fallback([socket, stream]))
  return { socket, stream, load, transport: eager(socket, load) }
}

describe('eager', () => {
  it('loads nothing when the first one works', async () => {
    const { socket, load, transport } = setUp()
    socket.does = 'connect'
    for (let i = 0; i < 2; i++) {
      const request = asking()
      await transport.connect(request)
      request.end.abort()
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(load).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(['unauthorized', 'forbidden', 'busy', 'closed', 'rejected'] as const)(
    'loads nothing when the backend answers %s',
    async code => {
      const { socket, load, transport } = setUp()
      socket.does = code
      await expect(transport.connect(asking())).rejects.toMatchObject({ code })
      expect(load).not.toHaveBeenCalled()
    }
  )

  it('loads nothing when it is aborted', async () => {
    const { load, transport } = setUp()
    const request = asking()
    const connecting = transport.connect(request).catch(error => error)
    const reason = new Error('enough')
    request.end.abort(reason)
    expect(await connecting).toBe(reason)
    expect(load).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(['offline', 'timeout', 'protocol', 'unsupported'] as const)(
    'goes on with the others after %s, and stays with what worked',
    async code => {
      const { socket, stream, load, transport } = setUp()
      Object.assign(socket, { does: code })
      stream.does = 'connect'
      await transport.connect(asking())
      expect(transport.name).toBe('stream')
      // Once more among the others: the network may just have come back.
      expect(socket.attempts).toHaveLength(2)
      await transport.connect(asking())
      expect([socket.attempts.length, stream.attempts.length]).toEqual([2, 2])
      expect(load).toHaveBeenCalledTimes(1)
    }
  )

  it('fails as the first one did where the others cannot be fetched, and fetches them again', async () => {
    const { socket, stream, load, transport } = setUp()
    socket.does = 'offline'
    stream.does = 'connect'
    load.mockRejectedValueOnce(new TypeError('Failed to fetch'))
    await expect(transport.connect(asking())).rejects.toMatchObject({ code: 'offline' })
    await transport.connect(asking())
    expect(transport.name).toBe('stream')
  })

  it('does not wait for ever for others that never come', async () => {
    const { socket, load, transport } = setUp()
    socket.does = 'offline'
    load.mockReturnValue(new Promise(() => {}))
    const connecting = transport.connect(asking()).catch(error => error)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await connecting).toMatchObject({ code: 'offline' })
    socket.does = 'connect'
    await transport.connect(asking())
    expect(transport.name).toBe('socket')
  })
})
