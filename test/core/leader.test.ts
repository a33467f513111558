import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLeader } from '../../src/core/leader.ts'
import { browserTabs } from '../../src/page/browser-tabs.ts'
import { stillPage } from '../../src/page/still.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Candidacy {
  readonly signal: AbortSignal
  readonly take: boolean | undefined
  onLost(): void
  win(): void
  fail(error: unknown): void
}

/** A tab, and the others as far as it can see them. */
function rig() {
  const page = stillPage()
  const candidacies: Candidacy[] = []
  const beat = vi.fn()
  const onFollow = vi.fn()
  const onLead = vi.fn(
    (signal: AbortSignal) =>
      new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  )
  const leader = createLeader({
    tabs: {
      lead: (signal, onLost, take) =>
        new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          candidacies.push({ signal, take, onLost, win: resolve, fail: reject })
        }),
      tell() {},
      listen: () => () => {}
    },
    page,
    beat,
    onLead,
    onFollow
  })
  return { page, leader, candidacies, beat, onFollow, onLead, last: () => candidacies.at(-1)! }
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

describe('a leader', () => {
  it('follows until it may lead, and then says so', async () => {
    const { leader, candidacies, last, beat, onFollow, onLead } = rig()
    expect([candidacies.length, last().take, onFollow.mock.calls.length]).toEqual([1, undefined, 1])
    await pass(7000)
    expect([leader.leads(), beat.mock.calls.length, onLead.mock.calls.length]).toEqual([false, 0, 0])
    last().win()
    await pass()
    expect([leader.leads(), beat.mock.calls.length]).toEqual([true, 1])
    expect(onLead).toHaveBeenCalledExactlyOnceWith(last().signal)
    await pass(5000)
    expect(beat).toHaveBeenCalledTimes(3)
    expect(onFollow).toHaveBeenCalledTimes(1)
  })

  it('follows again when another one has taken over', async () => {
    const { leader, candidacies, last, onFollow } = rig()
    last().win()
    await pass()
    last().onLost()
    expect(leader.leads()).toBe(false)
    await pass()
    expect([candidacies.length, candidacies[0]?.signal.aborted, onFollow.mock.calls.length]).toEqual([2, true, 2])
    expect([leader.leads(), last().take]).toEqual([false, undefined])
    last().win()
    await pass()
    expect(leader.leads()).toBe(true)
  })

  it('does not lead when it was told otherwise in the very moment that it could', async () => {
    const { leader, candidacies, onLead } = rig()
    candidacies[0]?.win()
    candidacies[0]?.onLost()
    await pass()
    expect([leader.leads(), onLead.mock.calls.length]).toEqual([false, 0])
  })

  it('leads on when what it did in an earlier term ends late', async () => {
    const { leader, last, onLead } = rig()
    let end = () => {}
    onLead.mockImplementationOnce(
      () =>
        new Promise(resolve => {
          end = resolve
        })
    )
    last().win()
    await pass()
    last().onLost()
    last().win()
    await pass()
    end()
    await pass()
    expect(leader.leads()).toBe(true)
  })

  it('tries again after a while when the disk failed', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { leader, candidacies, last, onLead } = rig()
    const error = new Error('the disk')
    onLead.mockRejectedValueOnce(error)
    last().win()
    await pass()
    expect(warn).toHaveBeenCalledWith('porchlight:', error)
    await pass(2499)
    expect(candidacies).toHaveLength(1)
    await pass(1)
    expect(candidacies).toHaveLength(2)
    last().win()
    await pass()
    expect(leader.leads()).toBe(true)
  })

  it('says nothing of an end that was asked for', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { leader, last } = rig()
    last().win()
    await pass()
    leader.close()
    await pass(10_000)
    expect(warn).not.toHaveBeenCalled()
  })

  it('takes over when somebody sees it, and nobody has seen the other one for ten seconds', async () => {
    const { candidacies, last } = rig()
    await pass(10_000)
    expect(candidacies).toHaveLength(1)
    await pass(2500)
    expect([candidacies.length, candidacies[0]?.signal.aborted, last().take]).toEqual([2, true, true])
    // It counts anew.
    await pass(10_000)
    expect(candidacies).toHaveLength(2)
  })

  it('waits for one that somebody sees, and not for one that nobody sees', async () => {
    const { leader, candidacies } = rig()
    for (let i = 0; i < 10; i++) {
      await pass(2500)
      leader.hear(false)
    }
    expect(candidacies).toHaveLength(1)
    for (let i = 0; i < 5; i++) {
      await pass(2500)
      leader.hear(true)
    }
    expect(candidacies).toHaveLength(2)
  })

  it('takes nothing over while nobody sees it, and at once when somebody does', async () => {
    const { page, candidacies, last } = rig()
    page.visible = false
    await pass(60_000)
    expect(candidacies).toHaveLength(1)
    page.visible = true
    page.emit('show')
    expect([candidacies.length, last().take]).toEqual([2, true])
  })

  it('does not blame the others for its own sleep', async () => {
    const { candidacies } = rig()
    await pass(2500)
    const awake = performance.now()
    const now = vi.spyOn(performance, 'now').mockReturnValue(awake + 60_000)
    await pass(2500)
    now.mockReturnValue(awake + 69_000)
    expect(candidacies).toHaveLength(1)
    now.mockReturnValue(awake + 62_500)
    await pass(2500)
    now.mockReturnValue(awake + 65_000)
    await pass(2500)
    expect(candidacies).toHaveLength(1)
  })

  it('is not asleep between two looks that are five seconds apart', async () => {
    const { candidacies } = rig()
    const began = performance.now()
    const now = vi.spyOn(performance, 'now')
    for (const seconds of [5, 10, 15]) {
      now.mockReturnValue(began + seconds * 1000)
      await pass(2500)
    }
    expect(candidacies).toHaveLength(2)
  })

  it('beats when it is seen again, so that the others know', async () => {
    const { page, last, beat } = rig()
    last().win()
    await pass()
    page.emit('show')
    expect(beat).toHaveBeenCalledTimes(2)
  })

  it('lets go of the lead when its page is left, and asks again when it is back', async () => {
    const { page, leader, candidacies, last } = rig()
    last().win()
    await pass()
    page.emit('leave')
    await pass()
    expect([candidacies[0]?.signal.aborted, leader.leads()]).toEqual([true, false])
    page.emit('return')
    expect([candidacies.length, last().take]).toEqual([2, undefined])
    last().win()
    await pass()
    expect(leader.leads()).toBe(true)
  })

  it('leads at once when it has to', async () => {
    const { leader, candidacies, last } = rig()
    leader.take()
    expect([candidacies.length, candidacies[0]?.signal.aborted, last().take]).toEqual([2, true, true])
  })

  it('leaves nothing behind', async () => {
    const { page, leader, candidacies, last } = rig()
    last().win()
    await pass()
    leader.close()
    await pass()
    expect([last().signal.aborted, leader.leads(), vi.getTimerCount()]).toEqual([true, false, 0])
    last().onLost()
    page.emit('return')
    page.emit('show')
    leader.take()
    await pass(60_000)
    expect(candidacies).toHaveLength(1)
  })

  it('does not come back after it was closed because the disk failed before', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { leader, candidacies, last } = rig()
    last().fail(new Error('the disk'))
    await pass()
    leader.close()
    await pass(60_000)
    expect(candidacies).toHaveLength(1)
  })
})

