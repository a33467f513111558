import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fernhill } from '../../../demo/server/bot/fernhill.ts'
import { replyTo } from '../../../demo/server/bot/script.ts'
import type { Limits } from '../../../demo/server/limits.ts'
import { readHours } from '../../../demo/server/routing/hours.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { createRig, eventually, pause, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'
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
  server = await rig.start({ bot: true }, { botDelay: [20, 30], ...limits })
}
const messages = (visitor: TestVisitor) =>
  visitor.events().flatMap(event => (event.type === 'message' && event.cursor ? [event.message] : []))
const answers = (visitor: TestVisitor) => messages(visitor).filter(({ author }) => author === 'bot')
/** What was said so far of an answer. */
const grown = (visitor: TestVisitor) =>
  visitor.events().flatMap(event => (event.type === 'message' && event.cursor === undefined ? [event.message] : []))
const notices = (visitor: TestVisitor) =>
  messages(visitor).flatMap(({ content }) => (content?.type === 'notice' ? [content.code] : []))
const nobodyHome = (visitor: TestVisitor) =>
  eventually(() => {
    const last = visitor.events().findLast(({ type }) => type === 'availability')
    return last?.type === 'availability' && !last.availability.open
  })
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
const answered = (visitor: TestVisitor, times: number) => eventually(() => answers(visitor).length === times)

it('promises nothing itself: that comes when it hands over, outside the hours', async () => {
  const never = readHours({ zone: 'Europe/Oslo', week: {}, holidays: { '2099-01-01': ['09:00-10:00'] } })
  const tomorrow = readHours({ zone: 'UTC', week: {}, holidays: { [inDays(2)]: ['09:00-17:00'] } })
  for (const [hours, said] of [
    [never, ['handed-over']],
    [tomorrow, ['handed-over', 'promised']]
  ] as const) {
    server = await rig.start({ bot: true, hours }, { botDelay: [20, 30] })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'When are you open?')
    await answered(visitor, 1)
    expect(notices(visitor)).toEqual([])
    await visitor.message(thread, 'I want to talk to a person')
    await expect.poll(() => notices(visitor)).toEqual(said)
    await visitor.message(thread, 'Thank you')
    expect(notices(visitor)).toEqual(said)
  }
})

describe('the script', () => {
  it.each([
    ['How long does delivery take?', /one to three days/],
    ['do you ship to Ireland', /one to three days/],
    ['Can I send it back if I don’t like it?', /30 days/],
    ['it arrived broken!!', /30 days/],
    ['When are you open on Saturday', /Tuesday to Saturday/],
    ['What are your opening hours?', /Tuesday to Saturday/],
    ['which bulb do I need', /E27/],
    ['is it dimmable', /E27/],
    ['where is my order 1234?', /tracking link/],
    ['can you mend my old lamp', /mend/],
    ['do you have a voucher', /bench letter/],
    ['hi', /I’m Fern/],
    ['Hello!', /I’m Fern/],
    ['thanks', /welcome/]
  ])('answers %j', (text, right) => {
    expect(replyTo(fernhill, text, 0)).toMatchObject({ type: 'answer', text: expect.stringMatching(right) })
  })

  it.each(['person', 'I want to talk to a human', 'Agent please', 'can I speak to someone?', 'PERSON!'])(
    'hears that %j asks for a person',
    text => expect(replyTo(fernhill, text, 0)).toEqual({ type: 'person' })
  )

  it.each(['', '???', 'qwertz', 'my personal opinion on agency', '🏮', '__proto__', 'constructor'])(
    'knows when it does not know: %j',
    text => expect(replyTo(fernhill, text, 0)).toEqual({ type: 'miss' })
  )

  it('does not read novels', () => {
    expect(replyTo(fernhill, `${'x '.repeat(4000)}delivery`, 0)).toEqual({ type: 'miss' })
  })

  it('says it in other words the next time', () => {
    const texts = [0, 1].map(asked => replyTo(fernhill, 'delivery?', asked))
    expect(texts[0]).not.toEqual(texts[1])
  })
})

