import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { hold } from '../../src/core/holding.ts'
import type { OutboxRow, RowChange } from '../../src/core/rows.ts'
import { merge } from '../../src/model/merge.ts'
import { createThread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import type { TabNote } from '../../src/page/tabs.ts'
import { ladder } from '../../src/storage/consent.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Change, ChatStorage, Row } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { eventually, faulty, holding, pause } from '../support/failing-disk.ts'
import { type ChatRig, rig } from '../support/rig.ts'
// The clock runs on while a module is fetched: each is at hand.
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'
import '../../src/storage/late.ts'

const open: ChatRig[] = []
const make = async (...parts: Parameters<typeof rig>) => {
  const made = await rig(...parts)
  open.push(made)
  return made
}
// A clock that jumps to what is due next as soon as there is nothing else to do.
beforeEach(() => {
  vi.useFakeTimers().setTimerTickMode('nextTimerAsync')
})
afterEach(() => {
  for (const { chat } of open.splice(0)) chat.close()
  vi.setTimerTickMode('manual').useRealTimers()
})

/** Two tabs without a network, whose one disk fails for each of them on its own. */
async function makeTwo() {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const tabs = stillTabs()
  const faults = [faulty(disk), faulty(disk)] as const
  const first = await make({ storage: faults[0].storage, transport, tabs })
  const second = await make({ storage: faults[1].storage, transport, tabs })
  return { disk, transport, faults, first, second }
}

const state = ({ chat }: ChatRig) => chat.$status.get().storage
const mended = (tab: ChatRig) => eventually('everything is on the disk', () => state(tab) === 'durable')
const waiting = async (disk: ChatStorage) =>
  (await disk.list(['outbox'])).map(({ key, value }) => {
    const { command } = value as OutboxRow
    return [key[2], command.type === 'message' && command.text]
  })

it.each(['full', 'lost'] as const)('accepts on a disk that is %s only when it has said so', async how => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  const thread = tab.chat.newThread()
  fail(how)
  await tab.chat.send(thread, { text: 'held' })
  expect(state(tab)).toBe('degraded')
  expect(await waiting(disk)).toEqual([])
  fail()
  await mended(tab)
  expect(await waiting(disk)).toEqual([[1, 'held']])
})

it('says nothing of a disk that works again at once', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  const said: string[] = []
  tab.chat.$status.listen(({ storage }) => said.push(storage))
  fail('lost', 1)
  await tab.chat.send(tab.chat.newThread(), { text: 'held' })
  expect(await waiting(disk)).toEqual([[1, 'held']])
  expect(said).not.toContain('degraded')
})

it('puts back at once what has gone, without waiting for somebody to come, and without a word', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  await tab.chat.send(tab.chat.newThread(), { text: 'waits' })
  const said: string[] = []
  tab.chat.$status.listen(({ storage }) => said.push(storage))
  await disk.commit([{ drop: [] }])
  // Whoever comes is told, and once more while the browser is at it.
  fail('lost', 2)
  storage.onLost!()
  await eventually('it is put back', async () => !!(await waiting(disk)).length)
  expect(await waiting(disk)).toEqual([[1, 'waits']])
  expect(said).not.toContain('degraded')
})

it.each([
  [
    'that did not work when the page came',
    async (storage: ChatStorage) => (await openStorage(storage, stillTabs()())).storage
  ],
  [
    'that the visitor allows',
    async (storage: ChatStorage) => {
      const open = () => openStorage(storage, stillTabs()())
      return (await ladder('persistent', { name: 'test', given: storage, open })).storage
    }
  ]
])('puts back what has gone from a disk %s', async (_, place) => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  fail('lost', 1)
  const given = await place(storage)
  const tab = await make({ storage: given })
  tab.transport.offline(true)
  await tab.chat.send(tab.chat.newThread(), { text: 'waits' })
  await mended(tab)
  await disk.commit([{ drop: [] }])
  fail('lost', 1)
  storage.onLost!()
  await eventually('it is put back', async () => !!(await waiting(disk)).length)
  expect(await waiting(disk)).toEqual([[1, 'waits']])
})

it('numbers what it held behind what another tab has stored meanwhile, and leaves that as it is', async () => {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const tabs = stillTabs()
  const { storage, fail } = faulty(disk)
  const healthy = await make({ storage: { ...disk, durable: true }, transport, tabs })
  const ill = await make({ storage, transport, tabs })
  const thread = healthy.chat.newThread()
  await healthy.chat.send(thread, { text: 'one' })
  fail('full')
  await ill.chat.send(thread, { text: 'held' })
  await healthy.chat.send(thread, { text: 'two' })
  await disk.commit([{ put: ['cursor'], value: 'newer' }])
  fail()
  await mended(ill)
  expect(await waiting(disk)).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'held']
  ])
  expect(await disk.list(['cursor'])).toEqual([{ key: ['cursor'], value: 'newer' }])
})

it('lets go of what it held when another tab has signed out meanwhile', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  fail('full')
  await tab.chat.send(tab.chat.newThread(), { text: 'of somebody who has left' })
  await disk.commit([{ drop: [] }, { put: ['life'], value: 7 }])
  fail()
  await mended(tab)
  expect(await waiting(disk)).toEqual([])
  expect(tab.chat.$threads.get()).toEqual([])
})

it('does not accept what it cannot give back because another tab has signed out in the same moment', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  fail('lost', 1)
  const sent = tab.chat.send(tab.chat.newThread(), { text: 'half a moment late' })
  await disk.commit([{ put: ['life'], value: 7 }])
  await expect(sent).rejects.toThrow('signed out')
  await tab.chat.send(tab.chat.newThread(), { text: 'of the next one' })
  expect(await waiting(disk)).toEqual([[1, 'of the next one']])
})

it('keeps what is said after signing out, if another tab has signed out as well and was faster', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  fail('full')
  await tab.chat.send(tab.chat.newThread(), { text: 'of somebody who leaves' })
  await tab.chat.reset({ pending: 'discard' })
  await tab.chat.send(tab.chat.newThread(), { text: 'of the next one' })
  await disk.commit([{ drop: [] }, { put: ['life'], value: 1 }])
  fail()
  await mended(tab)
  expect(await waiting(disk)).toEqual([[1, 'of the next one']])
  expect(await disk.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
})

it('gives nothing to the one who is here when somebody has signed out twice elsewhere meanwhile', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  fail('lost')
  await tab.chat.reset({ pending: 'discard' })
  const said = tab.chat.send(tab.chat.newThread(), { text: 'of the one in between' })
  said.catch(() => {})
  await disk.commit([{ drop: [] }, { put: ['life'], value: 2 }])
  fail()
  await mended(tab)
  expect(await waiting(disk)).toEqual([])
  expect(tab.chat.$threads.get()).toEqual([])
})

