import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import '../../src/core/search.ts'
import '../../src/core/sending.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { idb } from '../../src/storage/idb.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { pass, rigs } from '../support/rig.ts'

const { make, open } = rigs()

/** A disk, and how long it takes for each commit. */
function slowDisk() {
  const disk = memory()
  const made = { disk, takes: 0, storage: disk }
  const storage: ChatStorage = {
    ...disk,
    async commit(changes) {
      if (made.takes) await new Promise(resolve => setTimeout(resolve, made.takes))
      await disk.commit(changes)
    }
  }
  made.storage = storage
  return made
}

describe('a draft', () => {
  it('is stored while somebody types without a pause', async () => {
    const { chat, storage } = await make()
    const thread = chat.newThread()
    for (let length = 1; length <= 40; length++) {
      chat.draft(thread, 'x'.repeat(length))
      await pass(100)
    }
    const [row] = await storage.list(['draft', thread])
    expect(String(row?.value).length).toBeGreaterThan(35)
  })

  it('is stored where the chat is closed in the moment after', async () => {
    vi.useRealTimers()
    const parts = { page: stillPage(), tabs: stillTabs()() }
    const options = { app: 'test', transport: memoryTransport() }
    const chat = talk(await startStandby({ ...parts, options, storage: idb('closed') }))
    chat.draft('t', 'half')
    chat.close()
    await pass(100)
    expect(await idb('closed').list(['draft'])).toEqual([{ key: ['draft', 't'], value: 'half' }])
  })

  it('stays that was begun while the message before it waited for a slow disk', async () => {
    const slow = slowDisk()
    const { chat } = await make(slow)
    const thread = chat.newThread()
    slow.takes = 500
    void chat.choose('sound', 'off')
    chat.draft(thread, 'first')
    await pass(350)
    const sent = chat.send(thread, { text: 'first' })
    chat.draft(thread, 'second')
    await pass(5000)
    await sent
    expect(chat.$drafts.get()[thread]).toBe('second')
    expect(await slow.disk.list(['draft', thread])).toMatchObject([{ value: 'second' }])
  })

  it('has the words that were taken back when that is said to be done, also in a tab that follows', async () => {
    const slow = slowDisk()
    const first = await make(slow)
    const second = await first.tab()
    open.push(second)
    first.transport.offline(true)
    const { chat } = second
    const thread = chat.newThread()
    const id = await chat.send(thread, { text: 'taken back', grace: 60_000 })
    chat.draft(thread, 'and')
    await pass(1000)
    slow.takes = 20
    // Whoever is told goes on behind what stands there.
    const undone = chat.undo(id).then(() => chat.draft(thread, `${chat.$drafts.get()[thread]} on`))
    await pass(2000)
    await undone
    expect(chat.$drafts.get()[thread]).toBe('taken back\nand on')
  })
})

it('says that nothing is known of what nobody takes back', async () => {
  const tabs = stillTabs()
  // One that leads, and does nothing.
  await tabs().lead(new AbortController().signal, () => {})
  const { chat } = await make({ tabs })
  const id = await chat.send(chat.newThread(), { text: 'taken back', grace: 60_000 })
  const undone = expect(chat.undo(id)).rejects.toThrow('on its way')
  await pass(5000)
  await undone
})

describe('a name that is none', () => {
  it.each(['send', 'draft'] as const)('costs no disk: %s', async how => {
    vi.useRealTimers()
    const storage = idb(`nameless ${how}`)
    const { chat } = await make({ storage })
    if (how === 'send') await expect(chat.send(undefined as never, { text: 'x' })).rejects.toThrow('a thread is named')
    else chat.draft(undefined as never, 'x')
    await pass(400)
    const thread = chat.newThread()
    await chat.send(thread, { text: 'good' })
    await pass(700)
    expect(chat.$status.get().storage).toBe('durable')
    expect(await storage.list(['lane', thread])).toMatchObject([{ value: 1 }])
  })

  it('throws nothing into the page that tells of typing', async () => {
    const { chat } = await make()
    expect(() => chat.typing(undefined as never, true)).not.toThrow()
  })
})

it('accepts as many as may wait, also where all are asked for at once', async () => {
  const { chat, transport, storage } = await make()
  transport.offline(true)
  const thread = chat.newThread()
  const asked = Array.from({ length: 250 }, (_, i) => chat.send(thread, { text: `${i}` }))
  const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(50)
  expect(refused[0]).toMatchObject({ reason: expect.any(RangeError) })
  expect(await storage.list(['outbox'])).toHaveLength(200)
})

it('sends a failed message again once, and complains of nothing, where that is asked twice', async () => {
  const { chat, transport, device } = await make()
  chat.watch()
  await pass(100)
  const thread = chat.newThread()
  await chat.load(thread)
  transport.backend.refuse('message', 'no')
  const id = await chat.send(thread, { text: 'x' })
  await pass(1000)
  expect(chat.$messages.get()[thread]!.entries).toMatchObject([{ delivery: 'failed' }])
  await Promise.all([chat.retry(id), chat.retry(id)])
  await pass(1000)
  expect(transport.backend.history(await device(), thread, undefined, 9)).toHaveLength(1)
})

it('finds nothing any more in a thread that is gone', async () => {
  const { chat, transport } = await make()
  await chat.send(chat.newThread(), { text: 'a secret' })
  await pass(1000)
  expect(await chat.search('secret')).toHaveLength(1)
  transport.backend.wipe()
  transport.drop()
  await pass(10_000)
  expect(chat.$threads.get()).toEqual([])
  expect(await chat.search('secret')).toEqual([])
})

it('shows no wait for a chat that was left before the backend heard of it', async () => {
  const { chat, transport } = await make()
  transport.offline(true)
  const thread = chat.newThread()
  await chat.start(thread)
  expect(chat.$sessions.get()[thread]?.state).toBe('queued')
  await chat.end(thread, 'message')
  expect(chat.$sessions.get()[thread]).toBeUndefined()
})

it('counts no more as unread than there is behind what was read on another device', async () => {
  const { chat, transport, device } = await make()
  const thread = chat.newThread()
  await chat.send(thread, { text: 'hello' })
  await pass(1000)
  const name = await device()
  for (let i = 0; i < 4; i++) transport.backend.say(name, thread, 'yes')
  transport.backend.receipt(name, thread, { delivered: 0, read: 4 }, 'visitor')
  await pass(1000)
  expect(chat.$unread.get()).toBe(1)
})
