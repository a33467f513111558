import { describe, expect, it, vi } from 'vitest'
import { nextDelay } from '../../src/core/backoff.ts'
import { createEmitter } from '../../src/core/emitter.ts'
import { empty } from '../../src/core/leaving.ts'
import { createRows } from '../../src/core/rows.ts'
import { createSessions } from '../../src/core/sessions.ts'
import { createTyping } from '../../src/core/typing.ts'
import { until } from '../../src/core/waiting.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'

describe('nextDelay', () => {
  it('spreads the first attempt over two seconds, then grows to half a minute, and is never under 100 ms', () => {
    expect([0, 1, 2, 3, 6, 100].map(n => nextDelay(n, () => 1))).toEqual([2000, 1000, 2000, 4000, 30_000, 30_000])
    expect(nextDelay(5, () => 0)).toBe(100)
  })
})

describe('sessions', () => {
  it('wait once for a chat that was acknowledged, and leave no timer behind', () => {
    vi.useFakeTimers()
    const listeners = new Map<string, (changes: readonly object[]) => void>()
    const { $sessions, close } = createSessions({ on: listeners.set.bind(listeners) } as never)
    const tell = listeners.get('outbox')!
    const key = ['outbox', 'thread', 1]
    tell([{ key, value: { command: { id: 'asked', n: 1, type: 'start', threadId: 'thread' } } }])
    tell([{ key, value: undefined }])
    // The next one in its place, as after somebody has signed out.
    tell([{ key, value: { command: { id: 'words', n: 1, type: 'message', threadId: 'thread' } } }])
    expect(vi.getTimerCount()).toBe(1)
    expect($sessions.get().thread?.state).toBe('queued')
    close()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})

describe('emptying', () => {
  it.each([
    ['ends the life that it is told', 1, 2],
    ['leaves alone the next one', 0, 1],
    ['leaves alone the next one of where there was none', undefined, 1]
  ])('%s', async (_, life, expected) => {
    const disk = memory()
    await disk.commit([
      { put: ['life'], value: 1 },
      { put: ['draft', 't'], value: 'half' }
    ])
    const rows = createRows(disk, stillTabs()())
    await rows.load()
    await empty(rows, life)
    const kinds = [
      { key: ['draft', 't'], value: 'half' },
      { key: ['life'], value: expected }
    ]
    expect(await disk.list([])).toEqual(expected === 2 ? kinds.slice(1) : kinds)
    rows.close()
  })
})

describe('an emitter', () => {
  it('tells all listeners though one of them throws, and stops telling who stopped listening', () => {
    const later: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (work: () => void) => later.push(work))
    const emitter = createEmitter<{ word: string }>()
    const heard: string[] = []
    emitter.on('word', () => {
      throw new Error('a bad listener')
    })
    const unbind = emitter.on('word', word => heard.push(word))
    emitter.emit('word', 'one')
    unbind()
    emitter.emit('word', 'two')
    expect(heard).toEqual(['one'])
    expect(later[0]).toThrow('a bad listener')
    vi.unstubAllGlobals()
  })

  it('binds one function twice as two bindings', () => {
    const emitter = createEmitter<{ word: string }>()
    const listener = vi.fn()
    const first = emitter.on('word', listener)
    emitter.on('word', listener)
    first()
    emitter.emit('word', 'once')
    expect(listener).toHaveBeenCalledTimes(1)
  })
})

describe('typing', () => {
  const nothing = { on: () => () => {} } as never

  it('is told at the most every three seconds, and its end at once', () => {
    vi.useFakeTimers()
    const say = vi.fn()
    const typing = createTyping(nothing, say)
    for (let i = 0; i < 10; i++) {
      typing.tell('t', true)
      vi.advanceTimersByTime(500)
    }
    expect(say).toHaveBeenCalledTimes(2)
    typing.tell('t', false)
    typing.tell('t', false)
    expect(say).toHaveBeenCalledTimes(3)
    typing.close()
    vi.useRealTimers()
  })

  it('of somebody else is over after six seconds of silence', () => {
    vi.useFakeTimers()
    const typing = createTyping(nothing, () => {})
    typing.show('t', true, { name: 'Sam', picture: '' })
    vi.advanceTimersByTime(5900)
    expect(typing.$typing.get()).toHaveProperty('t')
    vi.advanceTimersByTime(200)
    expect(typing.$typing.get()).toEqual({})
    vi.useRealTimers()
  })
})

describe('until', () => {
  it('cleans up whichever way the waiting ends', async () => {
    const stop = new AbortController()
    const end = vi.fn()
    await until(stop.signal, done => {
      setTimeout(done, 1)
      return end
    })
    expect(end).toHaveBeenCalledTimes(1)
    const waiting = until(stop.signal, () => end)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(end).toHaveBeenCalledTimes(2)
    await expect(until(stop.signal, () => end)).rejects.toThrow('enough')
  })
})