it('tells a tab that was opened since of a signing out that the disk does not know', async () => {
  const disk = memory()
  const tabs = stillTabs()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage, tabs })
  tab.transport.offline(true)
  await tab.chat.send(tab.chat.newThread(), { text: 'stored before' })
  fail('full')
  await tab.chat.reset({ pending: 'discard' })
  const other = await make({ storage: { ...disk, durable: true }, transport: tab.transport, tabs })
  other.chat.watch()
  await eventually('nothing is shown', () => !other.chat.$threads.get().length)
})

it('does not offer again what another tab has had placed meanwhile', async () => {
  const disk = memory()
  const transport = memoryTransport()
  transport.offline(true)
  const tabs = stillTabs()
  const { storage, fail } = faulty(disk)
  const healthy = await make({ storage: { ...disk, durable: true }, transport, tabs })
  const ill = await make({ storage, transport, tabs })
  const thread = healthy.chat.newThread()
  await ill.chat.send(thread, { text: 'one' })
  fail('lost')
  ill.chat.draft(thread, 'half')
  await eventually('noticed', () => state(ill) === 'degraded')
  const [row] = await disk.list(['outbox'])
  const { id, n } = (row!.value as OutboxRow).command
  const message = { id, threadId: thread, author: 'visitor', text: 'one', position: 1, at: 1, attachments: [] }
  await disk.commit([{ put: ['message', thread, 1], value: message }, { drop: ['outbox', thread, n] }])
  fail()
  await mended(ill)
  expect(await waiting(disk)).toEqual([])
})

it('keeps what was numbered anew while the disk failed', async () => {
  const disk = memory()
  const row = (id: string, n: number) => ({ command: { id, n }, at: 1, acked: null, failed: null })
  const put = (n: number, id: string) => ({ put: ['outbox', 't', n], value: row(id, n) })
  await disk.commit([put(1, 'one'), put(2, 'two')])
  const { held, mended } = await holding(faulty(disk), ['outbox'])
  await held.commit([{ drop: ['outbox', 't', 2] }, put(1, 'two')])
  await mended()
  expect((await disk.list(['outbox'])).map(({ value }) => (value as OutboxRow).command.id)).toEqual(['two'])
})

it.each([
  ['leaves what another tab was told', [], [{ key: ['cursor'], value: 'theirs' }]],
  // Nothing vouches for what is of two pasts: all is asked for again.
  ['drops the cursor if this one was told of a later past', [{ put: ['credentials', 'past'], value: 'ours' }], []]
] as const)('drops no messages of a disk with which another tab has gone on, and %s', async (_, also, cursors) => {
  const disk = memory()
  await disk.commit([{ put: ['cursor'], value: 'old' }])
  const { held, mended } = await holding(faulty(disk), ['life', 'device'])
  await held.commit([{ drop: ['message', 't'] }, ...also, { put: ['cursor'], value: 'ours' }])
  await disk.commit([
    { put: ['message', 't', 1], value: 'placed' },
    { put: ['cursor'], value: 'theirs' }
  ])
  await mended()
  expect(await disk.list(['message'])).toHaveLength(1)
  expect(await disk.list(['cursor'])).toEqual(cursors)
})

it('takes its own commit, which was given up and done late, for no word of another tab', async () => {
  const disk = memory()
  await disk.commit([{ put: ['draft', 't'], value: 'half' }])
  const { held, mended } = await holding(faulty(disk), ['draft'])
  const late = [{ put: ['draft', 't'], value: 'half written' }]
  await held.commit(late)
  await held.commit([{ drop: ['draft', 't'] }])
  await disk.commit(late)
  await mended()
  expect(await disk.list(['draft'])).toEqual([])
})

it('leaves the draft that another tab has stored meanwhile', async () => {
  const disk = memory()
  await disk.commit([{ put: ['draft', 't'], value: 'half' }])
  const { held, mended } = await holding(faulty(disk), ['draft'])
  await held.commit([{ put: ['draft', 't'], value: 'half written' }])
  await held.commit([{ drop: ['draft', 't'] }])
  await disk.commit([{ put: ['draft', 't'], value: 'half written elsewhere' }])
  await mended()
  expect(await disk.list(['draft'])).toEqual([{ key: ['draft', 't'], value: 'half written elsewhere' }])
})

it.each([
  ['puts no words back into the draft that wait to be sent', ' Hello', []],
  ['leaves a draft of other words beside what waits to be sent', 'Hello?', ['Hello?']]
])('%s', async (_, draft, drafts) => {
  const disk = memory()
  const command = { id: 'a', n: 1, type: 'message', threadId: 't', text: 'Hello', attachments: [] }
  await disk.commit([{ put: ['outbox', 't', 1], value: { command, at: 1, acked: null, failed: null } }])
  const { mended } = await holding(faulty(disk), ['outbox', 'draft'])
  // A tab that had not heard that it was sent.
  await disk.commit([{ put: ['draft', 't'], value: draft }])
  await mended()
  expect((await disk.list(['draft'])).map(({ value }) => value)).toEqual(drafts)
})

it.each([
  ['numbers anew what waits where another tab has given its number to another command', 'message', ['theirs', 'ours']],
  ['does not offer again what another tab has taken back, whose number is kept', 'void', ['theirs']]
])('%s', async (_, type, left) => {
  const disk = memory()
  const row = (id: string, kind: string) => ({
    command: { id, n: 1, type: kind, threadId: 't', text: id, attachments: [] },
    at: 1,
    acked: null,
    failed: null
  })
  await disk.commit([
    { put: ['device'], value: 'd' },
    { put: ['lane', 't'], value: 1 },
    { put: ['outbox', 't', 1], value: row('ours', 'message') }
  ])
  const { mended } = await holding(faulty(disk), ['device', 'lane', 'outbox'])
  await disk.commit([{ put: ['outbox', 't', 1], value: row('theirs', type) }])
  await mended()
  const waits = await disk.list(['outbox'])
  expect(waits.map(({ value }) => (value as OutboxRow).command.id)).toEqual(left)
  expect(waits.map(({ key }) => key[2])).toEqual(left.map((__, i) => i + 1))
})

