import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Limits } from '../../../demo/server/limits.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { ALEX, createRig, eventually, pause, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'
import { type Shaky, shaky } from './stores.ts'

let rig: Rig
let store: Shaky
let server: Server

beforeAll(async () => {
  store = shaky(await openPristine())
  rig = await createRig(store)
})
afterAll(() => rig.close())
beforeEach(() => rig.wipe())

const start = async (limits: Partial<Limits> = {}) => {
  server = await rig.start({}, limits)
}
const notices = (visitor: TestVisitor) =>
  visitor.events().flatMap(event => {
    const content = event.type === 'message' ? event.message.content : null
    return content?.type === 'notice' ? [content.name ? `${content.code} ${content.name}` : content.code] : []
  })
const openHouse = (visitor: TestVisitor, open = true) =>
  visitor.untilEvent('availability', ({ availability }) => availability.open === open)
const state = (visitor: TestVisitor, wanted: string) =>
  visitor.untilEvent('session', ({ session }) => session.state === wanted)

/** A visitor whose chat waits in the queue. */
async function queued(text = 'hello?') {
  const visitor = await visit(server)
  await openHouse(visitor)
  const thread = createId()
  await visitor.message(thread, text)
  await visitor.send({ type: 'start', threadId: thread })
  await state(visitor, 'queued')
  return { visitor, thread }
}

describe('a live chat', () => {
  it('goes from asking to rating', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    const waiting = await sam.untilConversation(({ session }) => session?.state === 'queued')
    expect(waiting).toMatchObject({ assignee: null, unread: 1, waitingSince: expect.any(Number), channel: 'web' })
    expect(waiting.visitor).toMatchObject({ online: true, locale: 'en', zone: 'Europe/Berlin' })
    expect(await sam.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ t: 'ack' })
    const active = await state(visitor, 'active')
    expect(active.session).toMatchObject({ version: 2, agent: { name: 'Sam', picture: '' }, ahead: null, reason: null })
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Hello, this is Sam' })
    await visitor.untilEvent('message', ({ message }) => message.author === 'agent')
    expect((await sam.untilConversation(one => one.waitingSince === null && one.assignee !== null)).assignee).toBe(
      sam.welcome.me.id
    )
    await visitor.send({ type: 'end', threadId: thread, as: 'done' })
    const ended = await state(visitor, 'ended')
    expect(ended.session).toMatchObject({ reason: 'visitor', version: 3, score: null })
    const rate = { type: 'rate', threadId: thread, sessionId: ended.session.id, score: 5, note: 'kind' } as const
    expect(await visitor.send(rate)).toMatchObject({ t: 'ack' })
    expect((await state(visitor, 'rated')).session).toMatchObject({ score: 5, version: 4 })
    expect(await visitor.send(rate)).toMatchObject({ t: 'nack', reason: 'not-rateable' })
    await expect.poll(() => notices(visitor)).toEqual(['queued', 'joined Sam', 'ended-by-visitor'])
    expect((await visitor.message(thread, 'one more thing')).t).toBe('ack')
    await sam.untilConversation(({ session }) => session?.score === 5)
    expect(await rig.store.query('SELECT note FROM sessions')).toEqual([{ note: 'kind' }])
  })

  it('is one: asking twice changes nothing, a new one comes after the end', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    expect(await visitor.send({ type: 'start', threadId: thread })).toMatchObject({ t: 'ack' })
    await sam.act({ id: createId(), type: 'accept', threadId: thread })
    await sam.act({ id: createId(), type: 'end', threadId: thread })
    const { session } = await state(visitor, 'ended')
    expect(session.reason).toBe('agent')
    await visitor.send({ type: 'start', threadId: thread })
    const again = await visitor.untilEvent('session', event => event.session.id !== session.id)
    expect(again.session).toMatchObject({ state: 'queued', version: 1 })
    await expect.poll(() => notices(visitor).slice(0, 3)).toEqual(['queued', 'joined Sam', 'ended-by-agent Sam'])
  })

  it('is not begun when nobody is home: the words go on as messages', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    expect(await visitor.send({ type: 'start', threadId: thread })).toMatchObject({ t: 'ack' })
    expect((await state(visitor, 'ended')).session).toMatchObject({ reason: 'unanswered', agent: null })
    await expect.poll(() => notices(visitor)).toEqual(['unanswered'])
    expect(await visitor.message(thread, 'then I leave a note')).toMatchObject({ t: 'ack' })
    const sam = await sitDown(server)
    expect(sam.welcome.conversations[0]).toMatchObject({ waitingSince: expect.any(Number), unread: 1 })
  })

  it('waits when it is asked for right after a start, while the team comes back', async () => {
    await start()
    await sitDown(server)
    const before = await visit(server)
    await start({ homeGrace: 60_000 })
    const visitor = await visit(server, { device: before.device })
    const thread = createId()
    await visitor.send({ type: 'start', threadId: thread })
    await state(visitor, 'queued')
    // What is not known is not said.
    expect((await visitor.untilEvent('availability')).availability.open).toBe(false)
    const sam = await sitDown(server)
    expect(await sam.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ t: 'ack' })
    await state(visitor, 'active')
  })

  it.each(['signed out', 'away'])('does not wait after a start for whoever was %s', async how => {
    await start()
    const sam = await sitDown(server)
    if (how === 'away') await sam.act({ id: createId(), type: 'presence', presence: 'away' })
    if (how === 'signed out') await rig.store.query('DELETE FROM agent_tokens')
    await start({ homeGrace: 60_000 })
    const visitor = await visit(server)
    await visitor.send({ type: 'start', threadId: createId() })
    expect((await state(visitor, 'ended')).session.reason).toBe('unanswered')
  })

  it('becomes messages when the visitor chooses so', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    await visitor.send({ type: 'end', threadId: thread, as: 'message' })
    expect((await state(visitor, 'ended')).session.reason).toBe('as-message')
    const left = await sam.untilConversation(({ session }) => session?.state === 'ended')
    expect(left).toMatchObject({ waitingSince: expect.any(Number), thread: { state: 'open' } })
    expect(await sam.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ reason: 'gone' })
  })
})

