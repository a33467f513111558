import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import type { OutboxRow } from '../../src/core/rows.ts'
import { createThread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { faulty, holding, pause } from '../support/failing-disk.ts'
import { type ChatRig, rig } from '../support/rig.ts'
import '../../src/core/inbox.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync')
})
afterEach(() => {
  vi.setTimerTickMode('manual').useRealTimers()
})
/** A message that waits. */
const message = (id: string, n: number) => ({
  command: { id, n, type: 'message', threadId: 't', text: id, attachments: [] },
  at: 1,
  acked: null,
  failed: null
})

/** Two tabs without a network over one disk, of which the second one's can be told to fail. */
async function makeTwo() {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const tabs = stillTabs()
  /** `after`: the next commit is done, and fails; `once`: it is done, and nothing works from then on. */
  const fault = { mode: 'ok' as 'ok' | 'lost' | 'after' | 'once' }
  const check = () => {
    if (fault.mode === 'lost') throw new StorageError('lost', 'told to')
  }
  const storage: ChatStorage = {
    ...disk,
    durable: true,
    async list(...args) {
      check()
      return disk.list(...args)
    },
    async commit(changes) {
      check()
      await disk.commit(changes)
      const { mode } = fault
      if (mode === 'after') {
        fault.mode = 'ok'
        throw new StorageError('lost', 'done all the same')
      }
      if (mode === 'once') fault.mode = 'lost'
    }
  }
  const healthy = await rig({ storage: { ...disk, durable: true }, transport, tabs })
  const ill = await rig({ storage, transport, tabs })
  onTestFinished(() => {
    healthy.chat.close()
    ill.chat.close()
  })
  const waiting = async () =>
    (await disk.list(['outbox'])).map(({ key, value }) => {
      const { command } = value as OutboxRow
      return [key[2], command.type === 'message' && command.text]
    })
  return { disk, transport, fault, healthy, ill, waiting }
}

/** The second tab holds so many messages, and the first one has stored one of its own meanwhile. */
async function makeHolding(count: number) {
  const two = await makeTwo()
  two.fault.mode = 'lost'
  for (let i = 1; i <= count; i++) await two.ill.chat.send('t', { text: `held ${i}` })
  await two.healthy.chat.send('t', { text: 'other' })
  return two
}

const durable = async ({ chat }: ChatRig) => {
  while (chat.$status.get().storage !== 'durable') await pause(50)
}

it.each([1, 2, 3, 4])(
  'keeps the order of %i that it held, where giving them back was done, and failed',
  async count => {
    const { fault, ill, waiting } = await makeHolding(count)
    fault.mode = 'after'
    await durable(ill)
    expect(await waiting()).toEqual([
      [1, 'other'],
      ...Array.from({ length: count }, (_, i) => [i + 2, `held ${i + 1}`])
    ])
  }
)

it.each([1, 2, 3, 4])(
  'loses none of %i that it held, where the disk fails anew before it has read what it did',
  async count => {
    const { fault, ill, waiting } = await makeHolding(count)
    fault.mode = 'once'
    while ((fault.mode as string) !== 'lost') await pause(50)
    await ill.chat.send('t', { text: 'later' })
    fault.mode = 'ok'
    await durable(ill)
    const texts = (await waiting()).map(([, text]) => text)
    expect(texts).toEqual(['other', ...Array.from({ length: count }, (_, i) => `held ${i + 1}`), 'later'])
  }
)

it('puts a conversation back with what waits in it, where the disk was emptied before this browser had a name', async () => {
  const disk = memory()
  await disk.commit([
    { put: ['lane', 't'], value: 1 },
    { put: ['outbox', 't', 1], value: message('one', 1) },
    { put: ['thread', 't'], value: createThread('t', 1) }
  ])
  const { held, mended } = await holding(faulty(disk), ['life', 'device', 'lane', 'thread', 'outbox'])
  // The second one is held; as `accept` writes it, where the thread is known.
  await held.commit([
    { expect: ['life'], value: undefined },
    { expect: ['cursor'], value: undefined },
    { expect: ['lane', 't'], value: 1 },
    { put: ['lane', 't'], value: 2 },
    { put: ['outbox', 't', 2], value: message('two', 2) }
  ])
  await disk.commit([{ drop: [] }])
  await mended()
  expect((await disk.list(['outbox'])).map(({ key }) => key[2])).toEqual([1, 2])
  expect(await disk.list(['thread'])).toMatchObject([{ key: ['thread', 't'] }])
})

it('gives no number that a row has of which this tab knows, where it was not told of the counter', async () => {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const make = stillTabs()
  /** Whether the second tab misses notes. */
  let deaf = false
  const fault = { is: false }
  const guard = <T>(work: () => Promise<T>) => (fault.is ? Promise.reject(new StorageError('lost', 'told to')) : work())
  const first = await rig({ storage: { ...disk, durable: true }, transport, tabs: make })
  const second = await rig({
    storage: {
      durable: true,
      list: (...args) => guard(() => disk.list(...args)),
      commit: c => guard(() => disk.commit(c)),
      close() {}
    },
    transport,
    tabs: () => {
      const own = make()
      return { ...own, listen: listener => own.listen(note => deaf || listener(note)) }
    }
  })
  onTestFinished(() => {
    first.chat.close()
    second.chat.close()
  })
  await first.chat.send('t', { text: 'zero' })
  await pause(10)
  deaf = true
  await first.chat.send('t', { text: 'first' })
  deaf = false
  // What the backend refuses is told as a row of its own.
  transport.backend.refuse('message', 'no')
  transport.backend.refuse('message', 'no')
  transport.offline(false)
  first.page.emit('online')
  await pause(3000)
  fault.is = true
  await second.chat.send('t', { text: 'second' })
  fault.is = false
  await durable(second)
  const texts = (await disk.list(['outbox'])).map(
    ({ value }) => ((value as OutboxRow).command as { text?: string }).text
  )
  const said = (await disk.list(['message'])).map(({ value }) => (value as { text?: string }).text)
  expect([...texts, ...said].sort()).toEqual(['first', 'second', 'zero'])
})

