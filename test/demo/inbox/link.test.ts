// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCommands } from '../../../demo/inbox/commands.ts'
import { createLink, type Link } from '../../../demo/inbox/link.ts'
import { createHouse } from './house.ts'

let link: Link | undefined

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  link?.close()
  vi.useRealTimers()
})

const tick = (wait = 0) => vi.advanceTimersByTimeAsync(wait)
type House = ReturnType<typeof createHouse>

function connect(house: House) {
  link = createLink({ url: 'ws://house', token: 'key', WebSocket: house.WebSocket, random: () => 1 })
  return link
}

test('says hello with the token, and is online once everyone has taken the welcome in', async () => {
  const house = createHouse()
  const link = connect(house)
  const states: string[] = []
  link.on('welcome', () => states.push(link.$link.get().state))
  link.on('online', () => states.push(link.$link.get().state))
  await tick()
  expect(house.heard).toEqual([{ t: 'hello', v: 1, token: 'key' }])
  expect(states).toEqual(['catching-up', 'online'])
  expect(link.$link.get().lostAt).toBeUndefined()
})

test('answers a ping', async () => {
  const house = createHouse()
  connect(house)
  await tick()
  house.say({ t: 'ping' })
  expect(house.heard.at(-1)).toEqual({ t: 'pong' })
})

test('takes silence for the end, and comes back', async () => {
  const house = createHouse({ heartbeat: 1000 })
  const link = connect(house)
  await tick()
  await tick(2100)
  expect(link.$link.get().state).toBe('online')
  await tick(200)
  expect(link.$link.get().state).toBe('waiting')
  await tick(600)
  expect(link.$link.get().state).toBe('online')
  expect(house.sockets).toHaveLength(2)
})

test('gives up on a server that never answers', async () => {
  const house = createHouse({ silent: true })
  const link = connect(house)
  await tick(9000)
  expect(link.$link.get().state).toBe('catching-up')
  await tick(1100)
  expect(link.$link.get().state).toBe('waiting')
})

test('waits longer after each failure, at most 20 seconds', async () => {
  const house = createHouse()
  house.down = true
  const link = connect(house)
  await tick()
  const waits: number[] = []
  for (let i = 0; i < 8; i++) {
    const wait = link.$link.get().retryAt! - Date.now()
    waits.push(wait)
    await tick(wait)
    await tick()
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000])
})

test('tries at once when asked to', async () => {
  const house = createHouse()
  house.down = true
  const link = connect(house)
  await tick()
  house.down = false
  link.retry()
  await tick()
  expect(link.$link.get().state).toBe('online')
})

test('stops for good when the token is refused', async () => {
  const house = createHouse()
  const link = connect(house)
  const refused = vi.fn()
  link.on('refused', refused)
  await tick()
  house.say({ t: 'bye', code: 'unauthorized', message: 'token expired', retryAfter: null })
  await tick(60_000)
  expect(refused).toHaveBeenCalledOnce()
  expect(house.sockets).toHaveLength(1)
})

test('comes back after any other good-bye', async () => {
  const house = createHouse()
  const link = connect(house)
  await tick()
  house.say({ t: 'bye', code: 'closed', message: 'restarting', retryAfter: null })
  expect(link.$link.get().state).toBe('waiting')
  await tick(600)
  expect(link.$link.get().state).toBe('online')
})

test('keeps nothing that it could not send', async () => {
  const house = createHouse()
  const link = connect(house)
  expect(link.send({ t: 'typing', threadId: 'a', active: true })).toBe(false)
  await tick()
  expect(house.heard).toHaveLength(1)
})

test('says an unanswered command again after a lost link, under its id', async () => {
  const house = createHouse()
  const link = connect(house)
  const commands = createCommands(link)
  await tick()
  const { answer } = house
  house.answer = () => undefined
  const outcome = commands.run({ type: 'accept', threadId: 'a' })
  await tick()
  house.answer = answer
  house.drop()
  await tick(600)
  expect(await outcome).toEqual({ ok: true, at: 1 })
  const [first, second, ...more] = house.commands('accept')
  expect(second).toEqual(first)
  expect(more).toEqual([])
  commands.close()
})

test('survives what is not a frame', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const house = createHouse()
  const link = connect(house)
  await tick()
  house.sockets[0]!.onmessage?.({ data: '<html>' })
  expect(link.$link.get().state).toBe('online')
  expect(warn).toHaveBeenCalledOnce()
  warn.mockRestore()
})
