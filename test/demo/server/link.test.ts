import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defaultLimits } from '../../../demo/server/limits.ts'
import { silentLog } from '../../../demo/server/log.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createPeer } from '../../../demo/server/wire/peer.ts'
import { createRequests } from '../../../demo/server/wire/requests.ts'
import { createId } from '../../../src/model/id.ts'
import { object } from '../../../src/model/shape.ts'
import type { Opened, ServerFrame } from '../../../src/transport/frames.ts'
import { createRig, eventually, pause, type Rig, sitDown, visit } from './rig.ts'

let rig: Rig
let server: Server
let logged: string[]
const cut: (() => void)[] = []

beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  logged = []
  server = await rig.start({ log })
})
afterEach(() => {
  for (const end of cut.splice(0)) end()
})

const note = (what: string, facts: object = {}) => void logged.push(`${what} ${JSON.stringify(facts)}`)
const log = { info: note, warn: note, error: note }

const HELLO = { t: 'hello', v: 1, term: 1, locale: '', zone: '' }
const createDevice = () => randomBytes(16).toString('base64url')
const message = (threadId: string, n: number, text = 'hello') => ({
  t: 'send',
  again: false,
  command: { id: createId(), n, type: 'message', threadId, text, attachments: [] }
})

function ask(path: string, init: RequestInit & { readonly origin?: string | null } = {}): Promise<Response> {
  const { origin = server.url, ...rest } = init
  return fetch(`${server.url}/api/link${path}`, {
    ...rest,
    headers: { ...rest.headers, ...(origin ? { origin } : {}) }
  })
}
const post = (path: string, ...lines: readonly unknown[]) =>
  ask(path, {
    method: 'POST',
    body: lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  })

async function open(hello: object = {}): Promise<Opened> {
  const response = await post('', { ...HELLO, device: createDevice(), ...hello })
  expect(response.status).toBe(200)
  return (await response.json()) as Opened
}

const say = (connection: string, ...frames: readonly unknown[]) => post('/say', { connection }, ...frames)

/** One poll. */
async function poll(connection: string, n: number): Promise<readonly ServerFrame[]> {
  const response = await post('/poll', { connection, n })
  return (await response.text()).split('\n').map(line => JSON.parse(line) as ServerFrame)
}

/** An event stream, and everything that came over it. */
async function listen(ticket: string) {
  const controller = new AbortController()
  cut.push(() => controller.abort())
  const response = await ask(`/stream?ticket=${ticket}`, { signal: controller.signal })
  const frames: ServerFrame[] = []
  let ended = false
  const read = async () => {
    let rest = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const events = (rest + chunk).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) frames.push(JSON.parse(event.replace(/^data: /, '')) as ServerFrame)
    }
  }
  const over = read()
    .catch(() => {})
    .then(() => {
      ended = true
    })
  return {
    response,
    frames,
    over,
    cut: () => controller.abort(),
    async until(fits: (frame: ServerFrame) => boolean) {
      await eventually(() => ended || frames.some(fits))
      const found = frames.find(fits)
      if (!found) throw new Error(`the stream ended after ${JSON.stringify(frames.slice(-5))}`)
      return found
    }
  }
}

const isCaughtUp = (frame: ServerFrame) => frame.t === 'events' && frame.events.some(({ type }) => type === 'caught-up')
const texts = (frames: readonly ServerFrame[]) =>
  frames.flatMap(frame =>
    frame.t === 'events' ? frame.events.flatMap(event => (event.type === 'message' ? [event.message.text] : [])) : []
  )
const GONE = { t: 'bye', code: 'closed', retryAfter: null }

async function expectGone(answer: Promise<Response>) {
  const response = await answer
  expect(response.status).toBe(410)
  expect(await response.json()).toMatchObject(GONE)
}

