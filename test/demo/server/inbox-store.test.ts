import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../../demo/server/store/store.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { createRig, pause, type Rig, sitDown, visit } from './rig.ts'

let rig: Rig
let failing = 0
/** Words of a statement that fails once. */
let once = ''
/** How many transactions fail. */
let breaks = 0
beforeAll(async () => {
  const store = await openPristine()
  const flaky: Store = {
    ...store,
    query(sql, params) {
      const isOnce = once !== '' && sql.includes(once)
      if (isOnce) once = ''
      return isOnce || (failing > 0 && sql.includes('FROM visitors v LEFT JOIN verified') && failing-- > 0)
        ? Promise.reject(new Error('the connection broke'))
        : store.query(sql, params)
    },
    transaction: work =>
      breaks > 0 && breaks-- > 0 ? Promise.reject(new Error('the connection broke')) : store.transaction(work)
  }
  rig = await createRig(flaky)
})
afterAll(() => rig.close())

it('tells an inbox of a conversation though the store failed when it was read', async () => {
  const server = await rig.start()
  const [visitor, sam] = [await visit(server), await sitDown(server)]
  const thread = createId()
  failing = 2
  expect(await visitor.message(thread, 'is anybody there?')).toMatchObject({ t: 'ack' })
  await sam.untilConversation(conversation => conversation.thread.id === thread)
  await sam.until(frame => frame.t === 'message' && frame.message.threadId === thread)
  expect(failing).toBe(0)
})

it('tells an inbox of the settings though the store failed when they were read', async () => {
  const sam = await sitDown(await rig.start())
  await pause(300)
  once = 'FROM meta'
  const settings = { open: false, queueLimit: 90_000 }
  sam.say({ t: 'do', command: { id: createId(), type: 'settings', settings } })
  expect(await sam.until(({ t }) => t === 'settings')).toMatchObject({ settings })
  expect(once).toBe('')
})

it('tells a visitor that an inbox has it, though the store failed when that was written down', async () => {
  const server = await rig.start({ bot: false })
  const visitor = await visit(server)
  await sitDown(server)
  await pause(300)
  await visitor.message(createId(), 'is anybody there?')
  breaks = 1
  await visitor.until(
    frame => frame.t === 'events' && frame.events.some(event => event.type === 'receipt' && event.delivered > 0)
  )
  expect(breaks).toBe(0)
})