it('says of what waited on a failing disk that it may have been offered, so that it is not taken back', async () => {
  const { disk, faults, first, second } = await makeTwo()
  const thread = first.chat.newThread()
  faults[0].fail('lost')
  const said = await first.chat.send(thread, { text: 'said' })
  const undoable = await first.chat.send(thread, { text: 'not said yet', grace: 60_000 })
  faults[0].fail()
  await mended(first)
  await eventually('the other tab knows', () => second.chat.$status.get().waiting === 2)
  await second.chat.discard(said)
  await second.chat.discard(undoable)
  await eventually('one is taken back', async () => (await waiting(disk)).some(([, text]) => !text))
  expect((await waiting(disk)).map(([, text]) => text)).toEqual(['said', false])
})

it('does not take what was numbered anew for what a restored backend has undone', async () => {
  const disk = memory()
  const row = (n: number) => ({
    command: { id: 'a', n, type: 'message', threadId: 't', text: 'a', attachments: [] },
    at: 1,
    acked: null,
    failed: null
  })
  const put = (n: number) => ({ put: ['outbox', 't', n], value: row(n) })
  await disk.commit([put(5), { put: ['lane', 't'], value: 5 }])
  const { held, mended } = await holding(faulty(disk), ['outbox', 'lane'])
  await held.commit([{ drop: ['message', 't'] }])
  await held.commit([{ drop: ['outbox', 't', 5] }, put(4), { put: ['lane', 't'], value: 4 }])
  await mended()
  expect((await disk.list(['outbox'])).map(({ value }) => (value as OutboxRow).command.id)).toEqual(['a'])
})

it('leaves each command in one place, also where another tab has put it at a number that was free here', async () => {
  const disk = memory()
  const row = (n: number, failed: object | null) => ({
    put: ['outbox', 't', n],
    value: { command: { id: 'a', n, type: 'message', threadId: 't', text: 'a' }, at: 1, acked: null, failed }
  })
  const { held, mended } = await holding(faulty(disk), ['outbox', 'lane'])
  await held.commit([row(4, { reason: 'forbidden' }), { drop: ['outbox', 't', 5] }])
  await disk.commit([row(5, null)])
  await mended()
  expect(await disk.list(['outbox'])).toMatchObject([{ value: { failed: { reason: 'forbidden' } } }])
})

it('stays with what was refused, which another tab has put back as waiting', async () => {
  const disk = memory()
  const row = (failed: object | null) => ({
    put: ['outbox', 't', 1],
    value: { command: { id: 'a', n: 1, type: 'message', threadId: 't', text: 'a' }, at: 1, acked: null, failed }
  })
  await disk.commit([row(null)])
  const { held, mended } = await holding(faulty(disk), ['outbox', 'lane'])
  await held.commit([row({ reason: 'forbidden' })])
  await disk.commit([{ put: ['outbox', 't', 1], value: { ...row(null).value, offered: true } }])
  await mended()
  expect(await disk.list(['outbox'])).toMatchObject([{ value: { failed: { reason: 'forbidden' } } }])
})

it('takes no mark of another past along beyond where this one ends', async () => {
  const disk = memory()
  const thread = (last: number) => ({
    ...createThread('t', 1),
    last,
    read: last,
    theirs: { delivered: last, read: last - 1 }
  })
  const { held, mended } = await holding(faulty(disk), ['credentials', 'thread'])
  await held.commit([
    { put: ['credentials', 'past'], value: 'ours' },
    { put: ['thread', 't'], value: thread(7) },
    { put: ['cursor'], value: 'ours 7' }
  ])
  await disk.commit([
    { put: ['credentials', 'past'], value: 'theirs' },
    { put: ['thread', 't'], value: thread(1) },
    { put: ['cursor'], value: 'theirs 1' }
  ])
  await mended()
  expect(await disk.list(['thread'])).toMatchObject([
    { value: { last: 1, read: 1, theirs: { delivered: 1, read: 1 } } }
  ])
})

it.each([
  ['said nothing new, and was not done', false],
  ['said something new, and was done all the same', true]
])('keeps the marks of another tab where the first try to put back its own %s', async (_, isDone) => {
  const disk = memory()
  let isFirst = true
  const commit: ChatStorage['commit'] = async changes => {
    if (isDone || !isFirst) await disk.commit(changes)
    if (isFirst) {
      isFirst = false
      throw new StorageError('lost', 'told to')
    }
  }
  const thread = (last: number, read: number, known = read) => ({
    ...createThread('t', 1),
    last,
    read,
    theirs: { delivered: known, read: known }
  })
  const { held, mended } = await holding(faulty({ ...disk, commit }), ['thread'])
  await held.commit([{ put: ['thread', 't'], value: thread(3, 3) }])
  const theirs = isDone ? thread(5, 5, 1) : merge(thread(3, 3), thread(5, 5, 3))
  await disk.commit([{ put: ['thread', 't'], value: theirs }])
  await mended()
  expect(isFirst).toBe(false)
  expect(await disk.list(['thread'])).toMatchObject([
    { value: { last: 5, read: 5, theirs: { delivered: 3, read: 3 } } }
  ])
})

it('signs out on a disk that takes nothing, and empties that as soon as it does', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  tab.transport.offline(true)
  await tab.chat.send(tab.chat.newThread(), { text: 'stored before' })
  fail('full')
  await tab.chat.reset({ pending: 'discard' })
  expect(tab.chat.$threads.get()).toEqual([])
  fail()
  await mended(tab)
  expect(await disk.list(['outbox'])).toEqual([])
  expect(await disk.list(['thread'])).toEqual([])
  expect(await disk.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
})

it('puts back into a database that was deleted what it knows, but for the cursor', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  const tab = await make({ storage })
  const thread = tab.chat.newThread()
  tab.chat.watch()
  await tab.chat.send(thread, { text: 'sent' })
  await eventually('sent', () => tab.chat.$status.get().waiting === 0)
  const device = await tab.device()
  tab.transport.offline(true)
  await tab.chat.send(thread, { text: 'waits' })
  await disk.commit([{ drop: [] }])
  fail('lost')
  tab.chat.draft(thread, 'half')
  await eventually('noticed', () => state(tab) === 'degraded')
  fail()
  await mended(tab)
  expect(await tab.device()).toBe(device)
  expect(await waiting(disk)).toContainEqual([2, 'waits'])
  expect(await disk.list(['cursor'])).toEqual([])
})

it('uses a database that opens late, and joins the other tabs then', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  fail('lost')
  const tabs = stillTabs()
  const late = await openStorage(storage, tabs())
  const tab = await make({ storage: late.storage, tabs: () => late.tabs })
  tab.transport.offline(true)
  expect(state(tab)).toBe('volatile')
  await tab.chat.send(tab.chat.newThread(), { text: 'written before' })
  fail()
  await mended(tab)
  expect(await waiting(disk)).toEqual([[1, 'written before']])
  const other = await make({ storage: { ...disk, durable: true }, tabs, transport: tab.transport })
  await eventually('one of them leads', () => other.chat.$link.get().state === 'following')
})

