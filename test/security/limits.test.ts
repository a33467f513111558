import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rate } from '../../demo/server/limits.ts'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import type { ServerFrame } from '../../src/transport/frames.ts'
import { get } from '../demo/server/raw-http.ts'
import {
  createRig,
  eventually,
  type Line,
  open,
  pause,
  type Rig,
  SAM,
  sitDown,
  socketUrl,
  visit
} from '../demo/server/rig.ts'
import { tally } from './tally.ts'

const UNBOUND: Rate = { perMinute: 1e9, burst: 1e9 }

let rig: Rig
let server: Server
const figures: Record<string, number> = {}
let checks = 0

beforeAll(async () => {
  rig = await createRig()
}, 120_000)
afterAll(async () => {
  tally('limits', { checks, ...figures })
  await rig.close()
})
beforeEach(async () => {
  await rig.wipe()
  server = await rig.start()
})

const stranger = () => open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url })
const HELLO = { t: 'hello', v: 1, device: createId(), term: 1, locale: '', zone: '' }

describe('rates', () => {
  const SECONDS = 3

  /** Passes through what a rate lets through, for a while; both counts, as they should be and as they were. */
  async function measure(rate: Rate, until: () => number, offer: () => unknown) {
    const began = performance.now()
    while (performance.now() - began < SECONDS * 1000) {
      await offer()
      await pause(1)
    }
    const due = rate.burst + (rate.perMinute / 60_000) * (performance.now() - began)
    return { due, was: until() }
  }

  function holds(name: string, { due, was }: { readonly due: number; readonly was: number }) {
    figures[name] = Math.round((was / due - 1) * 1000) / 10
    checks++
    expect(was).toBeGreaterThan(due * 0.9)
    expect(was).toBeLessThan(due * 1.1)
  }

  it('of messages hold within a tenth, and lose nothing of who waits as told', async () => {
    const rate = { perMinute: 1200, burst: 20 }
    server = await rig.start({}, { messages: rate, frames: UNBOUND })
    const visitor = await visit(server)
    const thread = createId()
    let n = 1
    const command = () =>
      ({ id: `m${n}`, n, type: 'message', threadId: thread, text: `${n}`, attachments: [] }) as const
    const found = await measure(
      rate,
      () => n - 1,
      async () => {
        const answer = await visitor.offer(command())
        if (answer.t === 'ack') n++
        else expect(answer).toMatchObject({ code: 'busy', reason: 'too-fast', retryAfter: expect.any(Number) })
      }
    )
    holds('messages, % off', found)
    await eventually(() => visitor.events().filter(({ type }) => type === 'message').length === n - 1)
    // Whoever waits as long as they are told is served at once.
    let held = 0
    for (const end = n + 30; n < end; n++) {
      const first = await visitor.offer(command())
      if (first.t === 'ack') continue
      held++
      await pause(first.retryAfter! + 1)
      expect(await visitor.offer(command())).toMatchObject({ t: 'ack', position: n })
      checks++
    }
    expect(held).toBeGreaterThan(10)
  }, 60_000)

  it('of hints hold within a tenth, without a word', async () => {
    const rate = { perMinute: 1800, burst: 10 }
    server = await rig.start({}, { hints: rate, frames: UNBOUND })
    const [visitor, agent] = [await visit(server), await sitDown(server)]
    const thread = createId()
    await visitor.message(thread, 'hello')
    const typing = () => agent.frames.filter(({ t }) => t === 'typing').length
    const found = await measure(rate, typing, () => {
      for (let i = 0; i < 3; i++) visitor.say({ t: 'hint', hint: { type: 'typing', threadId: thread, active: true } })
    })
    holds('hints, % off', found)
    expect(visitor.frames.some(({ t }) => t === 'error')).toBe(false)
  }, 60_000)

  it('of frames hold within a tenth', async () => {
    const rate = { perMinute: 6000, burst: 50 }
    server = await rig.start({}, { frames: rate, badFrames: 1e9 })
    const visitor = await visit(server)
    const pongs = () => visitor.frames.filter(({ t }) => t === 'pong').length
    const found = await measure(rate, pongs, () => {
      for (let i = 0; i < 10; i++) visitor.say({ t: 'ping' })
    })
    holds('frames, % off', found)
    expect(visitor.frames.find(({ t }) => t === 'error')).toMatchObject({ code: 'too-fast' })
  }, 60_000)

  it('of hints are low: ten at once', async () => {
    const [visitor, agent] = [await visit(server), await sitDown(server)]
    const thread = createId()
    await visitor.message(thread, 'hello')
    for (let i = 0; i < 40; i++) visitor.say({ t: 'hint', hint: { type: 'typing', threadId: thread, active: true } })
    await visitor.message(thread, 'done')
    await agent.until(frame => frame.t === 'message' && frame.message.text === 'done')
    expect(agent.frames.filter(({ t }) => t === 'typing')).toHaveLength(10)
    checks++
  })
})

