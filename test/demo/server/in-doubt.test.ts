import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Limits } from '../../../demo/server/limits.ts'
import type { Server } from '../../../demo/server/server.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { createRig, eventually, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'

let rig: Rig
let server: Server
/** Words of a statement: the connection breaks once the next transaction with it is committed, before that is heard. */
let breaksAfter: string | undefined

beforeAll(async () => {
  const store = await openPristine()
  const breaking: Store = {
    ...store,
    async transaction(work) {
      let isIt = false
      const result = await store.transaction(tx =>
        work({
          query(sql, params) {
            isIt ||= breaksAfter !== undefined && sql.includes(breaksAfter)
            return tx.query(sql, params)
          }
        })
      )
      if (!isIt) return result
      breaksAfter = undefined
      throw new Error('Connection terminated unexpectedly')
    }
  }
  rig = await createRig(breaking)
})
afterAll(() => rig.close())
beforeEach(async () => {
  breaksAfter = undefined
  await rig.wipe()
})

const start = async (limits: Partial<Limits> = {}, options: { readonly bot?: boolean } = {}) => {
  server = await rig.start(options, limits)
}
const said = (visitor: TestVisitor) =>
  visitor.events().flatMap(event => (event.type === 'message' ? event.message.text || event.message.content?.type : []))

describe('what is stored, though the database broke before it said so', () => {
  it('is told of a chat that ended', async () => {
    await start({ queue: 800, awayAtStart: 0 })
    const sam = await sitDown(server)
    const visitor = await visit(server)
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    const thread = createId()
    await visitor.message(thread, 'hello?')
    await visitor.send({ type: 'start', threadId: thread })
    await visitor.untilEvent('session', ({ session }) => session.state === 'queued')
    breaksAfter = 'ended_at = '
    const { session } = await visitor.untilEvent('session', event => event.session.state === 'ended')
    expect(session.reason).toBe('unanswered')
    await sam.untilConversation(one => one.session?.state === 'ended')
    expect(breaksAfter).toBeUndefined()
  })

  it('is told of what the assistant said, once', async () => {
    await start({ botDelay: [1, 2] }, { bot: true })
    const visitor = await visit(server)
    breaksAfter = 'bot_misses = $2'
    await visitor.message(createId(), 'Where is my parcel?')
    const stored = () => rig.store.query(`SELECT 1 FROM messages WHERE author = 'bot'`)
    const told = () =>
      visitor.events().filter(event => event.type === 'message' && event.cursor && event.message.author === 'bot')
    await eventually(() => told().length > 0)
    expect(breaksAfter).toBeUndefined()
    expect(told()).toHaveLength((await stored()).length)
  })

  it('is told of what was erased, to the other tabs too, and nothing of it stays at hand', async () => {
    await start()
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'first')
    const cursor = visitor.cursor()
    await visitor.message(thread, 'my secret')
    const other = await visit(server, { device: visitor.device, cursor: visitor.cursor() })
    breaksAfter = '"type":"erased"'
    const erase = { type: 'erase', id: createId(), n: 1 } as const
    expect(await visitor.offer(erase)).toMatchObject({ t: 'nack', code: 'busy' })
    expect(await visitor.offer(erase)).toMatchObject({ t: 'ack' })
    await eventually(() => said(other).includes('erased'))
    const late = await visit(server, { device: visitor.device, cursor })
    await eventually(() => said(late).includes('erased'))
    expect(said(late)).not.toContain('my secret')
  })
})