it('puts back that somebody signed out into a database that was cleared, before there is a device again', async () => {
  const disk = memory()
  await disk.commit([{ put: ['life'], value: 3 }])
  const { mended } = await holding(faulty(disk), ['life', 'device'])
  await disk.commit([{ drop: [] }])
  await mended()
  expect(await disk.list(['life'])).toEqual([{ key: ['life'], value: 3 }])
})

it('does not mix a conversation from memory into the database of another device', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  await disk.commit([{ put: ['device'], value: 'the one that was here before' }])
  fail('lost')
  const late = await openStorage(storage, stillTabs()())
  const tab = await make({ storage: late.storage, tabs: () => late.tabs })
  const thread = tab.chat.newThread()
  tab.chat.watch()
  await tab.chat.send(thread, { text: 'written apart' })
  await eventually('sent', () => tab.chat.$status.get().waiting === 0)
  fail()
  // Longer than it takes to try again.
  await pause(2600)
  expect(state(tab)).toBe('volatile')
  expect(await disk.list(['thread'])).toEqual([])
})

it('is the device that another tab is, where the disk could not keep the name', async () => {
  const tabs = stillTabs()
  const whole = memoryTransport()
  const devices = new Set<string>()
  const transport: typeof whole = {
    ...whole,
    connect(request) {
      devices.add(request.device)
      return whole.connect(request)
    }
  }
  const disk = memory()
  const [one, two] = [faulty(disk), faulty(disk)]
  const first = await make({ storage: one.storage, transport, tabs })
  const second = await make({ storage: two.storage, transport, tabs })
  one.fail('lost')
  two.fail('lost')
  first.chat.watch()
  await eventually('the first is online', () => first.chat.$link.get().state === 'online')
  // What only it holds only it can send: it leads from now on.
  await second.chat.send(second.chat.newThread(), { text: 'held by the second' })
  await eventually('it is sent', () => second.chat.$status.get().waiting === 0)
  expect(second.chat.$link.get().state).toBe('online')
  expect(devices.size).toBe(1)
})

it('does not offer again what a tab has had placed whose disk failed as well', async () => {
  const { disk, transport, faults, first, second } = await makeTwo()
  const thread = first.chat.newThread()
  await first.chat.send(thread, { text: 'one' })
  await eventually('both know of it', () => second.chat.$status.get().waiting === 1)
  for (const { fail } of faults) fail('lost')
  for (const { chat } of [first, second]) chat.draft(thread, 'half')
  await eventually('both have noticed', () => state(first) === 'degraded' && state(second) === 'degraded')
  transport.offline(false)
  first.chat.reconnect()
  const waits = ({ chat }: ChatRig) => chat.$status.get().waiting === 1
  await eventually('one has sent it', () => waits(first) !== waits(second))
  transport.offline(true)
  // Somebody has emptied the disk meanwhile, and it is of another device by now: nothing on it tells of the message.
  await disk.commit([{ drop: [] }, { put: ['device'], value: 'another one' }])
  const other = waits(first) ? 0 : 1
  faults[other].fail()
  await mended(other ? second : first)
  expect(await waiting(disk)).toEqual([])
})

it('does not send what another tab whose disk failed has taken back', async () => {
  const { disk, faults, first, second } = await makeTwo()
  const thread = first.chat.newThread()
  const id = await first.chat.send(thread, { text: 'too early', grace: 60_000 })
  await eventually('both know of it', () => second.chat.$status.get().waiting === 1)
  await second.chat.load(thread)
  faults[0].fail('lost')
  await first.chat.discard(id)
  faults[1].fail('lost')
  second.chat.draft(thread, 'half')
  await eventually('it is not shown there any more', () => !second.chat.$messages.get()[thread]?.entries.length)
  for (const { fail } of faults) fail()
  await mended(first)
  await mended(second)
  expect((await waiting(disk)).map(([, text]) => text)).not.toContain('too early')
})

it('does not put back what was taken back, and is done with, on a disk that failed for this tab alone', async () => {
  const { disk, faults, first, second } = await makeTwo()
  const thread = first.chat.newThread()
  const id = await first.chat.send(thread, { text: 'too early' })
  await eventually('both know of it', () => second.chat.$status.get().waiting === 1)
  faults[1].fail('lost')
  await first.chat.discard(id)
  expect((await waiting(disk)).map(([, text]) => text)).not.toContain('too early')
  await eventually('the other one has noticed', () => state(second) === 'degraded')
  // What keeps its number was sent, and has left as well.
  await disk.commit([{ drop: ['outbox', thread, 1] }])
  faults[1].fail()
  await mended(second)
  expect(await waiting(disk)).toEqual([])
  expect(second.chat.$messages.get()[thread]?.entries ?? []).toEqual([])
})

it('begins its thread anew for another device, which has read nothing of it', async () => {
  const disk = memory()
  const { storage, fail } = faulty({ ...disk, durable: true })
  const tab = await make({ storage })
  tab.chat.watch()
  const thread = tab.chat.newThread()
  await tab.chat.send(thread, { text: 'one' })
  await eventually('placed', () => tab.chat.$threads.get()[0]?.last === 1)
  tab.transport.offline(true)
  fail('lost')
  await tab.chat.send(thread, { text: 'held' })
  await disk.commit([{ drop: [] }, { put: ['device'], value: 'another one' }])
  fail()
  await mended(tab)
  expect(await disk.list(['thread'])).toMatchObject([{ key: ['thread', thread], value: { last: 0, read: 0 } }])
  expect(await waiting(disk)).toEqual([[1, 'held']])
})

it('puts back what it has given to the database of another device, where that goes before it is read', async () => {
  const disk = memory()
  const { storage, fail } = faulty(disk)
  let given = 0
  const tab = await make({
    storage: {
      ...storage,
      async commit(changes) {
        await storage.commit(changes)
        if (changes.some(change => 'put' in change && change.put[0] === 'outbox')) given++
      },
      async list(prefix, page) {
        if (given !== 1) return storage.list(prefix, page)
        given++
        await disk.commit([{ drop: [] }])
        throw new StorageError('lost', 'wiped')
      }
    }
  })
  tab.transport.offline(true)
  const thread = tab.chat.newThread()
  fail('lost')
  await tab.chat.send(thread, { text: 'held' })
  await disk.commit([{ drop: [] }, { put: ['device'], value: 'another one' }])
  fail()
  await eventually('it is wiped', () => given > 1)
  await mended(tab)
  expect(await waiting(disk)).toEqual([[1, 'held']])
  expect(tab.chat.$status.get().waiting).toBe(1)
})