describe('an event stream', () => {
  it('carries everything down, and requests carry everything up', async () => {
    const { connection, ticket } = await open()
    const line = await listen(ticket)
    expect(await line.until(({ t }) => t === 'welcome')).toMatchObject({ v: 1 })
    await line.until(isCaughtUp)
    const thread = createId()
    const [one, two] = [message(thread, 1, 'one'), message(thread, 2, 'two')]
    expect((await say(connection, one, two)).status).toBe(204)
    expect(await line.until(frame => frame.t === 'ack' && frame.id === two.command.id)).toMatchObject({ position: 2 })
    await eventually(() => texts(line.frames).length === 2)
    await say(connection, { t: 'history', q: 3, threadId: thread, before: null, limit: 10 })
    expect(await line.until(({ t }) => t === 'page')).toMatchObject({ q: 3, more: false })
    await say(connection, { t: 'ping' })
    await line.until(({ t }) => t === 'pong')
  })

  it('is kept as it is by those in between', async () => {
    const { response } = await listen((await open()).ticket)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    expect(response.headers.get('content-encoding')).toBeNull()
  })

  it('opens once with a ticket, which is good for nothing else', async () => {
    const { connection, ticket } = await open()
    await expectGone(ask(`/stream?ticket=${connection}`))
    await expectGone(say(ticket, { t: 'ping' }))
    const line = await listen(ticket)
    await line.until(({ t }) => t === 'welcome')
    await expectGone(ask(`/stream?ticket=${ticket}`))
    await expectGone(post('/poll', { connection, n: 1 }))
    await expectGone(ask('/stream'))
    await say(connection, { t: 'ping' })
    await line.until(({ t }) => t === 'pong')
  })

  it('ends the connection when it is cut, and a visitor is then away', async () => {
    const { connection, ticket } = await open()
    const agent = await sitDown(server)
    const line = await listen(ticket)
    await say(connection, message(createId(), 1))
    await agent.untilConversation(({ visitor }) => visitor.online)
    line.cut()
    await agent.untilConversation(({ visitor }) => !visitor.online)
    await expectGone(say(connection, { t: 'ping' }))
    agent.close()
  })

  it('is dropped when its client says nothing any more, and kept while it answers', async () => {
    server = await rig.start({ log }, { heartbeat: 40, silence: 200 })
    const [silent, lively] = [await open(), await open()]
    const [first, second] = [await listen(silent.ticket), await listen(lively.ticket)]
    const beat = setInterval(() => say(lively.connection, { t: 'pong' }).catch(() => {}), 40)
    await first.over
    await pause(100)
    clearInterval(beat)
    expect(first.frames.some(({ t }) => t === 'ping')).toBe(true)
    const seen = second.frames.length
    await eventually(() => second.frames.length > seen)
  })

  it('is dropped when nobody reads it', async () => {
    const response = Object.assign(new EventEmitter(), {
      writableLength: 0,
      writeHead: () => response,
      write: () => true,
      end: () => response,
      destroy: () => response.emit('close')
    })
    const link = createRequests(1000)
    const peer = createPeer({
      socket: link,
      shape: object({}),
      limits: defaultLimits,
      log: silentLog,
      onFrame() {},
      onClose() {}
    })
    link.stream(response as never)
    response.writableLength = defaultLimits.buffered
    peer.send({ t: 'ping' })
    expect(peer.open).toBe(true)
    response.writableLength++
    peer.send({ t: 'ping' })
    expect([peer.open, link.readyState]).toEqual([false, 3])
  })
})

/** Polls one after the other until a frame fits, and gives that one. */
function createPolls(connection: string) {
  const frames: ServerFrame[] = []
  let n = 0
  return {
    frames,
    get asked() {
      return n
    },
    async until(fits: (frame: ServerFrame) => boolean) {
      for (;;) {
        const found = frames.find(fits)
        if (found) return found
        frames.push(...(await poll(connection, ++n)))
      }
    }
  }
}

