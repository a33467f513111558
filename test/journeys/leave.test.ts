import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/rating.ts'
import '../../src/core/reconcile.ts'
import '../../src/core/recovery.ts'
import type { OutboxRow } from '../../src/core/rows.ts'
import '../../src/core/sending.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { createThread } from '../../src/model/thread.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { StorageError } from '../../src/storage/errors.ts'
import '../../src/storage/late.ts'
import { memory } from '../../src/storage/memory.ts'
import { openStorage } from '../../src/storage/open.ts'
import type { Change, ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { type ChatRig, eventually, pass, rig } from '../support/rig.ts'

const open: { close(): void }[] = []
const opened = (made: ChatRig) => {
  open.push(made.chat)
  return made
}
const make = async (...parts: Parameters<typeof rig>) => opened(await rig(...parts))
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  for (const chat of open.splice(0)) chat.close()
  vi.useRealTimers()
})

const waiting = async (disk: ChatStorage) =>
  (await disk.list(['outbox'])).map(({ value }) => {
    const { command } = value as OutboxRow
    return command.type === 'message' ? command.text : command.type
  })

/** A disk that fails when told to, and what it tells of it. */
function faulty(disk: ChatStorage) {
  let fails = false
  const guard = <T>(work: () => Promise<T>) => (fails ? Promise.reject(new StorageError('lost', 'told to')) : work())
  const storage: ChatStorage = {
    durable: true,
    list: (...args) => guard(() => disk.list(...args)),
    commit: changes => guard(() => disk.commit(changes)),
    close() {}
  }
  return {
    storage,
    fail(now: boolean) {
      fails = now
      if (now) storage.onLost?.()
    }
  }
}

const THEIRS = 'of whoever left'

/** A disk with all of somebody. */
async function disk(...more: readonly Change[]) {
  const made = memory()
  const command = { id: 'x', n: 1, type: 'message', threadId: 't', text: THEIRS, attachments: [] }
  await made.commit([
    { put: ['device'], value: THEIRS },
    { put: ['cursor'], value: 'c1' },
    { put: ['thread', 't'], value: createThread('t', 1) },
    { put: ['draft', 't'], value: THEIRS },
    { put: ['lane', 't'], value: 1 },
    { put: ['outbox', 't', 1], value: { command, at: 1, acked: null, failed: null } },
    ...more
  ])
  return made
}

const LEAVING: Change = { put: ['leaving'], value: true }