it('lets somebody speak while somebody signs out on a disk that fails', async () => {
  const { storage, fail } = faulty(memory())
  const tab = await make({ storage: { ...storage, durable: true } })
  tab.transport.offline(true)
  const thread = tab.chat.newThread()
  fail('lost')
  const begun = tab.chat.start(thread)
  const over = tab.chat.reset()
  const ended = tab.chat.end(thread)
  await Promise.allSettled([begun, ended, over])
  expect(tab.chat.$threads.get()).toEqual([])
})

/** A disk that has just failed, with all that is told of it: to the interface, to the rows and to another tab. */
async function failing({ disk = memory(), durable = true, fails = true, inMemory = [] as readonly Row[] } = {}) {
  const { storage, fail } = faulty(disk)
  const tabs = stillTabs()
  const other = tabs()
  const told: TabNote[] = []
  const unbind = other.listen(note => void told.push(note))
  const said: string[] = []
  const shown: unknown[] = []
  let turn: Promise<unknown> = Promise.resolve()
  if (fails) fail('lost')
  const held = hold(
    { ...storage, durable, close: () => void disk.close() },
    ['life', 'device', 'lane', 'outbox', 'thread', 'draft'],
    new Map(inMemory.map(row => [String(row.key), row as RowChange])),
    state => void said.push(state),
    work => {
      turn = turn.then(work)
      return turn
    },
    changes => void shown.push(...changes),
    async () => void shown.push('loaded'),
    tabs()
  )
  // What waits here was counted.
  shown.splice(0)
  onTestFinished(() => {
    held.close()
    unbind()
  })
  return {
    disk,
    held,
    other,
    said,
    shown,
    fail,
    told: (type: TabNote['type']) => told.filter(note => note.type === type),
    async mended() {
      fail()
      await eventually('everything is on the disk', () => !held.holds())
      // What is told comes after that.
      await pause(1)
    }
  }
}

const message = (id: string, n: number, more: Partial<OutboxRow> = {}): OutboxRow => ({
  command: { id, n, type: 'message', threadId: 't', text: id, attachments: [] },
  at: 1,
  acked: null,
  failed: null,
  ...more
})
const placeholder = (id: string, n: number): OutboxRow => ({
  ...message(id, n),
  command: { id, n, type: 'void', threadId: 't' }
})
const idsIn = (rows: readonly Row[]) => rows.map(({ value }) => (value as OutboxRow).command.id)
const texts = (rows: readonly Row[]) => rows.map(({ key, value }) => `${key} ${value}`)

it('tries a disk that fails again soon and ever more seldom, until it is closed', async () => {
  const times: number[] = []
  const disk = memory()
  const lost = () => Promise.reject(new StorageError('lost', 'told to'))
  const list: ChatStorage['list'] = ([kind]) => {
    if (kind === 'cursor') times.push(performance.now())
    return lost()
  }
  const { held } = await failing({ disk: { ...disk, list, commit: lost }, fails: false })
  await pause(9000)
  expect(times.slice(1).map((time, i) => Math.round(time - times[i]!))).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
  held.close()
  await pause(9000)
  expect(times).toHaveLength(8)
})

it('names what should have been named by text', async () => {
  const { held } = await failing()
  const commit = (kind: string) => held.commit([{ put: [kind, undefined as never], value: 'x' }])
  await expect(commit('choice')).rejects.toThrow('a choice is named by text, got undefined')
  await expect(commit('draft')).rejects.toThrow('a thread is named by text, got undefined')
})

it('begins to try soon again when the disk fails another time', async () => {
  const { disk, held, mended, fail } = await failing()
  await pause(3000)
  await mended()
  fail('lost', 2)
  await held.commit([{ put: ['draft', 't'], value: 'half' }])
  await pause(150)
  expect(texts(await disk.list(['draft']))).toEqual(['draft,t half'])
})

it.each([
  ['acknowledged', message('a', 1, { acked: { position: 1, at: 2 } })],
  ['taken back', placeholder('nothing', 1)]
])(
  'takes what it has just put back for no word of another tab, where the disk fails before that is read again, and stores that it was %s',
  async (_, row) => {
    const { disk, held, mended, fail } = await failing({
      inMemory: [{ key: ['outbox', 't', 1], value: message('a', 1) }]
    })
    await mended()
    fail('lost')
    await held.commit([{ put: ['outbox', 't', 1], value: row }])
    await mended()
    expect(await disk.list(['outbox'])).toMatchObject([{ value: row }])
  }
)

it('says that a disk fails when it has done so for half a second, and once', async () => {
  const { said, mended } = await failing()
  await pause(480)
  expect(said).toEqual([])
  await pause(40)
  expect(said).toEqual(['degraded'])
  await mended()
  expect(said).toEqual(['degraded', 'durable'])
  await pause(1000)
  expect(said).toEqual(['degraded', 'durable'])
})

it('says at once that there is no disk', async () => {
  const { said } = await failing({ durable: false })
  await pause(1)
  expect(said).toEqual(['volatile'])
})

it('says at once that a disk takes nothing', async () => {
  const { said, held, fail } = await failing()
  await held.commit([{ put: ['draft', 't'], value: 'half' }])
  fail('full')
  await pause(150)
  expect(said).toEqual(['degraded'])
})

it('says nothing any more when it is closed, and holds nothing new', async () => {
  const { said, held } = await failing()
  await pause(1)
  held.close()
  await pause(1000)
  expect(said).toEqual([])
})

it('notices once that a disk fails, however many ask it at that moment', async () => {
  const { held, mended, fail, told, said } = await failing()
  await mended()
  fail('lost')
  await Promise.all([
    held.list(['draft']),
    held.list(['thread']),
    held.commit([{ put: ['draft', 't'], value: 'half' }])
  ])
  expect(told('holds')).toHaveLength(2)
  await mended()
  expect(said).toEqual(['durable', 'durable'])
})

it('fails as the disk does when it is closed', async () => {
  const { held, mended, fail, told } = await failing()
  await mended()
  held.close()
  fail('lost')
  await expect(held.list(['draft'])).rejects.toThrow('told to')
  await expect(held.commit([])).rejects.toThrow('told to')
  expect(told('holds')).toHaveLength(1)
})