describe('the queue', () => {
  it('tells everybody how many are first, and how long it may take, when it moves', async () => {
    await start()
    const sam = await sitDown(server)
    const [first, second, third] = [await queued(), await queued(), await queued()]
    const ahead = (visitor: TestVisitor, wanted: number) =>
      visitor.untilEvent('session', ({ session }) => session.ahead === wanted)
    expect((await ahead(third.visitor, 2)).session.wait).toBeNull()
    await sam.act({ id: createId(), type: 'accept', threadId: first.thread })
    // A place in the queue is told, not stored; what was stored earlier may be read only now, and says the same.
    const moved = await third.visitor.untilEvent('session', ({ cursor, session }) => !cursor && session.ahead === 1)
    expect(moved.session).toMatchObject({ state: 'queued', version: 1, wait: expect.any(Number) })
    await second.visitor.send({ type: 'end', threadId: second.thread, as: 'message' })
    await ahead(third.visitor, 0)
    await sam.untilConversation(({ thread, session }) => thread.id === third.thread && session?.ahead === 0)
    const late = await visit(server)
    const { availability } = await late.untilEvent('availability')
    expect(availability.wait).toEqual(expect.any(Number))
    await rig.store.query(`UPDATE meta SET value = '60000' WHERE name = 'wait'`)
    const fourth = await queued()
    const { session } = await fourth.visitor.untilEvent('session', event => event.session.wait !== null)
    expect(session.wait).toBeGreaterThan(50_000)
    expect(session.wait).toBeLessThanOrEqual(60_000)
  })

  it('tells where everybody stands also where the store fails as that is read', async () => {
    await start()
    const sam = await sitDown(server)
    const [first, second] = [await queued(), await queued()]
    await second.visitor.untilEvent('session', ({ session }) => session.ahead === 1)
    const failed = store.failNext(`s.state = 'queued' AND s.visitor_id`)
    await sam.act({ id: createId(), type: 'accept', threadId: first.thread })
    await failed
    await second.visitor.untilEvent('session', ({ session }) => session.ahead === 0)
  })

  it('gives up in time', async () => {
    await start({ queue: 800 })
    const sam = await sitDown(server)
    const { visitor } = await queued()
    expect((await state(visitor, 'ended')).session.reason).toBe('unanswered')
    await expect.poll(() => notices(visitor)).toEqual(['queued', 'unanswered'])
    expect((await sam.untilConversation(one => one.session?.state === 'ended')).waitingSince).toEqual(
      expect.any(Number)
    )
  })

  it('gives up in time across a restart, counted from when it began', async () => {
    const limits = { queue: 60_000, away: 60_000, awayAtStart: 200 }
    await start(limits)
    await sitDown(server)
    const { visitor } = await queued()
    await visitor.untilEvent('message', ({ message }) => message.author === 'system')
    await rig.stop()
    await rig.store.query('UPDATE sessions SET queued_at = queued_at - 59000')
    await start(limits)
    const back = await visit(server, { device: visitor.device, cursor: visitor.cursor() })
    expect((await state(back, 'ended')).session.reason).toBe('unanswered')
    expect(back.events().filter(({ type }) => type === 'message')).toHaveLength(1)
  })

  it('does not give up before the team is back when the time ran out without a server', async () => {
    const limits = { queue: 60_000, awayAtStart: 30_000 }
    await start(limits)
    await sitDown(server)
    const { visitor, thread } = await queued()
    await rig.stop()
    await rig.store.query('UPDATE sessions SET queued_at = 0')
    await start(limits)
    const back = await visit(server, { device: visitor.device, cursor: visitor.cursor() })
    const sam = await sitDown(server)
    expect(await sam.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ t: 'ack' })
    await state(back, 'active')
  })

  it('obeys a new limit at once', async () => {
    await start({ queue: 60_000, awayAtStart: 0 })
    const sam = await sitDown(server)
    const { visitor } = await queued()
    await pause(30)
    await rig.store.query('UPDATE sessions SET queued_at = queued_at - 6000')
    await sam.act({ id: createId(), type: 'settings', settings: { open: true, queueLimit: 5000 } })
    expect((await state(visitor, 'ended')).session.reason).toBe('unanswered')
    expect(await sam.until(({ t }) => t === 'settings')).toMatchObject({ settings: { open: true, queueLimit: 5000 } })
  })
})

