import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WebSocket } from 'ws'
import type { Bus } from '../../../demo/server/bus/bus.ts'
import { createProcessBus } from '../../../demo/server/bus/process.ts'
import type { Conversations } from '../../../demo/server/conversations/conversations.ts'
import type { Mark } from '../../../demo/server/conversations/delivered.ts'
import type { Agents } from '../../../demo/server/identity/agents.ts'
import { defaultLimits } from '../../../demo/server/limits.ts'
import { silentLog } from '../../../demo/server/log.ts'
import type { AgentServerFrame } from '../../../demo/server/wire/agent-frames.ts'
import type { House } from '../../../demo/server/wire/house.ts'
import { createInboxDoor } from '../../../demo/server/wire/inbox.ts'
import { conversation, message, sam } from '../inbox/house.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** As much of a socket as the door looks at. */
interface Line {
  bufferedAmount: number
  send(text: string): void
}

/** A house with these threads, in each of which so much was said, and one agent who has heard all of it. */
async function createHouse(threads: ReadonlyMap<string, number>, before?: (socket: Line, bus: Bus) => void) {
  const last = new Map(threads)
  const views = (ids: Iterable<string>) =>
    [...ids].map(id => conversation(id, { thread: { last: last.get(id)! }, visitor: { id: `of ${id}` } }))
  const conversations = {
    feed: { at: (_: string, seq: number) => atHand.get(seq) },
    viewAll: async () => views(last.keys()),
    view: vi.fn(async (ids: readonly string[]) => views(ids)),
    newer: vi.fn(async (marks: ReadonlyMap<string, number>) => ({
      messages: [...marks].flatMap(([id, mark]) =>
        Array.from({ length: last.get(id)! - mark }, (_, i) => message(id, mark + 1 + i))
      ),
      more: false
    })),
    markDelivered: vi.fn(async () => {}),
    settings: async () => ({ open: true, queueLimit: 1 })
  }
  const atHand = new Map<number, { type: 'message'; message: ReturnType<typeof message> }>()
  const bus = createProcessBus(error => {
    throw error
  })
  const door = createInboxDoor({
    conversations: conversations as unknown as Conversations,
    agents: {
      whose: async () => ({ agent: sam, expiresAt: Date.now() + 1e9 }),
      all: async () => [sam]
    } as unknown as Agents,
    house: {
      agentJoined: () => () => {},
      isAgentHere: () => true,
      opening: () => null,
      seen: () => ({ online: false, page: null, before: [] })
    } as unknown as House,
    bus,
    limits: defaultLimits,
    log: silentLog
  })
  const frames: AgentServerFrame[] = []
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (text: string) => void frames.push(JSON.parse(text) as AgentServerFrame),
    close() {},
    terminate: vi.fn()
  })
  before?.(socket, bus)
  door.welcome(socket as unknown as WebSocket)
  socket.emit('message', Buffer.from('{"t":"hello","v":1,"token":"t"}'), false)
  await vi.advanceTimersByTimeAsync(0)
  expect(frames.map(({ t }) => t)).toEqual(['welcome'])
  frames.length = 0
  let seq = 0
  return {
    conversations,
    frames,
    socket,
    heard: (t: 'message' | 'conversation') => frames.filter(frame => frame.t === t).length,
    /** Somebody writes in this thread; the words are at hand, or in the store only. */
    say(id: string, isAtHand = true) {
      const position = last.get(id)! + 1
      last.set(id, position)
      if (isAtHand) atHand.set(++seq, { type: 'message', message: message(id, position) })
      bus.publish('feed', { visitorId: `of ${id}`, seq: isAtHand ? seq : ++seq })
      bus.publish('thread', { threadId: id, said: true })
    },
    change: (id: string) => bus.publish('thread', { threadId: id })
  }
}

const named = (count: number, said: number) => new Map(Array.from({ length: count }, (_, i) => [`thread-${i}`, said]))