it('lets go of a lock that it took over when it did not want it any more', async () => {
  let held: unknown
  vi.stubGlobal('navigator', {
    locks: {
      async request(_: string, __: unknown, hold: () => unknown) {
        await Promise.resolve()
        held = hold()
      }
    }
  })
  const end = new AbortController()
  browserTabs('x')
    .lead(end.signal, () => {}, true)
    .catch(() => {})
  end.abort()
  await vi.advanceTimersByTimeAsync(10)
  vi.unstubAllGlobals()
  const released = vi.fn()
  void Promise.resolve(held).then(released)
  await vi.advanceTimersByTimeAsync(10)
  expect(released).toHaveBeenCalledOnce()
})

it('leads at once, and once, where locks are refused', async () => {
  const request = vi.fn(() => Promise.reject(new DOMException('an opaque origin', 'SecurityError')))
  vi.stubGlobal('navigator', { locks: { request } })
  const tabs = browserTabs('x')
  vi.unstubAllGlobals()
  const onLost = vi.fn()
  await tabs.lead(new AbortController().signal, onLost)
  await vi.advanceTimersByTimeAsync(10)
  expect(onLost).not.toHaveBeenCalled()
})

it('opens no channel for something that is said when nobody listens any more', () => {
  const made = vi.fn()
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        made()
      }
      postMessage() {}
      close() {}
    }
  )
  const tabs = browserTabs('x')
  tabs.listen(() => {})()
  tabs.tell({ type: 'holds' })
  vi.unstubAllGlobals()
  expect(made).toHaveBeenCalledOnce()
})