describe('leaving', () => {
  it.each(['queued', 'active'])('ends a %s chat when the visitor is gone too long', async when => {
    await start({ away: 150 })
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    if (when === 'active') await sam.act({ id: createId(), type: 'accept', threadId: thread })
    visitor.close()
    const ended = await sam.untilConversation(({ session }) => session?.state === 'ended')
    expect(ended.session).toMatchObject({ reason: 'visitor-away' })
    expect(ended).toMatchObject({ visitor: { online: false }, thread: { state: 'open' } })
  })

  it('forgives a page that reloads', async () => {
    await start({ away: 300 })
    await sitDown(server)
    const { visitor } = await queued()
    visitor.close()
    await pause(50)
    const back = await visit(server, { device: visitor.device, cursor: visitor.cursor() })
    await pause(400)
    expect(back.events().filter(event => event.type === 'session' && event.session.state !== 'queued')).toEqual([])
  })

  it('ends a chat when its agent is gone too long, or away', async () => {
    await start({ away: 150 })
    const sam = await sitDown(server)
    const one = await queued()
    await sam.act({ id: createId(), type: 'accept', threadId: one.thread })
    const alex = await sitDown(server, ALEX)
    sam.close()
    expect((await state(one.visitor, 'ended')).session.reason).toBe('agent-away')
    await expect.poll(() => notices(one.visitor).at(-1)).toBe('agent-away Sam')
    const two = await queued()
    await alex.act({ id: createId(), type: 'accept', threadId: two.thread })
    await alex.act({ id: createId(), type: 'presence', presence: 'away' })
    expect((await state(two.visitor, 'ended')).session.reason).toBe('agent-away')
  })

  it('waits longer right after a start, while everybody comes back', async () => {
    await start({ away: 300, awayAtStart: 1500 })
    await sitDown(server)
    const { visitor } = await queued()
    await start({ away: 300, awayAtStart: 1500 })
    await pause(600)
    const back = await visit(server, { device: visitor.device, cursor: visitor.cursor() })
    await pause(1600)
    expect(back.events().filter(event => event.type === 'session' && event.session.state !== 'queued')).toEqual([])
  })
})