describe('the assistant', () => {
  it('answers while nobody is home, after a moment, and says so beforehand', async () => {
    await start()
    const visitor = await visit(server)
    expect((await visitor.untilEvent('availability')).availability).toMatchObject({ open: false, assistant: true })
    const thread = createId()
    await visitor.message(thread, 'Which bulb do I need?')
    await answered(visitor, 1)
    expect(answers(visitor)[0]).toMatchObject({
      position: 2,
      by: { name: 'Fern' },
      text: expect.stringContaining('E27')
    })
    const types = visitor.events().map(({ type }) => type)
    expect(types.indexOf('typing')).toBeLessThan(types.lastIndexOf('message'))
    expect(await visitor.untilEvent('typing')).toMatchObject({ active: true, by: { name: 'Fern' } })
    const sam = await sitDown(server)
    expect(sam.welcome.conversations[0]).toMatchObject({ waitingSince: null, assignee: null })
  })

  it('says an answer while it grows, and stores what was said of it when the visitor has had enough', async () => {
    await start({ botWord: 60 })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'Which bulb do I need?')
    await eventually(() => grown(visitor).length > 3)
    expect(new Set(grown(visitor).map(({ id, position }) => `${id} ${position}`)).size).toBe(1)
    const texts = grown(visitor).map(({ text }) => text)
    expect(texts.every((text, i) => text.startsWith(texts[i - 1] ?? ''))).toBe(true)

    // Who comes in the middle has all of it with the next word.
    const again = await visit(server, { device: visitor.device })
    const [first] = await Promise.all([
      again.untilEvent('message', ({ cursor }) => cursor === undefined),
      again.untilEvent('caught-up')
    ])
    expect(first.message.text.startsWith(texts.at(-1)!)).toBe(true)

    again.say({ t: 'hint', hint: { type: 'stop', threadId: thread } })
    const whole = await visitor.untilEvent(
      'message',
      ({ message, cursor }) => message.author === 'bot' && cursor !== undefined
    )
    expect(whole.message).toMatchObject({ id: first.message.id, position: 2, content: { type: 'stopped' } })
    expect(whole.message.text).toBe(grown(visitor).at(-1)!.text)
  })

  it('stops an answer that grows when the visitor says something else, and answers that', async () => {
    await start({ botWord: 60 })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'Which bulb do I need?')
    await visitor.untilEvent('message', ({ cursor, message }) => message.author === 'bot' && cursor === undefined)
    await visitor.message(thread, 'returns?')
    const whole = await visitor.untilEvent(
      'message',
      ({ message, cursor }) => message.author === 'bot' && cursor !== undefined
    )
    expect(whole.message).toMatchObject({ position: 3, text: expect.stringMatching(/30 days/) })
  })

  it('says to its end what it has begun when somebody comes home, and then asks them over', async () => {
    await start({ botWord: 60 })
    const sam = await sitDown(server)
    await sam.act({ id: createId(), type: 'presence', presence: 'away' })
    const visitor = await visit(server)
    await nobodyHome(visitor)
    await visitor.message(createId(), 'person')
    await eventually(() => grown(visitor).length > 0)
    await sam.act({ id: createId(), type: 'presence', presence: 'online' })
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    expect(answers(visitor)).toEqual([])
    await answered(visitor, 1)
    expect(answers(visitor)[0]).toMatchObject({ id: grown(visitor)[0]!.id, text: grown(visitor).at(-1)!.text })
    await sam.untilConversation(({ session }) => session?.state === 'queued')
  })

  it('stores what it has said once the store works again, and says it once', async () => {
    await start()
    const visitor = await visit(server)
    const failed = store.failNext('bot_misses = $2')
    await visitor.message(createId(), 'Which bulb do I need?')
    await failed
    await answered(visitor, 1)
    const texts = grown(visitor).map(({ text }) => text)
    expect(texts.every((text, i) => text.startsWith(texts[i - 1] ?? ''))).toBe(true)
  })

  it('answers a burst once, to what was said last', async () => {
    await start({ botDelay: [150, 150] })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'hello')
    await visitor.message(thread, 'one question')
    await visitor.message(thread, 'about returns')
    await answered(visitor, 1)
    expect(answers(visitor)[0]!.text).toContain('30 days')
    await pause(250)
    expect(answers(visitor)).toHaveLength(1)
  })

  it('hands over when a person is asked for, then is silent until the thread is closed', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'I want a person')
    await eventually(() => notices(visitor).includes('handed-over'))
    expect(messages(visitor).map(({ author }) => author)).toEqual(['visitor', 'bot', 'system'])
    await visitor.message(thread, 'and delivery?')
    await pause(100)
    expect(answers(visitor)).toHaveLength(1)
    const sam = await sitDown(server)
    expect(sam.welcome.conversations[0]).toMatchObject({ waitingSince: expect.any(Number) })
    await sam.act({ id: createId(), type: 'state', threadId: thread, state: 'closed' })
    sam.close()
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    await nobodyHome(visitor)
    await visitor.message(thread, 'another thing: delivery?')
    await answered(visitor, 2)
  })

  it('hands over after three misses in a row', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    for (const [i, text] of ['qwertz', 'delivery?', 'asdf', 'yxcv', 'uiop'].entries()) {
      await visitor.message(thread, text)
      await answered(visitor, i + 1)
      expect(notices(visitor)).toEqual([])
      if (i === 3) break
    }
    await visitor.message(thread, 'uiop')
    await eventually(() => notices(visitor).includes('handed-over'))
    expect(answers(visitor)).toHaveLength(5)
  })

  it('leaves the talking to people when somebody is home', async () => {
    await start()
    const sam = await sitDown(server)
    const visitor = await visit(server)
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    const thread = createId()
    await visitor.message(thread, 'delivery?')
    await pause(100)
    expect(answers(visitor)).toEqual([])
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Two days' })
    sam.close()
    await nobodyHome(visitor)
    await visitor.message(thread, 'and returns?')
    await pause(100)
    expect(answers(visitor)).toEqual([])
  })

  it('asks somebody over when a person is asked for and one is home by now', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'delivery?')
    await answered(visitor, 1)
    const sam = await sitDown(server)
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    await visitor.message(thread, 'person')
    expect((await visitor.untilEvent('session')).session).toMatchObject({ state: 'queued' })
    await expect.poll(() => notices(visitor)).toEqual(['handed-over', 'queued'])
    await sam.untilConversation(({ session }) => session?.state === 'queued')
  })

  it('answers after a restart what it had not answered, and nothing twice', async () => {
    await start({ botDelay: [60_000, 60_000] })
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'delivery?')
    await pause(50)
    await start()
    let back = await visit(server, { device: visitor.device })
    await back.untilEvent('message', ({ message }) => message.author === 'bot')
    await start()
    back = await visit(server, { device: visitor.device })
    await pause(150)
    const [{ n } = { n: 0 }] = await rig.store.query<{ n: number }>(
      `SELECT count(*) AS n FROM messages WHERE author = 'bot'`
    )
    expect(n).toBe(1)
  })

  it('can be switched off', async () => {
    server = await rig.start({ bot: false })
    const visitor = await visit(server)
    expect((await visitor.untilEvent('availability')).availability.assistant).toBe(false)
    await visitor.message(createId(), 'delivery?')
    await pause(100)
    expect(answers(visitor)).toEqual([])
  })
})
