import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Server } from '../../../demo/server/server.ts'
import { talk } from '../../../src/core/talk.ts'
import { createId } from '../../../src/model/id.ts'
import { openStandby } from '../../../src/on-page.ts'
import { stillPage, stillTabs } from '../../../src/page/still.ts'
import { memory } from '../../../src/storage/memory.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import { readServerFrame } from '../../../src/transport/server-frames.ts'
import { websocket } from '../../../src/transport/websocket.ts'
import {
  createRig,
  eventually,
  pause,
  type Rig,
  sitDown,
  socketUrl,
  type TestAgent,
  type TestVisitor,
  visit
} from './rig.ts'

let rig: Rig
let server: Server

beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  server = await rig.start()
})

const words = (visitor: TestVisitor) =>
  visitor.events().flatMap(event => (event.type === 'message' ? [event.message.text] : []))
const cursors = (visitor: TestVisitor) =>
  visitor.events().flatMap(({ cursor, type }) => (cursor && type !== 'reset' ? [Number(cursor.split('.')[1])] : []))

describe('a first visit', () => {
  it('begins with an empty reset, then caught-up, then whether somebody is home', async () => {
    const visitor = await visit(server)
    await visitor.untilEvent('availability')
    expect(visitor.frames[0]).toEqual({
      t: 'welcome',
      v: 1,
      heartbeat: 25_000,
      capabilities: {
        history: true,
        upload: { size: 10_485_760, count: LIMITS.files, types: expect.arrayContaining(['.pdf']) },
        typing: true,
        receipts: true,
        sessions: true
      }
    })
    expect(visitor.events().map(({ type }) => type)).toEqual(['reset', 'caught-up', 'availability'])
    expect(visitor.events()[2]).toEqual({
      type: 'availability',
      availability: {
        open: false,
        people: [
          { name: 'Sam', picture: '' },
          { name: 'Alex', picture: '' }
        ],
        replyAfter: null,
        wait: null,
        assistant: false
      }
    })
  })

  it('gives back what was said, as events, in frames of the agreed form', async () => {
    const visitor = await visit(server)
    const thread = createId()
    const answer = await visitor.message(thread, 'hello')
    expect(answer).toMatchObject({ t: 'ack', position: 1 })
    const event = await visitor.untilEvent('message')
    expect(event.message).toMatchObject({ id: answer.id, threadId: thread, author: 'visitor', by: null, position: 1 })
    expect((await visitor.untilEvent('thread')).thread).toMatchObject({ id: thread, state: 'open', last: 1 })
    for (const frame of visitor.frames) expect(readServerFrame(JSON.stringify(frame))).toEqual(frame)
  })
})