it('waits half a second for a disk that is silent, goes on without it, and asks it again', async () => {
  const times: number[] = []
  const list: ChatStorage['list'] = ([kind]) => {
    if (kind === 'cursor') times.push(performance.now())
    return new Promise(() => {})
  }
  const { held } = await failing({ disk: { ...memory(), list }, fails: false })
  await held.commit([{ put: ['message', 't', 1], value: 'held' }])
  const began = performance.now()
  expect(texts(await held.list(['message', 't']))).toEqual(['message,t,1 held'])
  expect(Math.round(performance.now() - began)).toBe(500)
  await pause(1200)
  expect(times.slice(1).map((time, i) => Math.round(time - times[i]!))).toEqual([600, 700])
})

it('is sure of what it was given only when the disk has it or has failed for half a second', async () => {
  const { held, mended, fail } = await failing()
  let sure = 0
  const ask = () => held.sure().then(() => sure++)
  void ask()
  await pause(480)
  expect(sure).toBe(0)
  await pause(40)
  expect(sure).toBe(1)
  await mended()
  await ask()
  expect(sure).toBe(2)
  // Another time: it is not known any more.
  fail('lost')
  await held.list(['draft'])
  void ask()
  await pause(400)
  expect(sure).toBe(2)
  await pause(200)
  expect(sure).toBe(3)
})

it('makes room on a full disk, of the oldest messages of each thread', async () => {
  const disk = memory()
  const put = (thread: string, n: number): Change => ({ put: ['message', thread, n], value: n })
  await disk.commit(Array.from({ length: 60 }, (_, i) => put('long', i + 1)))
  await disk.commit(Array.from({ length: 50 }, (_, i) => put('short', i + 1)))
  await disk.commit(
    Array.from({ length: 60 }, (_, i) => ({ put: ['outbox', 'long', i + 1], value: message('a', i + 1) }))
  )
  const commit: ChatStorage['commit'] = async changes => {
    const { length } = await disk.list(['message'])
    if (length > 100 && !changes.every(change => 'drop' in change)) throw new StorageError('full', 'no room')
    return disk.commit(changes)
  }
  const { held, mended, said } = await failing({ disk: { ...disk, commit } })
  await held.commit([{ put: ['draft', 't'], value: 'half' }])
  await mended()
  const kept = (await disk.list(['message', 'long'])).map(({ value }) => value)
  expect([kept[0], kept.at(-1), kept.length]).toEqual([11, 60, 50])
  expect(await disk.list(['message', 'short'])).toHaveLength(50)
  expect(await disk.list(['outbox'])).toHaveLength(60)
  expect(await disk.list(['draft'])).toHaveLength(1)
  expect(said).not.toContain('degraded')
})

it('answers from what it knew and what it holds, in the order of a disk', async () => {
  const known = ['draft,c', 'draft,a', 'thread,a', 'outbox,a', 'outbox,b'].map(id => ({
    key: id.split(','),
    value: 'known'
  }))
  const { held } = await failing({ inMemory: known })
  await held.commit([
    { put: ['draft', 'b'], value: 'held' },
    { put: ['draft', 'c'], value: 'held' },
    { put: ['draft', 'd', 'e'], value: 'held' },
    { drop: ['draft', 'd'] },
    { drop: ['thread', 'a'] }
  ])
  expect(texts(await held.list(['draft']))).toEqual(['draft,a known', 'draft,b held', 'draft,c held'])
  expect(texts(await held.list(['draft'], { last: 2 }))).toEqual(['draft,b held', 'draft,c held'])
  expect(texts(await held.list(['draft'], { before: ['draft', 'c'] }))).toEqual(['draft,a known', 'draft,b held'])
  expect(texts(await held.list(['draft'], { before: ['draft', 'c'], last: 1 }))).toEqual(['draft,b held'])
  expect(await held.list(['draft'], { last: 9 })).toHaveLength(3)
  expect(await held.list(['thread'])).toEqual([])
})

it('adds to the messages that the disk still tells those that it holds', async () => {
  const disk = memory()
  await disk.commit([1, 2, 4].map(n => ({ put: ['message', 't', n], value: 'stored' })))
  const { held, fail } = await failing({ disk })
  await held.commit([{ put: ['message', 't', 3], value: 'held' }, { drop: ['message', 't', 1] }])
  expect(texts(await held.list(['message', 't']))).toEqual(['message,t,3 held'])
  fail('full')
  expect(texts(await held.list(['message', 't']))).toEqual([
    'message,t,2 stored',
    'message,t,3 held',
    'message,t,4 stored'
  ])
  const page = { before: ['message', 't', 4], last: 1 }
  expect(texts(await held.list(['message', 't'], page))).toEqual(['message,t,3 held'])
})

it('holds nothing of a commit whose condition does not hold', async () => {
  const { held } = await failing({
    inMemory: [
      { key: ['lane', 't'], value: 2 },
      { key: ['draft', 't'], value: 'half' }
    ]
  })
  const commit = (expect: readonly string[], value?: number) =>
    held.commit([
      { put: ['life'], value: 1 },
      { expect, value }
    ])
  await expect(commit(['lane', 't'], 1)).rejects.toMatchObject({ code: 'taken' })
  await expect(commit(['lane', 't'])).rejects.toMatchObject({ code: 'taken' })
  expect(await held.list(['life'])).toEqual([])
  await commit(['lane', 't'], 2)
  // What is below it is another row.
  await commit(['draft'])
  expect(texts(await held.list(['life']))).toEqual(['life 1'])
})

it('holds what it was given as it was then', async () => {
  const { held } = await failing()
  const value = { text: 'as given' }
  await held.commit([{ put: ['draft', 't'], value }])
  value.text = 'changed since'
  expect(await held.list(['draft'])).toEqual([{ key: ['draft', 't'], value: { text: 'as given' } }])
})

it('passes on what a disk says that works again, and holds nothing', async () => {
  const { disk, held, mended } = await failing()
  await mended()
  await held.commit([{ put: ['life'], value: 1 }])
  expect(texts(await disk.list(['life']))).toEqual(['life 1'])
  await expect(held.commit([{ expect: ['life'], value: 2 }])).rejects.toMatchObject({ code: 'taken' })
  expect(held.holds()).toBe(false)
})

it('has all read anew when the disk works again, before it is told where messages have their place, and tells others', async () => {
  const { shown, held, mended, told } = await failing({
    inMemory: [{ key: ['life'], value: 4 }],
    disk: await withLife(4)
  })
  await held.commit([{ put: ['draft', 't'], value: 'half' }, { drop: ['thread', 't'] }])
  await mended()
  expect(shown).toEqual(['loaded', { key: ['message'], value: undefined }])
  expect(told('rows')).toEqual([
    {
      type: 'rows',
      keys: [
        ['draft', 't'],
        ['thread', 't']
      ],
      life: 4
    }
  ])
})

