import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/inbox.ts'
import '../../src/core/promises.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'
import type { Content } from '../../src/model/message.ts'
import { type ChatRig, rig } from '../support/rig.ts'

const NOW = Date.parse('2026-11-23T18:00:00Z')
const HOUR = 3_600_000

let here: ChatRig
let missed: unknown[]

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW })
  here = await rig()
  listen()
})
afterEach(() => {
  here.chat.close()
  vi.useRealTimers()
})

const listen = () => {
  missed = []
  here.chat.on('promise-missed', event => missed.push(event))
}
/** Long enough for what was said to arrive, and for nothing else. */
const settle = () => vi.advanceTimersByTimeAsync(1000)
async function say(author: 'system' | 'agent', content: object | null, text = 'text') {
  here.transport.backend.say(await here.device(), 't', text, author, { content: content as Content | null })
  await settle()
}
const promise = (due: number) => say('system', { type: 'notice', code: 'promised', name: '', due })
async function begin() {
  const unwatch = here.chat.watch()
  await settle()
  await here.chat.send('t', { text: 'a note' })
  await here.chat.load('t')
  await settle()
  return unwatch
}

describe('a promised answer', () => {
  it('is known until it comes, and nothing is said of it then', async () => {
    await begin()
    expect(await here.chat.promised('t')).toBeUndefined()
    await promise(NOW + HOUR)
    expect(await here.chat.promised('t')).toBe(NOW + HOUR)
    await say('agent', null)
    expect(await here.chat.promised('t')).toBeUndefined()
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(missed).toEqual([])
  })

  it('is missed when it passes, which is told once', async () => {
    await begin()
    await here.chat.promised('t')
    await promise(NOW + 3 * HOUR)
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(missed).toEqual([])
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(missed).toEqual([{ threadId: 't', due: NOW + 3 * HOUR }])
    await here.chat.send('t', { text: 'still nothing?' })
    await here.chat.promised('t')
    await vi.advanceTimersByTimeAsync(HOUR)
    expect(missed).toHaveLength(1)
    await promise(NOW + 6 * HOUR)
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(missed).toHaveLength(2)
  })

  it('is missed after a reload, and without a connection', async () => {
    await begin()
    await promise(NOW + HOUR)
    here = await here.reload()
    here.transport.offline(true)
    listen()
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    await here.chat.load('t')
    expect(await here.chat.promised('t')).toBe(NOW + HOUR)
    expect(missed).toEqual([{ threadId: 't', due: NOW + HOUR }])
  })

  it('is kept by whoever joins, and forgotten when the chat is closed', async () => {
    await begin()
    await promise(NOW + HOUR)
    await say('system', { type: 'notice', code: 'joined', name: 'Sam' })
    expect(await here.chat.promised('t')).toBeUndefined()
    await promise(NOW + 2 * HOUR)
    here.chat.close()
    await vi.advanceTimersByTimeAsync(3 * HOUR)
    expect(missed).toEqual([])
  })
})