describe('coming back', () => {
  it('goes on right after the cursor: nothing lost, nothing twice', async () => {
    const first = await visit(server)
    const thread = createId()
    await first.message(thread, 'one')
    await eventually(() => words(first).length === 1)
    const cursor = first.cursor()
    await first.message(thread, 'two')
    await first.message(thread, 'three')
    first.close()
    const second = await visit(server, { device: first.device, cursor })
    expect(words(second)).toEqual(['two', 'three'])
    expect(second.events().some(({ type }) => type === 'reset')).toBe(false)
    await second.message(thread, 'four')
    await eventually(() => words(second).length === 3)
    expect(cursors(second)).toEqual([3, 4, 5])
  })

  it('goes on across a restart', async () => {
    const first = await visit(server)
    const thread = createId()
    await first.message(thread, 'one')
    await eventually(() => words(first).length === 1)
    server = await rig.start()
    expect(await first.closed).toBe(1012)
    expect(first.frames.at(-1)).toMatchObject({ t: 'bye', code: 'closed', retryAfter: expect.any(Number) })
    const second = await visit(server, { device: first.device, cursor: first.cursor() })
    await second.untilEvent('availability')
    expect(second.events().map(({ type }) => type)).toEqual(['caught-up', 'availability'])
    await second.message(thread, 'two')
    await eventually(() => words(second).length === 1)
  })

  it('says nothing twice when much is said meanwhile', async () => {
    const first = await visit(server)
    const thread = createId()
    await first.message(thread, '0')
    await eventually(() => words(first).length === 1)
    const writing = (async () => {
      for (let i = 1; i <= 30; i++) await first.message(thread, String(i))
    })()
    const others = await Promise.all(
      Array.from({ length: 4 }, () => visit(server, { device: first.device, cursor: first.cursor() }))
    )
    await writing
    for (const other of others) {
      await eventually(() => words(other).at(-1) === '30')
      const seen = cursors(other)
      expect(seen).toEqual(Array.from(seen, (_, i) => seen[0]! + i))
    }
  })

  it('sends long gaps in frames of bearable size', async () => {
    const first = await visit(server)
    const thread = createId()
    const cursor = `${first.cursor()!.split('.')[0]}.0`
    for (let i = 0; i < 40; i++) await first.message(thread, String(i).padEnd(8000, 'ﷺ'))
    const second = await visit(server, { device: first.device, cursor })
    expect(words(second)).toHaveLength(40)
    for (const frame of second.frames) expect(JSON.stringify(frame).length).toBeLessThan(300_000)
  })

  it.each([
    ['none', () => undefined],
    ['of another store', () => `${createId()}.1`],
    ['from the future', (cursor: string) => `${cursor.split('.')[0]}.999`],
    ['below nothing', (cursor: string) => `${cursor.split('.')[0]}.-1`],
    ['that is nonsense', (cursor: string) => `${cursor.split('.')[0]}.x`]
  ])('starts over with a cursor %s, and tells all threads and chats', async (_, change) => {
    const agent = await sitDown(server)
    const first = await visit(server)
    const [a, b] = [createId(), createId()]
    await first.message(a, 'in a')
    await first.message(b, 'in b')
    await first.untilEvent('availability', ({ availability }) => availability.open)
    await first.send({ type: 'start', threadId: b })
    await eventually(() => cursors(first).length === 6)
    const second = await visit(server, { device: first.device, cursor: change(first.cursor()!) })
    const reset = await second.untilEvent('reset')
    expect(reset.threads.map(({ id }) => id).sort()).toEqual([a, b].sort())
    expect(reset.threads.find(({ id }) => id === b)).toMatchObject({ last: 2, newest: { text: 'in b' } })
    expect(await second.untilEvent('session')).toMatchObject({
      cursor: reset.cursor,
      session: { state: 'queued', ahead: 0 }
    })
    agent.close()
  })

  it('starts over when too much was missed', async () => {
    server = await rig.start({}, { missed: 5 })
    const first = await visit(server)
    const thread = createId()
    await first.message(thread, '1')
    await eventually(() => cursors(first).length === 2)
    const cursor = first.cursor()
    for (let i = 2; i <= 6; i++) await first.message(thread, String(i))
    expect(words(await visit(server, { device: first.device, cursor }))).toEqual(['2', '3', '4', '5', '6'])
    await first.message(thread, '7')
    const late = await visit(server, { device: first.device, cursor })
    const log = cursor!.split('.')[0]
    expect(await late.untilEvent('reset')).toMatchObject({
      log,
      threads: [{ id: thread, last: 7, newest: { text: '7' } }]
    })
    // Nothing of what this one saw needs to have happened.
    const beyond = await visit(server, { device: first.device, cursor: `${log}.999` })
    expect((await beyond.untilEvent('reset')).log).toBe(undefined)
  })
})