describe('polls', () => {
  it('bring everything that waits, and wait where nothing does', async () => {
    const { connection } = await open()
    const polls = createPolls(connection)
    expect(await polls.until(isCaughtUp)).toBeDefined()
    expect(polls.frames[0]).toMatchObject({ t: 'welcome' })
    await polls.until(frame => frame.t === 'events' && frame.events.some(({ type }) => type === 'availability'))
    let answered = false
    const waiting = poll(connection, polls.asked + 1).finally(() => {
      answered = true
    })
    await pause(100)
    expect(answered).toBe(false)
    const first = message(createId(), 1)
    await say(connection, first)
    const frames = [...(await waiting)]
    // The event of a message comes with its answer, or after it where the store is slow.
    if (!texts(frames).length) frames.push(...(await poll(connection, polls.asked + 2)))
    expect(frames.some(frame => frame.t === 'ack' && frame.id === first.command.id)).toBe(true)
    expect(texts(frames)).toEqual(['hello'])
  })

  it('give the same frames for the same number, and nothing for one out of turn', async () => {
    const { connection } = await open()
    const first = await poll(connection, 1)
    await say(connection, { t: 'ping' })
    await pause(50)
    expect(await poll(connection, 1)).toEqual(first)
    await expectGone(post('/poll', { connection, n: 3 }))
    const second = await poll(connection, 2)
    expect(second).toContainEqual({ t: 'pong' })
    expect(await poll(connection, 2)).toEqual(second)
    await expectGone(post('/poll', { connection, n: 1 }))
  })

  it('answer the later one of two with the same number', async () => {
    const { connection } = await open()
    const polls = createPolls(connection)
    await polls.until(frame => frame.t === 'events' && frame.events.some(({ type }) => type === 'availability'))
    const n = polls.asked + 1
    const earlier = poll(connection, n).catch(() => 'cut')
    await pause(20)
    const later = poll(connection, n)
    expect(await earlier).toBe('cut')
    await say(connection, { t: 'ping' })
    expect(await later).toEqual([{ t: 'pong' }])
  })

  it('are kept as they are by those in between', async () => {
    const { headers } = await post('/poll', { connection: (await open()).connection, n: 1 })
    expect(headers.get('cache-control')).toBe('no-store, no-transform')
    expect(headers.get('x-accel-buffering')).toBe('no')
  })

  it('are answered at the latest with a ping, and are a sign of life', async () => {
    server = await rig.start({ log }, { heartbeat: 40, silence: 150 })
    const { connection } = await open()
    const polls = createPolls(connection)
    for (const end = Date.now() + 400; Date.now() < end; ) {
      polls.frames.length = 0
      await polls.until(({ t }) => t === 'ping')
    }
    expect((await say(connection, { t: 'ping' })).status).toBe(204)
  })

  it('end the connection when they stop, or when nobody ever came for the first frame', async () => {
    server = await rig.start({ log }, { helloWait: 60 })
    const [unheard, left] = [await open(), await open()]
    await poll(left.connection, 1)
    await pause(200)
    await expectGone(ask(`/stream?ticket=${unheard.ticket}`))
    await expectGone(post('/poll', { connection: unheard.connection, n: 1 }))
    await expectGone(post('/poll', { connection: left.connection, n: 2 }))
  })

  it('end the connection of who lets frames pile up', async () => {
    server = await rig.start({ log }, { buffered: 2000 })
    const { connection } = await open()
    const thread = createId()
    await poll(connection, 1)
    for (let n = 1; n <= 3; n++) await say(connection, message(thread, n, 'x'.repeat(1000)))
    await eventually(async () => (await say(connection, { t: 'pong' })).status === 410)
    expect(logged.join()).toContain('does not read')
  })
})

