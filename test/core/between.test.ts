/** What happens elsewhere between the making of a commit and its being done, or between a question and its answer. */
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import type { Change, ChatStorage } from '../../src/storage/storage.ts'
import { type MemoryTransport, memoryTransport } from '../../src/testing/memory.ts'
import { TransportError } from '../../src/transport/errors.ts'
import type { Connection } from '../../src/transport/transport.ts'
import { pause } from '../support/failing-disk.ts'
import { type ChatRig, rig } from '../support/rig.ts'
import '../../src/core/files.ts'
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'

beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync')
})
afterEach(() => {
  vi.setTimerTickMode('manual').useRealTimers()
})

/** Tabs of one browser; the disk of the first does `work` right before the first commit that has such a change. */
async function makeTabs(transport: MemoryTransport = memoryTransport()) {
  const disk = { ...memory(), durable: true }
  const tabs = stillTabs()
  const moment = { is: (_: Change) => false, work: async () => {} }
  const storage: ChatStorage = {
    ...disk,
    async commit(changes) {
      // As IndexedDB takes.
      await pause(10)
      if (changes.some(change => moment.is(change))) {
        moment.is = () => false
        await moment.work()
      }
      await disk.commit(changes)
    }
  }
  const tab = async (on: ChatStorage = disk) => {
    const made = await rig({ storage: on, transport, tabs })
    onTestFinished(() => made.chat.close())
    return made
  }
  const first = await tab(storage)
  const second = await tab()
  first.chat.watch()
  await first.chat.send('t', { text: 'hello' })
  await pause(500)
  await first.chat.load('t')
  await second.chat.load('t')
  return { disk, transport, first, second, tab, moment, device: await first.device() }
}

/** The transport, with some of what its connections do done in another way. */
function through(inner: MemoryTransport, change: (connection: Connection) => Partial<Connection>): MemoryTransport {
  return {
    ...inner,
    async connect(request) {
      const connection = await inner.connect(request)
      return { ...connection, ...change(connection) }
    }
  }
}

const texts = ({ chat }: ChatRig) => chat.$messages.get().t!.entries.map(({ message }) => message.text)

/** The conversation is 300 long, of which this browser has the newest 50. */
async function grow({ transport, device, first: { chat } }: Awaited<ReturnType<typeof makeTabs>>) {
  transport.offline(true)
  for (let i = 2; i <= 300; i++) transport.backend.say(device, 't', `m${i}`)
  transport.backend.trim(device)
  transport.offline(false)
  chat.reconnect()
  await pause(5000)
  await chat.load('t')
}

it.each(['leads', 'follows'])('keeps words that are taken back where somebody types, in a tab that %s', async which => {
  const { disk, first, second } = await makeTabs()
  const { chat } = which === 'leads' ? first : second
  const id = await chat.send('t', { text: 'taken back', grace: 5000 })
  await pause(500)
  const undone = chat.undo(id)
  await pause(5)
  chat.draft('t', 'typed')
  await undone
  await pause(1000)
  expect(chat.$drafts.get().t).toBe('taken back\ntyped')
  expect((await disk.list(['draft'])).map(({ value }) => value)).toEqual(['taken back\ntyped'])
})

it('keeps a conversation that the backend has lost, where something is written there in that moment', async () => {
  const { first, second, transport, moment } = await makeTabs()
  transport.backend.wipe()
  const work = vi.fn(async () => {
    await second.chat.send('t', { text: 'waits' })
    transport.offline(true)
  })
  Object.assign(moment, { is: (change: Change) => 'drop' in change && String(change.drop) === 'thread,t', work })
  transport.drop()
  first.chat.reconnect()
  await pause(10_000)
  expect(work).toHaveBeenCalledOnce()
  for (const made of [first, second]) {
    await made.chat.load('t')
    expect(made.chat.$threads.get().map(({ id }) => id)).toEqual(['t'])
    expect(texts(made)).toEqual(['waits'])
  }
})

