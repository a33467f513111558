import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Limits } from '../../../demo/server/limits.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { createRig, eventually, pause, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'

let rig: Rig
let server: Server
let complaints: string[]

beforeAll(async () => {
  rig = await createRig(await openPristine())
})
afterAll(() => rig.close())
beforeEach(() => rig.wipe())

const start = async (limits: Partial<Limits> = {}, options: { readonly bot?: boolean } = {}) => {
  complaints = []
  const log = { info() {}, warn() {}, error: (what: string) => void complaints.push(what) }
  server = await rig.start({ log, ...options }, limits)
}

async function queued() {
  const visitor = await visit(server)
  await visitor.untilEvent('availability', ({ availability }) => availability.open)
  const thread = createId()
  await visitor.message(thread, 'hello?')
  await visitor.send({ type: 'start', threadId: thread })
  const { session } = await visitor.untilEvent('session', event => event.session.state === 'queued')
  return { visitor, thread, session }
}

const say = async (visitor: TestVisitor, threadId: string, id: string) =>
  expect(await visitor.send({ type: 'message', threadId, text: 'x', attachments: [] }, id)).toMatchObject({ t: 'ack' })

/** What a visitor can make up from what a chat is called. */
const guesses = (id: string) => ['start', 'joined', 'end', 'due'].map(what => `${id}.${what}`)

describe('a visitor who gives messages ids that somebody else may want', () => {
  it('keeps no chat from ending, neither their own nor anybody else’s', async () => {
    await start({ queue: 600, away: 100, awayAtStart: 0 })
    await sitDown(server)
    const rude = await queued()
    for (const id of guesses(rude.session.id)) await say(rude.visitor, rude.thread, id)
    const other = await queued()
    for (const { visitor } of [rude, other]) {
      const { session } = await visitor.untilEvent('session', event => event.session.state === 'ended')
      expect(session.reason).toBe('unanswered')
    }
    expect(complaints).toEqual([])
  })

  it('keeps no agent from taking the chat, and from answering', async () => {
    await start()
    const sam = await sitDown(server)
    const { visitor, thread, session } = await queued()
    for (const id of guesses(session.id)) await say(visitor, thread, id)
    expect(await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Hi' })).toMatchObject({ t: 'ack' })
    await visitor.untilEvent('message', ({ message }) => message.text === 'Hi')
  })

  it('gets no answer of the assistant who would need that id, and keeps it from nothing', async () => {
    await start({ botDelay: [1, 2] }, { bot: true })
    const visitor = await visit(server)
    const thread = createId()
    const question = createId()
    const id = createHash('sha256').update(`assistant ${thread} ${question}`).digest('base64url').slice(0, 22)
    await say(visitor, thread, id)
    await say(visitor, thread, question)
    await pause(2500)
    expect(complaints).toEqual([])
    await visitor.message(thread, 'Where is my parcel?')
    await eventually(() => visitor.events().some(event => event.type === 'message' && event.message.author === 'bot'))
  })
})
