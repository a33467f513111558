import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../demo/server/environment.ts'
import type { Form } from '../../../src/model/form.ts'
import { createId } from '../../../src/model/id.ts'
import { createRig, eventually, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'

const FIRST: Form = { fields: [{ name: 'name', label: 'Name', kind: 'text', required: true }] }
const ORDER: Form = {
  fields: [
    { name: 'order', label: 'Order', kind: 'text', required: true },
    { name: 'email', label: 'E-mail', kind: 'email' },
    { name: 'matter', label: 'Matter', kind: 'select', options: ['A change', 'Something broke'] }
  ]
}

let rig: Rig
beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(() => rig.wipe())

const answer = (visitor: TestVisitor, threadId: string, to: string | null, values: Record<string, string | boolean>) =>
  visitor.send({ type: 'message', threadId, text: 'as the client says it', attachments: [], answers: { to, values } })
const last = (visitor: TestVisitor) =>
  visitor
    .events()
    .flatMap(event => (event.type === 'message' && event.cursor ? [event.message] : []))
    .at(-1)!

describe('what is asked before a conversation', () => {
  it('comes with the availability, and its answers begin a thread, in the words of the form', async () => {
    const server = await rig.start({ form: FIRST })
    const visitor = await visit(server)
    const { availability } = await visitor.untilEvent('availability')
    expect(availability.form).toEqual(FIRST)
    const thread = createId()
    expect(await answer(visitor, thread, null, { name: ' Ada ', more: 'is not asked for' })).toMatchObject({
      position: 1
    })
    await visitor.untilEvent('message')
    expect(last(visitor)).toMatchObject({
      text: 'Name: Ada',
      content: { type: 'answers', to: null, values: { name: 'Ada' } }
    })
  })

  it('is refused where nothing is asked', async () => {
    const visitor = await visit(await rig.start())
    expect(await answer(visitor, createId(), null, { name: 'Ada' })).toMatchObject({ t: 'nack', reason: 'no-form' })
  })
})

describe('a form in a conversation', () => {
  const asked = async () => {
    const server = await rig.start()
    const [visitor, sam] = [await visit(server), await sitDown(server)]
    const threadId = createId()
    await visitor.message(threadId, 'Where is my order?')
    const id = createId()
    expect(await sam.act({ id, type: 'reply', threadId, text: 'Which one?', form: ORDER })).toMatchObject({ t: 'ack' })
    await visitor.untilEvent('message', ({ message }) => message.id === id)
    return { server, visitor, sam, threadId, id }
  }

  it('is answered once', async () => {
    const { visitor, sam, threadId, id } = await asked()
    expect(last(visitor)).toMatchObject({ text: 'Which one?', content: { type: 'form', form: ORDER } })
    const given = { order: 'F1\u0000', email: 'ada@example.com', matter: 'A change' }
    expect(await answer(visitor, threadId, id, given)).toMatchObject({ t: 'ack' })
    const seen = await sam.until(frame => frame.t === 'message' && frame.message.content?.type === 'answers')
    expect(seen).toMatchObject({ message: { text: expect.stringMatching(/^Order: F1.*\nE-mail: ada@example.com\n/) } })
    expect(await answer(visitor, threadId, id, given)).toMatchObject({ t: 'nack', reason: 'answered' })
    await eventually(() => last(visitor).content?.type === 'answers')
  })

  it.each([
    [{}, 'values.order: expected an answer'],
    [{ order: 'F1', email: 'ada' }, 'values.email: expected an address'],
    [{ order: 'F1', matter: 'Nonsense' }, 'values.matter: expected one of the options']
  ])('is refused with what is wrong: %j', async (values: Record<string, string>, message) => {
    const { visitor, threadId, id } = await asked()
    const refused = await answer(visitor, threadId, id, values)
    expect(refused).toMatchObject({ t: 'nack', code: 'rejected', reason: 'answers' })
    expect(refused).toMatchObject({ message: expect.stringContaining(message) })
    expect(await visitor.message(threadId, 'the lane goes on')).toMatchObject({ t: 'ack' })
  })

  it('is of its own thread, and a message with a form', async () => {
    const { server, visitor, threadId, id } = await asked()
    const other = createId()
    await visitor.message(other, 'Another thing')
    expect(await answer(visitor, other, id, { order: 'F1' })).toMatchObject({ reason: 'no-form' })
    const stranger = await visit(server)
    expect(await answer(stranger, threadId, id, { order: 'F1' })).toMatchObject({ code: 'forbidden' })
    expect(await answer(visitor, threadId, '\u0000', { order: 'F1' })).toMatchObject({
      reason: 'invalid',
      message: expect.stringContaining('command.answers.to')
    })
  })
})

describe('the environment', () => {
  it('names what is wrong with a form', () => {
    expect(readEnvironment({ FORM: JSON.stringify(FIRST) }).options.form).toEqual(FIRST)
    expect(() => readEnvironment({ FORM: 'name' })).toThrow(/FORM.*JSON such as/)
    expect(() => readEnvironment({ FORM: '{"fields":[{"name":"a"}]}' })).toThrow('FORM.fields[0].label')
  })
})