it.each([
  ['the rest of what the backend said, if another tab has gone on', [{ put: ['cursor'], value: 'theirs' }], ['cursor']],
  ['all but the life, if somebody has signed out', [{ put: ['life'], value: 5 }], ['device']],
  ['all but the life, if it is of another device by now', [{ put: ['device'], value: 'theirs' }], ['device']]
] as const)('has the rows forget %s', async (_, changes, key) => {
  const inMemory = [
    { key: ['life'], value: 4 },
    { key: ['device'], value: 'ours' }
  ]
  const { disk, shown, mended } = await failing({ inMemory, disk: await withLife(4) })
  await disk.commit([{ put: ['device'], value: 'ours' }, ...changes])
  await mended()
  expect(shown[0]).toEqual({ key, value: undefined })
})

async function withLife(life: number): Promise<ChatStorage> {
  const disk = memory()
  await disk.commit([{ put: ['life'], value: life }])
  return disk
}

it('reads of a disk that works again no messages but those of threads in which something waits or is held', async () => {
  const disk = memory()
  const asked: unknown[] = []
  const list: ChatStorage['list'] = (prefix, page) => {
    if (prefix[0] === 'message' || !prefix.length) asked.push(prefix)
    return disk.list(prefix, page)
  }
  const inMemory = [
    { key: ['life'], value: 4 },
    { key: ['draft', 'u'], value: 'half' },
    { key: ['outbox', 't', 1], value: message('a', 1) }
  ]
  const { held, mended } = await failing({ inMemory, disk: { ...disk, list } })
  await held.commit([{ put: ['message', 'v', 1], value: 'held' }])
  await mended()
  expect(asked).toEqual([
    ['message', 't'],
    ['message', 'v']
  ])
})

it('looks anew at once where another tab was faster', async () => {
  const disk = memory()
  const messages = Array.from({ length: 60 }, (_, i) => ({ put: ['message', 't', i + 1], value: i + 1 }))
  await disk.commit(messages)
  let isFirst = true
  const commit: ChatStorage['commit'] = async changes => {
    if (isFirst) await disk.commit([{ put: ['cursor'], value: 'theirs' }])
    isFirst = false
    return disk.commit(changes)
  }
  const { held, mended } = await failing({ disk: { ...disk, commit } })
  await held.commit([{ put: ['draft', 't'], value: 'half' }])
  const began = performance.now()
  await mended()
  expect(performance.now() - began).toBeLessThan(200)
  expect(await disk.list(['message'])).toHaveLength(60)
  expect(texts([...(await disk.list(['cursor'])), ...(await disk.list(['draft']))])).toEqual([
    'cursor theirs',
    'draft,t half'
  ])
})

it('tells other tabs what has left the outbox, and tells it again to those whose disk fails as well', async () => {
  const inMemory = [
    { key: ['life'], value: 4 },
    { key: ['outbox', 't', 1], value: message('sent', 1) },
    { key: ['outbox', 't', 2], value: message('taken back', 2) },
    { key: ['outbox', 't', 3], value: message('dismissed', 3, { failed: { reason: 'no' } }) },
    { key: ['outbox', 't', 4], value: message('numbered anew', 4) },
    { key: ['draft', 't'], value: 'half' }
  ]
  const { held, told, other, mended } = await failing({ inMemory, disk: await withLife(4) })
  expect(told('holds')).toHaveLength(1)
  other.tell({ type: 'holds' })
  await held.commit([{ drop: ['draft', 't'] }])
  expect(told('left')).toEqual([])
  const rows = [
    ['sent', null, false],
    ['taken back', placeholder('nothing', 2), false],
    ['dismissed', null, true]
  ]
  await held.commit([
    { drop: ['outbox', 't', 1] },
    { put: ['outbox', 't', 2], value: placeholder('nothing', 2) },
    { drop: ['outbox', 't', 3] },
    { drop: ['outbox', 't', 4] },
    { put: ['outbox', 't', 5], value: message('numbered anew', 5) }
  ])
  const note = { type: 'left', rows, life: 4 }
  expect(told('left')).toEqual([note])
  other.tell({ type: 'link' } as never)
  expect(told('left')).toHaveLength(1)
  other.tell({ type: 'holds' })
  expect(told('left')).toEqual([note, note])
  await mended()
  other.tell({ type: 'holds' })
  expect(told('left')).toHaveLength(2)
})

const placedAs = (id: string): Change => ({ put: ['message', 't', 1], value: { id, threadId: 't', position: 1 } })

it('has what was done wait again, in its place and its thread, as soon as the backend is back at a time before', async () => {
  const { held, shown } = await failing({
    inMemory: [
      { key: ['thread', 't'], value: createThread('t', 5) },
      { key: ['outbox', 't', 1], value: message('a', 1, { acked: { position: 1, at: 1 } }) }
    ]
  })
  await held.commit([{ drop: ['outbox', 't', 1] }, placedAs('a'), { put: ['outbox', 't', 2], value: message('b', 2) }])
  await held.commit([{ drop: ['message', 't'] }, { drop: ['thread', 't'] }])
  const again = message('a', 1, { offered: true })
  expect(await held.list(['outbox'])).toMatchObject([{ value: again }, { value: message('b', 2) }])
  expect(await held.list(['thread'])).toEqual([{ key: ['thread', 't'], value: createThread('t', 1) }])
  await pause(1)
  expect(shown).toEqual([
    { key: ['thread', 't'], value: createThread('t', 1) },
    { key: ['outbox', 't', 1], value: again }
  ])
})

const DONE: readonly Change[] = [{ drop: ['outbox', 't', 1] }]
const UNDONE: readonly Change[] = [{ drop: ['message', 't'] }]
const TAKEN_BACK: Change = { put: ['outbox', 't', 1], value: placeholder('nothing', 1) }

it('leaves the thread as it is in which something waits again', async () => {
  const { held } = await failing({
    inMemory: [
      { key: ['thread', 't'], value: createThread('t', 5) },
      { key: ['outbox', 't', 1], value: message('a', 1) }
    ]
  })
  await held.commit(DONE)
  await held.commit(UNDONE)
  expect(idsIn(await held.list(['outbox']))).toEqual(['a'])
  expect(await held.list(['thread'])).toEqual([{ key: ['thread', 't'], value: createThread('t', 5) }])
})