describe('a connection without a socket', () => {
  it('is over when the server was restarted', async () => {
    const { connection, ticket } = await open()
    const line = await listen(ticket)
    const waiting = await open()
    const polls = createPolls(waiting.connection)
    await polls.until(frame => frame.t === 'events' && frame.events.some(({ type }) => type === 'availability'))
    const last = poll(waiting.connection, polls.asked + 1)
    await pause(20)
    server = await rig.start({ log, port: server.port })
    expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    expect(await last).toMatchObject([{ t: 'bye', code: 'closed' }])
    await expectGone(say(connection, { t: 'ping' }))
    await expectGone(post('/poll', { connection: waiting.connection, n: 1 }))
    const other = await open()
    expect(await (await listen(other.ticket)).until(({ t }) => t === 'welcome')).toBeDefined()
  })

  it('is fenced by a newer tab, over whatever that one speaks', async () => {
    const device = createDevice()
    const [streamed, polled] = [await open({ device }), await open({ device })]
    const line = await listen(streamed.ticket)
    await line.until(isCaughtUp)
    const polls = createPolls(polled.connection)
    await polls.until(isCaughtUp)
    const newer = await visit(server, { device, term: 2 })
    expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    await line.over
    expect(await polls.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    await expectGone(say(polled.connection, message(createId(), 1)))
    const older = await listen((await open({ device })).ticket)
    expect(await older.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    newer.close()
  })

  it('resumes after a cursor that a socket gave, and a socket after its', async () => {
    const socket = await visit(server)
    const thread = createId()
    await socket.message(thread, 'one')
    await socket.untilEvent('message')
    const cursor = socket.cursor()
    socket.close()
    const { connection, ticket } = await open({ device: socket.device, term: 2, cursor })
    const line = await listen(ticket)
    await say(connection, message(thread, 2, 'two'))
    const event = await line.until(frame => texts([frame]).length > 0)
    expect(texts(line.frames)).toEqual(['two'])
    const next = event.t === 'events' ? event.events.findLast(({ cursor }) => cursor)?.cursor : undefined
    const back = await visit(server, { device: socket.device, term: 3, cursor: next })
    expect(back.events().some(({ type }) => type === 'message' || type === 'reset')).toBe(false)
  })

  it.each([
    ['nonsense', 'malformed'],
    ['{"t":"dance"}', 'unknown'],
    ['{"t":"hello","v":1,"device":"short","term":1,"locale":"","zone":""}', 'invalid'],
    ['{"t":"ping"}', 'out-of-turn']
  ])('is not opened by %s', async (body, code) => {
    const response = await post('', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ t: 'error', code })
  })

  it('is not opened with a token that is too long, as with any other that does not count', async () => {
    const hello = { t: 'hello', v: 1, device: 'x'.repeat(22), term: 1, locale: '', zone: '', token: 'x'.repeat(8193) }
    const response = await post('', JSON.stringify(hello))
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({
      t: 'bye',
      code: 'unauthorized',
      message: expect.stringMatching(/8192/)
    })
  })

  it.each([
    ['/poll', '', 'value: expected an object, got undefined'],
    ['/poll', '{"connection":"x"}', 'n: expected a whole number from 1 to 9007199254740991, got undefined'],
    ['/poll', '{"connection":["x"],"n":1}', 'connection: expected text, got a list'],
    ['/say', 'x\n{"t":"ping"}', 'value: expected an object, got undefined'],
    ['/say', '{"t":"ping"}', 'connection: expected text, got undefined']
  ])('answers what is wrong with a request to %s: %s', async (path, body, problem) => {
    const response = await post(path, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ t: 'error', code: 'invalid', message: problem })
  })

  it('does not look at what is larger than any socket would take in', async () => {
    const { connection, ticket } = await open()
    const line = await listen(ticket)
    const { command } = message(createId(), 1)
    await say(connection, { t: 'send', command: { ...command, pad: 'x'.repeat(defaultLimits.payload) } })
    await line.until(frame => frame.t === 'error' && frame.code === 'too-large')
    expect(line.frames.some(({ t }) => t === 'nack')).toBe(false)
  })

  it('tells what was wrong with a frame as a socket does, and has no more patience', async () => {
    const { connection, ticket } = await open()
    const line = await listen(ticket)
    await say(connection, 'nonsense')
    expect(await line.until(({ t }) => t === 'error')).toMatchObject({ code: 'malformed' })
    await say(connection, `{"t":"ping","pad":"${'x'.repeat(65_536)}"}`)
    await line.until(frame => frame.t === 'error' && frame.code === 'too-large')
    await say(connection, ...Array.from({ length: 15 }, () => '{"t":"dance"}'))
    expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'protocol' })
    await line.over
    expect(line.frames.filter(({ t }) => t === 'error')).toHaveLength(10)
  })

  it('is closed to a flood, and serves the others meanwhile', async () => {
    const [flooder, honest] = [await open(), await open()]
    const [flood, line] = [await listen(flooder.ticket), await listen(honest.ticket)]
    await say(flooder.connection, ...Array.from({ length: 2000 }, () => ({ t: 'ping' })))
    const sent = message(createId(), 1)
    await say(honest.connection, sent)
    await line.until(frame => frame.t === 'ack' && frame.id === sent.command.id)
    await flood.over
    expect(flood.frames.find(({ t }) => t === 'error')).toMatchObject({ code: 'too-fast' })
    expect(flood.frames.at(-1)).toMatchObject({ t: 'bye', code: 'protocol' })
  })

  it('takes requests only so large', async () => {
    const { connection } = await open()
    const pad = 'x'.repeat(1_100_000)
    for (const [path, ...lines] of [
      ['', pad],
      ['/poll', pad],
      ['/say', { connection }, pad]
    ] as const) {
      // Some of it may still be on its way when the answer is given.
      const status = await post(path, ...lines).then(
        response => response.status,
        () => 'cut'
      )
      expect([path, [400, 413, 'cut'].includes(status)]).toEqual([path, true])
    }
    expect((await say(connection, { t: 'ping' })).status).toBe(204)
  })

  it('counts among the connections of its device and its address', async () => {
    server = await rig.start({ log }, { socketsPerDevice: 2, socketsPerAddress: 4 })
    const device = createDevice()
    const socket = await visit(server, { device })
    await listen((await open({ device })).ticket)
    const third = await listen((await open({ device })).ticket)
    expect(await third.until(({ t }) => t === 'bye')).toMatchObject({ code: 'busy', retryAfter: 5000 })
    await third.over
    await open()
    await open()
    const refused = await post('', { ...HELLO, device: createDevice() })
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ t: 'bye', code: 'busy', retryAfter: 5000 })
    await expect(visit(server)).rejects.toThrow('429')
    socket.close()
    await eventually(async () => (await post('', { ...HELLO, device: createDevice() })).status === 200)
  })
})