describe('while something waits to be sent', () => {
  /** Somebody whose last words cannot be sent. */
  const talking = async () => {
    const first = await make()
    first.transport.offline(true)
    await first.chat.send(first.chat.newThread(), { text: 'before' })
    await pass(10)
    return first
  }

  it('keeps what the next one says, where two tabs sign out at once', async () => {
    const first = await talking()
    const second = opened(await first.tab())
    const over = Promise.all([first.chat.reset(), second.chat.reset()])
    await pass(1000)
    const said = first.chat.send(first.chat.newThread(), { text: 'after' })
    await pass(4000)
    await Promise.all([over, said])
    await pass(4000)
    expect(await waiting(first.storage)).toEqual(['after'])
    expect(await first.storage.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
  })

  it.each([
    ['still waits', false],
    ['was left, and comes back', true]
  ])('keeps what the next one says on another page, where the one that signed out %s', async (_, isLeft) => {
    const first = await talking()
    const over = first.chat.reset()
    await pass(500)
    if (isLeft) first.page.emit('leave')
    const next = opened(await first.tab())
    await next.chat.send(next.chat.newThread(), { text: 'after' })
    await pass(500)
    if (isLeft) first.page.emit('return')
    await pass(5000)
    await over
    expect(await waiting(first.storage)).toEqual(['after'])
    expect(await first.storage.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
  })

  it('sends nothing again for the next one that had failed before, and erases nothing of theirs', async () => {
    const { chat, transport, storage } = await make()
    const thread = chat.newThread()
    await chat.load(thread)
    await chat.send(thread, { text: 'taken' })
    await pass(3000)
    transport.backend.refuse('message', 'no')
    const id = await chat.send(thread, { text: 'refused' })
    await eventually('failed', () => chat.$messages.get()[thread]?.entries[1]?.delivery === 'failed')
    transport.offline(true)
    await chat.send(thread, { text: 'waits' })
    const done = [chat.retry(id), chat.erase()].map(one => one.then(() => 'done', String))
    const over = chat.reset()
    await vi.dynamicImportSettled()
    await pass(5000)
    await over
    expect(await Promise.all(done)).toEqual(['Error: it is gone', 'Error: signed out before it was done'])
    expect(await waiting(storage)).toEqual([])
  })
})

it('rates nothing as the next one that was rated just before', async () => {
  const { chat, transport, storage } = await make()
  chat.watch()
  await chat.start('t')
  await eventually('asked for', () => !!chat.$sessions.get().t)
  transport.offline(true)
  const rated = chat.rate('t', 2, THEIRS)
  const over = chat.reset({ pending: 'discard' })
  await Promise.all([rated, over])
  await pass(100)
  expect(await storage.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
  expect(JSON.stringify(await storage.list([]))).not.toContain(THEIRS)
})

it('sends once what two tabs are asked to send again', async () => {
  const first = await make()
  const { chat, transport, storage } = first
  const second = opened(await first.tab())
  const thread = chat.newThread()
  await chat.load(thread)
  transport.backend.refuse('message', 'no')
  chat.watch()
  const id = await chat.send(thread, { text: 'refused' })
  await eventually('failed', () => chat.$messages.get()[thread]?.entries[0]?.delivery === 'failed', 4000)
  transport.offline(true)
  await Promise.allSettled([chat.retry(id), second.chat.retry(id)])
  expect(await waiting(storage)).toEqual(['refused'])
})

it('shows at once, in each tab, neither who types nor a chat that was asked for', async () => {
  const first = await make()
  const { chat, transport } = first
  const second = opened(await first.tab())
  const both = [chat, second.chat]
  const thread = chat.newThread()
  chat.watch()
  await eventually('online', () => chat.$status.get().link === 'online', 4000)
  transport.ephemeral({ type: 'typing', threadId: thread, active: true, by: { name: 'Maria', picture: '' } })
  await eventually('they type', () => both.every(one => one.$typing.get()[thread]))
  transport.offline(true)
  await chat.start(thread)
  await eventually('asked for', () => both.every(one => one.$sessions.get()[thread]))
  second.chat.draft(thread, 'half a wo')
  const over = chat.reset()
  const shown = () => both.flatMap(one => [one.$typing, one.$sessions, one.$drafts].map(store => store.get()))
  expect(shown()).toEqual(Array(6).fill({}))
  await pass(4000)
  await over
  expect(shown()).toEqual(Array(6).fill({}))
})

describe('where signing out broke off', () => {
  it('is ended by a page that was frozen all the while, and shows nothing of theirs', async () => {
    const storage = await disk()
    const { chat, page, transport, device } = await make({ storage })
    transport.offline(true)
    expect(chat.$threads.get()).toHaveLength(1)
    page.emit('leave')
    await storage.commit([LEAVING])
    page.emit('return')
    await pass(10)
    expect([chat.$threads.get(), chat.$drafts.get()]).toEqual([[], {}])
    const said = chat.send('u', { text: 'after' })
    await pass(41_000)
    await said
    expect(await waiting(storage)).toEqual(['after'])
    expect(await device()).not.toBe(THEIRS)
    expect(JSON.stringify(await storage.list([]))).not.toContain(THEIRS)
  })

  it.each([0, 1, 5, 14])('is ended where the disk fails for a moment after %i answers', async answers => {
    const storage = await disk(LEAVING)
    const { storage: failing, fail } = faulty(storage)
    let n = 0
    const starting = make({
      storage: {
        ...failing,
        list(...args) {
          if (n++ === answers) {
            fail(true)
            setTimeout(fail, 300, false)
          }
          return failing.list(...args)
        }
      }
    })
    await pass(45_000)
    const { chat } = await starting
    expect([chat.$threads.get(), chat.$drafts.get()]).toEqual([[], {}])
    expect(JSON.stringify(await storage.list([]))).not.toContain(THEIRS)
  })

  it.each([
    ['while it waits', false],
    ['when the page that did so has died', true]
  ])('is ended where all is deleted %s, and another tab that has looked puts it back', async (_, isDead) => {
    const kept = memory()
    const tabs = stillTabs()
    const transport = memoryTransport()
    const one = faulty(kept)
    const other = faulty(kept)
    const first = await make({ storage: one.storage, tabs, transport })
    const second = await make({ storage: other.storage, tabs, transport })
    first.chat.watch()
    await first.chat.send('t', { text: 'sent' })
    await pass(2000)
    const device = await first.device()
    transport.offline(true)
    await first.chat.send('t', { text: 'unsent' })
    first.chat.reset().catch(() => {})
    await pass(100)
    if (isDead) first.chat.close()
    second.page.emit('return')
    await pass(20)
    await kept.commit([{ drop: [] }])
    if (!isDead) one.fail(true)
    other.fail(true)
    await pass(20)
    one.fail(false)
    other.fail(false)
    await pass(1000)
    first.chat.close()
    second.chat.close()
    const next = await make({ storage: kept, transport })
    transport.offline(false)
    next.chat.watch()
    await pass(5000)
    expect(next.chat.$threads.get()).toEqual([])
    expect(await next.device()).not.toBe(device)
  })
})

describe('where the disk fails', () => {
  it('is told to it as soon as it works again, before the page dies', async () => {
    const kept = memory()
    const { storage, fail } = faulty(kept)
    const { chat, transport, device } = await make({ storage })
    transport.offline(true)
    await chat.send('t', { text: 'unsent' })
    const before = await kept.list(['outbox'])
    fail(true)
    chat.reset().catch(() => {})
    await pass(10)
    fail(false)
    await pass(1000)
    chat.close()
    const next = await make({ storage: kept })
    next.chat.watch()
    await pass(1000)
    expect(before).toHaveLength(1)
    expect(next.chat.$threads.get()).toEqual([])
    expect(await waiting(kept)).toEqual([])
    expect(await device()).toBe(await next.device())
  })

  it('is written down by a tab that hears of it, where the page that says so dies before the disk knows', async () => {
    const kept = memory()
    const tabs = stillTabs()
    let isDead = false
    const dying: ChatStorage = {
      ...kept,
      commit: changes => (isDead ? new Promise(() => {}) : kept.commit(changes))
    }
    const first = await make({ storage: dying, tabs })
    const second = await make({ storage: kept, tabs })
    first.transport.offline(true)
    second.transport.offline(true)
    await first.chat.send('t', { text: 'before' })
    isDead = true
    first.chat.reset({ pending: 'discard' }).catch(() => {})
    first.chat.close()
    await pass(100)
    const next = await make({ storage: kept, tabs, transport: second.transport })
    expect(next.chat.$threads.get()).toEqual([])
    await next.chat.send('u', { text: 'after' })
    await pass(60_000)
    expect(second.chat.$threads.get().map(({ id }) => id)).toEqual(['u'])
    expect(await waiting(kept)).toEqual(['after'])
  })

  it.each([0, 1])(
    'keeps what is said for the next life in a tab whose disk fails just then, after %i lives',
    async lives => {
      const kept = memory()
      const tabs = stillTabs()
      const transport = memoryTransport()
      const first = await make({ storage: kept, tabs, transport })
      if (lives) await first.chat.reset({ pending: 'discard' })
      const { storage, fail } = faulty(kept)
      const second = await make({ storage, tabs, transport })
      transport.offline(true)
      await first.chat.send('t', { text: 'before' })
      const over = first.chat.reset()
      await pass(100)
      const said = second.chat.send('u', { text: 'after' })
      await pass(2700)
      fail(true)
      second.page.emit('return')
      await pass(700)
      fail(false)
      await pass(5000)
      await Promise.all([over, said])
      expect(await waiting(kept)).toEqual(['after'])
    }
  )
})

describe('where the site clears what is stored, and somebody else begins anew there', () => {
  /** Whoever comes next, on another page, with half a word written. */
  const next = async (storage: ChatStorage) => {
    await storage.commit([{ drop: [] }])
    const made = await make({ storage })
    made.chat.watch()
    await made.chat.send('u', { text: 'after' })
    await pass(2000)
    made.chat.draft('u', 'half a wo')
    await pass(1000)
    const device = await made.device()
    return async () => {
      expect(await storage.list(['device'])).toEqual([{ key: ['device'], value: device }])
      expect((await storage.list(['draft'])).map(({ value }) => value)).toEqual(['half a wo'])
      expect(await waiting(storage)).toEqual([])
      expect(made.transport.backend.history(device, 't', undefined, 10)).toEqual([])
    }
  }

  it.each([
    ['with something unsent', true],
    ['with nothing unsent', false]
  ])('is left alone by a tab that was frozen meanwhile, %s', async (_, isUnsent) => {
    const kept = memory()
    const tabs = stillTabs()
    const first = await make({ storage: kept, tabs })
    const { storage, fail } = faulty(kept)
    const second = await make({ storage, tabs, transport: first.transport })
    await first.chat.send('t', { text: 'before' })
    await pass(2000)
    first.transport.offline(true)
    if (isUnsent) await first.chat.send('t', { text: 'unsent' })
    first.chat.reset().catch(() => {})
    await pass(50)
    first.chat.close()
    second.page.emit('leave')
    const isAlone = await next(kept)
    fail(true)
    second.page.emit('return')
    await pass(20)
    fail(false)
    await pass(60_000)
    await isAlone()
  })

  it('is left alone by the page that still signs out', async () => {
    const kept = memory()
    const { storage, fail } = faulty(kept)
    const first = await make({ storage })
    await first.chat.send('t', { text: 'before' })
    await pass(2000)
    first.transport.offline(true)
    await first.chat.send('t', { text: 'unsent' })
    const over = first.chat.reset()
    await pass(50)
    fail(true)
    const isAlone = await next(kept)
    fail(false)
    await pass(60_000)
    await over
    await isAlone()
  })
})

it('hides somebody who signs out in a page that knew only that the one before them did', async () => {
  const first = await make()
  const { transport, storage } = first
  const second = opened(await first.tab())
  transport.offline(true)
  await first.chat.send('t', { text: 'of the first' })
  const over = first.chat.reset()
  await pass(100)
  second.page.emit('leave')
  await pass(4000)
  await over
  await first.chat.send('u', { text: 'of the second' })
  first.chat.reset().catch(() => {})
  await pass(50)
  first.chat.close()
  second.page.emit('return')
  await pass(50)
  expect(second.chat.$threads.get()).toEqual([])
  const said = second.chat.send('v', { text: 'of the third' })
  await pass(60_000)
  await said
  expect(await waiting(storage)).toEqual(['of the third'])
})

describe('on a disk that answers late', () => {
  /** A page that begins before the disk answers. */
  const early = async (storage: ChatStorage, tabs = stillTabs()) => {
    const { storage: silent, fail } = faulty(storage)
    fail(true)
    const place = await openStorage(silent, tabs())
    const transport = memoryTransport()
    const chat = talk(await startStandby({ options: { app: 'test', transport }, page: stillPage(), ...place }))
    open.push(chat)
    const nothingOfTheirs = async () => {
      expect(chat.$drafts.get()).toEqual({})
      expect(JSON.stringify(await storage.list([]))).not.toContain(THEIRS)
      expect(transport.backend.history(THEIRS, 't', undefined, 10)).toEqual([])
    }
    return { chat, transport, fail, nothingOfTheirs }
  }

  it('is ended before anything is read there', async () => {
    const { chat, fail, nothingOfTheirs } = await early(await disk(LEAVING))
    await pass(100)
    fail(false)
    await pass(60_000)
    expect(chat.$threads.get()).toEqual([])
    await nothingOfTheirs()
  })

  it('keeps what the next one has said meanwhile', async () => {
    const { chat, fail, nothingOfTheirs } = await early(await disk(LEAVING))
    const said = chat.send('u', { text: 'after' })
    await pass(100)
    fail(false)
    await pass(60_000)
    await said
    expect(chat.$threads.get().map(({ id }) => id)).toEqual(['u'])
    await nothingOfTheirs()
  })

  it.each([undefined, 0, 1, 2])(
    'is ended where it comes while what is unsent is waited for, in life %s',
    async life => {
      const storage = await disk(...(life === undefined ? [] : [{ put: ['life'], value: life }]))
      const { chat, transport, fail, nothingOfTheirs } = await early(storage)
      transport.offline(true)
      chat.send('t', { text: THEIRS }).catch(() => {})
      await pass(1000)
      const over = chat.reset()
      const said = chat.send('u', { text: 'after' })
      await pass(200)
      fail(false)
      await pass(60_000)
      await Promise.all([over, said])
      expect(await waiting(storage)).toEqual(['after'])
      await nothingOfTheirs()
    }
  )

  it.each([undefined, 0, 1, 2, 5])('drops what is there of who signs out before it answers, in life %s', async life => {
    const storage = await disk(...(life === undefined ? [] : [{ put: ['life'], value: life }]))
    const { chat, fail, nothingOfTheirs } = await early(storage)
    await pass(100)
    const over = chat.reset({ pending: 'discard' })
    await pass(1000)
    await over
    const said = chat.send('u', { text: 'after' })
    await pass(1000)
    fail(false)
    await pass(60_000)
    await said
    expect(chat.$threads.get().map(({ id }) => id)).toEqual(['u'])
    await nothingOfTheirs()
    expect(Number((await storage.list(['life']))[0]?.value)).toBeGreaterThan(life ?? 0)
  })

  describe.each([0, 1, 2])('and in another tab, on a disk that works, after %i who did so', lives => {
    const both = async () => {
      const tabs = stillTabs()
      const storage = { ...memory(), durable: true }
      const first = await make({ storage, tabs })
      for (let life = 0; life < lives; life++) await first.chat.reset()
      await first.chat.send('t', { text: THEIRS })
      await pass(2000)
      const second = await early(storage, tabs)
      for (const { transport } of [first, second]) transport.offline(true)
      return { first, second, storage }
    }

    it.each(['there', 'here'])('keeps what the next one has said, where it is first told %s', async where => {
      const { first, second, storage } = await both()
      const [one, two] = where === 'there' ? [first, second] : [second, first]
      await Promise.all([one.chat.reset(), two.chat.reset()])
      await pass(100)
      await first.chat.send('u', { text: 'after' })
      await pass(100)
      second.fail(false)
      await pass(60_000)
      expect(await waiting(storage)).toEqual(['after'])
      expect(second.chat.$threads.get().map(({ id }) => id)).toEqual(['u'])
      await second.nothingOfTheirs()
    })

    it('keeps it where what is unsent is waited for in the tab of the disk that answers late', async () => {
      const { first, second, storage } = await both()
      second.chat.send('t', { text: THEIRS }).catch(() => {})
      await pass(1000)
      const over = Promise.all([first.chat.reset(), second.chat.reset()])
      await pass(100)
      const said = first.chat.send('u', { text: 'after' })
      await pass(1000)
      second.fail(false)
      await pass(60_000)
      await Promise.all([over, said])
      expect(await waiting(storage)).toEqual(['after'])
      await second.nothingOfTheirs()
    })

    it('is of whoever is there by then, where the other one has signed out long before', async () => {
      const { first, second, storage } = await both()
      await first.chat.reset()
      await first.chat.send('u', { text: THEIRS })
      await pass(100)
      await second.chat.reset()
      await pass(100)
      second.fail(false)
      await pass(60_000)
      expect(await waiting(storage)).toEqual([])
    })
  })
})