describe('tabs', () => {
  it('closes the older tab when a newer one takes over, and does not let it back', async () => {
    const older = await visit(server, { term: 1 })
    const newer = await visit(server, { device: older.device, term: 2 })
    expect(await older.closed).toBe(1012)
    expect(older.frames.at(-1)).toEqual({
      t: 'bye',
      code: 'closed',
      message: 'a newer tab of this browser took over',
      retryAfter: 10_000
    })
    const again = await visit(server, { device: older.device, term: 1, bare: true })
    expect(await again.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    expect(await newer.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
    const same = await visit(server, { device: older.device, term: 2 })
    expect(await same.message(createId(), 'me too')).toMatchObject({ t: 'ack' })
  })

  it('does what it accepted from the older tab once, when the newer one sends it again', async () => {
    const older = await visit(server, { term: 1 })
    const thread = createId()
    const command = { id: createId(), n: 1, type: 'message', threadId: thread, text: 'once', attachments: [] } as const
    const answer = await older.offer(command)
    const newer = await visit(server, { device: older.device, term: 2 })
    expect(await newer.offer(command)).toEqual(answer)
    expect(words(newer)).toEqual([])
  })
})

describe('two visitors', () => {
  it('never hear of each other', async () => {
    const [ada, bob] = [await visit(server), await visit(server)]
    const thread = createId()
    await ada.message(thread, 'the secret of ada')
    await ada.send({ type: 'identify', name: 'ada', email: 'ada@example.com' })
    expect(await bob.message(thread, 'let me in')).toMatchObject({ t: 'nack', code: 'forbidden', reason: 'forbidden' })
    bob.say({ t: 'history', q: 1, threadId: thread, before: null, limit: 10 })
    expect(await bob.until(({ t }) => t === 'error')).toMatchObject({ code: 'not-found', q: 1 })
    bob.say({ t: 'history', q: 2, threadId: createId(), before: null, limit: 10 })
    const nowhere = await bob.until(frame => frame.t === 'error' && frame.q === 2)
    expect({ ...nowhere, q: 1 }).toEqual(bob.frames.find(({ t }) => t === 'error'))
    bob.say({ t: 'hint', hint: { type: 'typing', threadId: thread, active: true } })
    // With the cursor of another visitor he sees his own feed.
    const curious = await visit(server, { device: bob.device, cursor: ada.cursor() })
    await pause(50)
    for (const line of [bob, curious]) expect(JSON.stringify(line.frames)).not.toMatch(/ada|secret/)
    expect(words(ada)).toEqual(['the secret of ada'])
  })
})

describe('history', () => {
  it('comes in pages, newest first, each oldest first', async () => {
    const visitor = await visit(server)
    const thread = createId()
    for (let i = 1; i <= 7; i++) await visitor.message(thread, String(i))
    const page = async (q: number, before: number | null) => {
      visitor.say({ t: 'history', q, threadId: thread, before, limit: 3 })
      const frame = await visitor.until(frame => frame.t === 'page' && frame.q === q)
      return frame.t === 'page' ? [frame.messages.map(({ text }) => text).join(''), frame.more] : []
    }
    expect(await page(1, null)).toEqual(['567', true])
    expect(await page(2, 5)).toEqual(['234', true])
    expect(await page(3, 2)).toEqual(['1', false])
    expect(await page(4, 1)).toEqual(['', false])
  })

  it('keeps within what a slow line can carry', async () => {
    const visitor = await visit(server)
    const thread = createId()
    for (let i = 1; i <= 40; i++) await visitor.message(thread, 'ﷺ'.repeat(8000))
    visitor.say({ t: 'history', q: 1, threadId: thread, before: null, limit: 100 })
    const frame = await visitor.until(({ t }) => t === 'page')
    if (frame.t !== 'page') throw new Error('no page')
    expect(frame.messages.at(-1)!.position).toBe(40)
    expect(frame.messages.length).toBeGreaterThan(10)
    expect(frame.messages.length).toBeLessThan(40)
    expect(frame.more).toBe(true)
  })
})

describe('marks', () => {
  it('tells the visitor what the team received and read, and other tabs what the visitor read', async () => {
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'anybody?')
    await pause(50)
    expect(visitor.events().some(({ type }) => type === 'receipt')).toBe(false)
    const agent = await sitDown(server)
    expect(await visitor.untilEvent('receipt')).toMatchObject({ by: 'agent', delivered: 1, read: 0 })
    await visitor.message(thread, 'hello?')
    await visitor.untilEvent('receipt', ({ delivered }) => delivered === 2)
    await agent.act({ id: createId(), type: 'read', threadId: thread, upTo: 99 })
    expect(await visitor.untilEvent('receipt', ({ read }) => read > 0)).toMatchObject({ delivered: 2, read: 2 })
    await agent.act({ id: createId(), type: 'reply', threadId: thread, text: 'yes' })
    const other = await visit(server, { device: visitor.device })
    expect((await other.untilEvent('reset')).threads).toMatchObject([{ unread: 1, read: 2, newest: { text: 'yes' } }])
    expect(await visitor.send({ type: 'read', threadId: thread, upTo: 99 })).toMatchObject({ t: 'ack' })
    expect(await other.untilEvent('receipt')).toMatchObject({ by: 'visitor', read: 3 })
    await agent.untilConversation(({ thread }) => thread.read === 3)
  })

  it('tells other devices how much is left to read, which marks do not say', async () => {
    const visitor = await visit(server)
    const other = await visit(server, { device: visitor.device })
    const agent = await sitDown(server)
    const thread = createId()
    await visitor.message(thread, 'one')
    for (const text of ['two', 'three']) await agent.act({ id: createId(), type: 'reply', threadId: thread, text })
    await visitor.message(thread, 'four')
    await visitor.send({ type: 'read', threadId: thread, upTo: 2 })
    expect((await other.untilEvent('thread', event => event.thread.read === 2)).thread).toMatchObject({ unread: 1 })
    // Their own words come after it, and are nothing to read.
    await visitor.send({ type: 'read', threadId: thread, upTo: 3 })
    expect((await other.untilEvent('thread', event => event.thread.read === 3)).thread).toMatchObject({ unread: 0 })
  })
})

describe('an inbox', () => {
  const messagesOf = (agent: TestAgent, thread: string) =>
    agent.frames.flatMap(frame =>
      frame.t === 'message' && frame.message.threadId === thread ? frame.message.position : []
    )

  it('is told everything once, and where a thread that changes fast has come to', async () => {
    const agent = await sitDown(server)
    const visitor = await visit(server)
    const thread = createId()
    await Promise.all(Array.from({ length: 15 }, (_, i) => visitor.message(thread, `${i}`)))
    await agent.untilConversation(one => one.thread.id === thread && one.thread.last === 15)
    expect(messagesOf(agent, thread)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
  })

  it('is told everything, however much came at once', async () => {
    const agent = await sitDown(server)
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'first')
    await agent.until(frame => frame.t === 'message')
    await rig.store.query(
      `WITH more AS (
         INSERT INTO messages (thread_id, position, id, author, text, at)
         SELECT $1, n, 'many' || n, 'visitor', 'one of many', 0 FROM generate_series(2, 2500) AS n)
       UPDATE threads SET last = 2500, newest = 2500 WHERE id = $1`,
      [thread]
    )
    await visitor.message(thread, 'last')
    await agent.until(frame => frame.t === 'message' && frame.message.text === 'last')
    expect(messagesOf(agent, thread)).toEqual(Array.from({ length: 2501 }, (_, i) => i + 1))
  })
})

describe('the real client', () => {
  it('talks to the real server, across a restart', async () => {
    server = await rig.start({}, { awayAtStart: 60_000 })
    const { port, url } = server
    class Socket extends WebSocket {
      constructor(address: string) {
        super(address, { headers: { origin: url } })
      }
    }
    const transport = websocket(`${socketUrl(server)}/api/socket`, { WebSocket: Socket as never })
    const parts = { storage: memory(), page: stillPage(), tabs: stillTabs()() }
    const chat = await talk(await openStandby({ app: 'shop', transport, ...parts }))
    try {
      chat.watch()
      const thread = chat.newThread()
      await chat.load(thread)
      const lines = () =>
        (chat.$messages.get()[thread]?.entries ?? []).map(({ message, delivery }) =>
          `${message.text} ${delivery ?? ''}`.trim()
        )
      await chat.send(thread, { text: 'hello?' })
      await eventually(() => lines().join() === 'hello? sent')
      const sam = await sitDown(server)
      await eventually(() => lines().join() === 'hello? delivered')
      await eventually(() => chat.$availability.get()?.open === true)
      await chat.start(thread)
      await eventually(() => (chat.$sessions.get()[thread]?.version ?? 0) > 0)
      await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Sam here' })
      await eventually(() => chat.$sessions.get()[thread]?.state === 'active' && lines().at(-1) === 'Sam here')
      expect(lines()[0]).toBe('hello? read')
      server = await rig.start({ port }, { awayAtStart: 60_000 })
      await chat.send(thread, { text: 'still there?' })
      await eventually(() => lines().at(-1) === 'still there? sent', 15_000)
      expect(chat.$sessions.get()[thread]?.state).toBe('active')
      await eventually(() => chat.$status.get().link === 'online')
      expect(chat.$status.get().waiting).toBe(0)
    } finally {
      chat.close()
    }
  })
})

describe('typing', () => {
  it('goes both ways, and is in no store', async () => {
    const visitor = await visit(server)
    const agent = await sitDown(server)
    const thread = createId()
    await visitor.message(thread, 'hello')
    visitor.say({ t: 'hint', hint: { type: 'typing', threadId: thread, active: true } })
    expect(await agent.until(({ t }) => t === 'typing')).toEqual({ t: 'typing', threadId: thread, active: true })
    agent.say({ t: 'typing', threadId: thread, active: true })
    const event = await visitor.untilEvent('typing')
    expect(event).toEqual({ type: 'typing', threadId: thread, active: true, by: { name: 'Sam', picture: '' } })
    expect(await rig.store.query(`SELECT 1 FROM events WHERE kind = 'typing'`)).toEqual([])
  })
})
