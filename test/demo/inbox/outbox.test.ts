import { afterEach, expect, test, vi } from 'vitest'
import type { Outcome } from '../../../demo/inbox/commands.ts'
import { createOutbox } from '../../../demo/inbox/conversation/outbox.ts'
import { memoryShelf, message } from './house.ts'

type Run = { readonly id: string; readonly text: string; readonly deed: unknown; answer(outcome: Outcome): void }

function createServer() {
  const runs: Run[] = []
  const run = (deed: unknown, id?: string) =>
    new Promise<Outcome>(answer => runs.push({ id: id!, text: (deed as { text: string }).text, deed, answer }))
  return { runs, run }
}

const done: Outcome = { ok: true, at: 1 }
const refused: Outcome = { ok: false, code: 'rejected', reason: 'too-long' }
const busy: Outcome = { ok: false, code: 'busy', reason: '' }
const settle = () => new Promise(resolve => setTimeout(resolve))
const texts = (outbox: ReturnType<typeof createOutbox>) => (outbox.$pending.get().a ?? []).map(({ text }) => text)

afterEach(() => void vi.useRealTimers())

test('stores a reply before it is sent, and forgets it when the server has it', async () => {
  const { runs, run } = createServer()
  const shelf = memoryShelf()
  const outbox = createOutbox({ shelf, run })
  const { id, stored, sent } = outbox.add('a', 'hello')
  expect(stored).toBe(true)
  expect(shelf.get(id)).toMatchObject({ text: 'hello', state: 'waiting' })
  runs[0]!.answer(done)
  expect(await sent).toBe(true)
  expect(shelf.values.size).toBe(0)
  expect(outbox.$pending.get().a?.[0]?.state).toBe('sent')
  outbox.arrived(message('a', 1, { id }))
  expect(texts(outbox)).toEqual([])
})

test('sends the same id again after a reload', () => {
  const before = createServer()
  const shelf = memoryShelf()
  createOutbox({ shelf, run: before.run }).add('a', 'hello')
  const after = createServer()
  const outbox = createOutbox({ shelf, run: after.run })
  expect(texts(outbox)).toEqual(['hello'])
  expect(after.runs.map(({ id }) => id)).toEqual(before.runs.map(({ id }) => id))
})

test('says up to where its writer had seen the thread, however much later it is sent', () => {
  const shelf = memoryShelf()
  createOutbox({ shelf, run: createServer().run }).add('a', 'hello', [], 3)
  const { runs, run } = createServer()
  createOutbox({ shelf, run })
  expect(runs.map(({ deed }) => deed)).toEqual([{ type: 'reply', threadId: 'a', text: 'hello', upTo: 3 }])
})

test('sends one at a time in each thread, in the order they were written', async () => {
  const { runs, run } = createServer()
  const outbox = createOutbox({ shelf: memoryShelf(), run })
  for (const text of ['one', 'two']) outbox.add('a', text)
  outbox.add('b', 'other')
  expect(runs.map(({ text }) => text)).toEqual(['one', 'other'])
  runs[0]!.answer(done)
  await settle()
  expect(runs.map(({ text }) => text)).toEqual(['one', 'other', 'two'])
})

test('keeps a refused reply, goes on with the next, and retries under a new id', async () => {
  const { runs, run } = createServer()
  const outbox = createOutbox({ shelf: memoryShelf(), run })
  const { id, sent } = outbox.add('a', 'one')
  outbox.add('a', 'two')
  runs[0]!.answer(refused)
  expect(await sent).toBe(false)
  expect(outbox.$pending.get().a?.[0]).toMatchObject({ state: 'failed', reason: 'too-long' })
  await settle()
  expect(runs[1]?.text).toBe('two')
  outbox.retry(id)
  runs[1]!.answer(done)
  await settle()
  expect(runs[2]).toMatchObject({ text: 'one' })
  expect(runs[2]?.id).not.toBe(id)
})

test('tries again, with the same id, when the server is busy', async () => {
  vi.useFakeTimers()
  const { runs, run } = createServer()
  createOutbox({ shelf: memoryShelf(), run }).add('a', 'one')
  runs[0]!.answer(busy)
  await vi.advanceTimersByTimeAsync(2500)
  expect(runs.map(({ id }) => id)).toEqual([runs[0]!.id, runs[0]!.id])
})

test('says so when the browser stores nothing', () => {
  const { run } = createServer()
  const outbox = createOutbox({ shelf: memoryShelf({ full: true }), run })
  expect(outbox.add('a', 'one').stored).toBe(false)
  expect(outbox.count()).toBe(1)
})

test('takes the message itself for an acknowledgement', async () => {
  const { run } = createServer()
  const shelf = memoryShelf()
  const outbox = createOutbox({ shelf, run })
  const { id, sent } = outbox.add('a', 'one')
  outbox.arrived(message('a', 4, { id, author: 'agent' }))
  expect(await sent).toBe(true)
  expect(shelf.values.size).toBe(0)
})

test('discards only what failed', async () => {
  const { runs, run } = createServer()
  const outbox = createOutbox({ shelf: memoryShelf(), run })
  const { id, sent } = outbox.add('a', 'one')
  outbox.discard(id)
  expect(texts(outbox)).toEqual(['one'])
  runs[0]!.answer(refused)
  await sent
  outbox.discard(id)
  expect(texts(outbox)).toEqual([])
})

test('leaves alone what somebody else put on its shelf', () => {
  const { runs, run } = createServer()
  const shelf = memoryShelf()
  shelf.put('x', { id: 'x', state: 'waiting' })
  shelf.put('y', 'nonsense')
  expect(texts(createOutbox({ shelf, run }))).toEqual([])
  expect(runs).toEqual([])
})