describe('whether somebody is home', () => {
  it('is what the agents and the switch say', async () => {
    await start()
    const visitor = await visit(server)
    await openHouse(visitor, false)
    const sam = await sitDown(server)
    expect((await openHouse(visitor)).availability.people[0]).toEqual({ name: 'Sam', picture: '' })
    const changes = () =>
      visitor.events().flatMap(event => (event.type === 'availability' ? [event.availability.open] : []))
    const settles = (wanted: readonly boolean[]) => eventually(() => changes().join() === wanted.join())
    await sam.act({ id: createId(), type: 'presence', presence: 'messages' })
    await settles([false, true, false])
    await sam.act({ id: createId(), type: 'presence', presence: 'online' })
    await settles([false, true, false, true])
    await sam.act({ id: createId(), type: 'settings', settings: { open: false, queueLimit: 90_000 } })
    await settles([false, true, false, true, false])
    await sam.act({ id: createId(), type: 'settings', settings: { open: true, queueLimit: 90_000 } })
    await settles([false, true, false, true, false, true])
    sam.close()
    await settles([false, true, false, true, false, true, false])
  })

  it.each([
    [
      'the owner has closed',
      { type: 'settings', settings: { open: false, queueLimit: 90_000 } },
      'SELECT value FROM meta'
    ],
    ['the last one went away', { type: 'presence', presence: 'away' }, 'FROM agents a ORDER BY']
  ] as const)('is said when %s, also where the store fails as that is read', async (_, deed, words) => {
    await start()
    const visitor = await visit(server)
    const sam = await sitDown(server)
    await openHouse(visitor)
    // For the inboxes it is read, too.
    const failed = store.failNext(words, 2)
    await sam.act({ id: createId(), ...deed })
    await failed
    await eventually(() => {
      const event = visitor.events().findLast(({ type }) => type === 'availability')
      return event?.type === 'availability' && !event.availability.open
    })
  })

  it('is told as it is to whoever arrives as somebody comes home', async () => {
    await start()
    const held = store.holdNext(`s.state = 'queued' AND s.visitor_id`)
    const visitor = await visit(server)
    const letGo = await held
    await sitDown(server)
    await pause(200)
    letGo()
    await pause(200)
    expect(visitor.events().findLast(({ type }) => type === 'availability')).toMatchObject({
      availability: { open: true }
    })
  })

  it('does not flicker when the only inbox reloads', async () => {
    await start({ homeGrace: 300 })
    const visitor = await visit(server)
    const sam = await sitDown(server)
    await openHouse(visitor)
    sam.close()
    await pause(50)
    const back = await sitDown(server)
    await pause(400)
    expect(visitor.events().at(-1)).toMatchObject({ availability: { open: true } })
    back.close()
    await eventually(() => {
      const event = visitor.events().at(-1)
      return event?.type === 'availability' && !event.availability.open
    })
  })

  it('says how soon answers come, by what was measured', async () => {
    await start()
    const sam = await sitDown(server)
    const visitor = await visit(server)
    for (const [text, took] of [
      ['a', 10_000],
      ['b', 60_000],
      ['c', 20_000]
    ] as const) {
      const thread = createId()
      await visitor.message(thread, text)
      await rig.store.query('UPDATE threads SET waiting_since = waiting_since - $2 WHERE id = $1', [thread, took])
      await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'yes' })
      // An answer to nothing says nothing about how long answers take.
      await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'and' })
    }
    const { availability } = await visitor.untilEvent(
      'availability',
      event =>
        event.availability.replyAfter !== null &&
        event.availability.replyAfter >= 20_000 &&
        event.availability.replyAfter < 22_000
    )
    expect(availability.open).toBe(true)
    expect(await rig.store.query('SELECT count(*) AS n FROM answers')).toEqual([{ n: 3 }])
  })
})