describe('beside those who flood', () => {
  it('everybody else is served, once and in order', async () => {
    const MESSAGES = 40
    server = await rig.start({ trustProxy: true }, { socketsPerAddress: 20 })
    let flooding = true
    const floods = { connections: 0, turnedAway: 0 }
    const garbage = ['nonsense', '{"t":"ping"}', '{"t":"dance"}']
    const flood = async (i: number) => {
      const headers = { origin: server.url, 'x-forwarded-for': `10.0.0.${i}` }
      while (flooding) {
        const line = await open<ServerFrame>(`${socketUrl(server)}/api/socket`, headers).catch(() => undefined)
        floods[line ? 'connections' : 'turnedAway']++
        if (!line) {
          await pause(5)
          continue
        }
        const threadId = createId()
        line.say({ ...HELLO, device: createId() })
        for (let n = 1; n <= 40; n++) {
          const command = { id: `m${n}`, n, type: 'message', threadId, text: 'flood', attachments: [] }
          line.socket.send(i % 2 ? garbage[n % garbage.length]! : JSON.stringify({ t: 'send', command, again: false }))
        }
        await Promise.race([line.closed, pause(200)])
        line.close()
      }
    }
    const flooders = Promise.all(Array.from({ length: 3 }, (_, i) => flood(i)))
    const honest = await visit(server)
    const thread = createId()
    let n = 1
    for (; n <= MESSAGES || !floods.turnedAway; n++) {
      const command = { id: createId(), n, type: 'message', threadId: thread, text: `${n}`, attachments: [] } as const
      expect(await honest.offer(command)).toMatchObject({ t: 'ack', position: n })
    }
    flooding = false
    await flooders
    const heard = () => honest.events().flatMap(event => (event.type === 'message' ? [event.message.text] : []))
    await eventually(() => heard().length === n - 1)
    expect(heard()).toEqual(Array.from({ length: n - 1 }, (_, i) => String(i + 1)))
    checks += n - 1
    figures['messages beside floods'] = n - 1
    figures['connections of flooders'] = floods.connections
    figures['connections turned away'] = floods.turnedAway
  }, 120_000)
})

describe('places', () => {
  it('are so many for one device, and for one address', async () => {
    server = await rig.start({}, { socketsPerDevice: 2, socketsPerAddress: 4 })
    const first = await visit(server)
    await visit(server, { device: first.device })
    const third = await visit(server, { device: first.device, bare: true })
    expect(await third.until(({ t }) => t === 'bye')).toMatchObject({ code: 'busy', retryAfter: 5000 })
    await third.closed
    first.close()
    await first.closed
    await eventually(async () => {
      const again = await visit(server, { device: first.device, bare: true })
      return Boolean(await again.until(({ t }) => t === 'welcome').catch(() => false))
    })
    await visit(server)
    await visit(server)
    await expect(visit(server)).rejects.toThrow('429')
    checks += 3
  })

  it('are one for whoever has a whole network of addresses', async () => {
    server = await rig.start({ trustProxy: true }, { socketsPerAddress: 3 })
    const connect = (from: string) =>
      open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url, 'x-forwarded-for': from })
    for (const from of ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3']) await connect(from)
    await expect(connect('2001:db8::4')).rejects.toThrow('429')
    await connect('2001:db8:0:1::4')
    for (const port of [1, 2, 3]) await connect(`203.0.113.7:5000${port}`)
    await expect(connect('203.0.113.7:50004')).rejects.toThrow('429')
    checks += 2
  })

  it('are given back, but not as often as one likes', async () => {
    server = await rig.start({}, { socketsPerAddress: 5 })
    let opened = 0
    const began = performance.now()
    for (let i = 0; i < 40; i++) {
      const line = await stranger().catch(() => undefined)
      if (!line) continue
      opened++
      line.say({ t: 'dance' })
      line.close()
      await line.closed
    }
    // Ten at once, one more every second.
    expect(opened).toBeGreaterThanOrEqual(10)
    expect(opened).toBeLessThanOrEqual(11 + (performance.now() - began) / 1000)
    checks++
  })

  it('are not for those who are thrown out again and again, for a while', async () => {
    server = await rig.start({ trustProxy: true }, { socketsPerAddress: 180 })
    const connect = (from: string) =>
      open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url, 'x-forwarded-for': from })
    const misbehaviours = [
      // More wrong frames than anybody sends by mistake.
      (line: Line<ServerFrame>) => {
        for (let i = 0; i < 20; i++) line.say({ t: 'dance' })
      },
      (line: Line<ServerFrame>) => line.socket.send('x'.repeat(300_000)),
      (line: Line<ServerFrame>) => line.socket.send(Buffer.from([0xff, 0xff]), { binary: false })
    ]
    for (const [i, misbehave] of misbehaviours.entries()) {
      const from = `10.0.1.${i}`
      const began = performance.now()
      let thrownOut = 0
      for (; ; thrownOut++) {
        const line = await connect(from).catch(({ message }: Error) => message)
        if (typeof line === 'string') {
          expect(line).toContain('429')
          break
        }
        misbehave(line)
        await line.closed
      }
      // A quarter of 180 at once, one more every second.
      expect(thrownOut).toBeGreaterThanOrEqual(45)
      expect(thrownOut).toBeLessThanOrEqual(46 + (performance.now() - began) / 1000)
      // Not for others, and not for long.
      ;(await connect('10.0.1.99')).close()
      await eventually(async () => {
        const line = await connect(from).catch(() => undefined)
        line?.close()
        return line !== undefined
      })
      checks += 3
    }
    // To leave, however often, is no misbehaviour.
    for (let time = 0; time < 100; time++) (await connect('10.0.1.98')).close()
    checks++
  })

  it('at another connection bring no messages more', async () => {
    server = await rig.start({}, { messages: { perMinute: 6, burst: 3 } })
    const first = await visit(server)
    const answers: string[] = []
    for (const visitor of [first, await visit(server, { device: first.device })]) {
      for (let i = 0; i < 3; i++) {
        const { t } = await visitor.message(createId(), 'hello')
        answers.push(t)
      }
    }
    expect(answers).toEqual(['ack', 'ack', 'ack', 'nack', 'nack', 'nack'])
    checks++
  })
})

