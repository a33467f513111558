import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../../demo/server/store/store.ts'
import { createId } from '../../../src/model/id.ts'
import { openPristine } from '../../support/pristine.ts'
import { createRig, type Rig, sitDown, visit } from './rig.ts'

let rig: Rig
let failing = 0
beforeAll(async () => {
  const store = await openPristine()
  const flaky: Store = {
    ...store,
    query: (sql, params) =>
      failing > 0 && sql.includes('FROM visitors v LEFT JOIN verified') && failing-- > 0
        ? Promise.reject(new Error('the connection broke'))
        : store.query(sql, params)
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
