import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pause } from '../../src/core/waiting.ts'
import { eager } from '../../src/transport/eager.ts'
import { fallback } from '../../src/transport/fallback.ts'
import { asking, endOf, way } from '../support/ways.ts'

/** Until the others have begun, too. */
const PATIENCE = 3001

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const [socket, stream] = [way('socket'), way('stream')]
  const load = vi.fn(async () => fallback([socket, stream]))
  return { socket, stream, load, transport: eager(socket, load, pause) }
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
      expect(socket.attempts).toHaveLength(1)
      await transport.connect(asking())
      expect([socket.attempts.length, stream.attempts.length]).toEqual([1, 2])
      expect(load).toHaveBeenCalledTimes(1)
    }
  )

  it('goes on beside a first one that takes long', async () => {
    const { socket, stream, transport } = setUp()
    stream.does = 'connect'
    const connecting = transport.connect(asking())
    await vi.advanceTimersByTimeAsync(PATIENCE)
    await connecting
    expect(transport.name).toBe('stream')
    expect(socket.attempts).toHaveLength(1)
  })

  it('takes the first one after all when it connects before the others', async () => {
    const { socket, stream, transport } = setUp()
    const connecting = transport.connect(asking())
    await vi.advanceTimersByTimeAsync(PATIENCE)
    expect(stream.attempts).toHaveLength(1)
    socket.attempts[0]?.connect()
    await connecting
    expect(transport.name).toBe('socket')
    expect(stream.attempts[0]?.request.signal.aborted).toBe(true)
  })

  it('changes to the first one when it connects after the others', async () => {
    const { socket, stream, transport } = setUp()
    stream.does = 'connect'
    const connecting = transport.connect(asking())
    await vi.advanceTimersByTimeAsync(PATIENCE)
    const ended = endOf(await connecting)
    socket.attempts[0]?.connect()
    expect(await ended).toMatchObject({ code: 'closed' })
    socket.does = 'connect'
    await transport.connect(asking())
    expect(transport.name).toBe('socket')
  })

  it('fails as the first one did where the others cannot be fetched, and fetches them again', async () => {
    const { socket, stream, load, transport } = setUp()
    socket.does = 'offline'
    stream.does = 'connect'
    load.mockRejectedValueOnce(new TypeError('Failed to fetch'))
    await expect(transport.connect(asking())).rejects.toMatchObject({ code: 'offline' })
    load.mockImplementationOnce(() => new Promise(() => {}))
    const hanging = transport.connect(asking()).catch(error => error)
    await vi.advanceTimersByTimeAsync(PATIENCE)
    expect(await hanging).toMatchObject({ code: 'offline' })
    await transport.connect(asking())
    expect(transport.name).toBe('stream')
  })
})
