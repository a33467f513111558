import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { second, signFor, verifier } from '../../support/visitor-tokens.ts'
import { type Arrival, createRig, eventually, pause, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'
import { everyKind } from './stores.ts'

describe.each(everyKind())('visitors who are signed in, on $name', kind => {
  let rig: Rig | undefined
  let server: Server

  beforeAll(async () => {
    const store = await kind.open()
    rig = store && (await createRig(store))
  }, 120_000)
  afterAll(async () => {
    await rig?.close()
    await kind.close()
  })
  beforeEach(async context => {
    if (!rig) return context.skip()
    await rig.wipe()
    server = await rig.start({ verifier })
  })

  /** The code of the goodbye that a hello is answered with. */
  const refused = async (arrival: Arrival) => {
    const line = await visit(server, { ...arrival, bare: true })
    const bye = await line.until(({ t }) => t === 'bye' || t === 'welcome')
    return bye.t === 'bye' ? [bye.code, await line.closed] : bye.t
  }
  const words = (visitor: TestVisitor) =>
    visitor.events().flatMap(event => (event.type === 'message' ? [event.message.text] : []))
  const threads = (visitor: TestVisitor) =>
    visitor
      .events()
      .flatMap(event => (event.type === 'reset' ? event.threads.map(({ id }) => id) : []))
      .sort()

  it('makes what was said before theirs, and goes on where it was', async () => {
    const [before, sam] = [await visit(server), await sitDown(server)]
    const thread = createId()
    await before.message(thread, 'one')
    await before.untilEvent('receipt')
    const token = await signFor('ada', { name: 'Ada Lovelace', email: 'ada@example.com' })
    const after = await visit(server, { device: before.device, cursor: before.cursor(), token })
    expect(after.events().some(({ type }) => type === 'reset')).toBe(false)
    // What was opened without the token would go on reading.
    expect(await before.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    expect(await after.message(thread, 'two')).toMatchObject({ t: 'ack', position: 2 })
    const { visitor } = await sam.untilConversation(one => one.visitor.subject !== null && one.thread.last === 2)
    expect(visitor).toMatchObject({ subject: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', online: true })
  })

  it('finds the same conversations on another device', async () => {
    const first = await visit(server, { token: await signFor('ada') })
    const thread = createId()
    await first.message(thread, 'one')
    const second = await visit(server, { token: await signFor('ada') })
    expect(threads(second)).toEqual([thread])
    await second.message(thread, 'two')
    await first.untilEvent('message', ({ message }) => message.text === 'two')
  })

  it('moves what a browser said into what the visitor has', async () => {
    const sam = await sitDown(server)
    const home = await visit(server, { token: await signFor('ada') })
    const [old, own] = [createId(), createId()]
    await home.message(old, 'at home')
    const before = await visit(server)
    const command = { id: createId(), n: 1, type: 'message', threadId: own, text: 'away', attachments: [] } as const
    const first = await before.offer(command)
    await before.offer({ id: createId(), n: 2, type: 'start', threadId: own })
    await before.untilEvent('session', ({ session }) => session.state === 'queued')
    const arrival = { device: before.device, token: await signFor('ada') }

    const after = await visit(server, { ...arrival, cursor: before.cursor() })
    expect(threads(after)).toEqual([old, own].sort())
    expect(await before.closed).toBe(1012)
    // An answer that got lost comes again, and is not done again.
    expect(await after.offer(command)).toEqual(first)
    await home.untilEvent('message', ({ message }) => message.text === 'away')
    await home.untilEvent('session', ({ session }) => session.threadId === own && session.state === 'queued')
    const { visitor } = await sam.untilConversation(one => one.thread.id === own && one.visitor.subject === 'ada')
    expect(visitor.id).toBe((await sam.untilConversation(one => one.thread.id === old)).visitor.id)
    expect(await sam.act({ id: createId(), type: 'accept', threadId: own })).toMatchObject({ t: 'ack' })
    await after.untilEvent('session', ({ session }) => session.state === 'active')

    // A page that was closed before it stored that comes back with what it had.
    const late = await visit(server, { ...arrival, cursor: before.cursor() })
    expect(threads(late)).toEqual([old, own].sort())
    const back = await visit(server, { ...arrival, cursor: after.cursor() })
    expect(threads(back)).toEqual([])
    expect(await rig!.store.query('SELECT id FROM visitors')).toHaveLength(1)
  })

  it('does not take a live chat for left while it moves', async () => {
    server = await rig!.start({ verifier }, { away: 100, awayAtStart: 0, hints: { perMinute: 1e6, burst: 1e6 } })
    const sam = await sitDown(server)
    const noise = await visit(server)
    for (let round = 0; round < 5; round++) {
      const home = await visit(server, { token: await signFor(`ada ${round}`) })
      home.close()
      const before = await visit(server)
      const thread = createId()
      await before.send({ type: 'start', threadId: thread })
      await before.untilEvent('session', ({ session }) => session.state === 'queued')
      // Long enough for the verified visitor to count as gone.
      await pause(150)
      // Each page that somebody looks at makes the server look who has left.
      const looking = setInterval(() => noise.say({ t: 'hint', hint: { type: 'visit', url: '', title: '' } }), 1)
      const after = await visit(server, { device: before.device, token: await signFor(`ada ${round}`) })
      clearInterval(looking)
      expect(await sam.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ t: 'ack' })
      await after.untilEvent('session', ({ session }) => session.state === 'active')
    }
  })

  it('keeps what is verified behind the token', async () => {
    const ada = await visit(server, { token: await signFor('ada') })
    const { device } = ada
    await ada.message(createId(), 'private')
    expect(await refused({ device })).toEqual(['unauthorized', 4401])
    expect(await refused({ device, token: await signFor('ada', {}, 'x'.repeat(32)) })).toEqual(['unauthorized', 4401])
    expect(await refused({ device, token: await signFor('ada', { exp: second(-1) }) })).toEqual(['unauthorized', 4401])
    const long = await signFor('ada', { pad: 'x'.repeat(8192) })
    expect(await refused({ device, token: long })).toEqual(['unauthorized', 4401])
    expect(await refused({ device, token: await signFor('bob') })).toEqual(['forbidden', 1008])
    expect(await refused({ device, token: await signFor('Ada') })).toEqual(['forbidden', 1008])
    expect(await refused({ device, token: await signFor('ada') })).toBe('welcome')
    const bob = await visit(server, { token: await signFor('bob') })
    expect(threads(bob)).toEqual([])
    // A server that lost its secret does not take the device's word for it.
    server = await rig!.start({})
    expect(await refused({ device, token: await signFor('ada') })).toEqual(['unauthorized', 4401])
    expect(await refused({ token: 'anything' })).toBe('welcome')
  })

  it('ends with the token, in the middle of things, and loses nothing', async () => {
    const first = await visit(server, { token: await signFor('ada', { exp: second(1) }) })
    const { device } = first
    const thread = createId()
    let n = 0
    const send = () => {
      first.say({
        t: 'send',
        again: false,
        command: { id: `m${++n}`, n, type: 'message', threadId: thread, text: `${n}`, attachments: [] }
      })
    }
    const busy = setInterval(send, 5)
    expect(await first.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    clearInterval(busy)
    expect(await first.closed).toBe(4401)
    expect(first.frames.at(-1)).toMatchObject({ t: 'bye' })
    const acked = first.frames.filter(({ t }) => t === 'ack').length
    expect(acked).toBeGreaterThan(0)
    const second_ = await visit(server, { device, cursor: first.cursor(), token: await signFor('ada') })
    for (let i = 1; i <= n; i++) {
      const command = {
        id: `m${i}`,
        n: i,
        type: 'message',
        threadId: thread,
        text: `${i}`,
        attachments: []
      } as const
      expect(await second_.offer(command)).toMatchObject({ t: 'ack', position: i })
    }
    await eventually(() => new Set([...words(first), ...words(second_)]).size === n)
  })

  it('shows agents what the site says, rather than what is typed', async () => {
    const sam = await sitDown(server)
    const said = await visit(server, { token: await signFor('ada', { email: 'ada@example.com' }) })
    await said.message(createId(), 'hello')
    await said.send({ type: 'identify', name: 'Ada', email: 'boss@example.com' })
    const { visitor } = await sam.untilConversation(one => one.visitor.name === 'Ada')
    expect(visitor).toMatchObject({ subject: 'ada', email: 'ada@example.com' })
    // Who typed a name before keeps it, where the site does not say one.
    const typed = await visit(server)
    await typed.message(createId(), 'hello')
    await typed.send({ type: 'identify', name: 'Bob', email: 'bob@example.com' })
    await visit(server, { device: typed.device, token: await signFor('bob') })
    const bob = await sam.untilConversation(one => one.visitor.subject === 'bob')
    expect(bob.visitor).toMatchObject({ name: 'Bob', email: 'bob@example.com' })
  })

  it('signs out a browser, for good, and leaves the words to the agents', async () => {
    const [visitor, sam] = [await visit(server), await sitDown(server)]
    const other = await visit(server, { device: visitor.device })
    await visitor.message(createId(), 'hello')
    visitor.say({ t: 'forget' })
    visitor.say({ t: 'ping' })
    expect(await visitor.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed', retryAfter: null })
    expect(await other.until(({ t }) => t === 'bye')).toMatchObject({ code: 'forbidden', reason: 'forgotten' })
    expect(await visitor.closed).toBe(1012)
    expect(await refused({ device: visitor.device })).toEqual(['forbidden', 1008])
    expect(await refused({ device: visitor.device, token: await signFor('ada') })).toEqual(['forbidden', 1008])
    const { thread } = await sam.untilConversation(one => !one.visitor.online)
    expect(thread.newest?.text).toBe('hello')
  })

  it('signs out whoever leaves at once, after what they said last', async () => {
    const [visitor, sam] = [await visit(server, { token: await signFor('ada') }), await sitDown(server)]
    const thread = createId()
    for (let n = 1; n <= 5; n++) {
      const command = { id: createId(), n, type: 'message', threadId: thread, text: `${n}`, attachments: [] }
      visitor.say({ t: 'send', command, again: false })
    }
    visitor.say({ t: 'forget' })
    visitor.socket.close()
    await sam.untilConversation(one => one.thread.id === thread && one.thread.last === 5)
    await eventually(async () => {
      const [device] = await rig!.store.query<{ forgotten_at: number | null }>('SELECT forgotten_at FROM devices')
      return device!.forgotten_at !== null
    })
  })

  it('signs out a token wherever it is, and nobody else', async () => {
    const token = await signFor('ada')
    const [here, there] = [await visit(server, { token }), await visit(server, { token })]
    const apart = await visit(server, { token: await signFor('ada') })
    const [bob, nobody] = [await visit(server, { token: await signFor('bob') }), await visit(server)]
    const thread = createId()
    await here.message(thread, 'hello')
    here.say({ t: 'forget' })
    expect(await here.until(({ t }) => t === 'bye')).toMatchObject({ code: 'closed' })
    expect(await there.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    expect(await refused({ token })).toEqual(['unauthorized', 4401])
    expect(await refused({ device: there.device, token })).toEqual(['unauthorized', 4401])
    for (const stays of [apart, bob, nobody])
      expect(await stays.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
    expect(threads(await visit(server, { device: there.device, token: await signFor('ada') }))).toContain(thread)
  })

  it('signs out a token without an id however its signature is written', async () => {
    const token = await signFor('ada', { jti: undefined })
    const here = await visit(server, { token })
    here.say({ t: 'forget' })
    await here.closed
    // The last character of 32 bytes in base64url holds two bits that nobody reads.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) ^ 1]
    expect(await refused({ token })).toEqual(['unauthorized', 4401])
    expect(await refused({ token: twin })).toEqual(['unauthorized', 4401])
  })

  it('lets nobody slip in while a token signs out', async () => {
    for (let round = 0; round < 10; round++) {
      const token = await signFor('ada')
      const leaving = await visit(server, { token })
      const coming = await Promise.all(Array.from({ length: 4 }, () => visit(server, { token, bare: true })))
      leaving.say({ t: 'forget' })
      coming.push(...(await Promise.all(Array.from({ length: 4 }, () => visit(server, { token, bare: true })))))
      await Promise.all(coming.map(({ closed }) => closed))
      expect(coming.every(line => line.frames.some(frame => frame.t === 'bye' && frame.code === 'unauthorized'))).toBe(
        true
      )
    }
  })

  it('makes one visitor of browsers that sign in at once, while they write', async () => {
    const browsers = await Promise.all(Array.from({ length: 6 }, () => visit(server)))
    const thread = browsers.map(() => createId())
    const command = (i: number, n: number) =>
      ({ id: `${i}-${n}`, n, type: 'message', threadId: thread[i]!, text: `${i}-${n}`, attachments: [] }) as const
    const all = await Promise.all(
      browsers.map(async (browser, i) => {
        for (let n = 1; n <= 5; n++) browser.say({ t: 'send', command: command(i, n), again: false })
        const after = await visit(server, { device: browser.device, token: await signFor('ada') })
        for (let n = 1; n <= 5; n++) {
          expect(await after.offer(command(i, n))).toMatchObject({ t: 'ack', position: n })
        }
        return after
      })
    )
    const last = await visit(server, { token: await signFor('ada') })
    expect(threads(last)).toEqual([...thread].sort())
    const rows = await rig!.store.query<{ visitor_id: string; n: number; last: number }>(
      'SELECT visitor_id, count(*) AS n, max(seq) AS last FROM events GROUP BY visitor_id'
    )
    // One log, without holes, and nothing left of those who were somebody else.
    expect(rows).toHaveLength(1)
    expect(rows[0]!.n).toBe(rows[0]!.last)
    expect(await rig!.store.query('SELECT id FROM visitors')).toHaveLength(1)
    expect(all.every(({ frames }) => frames.every(({ t }) => t !== 'bye'))).toBe(true)
  })
})