it('does not show that something waits again if it has left once more by then', async () => {
  // What is shown waits for a disk that is silent.
  const list = () => new Promise<never>(() => {})
  const { held, shown, fail } = await failing({
    disk: { ...memory(), list },
    inMemory: [
      { key: ['thread', 't'], value: createThread('t', 5) },
      { key: ['outbox', 't', 1], value: message('a', 1) }
    ]
  })
  fail()
  await pause(150)
  await held.commit(DONE)
  await held.commit(UNDONE)
  expect(idsIn(await held.list(['outbox']))).toEqual(['a'])
  await held.commit(DONE)
  expect(shown).toEqual([])
  await pause(1000)
  expect(shown).toEqual([])
})

it.each<readonly [what: string, was: Partial<OutboxRow>, commits: readonly (readonly Change[])[]]>([
  ['was taken back', {}, [[TAKEN_BACK], UNDONE]],
  ['was taken back, with what was sent in its place', {}, [[TAKEN_BACK], DONE, UNDONE]],
  ['had failed', { failed: { reason: '' } }, [DONE, UNDONE]],
  ['was done in a thread that stays', {}, [DONE, [{ drop: ['message', 'u'] }]]],
  ['was done in a thread of which one message goes', {}, [DONE, [{ drop: ['message', 't', 1] }]]],
  ['has its place still', {}, [DONE, [...UNDONE, placedAs('a')]]],
  ['is no message', { command: { id: 'a', n: 1, type: 'read', threadId: 't', upTo: 1 } }, [DONE, UNDONE]]
])('does not have wait again what %s where the backend is back at a time before', async (_, was, commits) => {
  const { held } = await failing({ inMemory: [{ key: ['outbox', 't', 1], value: message('a', 1, was) }] })
  for (const changes of commits) await held.commit(changes)
  expect(idsIn(await held.list(['outbox']))).not.toContain('a')
})

it('has wait once what was numbered anew before the backend is back at a time before', async () => {
  const { held } = await failing({ inMemory: [{ key: ['outbox', 't', 1], value: message('a', 1) }] })
  await held.commit([...DONE, { put: ['outbox', 't', 2], value: message('a', 2) }])
  await held.commit(UNDONE)
  expect(await held.list(['outbox'])).toEqual([{ key: ['outbox', 't', 2], value: message('a', 2) }])
})

it('does not send what another tab has taken back, and leaves what was acknowledged', async () => {
  const inMemory = [
    { key: ['life'], value: 4 },
    { key: ['outbox', 't', 1], value: message('a', 1) },
    { key: ['outbox', 't', 2], value: message('b', 2, { acked: { position: 1, at: 1 } }) },
    { key: ['outbox', 't', 3], value: message('c', 3) },
    { key: ['outbox', 't', 4], value: message('d', 4) }
  ]
  const { held, other, shown, disk, mended } = await failing({ inMemory, disk: await withLife(4) })
  const rows = ['a', 'b'].map(id => [id, placeholder(`no ${id}`, 9)] as const)
  other.tell({ type: 'left', rows: [...rows, ['c', null]], life: 3 })
  await pause(1)
  expect(idsIn(await held.list(['outbox']))).toEqual(['a', 'b', 'c', 'd'])
  other.tell({ type: 'left', rows: [...rows, ['c', null]], life: 4 })
  await pause(1)
  const waits = await held.list(['outbox'])
  expect(idsIn(waits)).toEqual(['no a', 'b', 'c', 'd'])
  expect(waits[0]!.value).toEqual(placeholder('no a', 1))
  expect(shown).toEqual([{ key: ['outbox', 't', 1], value: placeholder('no a', 1) }])
  await mended()
  // The others have left there, and are not offered again.
  expect(idsIn(await disk.list(['outbox']))).toEqual(['no a', 'd'])
})

it('does not send what another tab has taken back, where what keeps its number is done and the backend is back at a time before', async () => {
  const disk = await withLife(4)
  const row = { key: ['outbox', 't', 1], value: message('a', 1) }
  await disk.commit([{ put: row.key, value: row.value }])
  const { held, other, mended } = await failing({ inMemory: [{ key: ['life'], value: 4 }, row], disk })
  other.tell({ type: 'left', rows: [['a', placeholder('nothing', 1)]], life: 4 })
  await pause(1)
  await held.commit(UNDONE)
  await held.commit([{ drop: row.key }])
  await mended()
  expect(idsIn(await disk.list(['outbox']))).toEqual([])
})

it('takes back on a disk that works again what another tab has taken back on one that does not', async () => {
  const disk = await withLife(4)
  const { other, mended, shown } = await failing({ inMemory: [{ key: ['life'], value: 4 }], disk })
  await mended()
  await disk.commit([{ put: ['outbox', 't', 1], value: message('a', 1) }])
  shown.length = 0
  other.tell({ type: 'left', rows: [['a', placeholder('nothing', 1)]], life: 4 })
  await pause(1)
  expect(idsIn(await disk.list(['outbox']))).toEqual(['nothing'])
  expect(shown).toEqual([{ key: ['outbox', 't', 1], value: placeholder('nothing', 1) }])
  // Somebody has signed out in between, and has another one's words waiting there.
  await disk.commit([
    { put: ['life'], value: 5 },
    { put: ['outbox', 't', 1], value: message('b', 1) }
  ])
  other.tell({ type: 'left', rows: [['b', placeholder('nothing', 1)]], life: 4 })
  await pause(1)
  expect(idsIn(await disk.list(['outbox']))).toEqual(['b'])
})

it('tells of somebody who signed out each page that comes to look, for as long as the disk does not', async () => {
  const { held, other, told, mended } = await failing({
    inMemory: [{ key: ['life'], value: 4 }],
    disk: await withLife(4)
  })
  const look = (name: string) => other.tell({ type: 'ask', name, args: [] })
  look('watch')
  await pause(3000)
  expect(told('reset')).toEqual([])
  await held.commit([{ drop: [] }, { put: ['life'], value: 5 }])
  look('wake')
  expect(told('reset')).toEqual([])
  look('watch')
  expect(told('reset')).toEqual([{ type: 'reset', life: 4 }])
  await pause(2000)
  expect(told('reset')).toHaveLength(2)
  await mended()
  look('watch')
  expect(told('reset')).toHaveLength(2)
})

it('hears no other tab any more when it is closed', async () => {
  const { held, other, told } = await failing({ inMemory: [{ key: ['outbox', 't', 1], value: message('a', 1) }] })
  await held.commit([{ drop: ['outbox', 't', 1] }])
  held.close()
  other.tell({ type: 'holds' })
  expect(told('left')).toHaveLength(1)
})

it('closes the disk with it', async () => {
  const close = vi.fn()
  const { held } = await failing({ disk: { ...memory(), close } })
  held.close()
  expect(close).toHaveBeenCalled()
})