describe('pages of other origins', () => {
  const SHOP = 'https://shop.example:8443'
  const strangers = [
    null,
    'null',
    'https://shop.example',
    'http://shop.example:8443',
    'https://shop.example:8443.evil.example',
    'https://a.shop.example:8443',
    'https://SHOP.example:8443',
    '*'
  ]
  const routes = [
    ['POST', ''],
    ['POST', '/poll'],
    ['POST', '/say']
  ] as const

  beforeEach(async () => {
    server = await rig.start({ log, allowedOrigins: [SHOP] })
  })

  it.each(routes)('may ask %s /api/link%s if they are on the list, and no others', async (method, path) => {
    for (const origin of strangers) {
      const answer = await ask(path, { method, origin, body: JSON.stringify({ ...HELLO, device: createDevice() }) })
      expect([origin, answer.status]).toEqual([origin, 403])
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
    for (const origin of [SHOP, server.url]) {
      const answer = await ask(path, { method, origin, body: JSON.stringify({ ...HELLO, device: createDevice() }) })
      expect([origin, answer.status]).toEqual([origin, path ? 400 : 200])
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect(answer.headers.get('vary')).toBe('origin')
    }
  })

  it('open a stream with a ticket only if they are on the list; our own say no origin there', async () => {
    for (const origin of strangers.slice(1)) {
      const { ticket } = await open()
      expect([origin, (await ask(`/stream?ticket=${ticket}`, { origin })).status]).toEqual([origin, 403])
    }
    for (const origin of [SHOP, null]) {
      const { ticket } = await open()
      const controller = new AbortController()
      const answer = await ask(`/stream?ticket=${ticket}`, { origin, signal: controller.signal })
      expect([origin, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([origin, 200, origin])
      controller.abort()
    }
  })

  it('are answered when their browser asks first', async () => {
    const preflight = (origin: string) => ask('/say', { method: 'OPTIONS', origin })
    const listed = await preflight(SHOP)
    expect(listed.status).toBe(204)
    expect(listed.headers.get('access-control-allow-origin')).toBe(SHOP)
    expect(listed.headers.get('access-control-allow-methods')).toBe('GET, POST')
    expect(listed.headers.get('access-control-allow-headers')).toBe('content-type')
    const stranger = await preflight('https://evil.example')
    expect([stranger.status, stranger.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  it('may read that a connection is over', async () => {
    const answer = await ask('/poll', { method: 'POST', origin: SHOP, body: '{"connection":"x","n":1}' })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([410, SHOP])
  })

  it('let programs in without an origin only where that is switched on', async () => {
    server = await rig.start({ log, allowNoOrigin: true })
    const hello = JSON.stringify({ ...HELLO, device: createDevice() })
    expect((await ask('', { method: 'POST', origin: null, body: hello })).status).toBe(200)
  })
})

describe('logs', () => {
  it('hold no ticket, no connection and no device', async () => {
    const device = createDevice()
    const { connection, ticket } = await open({ device })
    const line = await listen(ticket)
    await say(connection, 'nonsense', message(createId(), 1, 'private words'))
    await line.until(({ t }) => t === 'error')
    await ask(`/stream?ticket=${ticket}`)
    await ask('/say', { method: 'POST', origin: 'https://evil.example', body: JSON.stringify({ connection }) })
    await eventually(() => logged.length >= 2)
    for (const secret of [device, connection, ticket, 'private words']) expect(logged.join('\n')).not.toContain(secret)
  })
})
