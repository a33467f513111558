import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createId } from '../../../src/model/id.ts'
import { createRig, eventually, type Rig, sitDown, visit } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(() => rig.wipe())

it('erases what a visitor and the team said, for everybody, once, and nothing of others', async () => {
  const server = await rig.start()
  const [ann, bob, sam] = [await visit(server), await visit(server), await sitDown(server)]
  const [threadId, other] = [createId(), createId()]
  await ann.send({ type: 'identify', name: 'Ann', email: 'ann@example.com' })
  await ann.message(threadId, 'Ann’s secret')
  await ann.send({ type: 'start', threadId })
  await bob.message(other, 'Bob’s words')
  await sam.act({ id: createId(), type: 'reply', threadId, text: 'about Ann’s secret' })
  const before = ann.cursor()

  const receipt = createId()
  expect(await ann.send({ type: 'erase' }, receipt)).toMatchObject({ t: 'ack', id: receipt, position: null })
  const seen = await sam.untilConversation(
    ({ thread, visitor }) => thread.id === threadId && thread.state === 'closed' && visitor.name === ''
  )
  expect(seen).toMatchObject({
    session: { state: 'ended' },
    thread: { newest: { content: { type: 'notice', code: 'erased' } }, unread: 0 },
    visitor: { name: '', email: '' }
  })

  // Whoever was behind, and whoever begins anew, sees the same: places without words.
  for (const cursor of [before, undefined]) {
    const again = await visit(server, { device: ann.device, cursor })
    again.say({ t: 'history', q: 1, threadId, before: null, limit: 50 })
    const page = await again.until(frame => frame.t === 'page')
    const said = JSON.stringify([again.frames, page])
    expect(said).not.toContain('secret')
    expect(said).toContain('"erased"')
    again.close()
  }
  const desk = await sitDown(server)
  expect(JSON.stringify(desk.welcome)).not.toContain('secret')
  expect(JSON.stringify(desk.welcome)).toContain('Bob’s words')
  bob.say({ t: 'history', q: 1, threadId: other, before: null, limit: 50 })
  await bob.until(frame => frame.t === 'page' && frame.messages[0]?.text === 'Bob’s words')

  // What is written afterwards is new.
  await ann.message(threadId, 'Here again')
  await eventually(() => ann.events().some(event => event.type === 'message' && event.message.text === 'Here again'))
})

it('keeps nothing at hand of a single message that was erased', async () => {
  const server = await rig.start()
  const ann = await visit(server)
  await ann.message(createId(), 'Ann’s secret')
  // Stands right before the message.
  const { cursor } = await ann.untilEvent('thread')
  await ann.send({ type: 'erase' })
  const again = await visit(server, { device: ann.device, cursor })
  expect(again.events()).toContainEqual(
    expect.objectContaining({ message: expect.objectContaining({ text: '', content: { type: 'erased' } }) })
  )
  expect(JSON.stringify(again.frames)).not.toContain('secret')
})