describe('an agent', () => {
  it('is welcomed with everything, latest first, those who wait in any case', async () => {
    await start({ conversations: 2 })
    const visitor = await visit(server)
    const threads = [createId(), createId(), createId()]
    const sam = await sitDown(server)
    for (const thread of threads) await visitor.message(thread, `in ${thread}`)
    for (const thread of threads.slice(1)) {
      await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'done' })
    }
    const alex = await sitDown(server, ALEX)
    expect(alex.welcome).toMatchObject({
      v: 1,
      me: { name: 'Alex', email: 'alex@example.com', presence: 'online' },
      settings: { open: true, queueLimit: 90_000 },
      heartbeat: 25_000
    })
    expect(alex.welcome.agents.map(({ name, presence }) => [name, presence])).toEqual([
      ['Sam', 'online'],
      ['Alex', 'online']
    ])
    expect(alex.welcome.conversations.map(({ thread }) => thread.id)).toEqual([threads[2], threads[0]])
    sam.close()
    const frame = await alex.until(({ t, ...rest }) => t === 'agents' && JSON.stringify(rest).includes('away'))
    expect(frame).toMatchObject({ agents: [{ name: 'Sam', presence: 'away' }, { name: 'Alex' }] })
  })

  it('hears everything said after the welcome once, at every desk', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'before')
    const desks = [await sitDown(server), await sitDown(server, ALEX), await sitDown(server)]
    for (let i = 1; i <= 10; i++) await visitor.message(thread, String(i))
    for (const { frames, until } of desks) {
      await until(frame => frame.t === 'message' && frame.message.text === '10')
      const heard = frames.flatMap(frame => (frame.t === 'message' ? [frame.message.text] : []))
      expect(heard).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)))
    }
  })

  it('takes a chat alone: one wins, the other is told who was faster', async () => {
    await start()
    const [sam, alex] = [await sitDown(server), await sitDown(server, ALEX)]
    for (let round = 0; round < 5; round++) {
      const { visitor, thread } = await queued()
      const outcomes = await Promise.all(
        [sam, alex].map(agent => agent.act({ id: createId(), type: 'accept', threadId: thread }))
      )
      const won = outcomes.findIndex(({ t }) => t === 'ack')
      expect(outcomes[won]).toMatchObject({ t: 'ack' })
      expect(outcomes[1 - won]).toMatchObject({
        t: 'nack',
        code: 'rejected',
        reason: 'taken',
        message: `${won ? 'Alex' : 'Sam'} was faster`
      })
      expect((await state(visitor, 'active')).session.agent?.name).toBe(won ? 'Alex' : 'Sam')
      // Taken is taken, also for the one who has it.
      const winner = won ? alex : sam
      expect(await winner.act({ id: createId(), type: 'accept', threadId: thread })).toMatchObject({ t: 'ack' })
    }
  })

  it('does everything once, also when it is sent again after a restart', async () => {
    await start()
    let sam = await sitDown(server)
    const { visitor, thread } = await queued()
    const reply = { id: createId(), type: 'reply', threadId: thread, text: 'once' } as const
    const late = { id: createId(), type: 'reply', threadId: createId(), text: 'where?' } as const
    const answer = await sam.act(reply)
    await eventually(() => notices(visitor).includes('joined Sam'))
    expect(await sam.act(late)).toMatchObject({ t: 'nack', reason: 'not-found' })
    await Promise.all([sam.act(reply), sam.act(reply)])
    await start()
    sam = await sitDown(server)
    expect(await sam.act(reply)).toEqual(answer)
    expect(await sam.act(late)).toMatchObject({ t: 'nack', reason: 'not-found' })
    expect(await sam.act({ ...reply, text: 'twice' })).toMatchObject({ t: 'nack', reason: 'id-conflict' })
    sam.say({ t: 'history', q: 7, threadId: thread, before: null, limit: 50 })
    const page = await sam.until(({ t }) => t === 'page')
    const texts = page.t === 'page' ? page.messages.map(({ text, author }) => `${author} ${text}`) : []
    expect(texts.filter(text => text === 'agent once')).toHaveLength(1)
    expect(page.t === 'page' && page.messages.find(({ author }) => author === 'agent')?.id).toBe(reply.id)
  })

  it('sees what a colleague answers in a conversation that the welcome had no room for', async () => {
    await start({ conversations: 1 })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'long ago')
    const before = await sitDown(server)
    await before.act({ id: createId(), type: 'reply', threadId: thread, text: 'answered' })
    before.close()
    visitor.close()
    await (await visit(server)).message(createId(), 'newer')
    const [sam, alex] = [await sitDown(server), await sitDown(server, ALEX)]
    for (const { welcome } of [sam, alex]) expect(welcome.conversations.map(one => one.thread.id)).not.toContain(thread)
    // Who wrote then is on the page again, and both look at the conversation.
    await visit(server, { device: visitor.device })
    for (const desk of [sam, alex]) await desk.untilConversation(one => one.thread.id === thread && one.visitor.online)
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Back again?' })
    for (const { until } of [sam, alex]) {
      await until(frame => frame.t === 'message' && frame.message.text === 'Back again?')
    }
  })

  it('takes a waiting chat by answering it', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Hello' })
    await visitor.untilEvent('message', ({ message }) => message.author === 'agent')
    await expect.poll(() => notices(visitor)).toEqual(['queued', 'joined Sam'])
    expect((await state(visitor, 'active')).session.agent?.name).toBe('Sam')
  })

  it('leaves unread, unanswered and open what was said after they looked, whenever their words and deeds arrive', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'Where is my parcel?')
    await visitor.message(thread, 'Please cancel it')
    const sam = await sitDown(server)
    const now = async () => (await sitDown(server, ALEX)).welcome.conversations[0]!
    const reply = (text: string, upTo: number) =>
      sam.act({ id: createId(), type: 'reply', threadId: thread, text, upTo })
    const close = (upTo: number) => sam.act({ id: createId(), type: 'state', threadId: thread, state: 'closed', upTo })
    const since = (await now()).waitingSince!
    // Written when the first words were all there was.
    await reply('On its way', 1)
    const after = await now()
    expect(after).toMatchObject({ unread: 1, thread: { theirs: { read: 1 } } })
    expect(after.waitingSince).toBeGreaterThanOrEqual(since)
    expect(await close(1)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'newer' })
    expect((await now()).thread.state).toBe('open')
    // What was read meanwhile counts as read.
    await sam.act({ id: createId(), type: 'read', threadId: thread, upTo: 3 })
    await reply('Cancelled', 1)
    expect(await now()).toMatchObject({ unread: 0, waitingSince: null })
    expect(await close(4)).toMatchObject({ t: 'ack' })
    expect((await now()).thread.state).toBe('closed')
  })

  it('closes a thread, and the visitor’s next words open it', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    await sam.act({ id: createId(), type: 'accept', threadId: thread })
    await sam.act({ id: createId(), type: 'state', threadId: thread, state: 'closed' })
    await visitor.untilEvent('thread', event => event.thread.state === 'closed')
    expect((await state(visitor, 'ended')).session.reason).toBe('agent')
    await sam.untilConversation(one => one.thread.state === 'closed' && one.waitingSince === null)
    await visitor.message(thread, 'not quite')
    await visitor.untilEvent('thread', event => event.thread.state === 'open' && event.thread.last > 4)
    const again = await sam.untilConversation(
      one => one.thread.state === 'open' && one.thread.newest?.text === 'not quite'
    )
    expect(again.waitingSince).toEqual(expect.any(Number))
  })

  it('sees where the visitor is, who they are, and when they leave', async () => {
    await start()
    const sam = await sitDown(server)
    const visitor = await visit(server)
    const looks = (path: string, title: string) =>
      visitor.say({ t: 'hint', hint: { type: 'visit', url: `https://shop.example/${path}`, title } })
    looks('secret', 'Before a word was said')
    await visitor.message(createId(), 'hello')
    looks('', 'All lamps')
    looks('lantern?coupon=SECRET#SECRET', 'Lantern')
    await visitor.send({ type: 'identify', name: ' Ada ', email: 'ada@example.com' })
    const seen = await sam.untilConversation(one => one.visitor.name === 'Ada' && one.visitor.page.title === 'Lantern')
    expect(seen.visitor).toMatchObject({
      email: 'ada@example.com',
      online: true,
      page: { url: 'https://shop.example/lantern', since: expect.any(Number) },
      before: [{ url: 'https://shop.example/', title: 'All lamps', since: expect.any(Number) }]
    })
    visitor.close()
    const { visitor: left } = await sam.untilConversation(one => !one.visitor.online && one.visitor.page.url === '')
    expect(left.before.map(({ title }) => title)).toEqual(['Lantern', 'All lamps'])
    expect(JSON.stringify(sam.frames)).not.toMatch(/SECRET|Before a word/)
    const again = await visit(server, { device: visitor.device })
    await again.send({ type: 'erase' })
    await sam.untilConversation(one => one.visitor.online && one.visitor.name === '' && !one.visitor.before.length)
  })

  it('is held to the form of frames, too', async () => {
    await start()
    const sam = await sitDown(server)
    sam.socket.send('{"t":"do","command":{"type":"reply","threadId":"x","text":7}}')
    sam.socket.send('{"t":"do","command":{"id":"a b","type":"end","threadId":"x"}}')
    sam.socket.send(`{"t":"hello","v":1,"token":"${sam.token}"}`)
    sam.socket.send('{"t":"send"}')
    await eventually(() => sam.frames.filter(({ t }) => t === 'error').length === 4)
    const codes = sam.frames.flatMap(frame => (frame.t === 'error' ? [frame.code] : []))
    expect(codes.sort()).toEqual(['invalid', 'invalid', 'out-of-turn', 'unknown'])
    sam.say({ t: 'history', q: 3, threadId: 'nowhere', before: null, limit: 5 })
    expect(await sam.until(frame => frame.t === 'error' && frame.q === 3)).toMatchObject({ code: 'not-found' })
  })
})