it('leaves in their order what another tab has numbered anew, where one is held at one of its new numbers', async () => {
  const disk = memory()
  const put = (id: string, n: number) => ({ put: ['outbox', 't', n], value: message(id, n) })
  await disk.commit([
    { put: ['device'], value: 'd' },
    { put: ['thread', 't'], value: createThread('t', 1) },
    { put: ['lane', 't'], value: 3 },
    put('one', 1),
    put('two', 2),
    put('three', 3)
  ])
  const { held, mended } = await holding(faulty(disk), ['life', 'device', 'lane', 'thread', 'outbox'])
  await held.commit([{ expect: ['lane', 't'], value: 3 }, { put: ['lane', 't'], value: 4 }, put('four', 4)])
  // The backend has told the tab that leads, whose disk works, that it counts from elsewhere: see `renumber`.
  await disk.commit([
    { expect: ['lane', 't'], value: 3 },
    ...[1, 2, 3].map(n => ({ drop: ['outbox', 't', n] })),
    put('one', 4),
    put('two', 5),
    put('three', 6),
    { put: ['lane', 't'], value: 6 }
  ])
  await mended()
  const found = (await disk.list(['outbox'])).map(({ value }) => (value as { command: { id: string } }).command.id)
  expect(found).toEqual(['one', 'two', 'three', 'four'])
})

/** The disk, where this is done by another tab right after this one has read it, and before this one's commit. */
function between(disk: ChatStorage, work: () => Promise<unknown>): ChatStorage {
  let isDone = false
  return {
    ...disk,
    async commit(changes) {
      if (!isDone) {
        isDone = true
        await work()
      }
      return disk.commit(changes)
    }
  }
}

it('keeps what another tab reads while what was held is put back', async () => {
  const disk = memory()
  const thread = (last: number, read: number) => ({ ...createThread('t', 1), last, read, unread: last - read })
  await disk.commit([
    { put: ['device'], value: 'd' },
    { put: ['cursor'], value: 'c6' },
    { put: ['lane', 't'], value: 6 },
    { put: ['thread', 't'], value: thread(6, 2) }
  ])
  // As `read` in talk.ts: neither the cursor, nor the life, device or term.
  const other = () =>
    disk.commit([
      { expect: ['cursor'], value: 'c6' },
      { expect: ['lane', 't'], value: 6 },
      { put: ['lane', 't'], value: 7 },
      {
        put: ['outbox', 't', 7],
        value: { ...message('r', 7), command: { id: 'r', n: 7, type: 'read', threadId: 't', upTo: 6 } }
      },
      { put: ['thread', 't'], value: thread(6, 6) }
    ])
  const { held, mended } = await holding(faulty(between(disk, other)), [
    'life',
    'device',
    'term',
    'lane',
    'thread',
    'outbox'
  ])
  // As `store` in inbox.ts.
  await held.commit([
    { expect: ['lane', 't'], value: 6 },
    { put: ['thread', 't'], value: thread(7, 2) },
    { expect: ['cursor'], value: 'c6' },
    { put: ['cursor'], value: 'c7' }
  ])
  await mended()
  expect(await disk.list(['thread'])).toMatchObject([{ value: { last: 7, read: 6 } }])
})

it('puts nothing back that another tab takes back in that very moment', async () => {
  const disk = memory()
  await disk.commit([
    { put: ['device'], value: 'd' },
    { put: ['lane', 't'], value: 1 },
    { put: ['thread', 't'], value: createThread('t', 1) },
    { put: ['outbox', 't', 1], value: message('one', 1) }
  ])
  // As `discard` in recovery.ts.
  const other = () =>
    disk.commit([
      { expect: ['lane', 't'], value: 1 },
      {
        put: ['outbox', 't', 1],
        value: { ...message('void', 1), command: { id: 'void', n: 1, type: 'void', threadId: 't' } }
      },
      { put: ['lane', 't', 1], value: 'one' }
    ])
  const { held, mended } = await holding(faulty(between(disk, other)), [
    'life',
    'device',
    'term',
    'lane',
    'thread',
    'outbox',
    'choice'
  ])
  await held.commit([{ put: ['choice', 'dark'], value: 'on' }])
  await mended()
  expect(await disk.list(['outbox'])).toMatchObject([{ value: { command: { type: 'void' } } }])
})

it('leaves what the other device says under a number that was used and done here', async () => {
  const disk = memory()
  const { held, mended } = await holding(faulty(disk), ['life', 'device', 'term', 'lane', 'thread', 'outbox'])
  // Said here, with a name that no other tab has heard of, and done.
  await held.commit([
    { put: ['lane', 't'], value: 1 },
    { put: ['outbox', 't', 1], value: message('ours', 1) },
    { put: ['thread', 't'], value: createThread('t', 1) }
  ])
  await held.commit([
    { expect: ['device'], value: undefined },
    { put: ['device'], value: 'here' }
  ])
  await held.commit([{ drop: ['outbox', 't', 1] }])
  // And in a tab whose disk works.
  await disk.commit([
    { put: ['device'], value: 'there' },
    { put: ['lane', 't'], value: 1 },
    { put: ['outbox', 't', 1], value: message('theirs', 1) },
    { put: ['thread', 't'], value: createThread('t', 1) }
  ])
  await mended()
  expect(await disk.list(['outbox'])).toMatchObject([{ value: { command: { id: 'theirs' } } }])
})
