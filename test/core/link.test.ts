import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLink } from '../../src/core/link.ts'
import { TransportError } from '../../src/transport/errors.ts'
import type { Connection, ConnectRequest } from '../../src/transport/transport.ts'

beforeEach(() => {
  vi.useFakeTimers()
  // Half of the most: 1 s before the second attempt, then 0.5 s, 1 s, 2 s.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.useRealTimers()
})

const CAPABILITIES = { sessions: true }

/** A link whose transport and whose service do what the test says. */
function rig(runs = true) {
  const requests: ConnectRequest[] = []
  const end = new AbortController()
  const probe = vi.fn()
  const made = { capabilities: CAPABILITIES, probe } as unknown as Connection
  let answer: () => Promise<Connection> = async () => made
  let break_ = (_error: unknown) => {}
  let term = 6
  let token: string | undefined = 'first token'
  const nextTerm = vi.fn(async () => ++term)
  const onForgotten = vi.fn()
  const link = createLink({
    transport: {
      name: 'scripted',
      connect(request) {
        requests.push(request)
        return answer()
      }
    },
    onForgotten,
    device: { id: async () => 'device' as never, nextTerm, credentials: () => 'credentials', heard: undefined },
    token: () => token,
    cursor: () => 'cursor' as never,
    serve: (_connection, signal) =>
      new Promise<never>((_, reject) => {
        break_ = reject
        signal.addEventListener('abort', () => reject(signal.reason))
      })
  })
  return {
    link,
    requests,
    probe,
    nextTerm,
    onForgotten,
    made,
    running: runs ? link.run(end.signal) : Promise.resolve(),
    end: () => end.abort(new Error('the end')),
    state: () => link.$link.get().state,
    answers(how: () => Promise<Connection>) {
      answer = how
    },
    works: () => {
      answer = async () => made
    },
    fails: (error: unknown) => {
      answer = () => Promise.reject(error)
    },
    loses: (error: unknown = new TransportError('closed', 'cut')) => break_(error),
    token(next: string | undefined) {
      token = next
    }
  }
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

describe('a link', () => {
  it('is idle until it is wanted', async () => {
    const { link, requests, nextTerm } = rig()
    await pass(100_000)
    expect(link.$link.get()).toEqual({
      state: 'idle',
      retryAt: undefined,
      syncedAt: undefined,
      capabilities: undefined
    })
    expect([requests.length, nextTerm.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0, 0])
  })

  it('is idle before it runs, for who looks early', async () => {
    const { link } = rig(false)
    expect(link.$link.get()).toEqual({ state: 'idle' })
    expect(link.connection()).toBeUndefined()
  })

  it('says who connects, catches up, and is online when everything has been stored', async () => {
    const { link, requests, made } = rig()
    const states: string[] = []
    link.$link.listen(({ state }) => states.push(state))
    link.want(true)
    await pass()
    expect(requests).toEqual([
      {
        device: 'device',
        term: 7,
        token: 'first token',
        credentials: 'credentials',
        cursor: 'cursor',
        signal: expect.any(AbortSignal)
      }
    ])
    expect(link.$link.get()).toMatchObject({ state: 'catching-up', capabilities: CAPABILITIES })
    expect(link.$link.get().syncedAt).toBeUndefined()
    expect(link.connection()).toBe(made)
    link.caughtUp()
    expect(link.$link.get()).toMatchObject({ state: 'online', syncedAt: Date.now(), capabilities: CAPABILITIES })
    expect(states).toEqual(['connecting', 'catching-up', 'online'])
  })

  it('tries again after a loss, and says when; until when it was in step; and not who is there any more', async () => {
    const { link, requests, loses, nextTerm } = rig()
    link.want(true)
    await pass()
    link.caughtUp()
    await pass(5000)
    const lostAt = Date.now()
    const states: unknown[] = []
    link.$link.listen(({ state, syncedAt }) => states.push([state, syncedAt]))
    loses()
    await pass()
    expect(link.connection()).toBeUndefined()
    expect(states).toEqual([
      ['catching-up', lostAt],
      ['waiting', lostAt]
    ])
    expect(link.$link.get().retryAt).toBe(lostAt + 1000)
    await pass(999)
    expect(requests).toHaveLength(1)
    await pass(1)
    expect(requests).toHaveLength(2)
    expect(link.$link.get()).toMatchObject({ state: 'catching-up', retryAt: undefined, syncedAt: lostAt })
    // One tab leads, and has one term, however often it connects.
    expect(nextTerm).toHaveBeenCalledTimes(1)
    expect(requests[1]?.term).toBe(7)
  })

  it('does not say that it was in step when it never was', async () => {
    const { link, loses } = rig()
    link.want(true)
    await pass()
    loses()
    await pass()
    expect(link.$link.get()).toMatchObject({ state: 'waiting' })
    expect(link.$link.get().syncedAt).toBeUndefined()
  })

  it('waits longer from one failure to the next, and begins anew after a connection that was good', async () => {
    const { link, fails, works, loses } = rig()
    fails(new TransportError('offline', 'no way'))
    link.want(true)
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      await pass()
      const { retryAt } = link.$link.get()
      waits.push(retryAt! - Date.now())
      if (i === 3) works()
      await pass(retryAt! - Date.now())
    }
    expect(waits).toEqual([1000, 500, 1000, 2000])
    // Good is more than half a minute.
    await pass(30_000)
    loses()
    await pass()
    expect(link.$link.get().retryAt! - Date.now()).toBe(4000)
    await pass(4000)
    await pass(30_001)
    loses()
    await pass()
    expect(link.$link.get().retryAt! - Date.now()).toBe(1000)
  })

  it('waits as long as the backend asks for, if that is longer', async () => {
    const { link, fails, requests } = rig()
    fails(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    link.want(true)
    await pass()
    expect(link.$link.get()).toMatchObject({ state: 'waiting', retryAt: Date.now() + 60_000 })
    fails(new TransportError('busy', 'later', { retryAfter: 10 }))
    await pass(60_000)
    expect(link.$link.get().retryAt).toBe(Date.now() + 500)
    expect(requests).toHaveLength(2)
  })

  it('leads under a higher number when it was asked to wait: another tab may have had its own', async () => {
    const { link, fails, requests } = rig()
    fails(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    link.want(true)
    await pass()
    fails(new TransportError('offline', 'no way'))
    await pass(60_000)
    await pass(1000)
    expect(requests.map(({ term }) => term)).toEqual([7, 8, 8])
  })

  it('closes a connection that nobody serves any more before it waits, where it was not the network that failed', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { link, requests, loses, state } = rig()
    link.want(true)
    await pass()
    expect(requests[0]?.signal.aborted).toBe(false)
    loses(new Error('the disk'))
    await pass()
    expect([state(), requests[0]?.signal.aborted]).toEqual(['waiting', true])
  })

  it('is not disturbed by an attempt of the time when it led before, which ends late', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { link, answers, works, end, requests, state } = rig()
    let fail = (_error: unknown) => {}
    answers(
      () =>
        new Promise((_, reject) => {
          fail = reject
        })
    )
    link.want(true)
    await pass()
    end()
    works()
    const again = new AbortController()
    void link.run(again.signal)
    await pass()
    link.caughtUp()
    fail(requests[0]!.signal.reason)
    await pass()
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([true, false])
    expect([warn.mock.calls.length, link.connection() !== undefined]).toEqual([0, true])
    expect(state()).toBe('online')
    again.abort()
  })

  it('takes a no for a no, until somebody asks again', async () => {
    const { link, fails, works, requests, state } = rig()
    fails(new TransportError('forbidden', 'not you'))
    link.want(true)
    await pass(600_000)
    expect(link.$link.get()).toMatchObject({ state: 'refused', retryAt: undefined })
    expect([requests.length, vi.getTimerCount()]).toEqual([1, 0])
    works()
    link.wake()
    await pass()
    expect(state()).toBe('catching-up')
  })

  it('asks for another token once, and then waits for somebody to sign in', async () => {
    const { link, fails, token, requests, works, state } = rig()
    fails(new TransportError('unauthorized', 'expired'))
    link.want(true)
    await pass()
    expect(state()).toBe('waiting')
    token('second token')
    await pass(1000)
    expect(requests.map(request => request.token)).toEqual(['first token', 'second token'])
    expect(link.$link.get()).toMatchObject({ state: 'unauthorized', retryAt: undefined })
    await pass(600_000)
    expect(requests).toHaveLength(2)
    works()
    link.restart()
    await pass()
    expect(state()).toBe('catching-up')
  })

  it('says that the device was signed out, and goes on when somebody else is here', async () => {
    const { link, fails, works, onForgotten, state } = rig()
    fails(new TransportError('forbidden', 'not here'))
    link.want(true)
    await pass()
    expect(state()).toBe('refused')
    expect(onForgotten).not.toHaveBeenCalled()
    fails(new TransportError('forbidden', 'signed out', { reason: 'forgotten' }))
    link.restart()
    await pass()
    expect(onForgotten).toHaveBeenCalledTimes(1)
    works()
    link.restart()
    await pass()
    expect(state()).toBe('catching-up')
  })

  it('does not hide that nobody could be told that the device was signed out', async () => {
    const { link, fails, running, onForgotten } = rig()
    const bug = new Error('no disk')
    onForgotten.mockImplementationOnce(() => {
      throw bug
    })
    fails(new TransportError('forbidden', 'signed out', { reason: 'forgotten' }))
    link.want(true)
    await expect(running).rejects.toBe(bug)
  })

  it('tells of an error that is none of the transport, and goes on', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { link, fails, works, state } = rig()
    const bug = new Error('a bug in a transport')
    fails(bug)
    link.want(true)
    await pass()
    expect(warn).toHaveBeenCalledWith('porchlight:', bug)
    expect(state()).toBe('waiting')
    works()
    await pass(1000)
    expect(state()).toBe('catching-up')
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('says nothing on the console of failures that it knows', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { link, fails } = rig()
    fails(new TransportError('offline', 'no way'))
    link.want(true)
    await pass(10_000)
    expect(warn).not.toHaveBeenCalled()
  })

  it('lets go of the connection when it is not wanted any more, and connects at once when it is again', async () => {
    const { link, requests, state } = rig()
    link.want(true)
    await pass()
    link.want(true)
    expect(requests[0]?.signal.aborted).toBe(false)
    link.want(false)
    await pass(60_000)
    expect([state(), requests[0]?.signal.aborted, link.connection()]).toEqual(['idle', true, undefined])
    expect(vi.getTimerCount()).toBe(0)
    link.want(false)
    link.want(true)
    await pass()
    expect([state(), requests.length]).toEqual(['catching-up', 2])
  })

  it('does not wait any longer when it is woken, but not twice within two seconds', async () => {
    const { link, fails, requests } = rig()
    fails(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    link.want(true)
    await pass()
    link.wake()
    await pass()
    expect(requests).toHaveLength(2)
    await pass(1999)
    link.wake()
    await pass()
    expect(requests).toHaveLength(2)
    await pass(1)
    link.wake()
    await pass()
    expect(requests).toHaveLength(3)
  })

  it('waits its time however often there is one more reason to be online', async () => {
    const { link, fails, requests } = rig()
    fails(new TransportError('offline', 'no way'))
    link.want(true)
    await pass(999)
    link.want(true)
    await pass()
    expect(requests).toHaveLength(1)
    await pass(1)
    expect(requests).toHaveLength(2)
  })

  it('looks whether an open connection is alive when it is woken', async () => {
    const { link, probe, requests } = rig()
    link.wake()
    expect(probe).not.toHaveBeenCalled()
    link.want(true)
    await pass()
    link.wake()
    await pass()
    expect(probe).toHaveBeenCalledTimes(1)
    expect(requests).toHaveLength(1)
  })

  it('can be woken where a connection cannot be looked at', async () => {
    const { link, answers, state } = rig()
    answers(async () => ({ capabilities: CAPABILITIES }) as unknown as Connection)
    link.want(true)
    await pass()
    link.wake()
    expect(state()).toBe('catching-up')
  })

  it('counts a network that is gone as a loss', async () => {
    const { link, requests, state } = rig()
    link.lost()
    link.want(true)
    await pass()
    link.lost()
    await pass()
    expect(requests[0]?.signal.reason).toMatchObject({ code: 'offline' })
    expect(state()).toBe('waiting')
    await pass(1000)
    expect(requests).toHaveLength(2)
  })

  it('does not end an attempt because there is no network: it will see', async () => {
    const { link, answers, made, requests, state } = rig()
    let connect = (_connection: Connection) => {}
    answers(
      () =>
        new Promise(resolve => {
          connect = resolve
        })
    )
    link.want(true)
    await pass()
    link.lost()
    expect(requests[0]?.signal.aborted).toBe(false)
    connect(made)
    await pass()
    expect(state()).toBe('catching-up')
  })

  it('begins anew, without waiting, as somebody else', async () => {
    const { link, fails, works, requests, loses } = rig()
    fails(new TransportError('offline', 'no way'))
    link.want(true)
    await pass(1000)
    await pass(500)
    expect(requests).toHaveLength(3)
    works()
    link.restart()
    await pass()
    expect(requests).toHaveLength(4)
    link.restart()
    await pass()
    expect([requests.length, requests[3]?.signal.aborted]).toEqual([5, true])
    // Where tabs are counted anew.
    expect(requests.map(({ term }) => term - requests[0]!.term)).toEqual([0, 0, 0, 1, 2])
    // It counts its failures anew, too.
    loses()
    await pass()
    expect(link.$link.get().retryAt! - Date.now()).toBe(1000)
  })

  it('does nothing more when it has ended', async () => {
    const { link, end, running, requests, state } = rig()
    link.want(true)
    await pass()
    end()
    await running
    expect([state(), requests[0]?.signal.aborted]).toEqual(['idle', true])
    link.wake()
    link.restart()
    await pass(60_000)
    expect([requests.length, vi.getTimerCount()]).toEqual([1, 0])
  })

  it('ends while it waits', async () => {
    const { link, fails, end, running, state } = rig()
    fails(new TransportError('offline', 'no way'))
    link.want(true)
    await pass()
    expect(vi.getTimerCount()).toBe(1)
    end()
    await running
    expect([state(), vi.getTimerCount()]).toEqual(['idle', 0])
  })

  it('ends while nobody wants it', async () => {
    const { end, running, state } = rig()
    end()
    await running
    expect(state()).toBe('idle')
  })

  it('shows how the link of another tab is, and forgets that when it leads itself', async () => {
    const { link, end, running } = rig()
    end()
    await running
    const theirs = { state: 'online', retryAt: undefined, syncedAt: 5, capabilities: undefined } as const
    link.follow(theirs)
    expect(link.$link.get()).toBe(theirs)
    link.want(true)
    const own = new AbortController()
    const again = link.run(own.signal)
    expect(link.$link.get()).toEqual({ ...theirs, state: 'idle' })
    await pass()
    own.abort()
    await again
  })
})

it('waits, though the backend asks for longer than a timer holds', async () => {
  const { link, fails, requests, end } = rig()
  fails(new TransportError('busy', 'later', { retryAfter: 2 ** 31 }))
  link.want(true)
  await pass(1000)
  end()
  expect(requests).toHaveLength(1)
})

describe('a token', () => {
  const begin = (token: () => string | Promise<string>) => {
    let lose = (_: unknown) => {}
    const connect = vi.fn(async () => ({ capabilities: {} }) as never)
    const link = createLink({
      device: { id: async () => 'd' as never, nextTerm: async () => 1, credentials: () => undefined, heard: undefined },
      cursor: () => undefined,
      onForgotten() {},
      transport: { name: 'x', connect },
      token,
      serve: (_, signal) =>
        new Promise<never>((_, reject) => {
          lose = reject
          signal.addEventListener('abort', () => reject(signal.reason))
        })
    })
    void link.run(new AbortController().signal)
    link.want(true)
    return { link, connect, lose: (error: unknown) => lose(error) }
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  /** The first one never comes. */
  const never = () => {
    let asked = 0
    return () => (asked++ ? 'token' : new Promise<string>(() => {}))
  }

  it('that does not come is asked for once more', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { link, connect } = begin(never())
    await pass(120_000)
    link.wake()
    await pass(10_000)
    expect(connect).toHaveBeenCalled()
    expect(warn).toHaveBeenCalledExactlyOnceWith('porchlight:', expect.objectContaining({ message: 'no token' }))
  })

  it('that takes its time is waited for', async () => {
    const { connect } = begin(() => new Promise<string>(resolve => setTimeout(resolve, 50_000, 'late')))
    await pass(120_000)
    expect(connect).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ token: 'late' }))
  })

  it('that never comes does not keep the next one waiting', async () => {
    const { link, connect } = begin(never())
    await pass(1000)
    link.restart()
    await pass(10_000)
    expect(connect).toHaveBeenCalled()
  })

  it('that has ended is followed by a fresh one, also soon after another loss', async () => {
    const { connect, lose } = begin(() => 'token')
    await pass(1000)
    lose(new TransportError('closed', 'cut'))
    await pass(3000)
    expect(connect).toHaveBeenCalledTimes(2)
    lose(new TransportError('unauthorized', 'it has ended'))
    await pass(60_000)
    expect(connect).toHaveBeenCalledTimes(3)
  })

  it('that was taken is followed by a fresh one, however soon each of them ends', async () => {
    const { connect, link, lose } = begin(() => 'token')
    for (let i = 1; i <= 5; i++) {
      await pass(20_000)
      expect(connect).toHaveBeenCalledTimes(i)
      lose(new TransportError('unauthorized', 'it has ended'))
    }
    await pass(0)
    expect(link.$link.get().state).toBe('waiting')
  })
})