it('tells what was said at once, though it has just told of the thread, and reads nothing for it', async () => {
  const house = await createHouse(named(1, 1))
  house.say('thread-0')
  await vi.advanceTimersByTimeAsync(20)
  expect(house.frames.map(({ t }) => t)).toEqual(['message', 'conversation'])
  house.say('thread-0')
  await vi.advanceTimersByTimeAsync(1)
  expect(house.frames.at(-1)).toMatchObject({ t: 'message', message: { position: 3 } })
  await vi.advanceTimersByTimeAsync(250)
  expect(house.frames.at(-1)).toMatchObject({ t: 'conversation', conversation: { thread: { last: 3 } } })
  expect(house.conversations.newer).not.toHaveBeenCalled()
  expect(house.conversations.view).toHaveBeenCalledTimes(2)
})

it('tells in its place what is not at hand, and nothing before it that comes after it', async () => {
  const house = await createHouse(named(1, 1))
  house.say('thread-0', false)
  house.say('thread-0')
  await vi.advanceTimersByTimeAsync(20)
  const positions = house.frames.flatMap(frame => (frame.t === 'message' ? frame.message.position : []))
  expect(positions).toEqual([2, 3])
})

it('waits for a line that takes its time with all there is, before it tells what changed meanwhile', async () => {
  const house = await createHouse(named(1, 1), (socket, bus) => {
    const { send } = socket
    socket.send = text => {
      // Somebody sits down as it goes out.
      if (text.startsWith('{"t":"welcome"')) {
        socket.bufferedAmount = defaultLimits.buffered + 1
        bus.publish('agents', {})
      }
      send(text)
    }
  })
  expect(house.frames).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  expect(house.socket.terminate).not.toHaveBeenCalled()
  house.socket.bufferedAmount = 0
  await vi.advanceTimersByTimeAsync(500)
  expect(house.frames.map(({ t }) => t)).toEqual(['agents'])
})

it('notes that a desk has it, once', async () => {
  const house = await createHouse(named(1, 1))
  house.say('thread-0')
  await vi.advanceTimersByTimeAsync(1000)
  const marks = house.conversations.markDelivered.mock.calls.map(call => (call as readonly unknown[])[0])
  expect(marks.at(-1)).toEqual([{ visitorId: 'of thread-0', threadId: 'thread-0', upTo: 2 }])
})

it('notes a few at a time what a desk has, so that words never wait behind marks, and of one thread only the newest', async () => {
  const house = await createHouse(named(25, 1))
  const { markDelivered } = house.conversations
  await vi.advanceTimersByTimeAsync(1000)
  markDelivered.mockClear()
  let written = () => {}
  markDelivered.mockImplementation(() => new Promise<void>(resolve => (written = resolve)))
  for (let i = 0; i < 25; i++) house.say(`thread-${i}`)
  await vi.advanceTimersByTimeAsync(250)
  expect(markDelivered).toHaveBeenCalledTimes(1)
  // Both while the first few are written: the one is among them, the other waits for its turn.
  house.say('thread-0')
  house.say('thread-24')
  await vi.advanceTimersByTimeAsync(1000)
  expect(markDelivered).toHaveBeenCalledTimes(1)
  for (let turn = 0; turn < 4; turn++) {
    written()
    await vi.advanceTimersByTimeAsync(250)
  }
  const marks = markDelivered.mock.calls.map(call => (call as unknown as [readonly Mark[]])[0])
  expect(marks.map(({ length }) => length)).toEqual([10, 10, 5, 1])
  expect(marks[2]!.at(-1)).toMatchObject({ threadId: 'thread-24', upTo: 3 })
  expect(marks[3]).toMatchObject([{ threadId: 'thread-0', upTo: 3 }])
})

it('tells at once what was said in a thousand threads, and of the threads five hundred a second', async () => {
  const house = await createHouse(named(1000, 1))
  for (let i = 0; i < 1000; i++) house.say(`thread-${i}`)
  await vi.advanceTimersByTimeAsync(20)
  expect(house.heard('message')).toBe(1000)
  expect(house.heard('conversation')).toBe(100)
  await vi.advanceTimersByTimeAsync(1000)
  expect(house.heard('conversation')).toBeGreaterThanOrEqual(500)
  expect(house.heard('conversation')).toBeLessThanOrEqual(600)
  // What changed but for words waits behind none of them.
  house.change('thread-0')
  await vi.advanceTimersByTimeAsync(20)
  expect(house.frames.at(-1)).toMatchObject({ conversation: { thread: { id: 'thread-0' } } })
  await vi.advanceTimersByTimeAsync(1500)
  expect(house.heard('conversation')).toBe(1001)
})