describe('patience', () => {
  it('is so long for hello, and for those who say nothing any more', async () => {
    server = await rig.start({}, { helloWait: 300, heartbeat: 40, silence: 120 })
    const began = performance.now()
    const shy = await Promise.all(Array.from({ length: 10 }, stranger))
    for (const line of shy) expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'timeout' })
    expect(performance.now() - began).toBeGreaterThan(290)
    const lively = await visit(server)
    const silent = await stranger()
    silent.say(HELLO)
    silent.socket.removeAllListeners('message')
    expect(await silent.closed).toBe(1006)
    expect(lively.frames.some(({ t }) => t === 'ping')).toBe(true)
    expect(await lively.message(createId(), 'here')).toMatchObject({ t: 'ack' })
    checks += 12
  })
})

describe('guesses', () => {
  const guess = (email: string, address = '10.0.0.1') =>
    get(server, '/api/inbox/sign-in', { 'x-forwarded-for': address }, 'POST', JSON.stringify({ email, password: 'x' }))

  it('are five a minute for one agent, and twenty for one address', async () => {
    server = await rig.start({ trustProxy: true })
    const one = await Promise.all(Array.from({ length: 8 }, () => guess(SAM.email, '10.0.0.2')))
    expect(one.filter(({ status }) => status === 401)).toHaveLength(5)
    const many = await Promise.all(Array.from({ length: 30 }, (_, i) => guess(`agent${i}@example.com`)))
    expect(many.filter(({ status }) => status === 401)).toHaveLength(20)
    const held = many.filter(({ status }) => status === 429)
    expect(held).toHaveLength(10)
    expect(Number(held[0]!.headers['retry-after'])).toBeGreaterThan(30)
    expect((await guess(SAM.email, '10.0.0.3')).status).toBe(401)
    checks += 39
  }, 60_000)
})

describe('bodies', () => {
  it.each([
    [16_384, 200],
    [16_385, 400],
    [5_000_000, 400]
  ])('of %i bytes are answered with %i', async (size, status) => {
    const form = { email: SAM.email, password: SAM.password, pad: '' }
    const pad = 'x'.repeat(size - JSON.stringify(form).length)
    const answer = await get(server, '/api/inbox/sign-in', {}, 'POST', JSON.stringify({ ...form, pad })).catch(
      // Whoever is refused in the middle of sending may not get to read why.
      (error: NodeJS.ErrnoException) => ({ status: /EPIPE|ECONNRESET/.test(error.code ?? '') ? 400 : 0 })
    )
    expect(answer.status).toBe(status)
    expect((await get(server, '/api/availability')).status).toBe(200)
    checks++
  })
})