it('does not show as failed what another tab has delivered, while this one was frozen as it said so', async () => {
  const inner = memoryTransport({ capabilities: { upload: true } })
  let broken = true
  const transport = through(inner, ({ upload }) => ({
    upload(...given) {
      if (broken) throw new TransportError('closed', 'a network that loses what is large')
      return upload!(...given)
    }
  }))
  const made = await makeTabs(transport)
  const { first, tab, moment, device } = made
  const work = vi.fn(async () => {
    broken = false
    first.page.visible = false
    await pause(30_000)
  })
  const isFailed = (value: unknown) => !!(value as { readonly failed?: unknown } | undefined)?.failed
  Object.assign(moment, { is: (change: Change) => 'put' in change && isFailed(change.value), work })
  const file = { id: 'f', name: 'f', mime: 'x', size: 1, url: '', blob: new Blob(['x']) }
  await first.chat.send('t', { text: 'with a file', attachments: [file] })
  await pause(200_000)
  expect(work).toHaveBeenCalledOnce()
  expect(inner.backend.history(device, 't', undefined, 9)).toHaveLength(2)
  // So many that what is sent is not among those that are shown first.
  for (let i = 0; i < 60; i++) inner.backend.say(device, 't', `m${i}`)
  await pause(1000)
  const next = await tab()
  await next.chat.load('t')
  const failed = next.chat.$messages.get().t!.entries.filter(({ delivery }) => delivery === 'failed')
  expect(failed).toEqual([])
})

it('shows a message as it is now, where an older page was asked for before it was changed', async () => {
  const inner = memoryTransport()
  let release: (() => void) | undefined
  let asked = 0
  const transport = through(inner, ({ history }) => ({
    async history(query, signal) {
      const page = await history(query, signal)
      if (query.before && !asked++)
        await new Promise<void>(resolve => {
          release = resolve
        })
      return page
    }
  }))
  const made = await makeTabs(transport)
  await grow(made)
  const older = made.first.chat.older('t')
  await pause(50)
  // On another device.
  inner.backend.accept(made.device, { type: 'erase', id: 'e', n: 1 })
  await pause(100)
  release!()
  await older
  expect(asked).toBe(2)
  expect(texts(made.first).filter(text => text)).toEqual([])
})

it('stores no older page of a past that the backend has lost, where the tab was frozen as it came', async () => {
  const made = await makeTabs()
  await grow(made)
  const { first, second, transport, tab, moment } = made
  const work = vi.fn(async () => {
    first.page.visible = false
    transport.backend.wipe()
    transport.drop()
    await pause(30_000)
    await second.chat.send('t', { text: 'anew' })
    await pause(1000)
  })
  Object.assign(moment, { is: (change: Change) => 'put' in change && String(change.put) === 'message,t,250', work })
  await first.chat.older('t').catch(() => {})
  expect(work).toHaveBeenCalledOnce()
  await pause(30_000)
  const next = await tab()
  await next.chat.load('t')
  expect(texts(next)).toEqual(['anew'])
})

it('asks anew for an older page where another tab went on as it was stored', async () => {
  const made = await makeTabs()
  await grow(made)
  const { first, disk, moment } = made
  const work = vi.fn(() => disk.commit([{ put: ['cursor'], value: 'further' }]))
  Object.assign(moment, { is: (change: Change) => 'put' in change && String(change.put) === 'message,t,250', work })
  await first.chat.older('t')
  expect(work).toHaveBeenCalledOnce()
  expect(texts(first)).toContain('m201')
})

it('asks three times at most for an older page, of a backend that says something new each time', async () => {
  const inner = memoryTransport()
  let asked = 0
  const transport = through(inner, ({ history }) => ({
    async history(query, signal) {
      const page = await history(query, signal)
      if (!query.before) return page
      asked++
      inner.backend.say(made.device, 't', `meanwhile ${asked}`)
      await pause(100)
      return page
    }
  }))
  const made = await makeTabs(transport)
  await grow(made)
  await made.first.chat.older('t')
  expect(asked).toBe(3)
  expect(texts(made.first).at(-1)).toBe('meanwhile 3')
})