describe('a live chat in which nobody writes', () => {
  const chatting = async (limits: Partial<Limits>) => {
    await start(limits)
    const sam = await sitDown(server)
    const { visitor, thread } = await queued()
    await sam.act({ id: createId(), type: 'accept', threadId: thread })
    await state(visitor, 'active')
    return { sam, visitor, thread }
  }
  const warned = (visitor: TestVisitor, after = 0) =>
    visitor.untilEvent('session', ({ session }) => !!session.idle && session.version > after)

  it('asks both before it goes on as messages, and says when', async () => {
    const { sam, visitor } = await chatting({ idle: 50, idleWarning: 300 })
    const { session } = await warned(visitor)
    expect(session).toMatchObject({ state: 'active', idle: { since: expect.any(Number), endsAt: expect.any(Number) } })
    expect(session.idle!.endsAt - session.idle!.since).toBeGreaterThanOrEqual(350)
    await sam.untilConversation(one => one.session?.idle?.endsAt === session.idle!.endsAt)
    const ended = await state(visitor, 'ended')
    expect(ended.session).toMatchObject({ reason: 'idle', agent: { name: 'Sam' } })
    await expect.poll(() => notices(visitor)).toEqual(['queued', 'joined Sam', 'idle Sam'])
  })

  it('goes on when either says so, as often as they say it', async () => {
    const { sam, visitor, thread } = await chatting({ idle: 50, idleWarning: 60_000 })
    let { session } = await warned(visitor)
    const stay = [
      () => visitor.send({ type: 'start', threadId: thread }),
      () => sam.act({ id: createId(), type: 'accept', threadId: thread })
    ]
    for (const say of [...stay, ...stay]) {
      const before = session.version
      expect(await say()).toMatchObject({ t: 'ack' })
      const kept = await visitor.untilEvent('session', event => event.session.version > before)
      expect(kept.session).toMatchObject({ state: 'active', idle: null })
      session = (await warned(visitor, kept.session.version)).session
    }
    expect(notices(visitor)).toEqual(['queued', 'joined Sam'])
  })

  it('goes on when somebody writes, and is asked about anew', async () => {
    const { sam, visitor, thread } = await chatting({ idle: 50, idleWarning: 400 })
    const { session } = await warned(visitor)
    await visitor.message(thread, 'I am here')
    const again = await warned(visitor, session.version)
    expect(again.session.idle!.since).toBeGreaterThan(session.idle!.since)
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'So am I' })
    await warned(visitor, again.session.version)
    expect((await state(visitor, 'ended')).session.reason).toBe('idle')
  })

  it('is not ended by a restart: whoever was asked still has the time to answer', async () => {
    const { visitor, thread } = await chatting({ idle: 50, idleWarning: 100_000 })
    const { session } = await warned(visitor)
    const cursor = visitor.cursor()
    await rig.store.query('UPDATE sessions SET ends_at = idle_since + 1')
    await start({ idle: 50, idleWarning: 100_000, awayAtStart: 60_000 })
    const back = await visit(server, { device: visitor.device, term: 2, cursor })
    await back.send({ type: 'start', threadId: thread })
    const kept = await back.untilEvent('session', event => event.session.version > session.version)
    expect(kept.session).toMatchObject({ state: 'active', idle: null })
  })
})
