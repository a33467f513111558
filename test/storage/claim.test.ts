import 'fake-indexeddb/auto'
import { IDBDatabase, IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { createThread } from '../../src/model/thread.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { claim, endClaim } from '../../src/storage/claim.ts'
import { idb } from '../../src/storage/idb.ts'
import { late } from '../../src/storage/late.ts'
import { memory } from '../../src/storage/memory.ts'
import { openStorage } from '../../src/storage/open.ts'
import { databaseName } from '../../src/storage/probe.ts'
import type { Change, ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

const APP = 'shop'
const of = (identity?: string) => idb(databaseName(APP, identity))
/** As a page does that opens. */
const move = async (storage: ChatStorage, app: string, identity: string) =>
  claim(await openStorage(storage, stillTabs()()), app, stillTabs(), identity)
/** As a page does that finds what somebody began. */
const end = () => endClaim(APP, stillTabs()())
/** By somebody whom nobody knows yet. */
const WRITTEN: readonly Change[] = [
  { put: ['device'], value: 'this one' },
  { put: ['outbox', 't', 1], value: { command: { id: 'a', n: 1 } } }
]
const kinds = async (identity?: string) => [...new Set((await of(identity).list([])).map(({ key }) => key[0]))]
/** Her database, of a page that is left once it has done what it was told. */
const dying = (): ChatStorage => {
  const ada = of('ada')
  const commit: ChatStorage['commit'] = async changes => {
    await ada.commit(changes)
    throw new Error('the page was left')
  }
  return { ...ada, commit }
}
/** A database in which something happens once, before or after a list that begins so is answered; `all` is of everything. */
const when = (
  on: ChatStorage,
  moment: `${'before' | 'after'} ${string}`,
  what: () => Promise<unknown>
): ChatStorage => {
  let isOver = false
  const at = async (now: string) => {
    if (isOver || now !== moment) return
    isOver = true
    await what()
  }
  const list: ChatStorage['list'] = async (prefix, page) => {
    const kind = prefix[0] ?? 'all'
    await at(`before ${kind}`)
    const rows = await on.list(prefix, page)
    await at(`after ${kind}`)
    return rows
  }
  return { ...on, list }
}
const row = (id: string, n: number, lane = 't') => ({ put: ['outbox', lane, n], value: { command: { id, n } } })
const ids = async (identity?: string) =>
  (await of(identity).list(['outbox'])).map(({ value }) => (value as { command: { id: string } }).command.id)
/** What waits where nobody is known, and what waits in her database. */
const waiting = async () => [await ids(), await ids('ada')]
/** In another page of hers. */
const signOut = (life: number) => of('ada').commit([{ drop: [] }, { put: ['life'], value: life }])

it('moves what was written before somebody signed in, once, whoever else signs in at the same time', async () => {
  const before = of()
  await before.commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'thread', 1], value: 'waits' }
  ])
  await Promise.all(['ada', 'bob', 'ada'].map(identity => move(of(identity), APP, identity)))
  const moved = [await kinds('ada'), await kinds('bob')].filter(found => found.length)
  expect(moved).toEqual([['came', 'device', 'outbox']])
  expect(await kinds()).toEqual(['life'])
})

it('moves a thread of whatever name', async () => {
  await of('ada').commit([{ put: ['life'], value: 4 }])
  await of().commit([...WRITTEN, { put: ['draft', 'life'], value: 'half' }])
  await move(of('ada'), APP, 'ada')
  expect(await of('ada').list(['draft'])).toEqual([{ key: ['draft', 'life'], value: 'half' }])
})

it('takes nothing along to where nothing is kept', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  const place = { storage: memory(), tabs: stillTabs()() }
  expect(await claim(place, APP, stillTabs(), 'ada')).toBe(place)
  expect([await kinds(), await place.storage.list([])]).toEqual([['device'], []])
})

it('leaves everything where it is while nobody has signed in', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  expect(await end()).toBe(true)
  expect(await kinds()).toEqual(['device'])
  expect((await indexedDB.databases()).map(({ name }) => name)).toEqual([databaseName(APP)])
})

it('lets go of the database of the other one, and not of that of whoever is here', async () => {
  const { contexts } = vi.spyOn(IDBDatabase.prototype, 'transaction').mock
  /** Whose databases somebody holds open, who would be in the way of those who delete or upgrade them. */
  const held = () =>
    [...new Set(contexts as unknown as globalThis.IDBDatabase[])].flatMap(db => {
      try {
        db.transaction('rows').abort()
        return [db.name]
      } catch {
        return []
      }
    })
  const here = of()
  await here.commit([{ put: ['device'], value: 'this one' }])
  here.close()
  const hers = { storage: of('ada'), tabs: stillTabs()() }
  expect(await claim(hers, APP, stillTabs(), 'ada')).toBe(hers)
  expect(held()).toEqual([databaseName(APP, 'ada')])
  hers.storage.close()
  // The other way round: whoever comes next ends what she began.
  const next = of()
  await next.commit([
    { put: ['device'], value: 'this one' },
    { put: ['claimed'], value: 'ada' }
  ])
  expect(await end()).toBe(true)
  expect(held()).toEqual([databaseName(APP)])
  expect(await next.list(['device'])).toEqual([])
})

it('tells the pages in which it is still shown, and leaves no channel open', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  const told: unknown[] = []
  // As in a browser: who tells has a channel, and it is only closed when the last one stops listening.
  const open = new Set<string>()
  const others = (database: string) => ({
    ...stillTabs()(),
    tell(note: object) {
      open.add(database)
      told.push({ database, ...note })
    },
    listen: () => () => open.delete(database)
  })
  const died = { ...of('ada'), commit: () => Promise.reject(new Error('the page was left')) }
  await claim({ storage: died, tabs: others('of ada') }, APP, others, 'ada')
  const life = async () => (await of().list(['life']))[0]!.value
  expect(told).toEqual([{ database: databaseName(APP), type: 'rows', keys: [], life: await life() }])
  expect([...open]).toEqual([])
  // Where it is their own database, those are their own tabs.
  await endClaim(APP, others('of nobody'))
  expect(told.slice(1)).toEqual([{ database: 'of nobody', type: 'rows', keys: [], life: await life() }])
})

it('leaves alone what its owner already has with another device', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  await of('ada').commit([{ put: ['device'], value: 'another one' }])
  await move(of('ada'), APP, 'ada')
  expect(await of('ada').list(['device'])).toEqual([{ key: ['device'], value: 'another one' }])
  expect(await kinds()).toEqual(['device'])
})

it('keeps what somebody writes while it moves', async () => {
  const before = of()
  await before.commit([{ put: ['device'], value: 'this one' }])
  const moving = move(of('ada'), APP, 'ada')
  await before.commit([{ put: ['draft', 'thread'], value: 'half' }])
  await moving
  const found = [...(await kinds('ada')), ...(await kinds())]
  expect(found.filter(kind => kind === 'draft')).toHaveLength(1)
})

it('leaves alone what the next one has written by the time somebody comes late', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  const to = of('ada')
  let isFirst = true
  const slow = {
    ...to,
    async list(...args: Parameters<typeof to.list>) {
      if (isFirst) {
        isFirst = false
        await move(of('ada'), APP, 'ada')
        await of().commit([
          { put: ['device'], value: 'another one' },
          { put: ['outbox', 'thread', 1], value: 'waits' }
        ])
      }
      return to.list(...args)
    }
  }
  await move(slow, APP, 'ada')
  expect(await kinds()).toEqual(['device', 'life', 'outbox'])
})

it('is ended by the next one whom nobody knows, if the page of who signed in was left meanwhile', async () => {
  const left = new Error('the page was left')
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'thread', 1], value: 'waits' }
  ])
  await move({ ...of('ada'), commit: () => Promise.reject(left) }, APP, 'ada')
  expect(await kinds()).toEqual(['claimed', 'device', 'leaving', 'life', 'outbox'])
  await end()
  expect(await kinds()).toEqual(['life'])
  expect(await kinds('ada')).toEqual(['came', 'device', 'outbox'])
})

it('leaves what was said after it had moved, where the page was left in between', async () => {
  const before = of()
  const say = (id: string, n: number) =>
    before.commit([
      { put: ['lane', 't'], value: n },
      { put: ['outbox', 't', n], value: { command: { id, n } } }
    ])
  await before.commit([{ put: ['device'], value: 'this one' }])
  await say('a', 1)
  await move(dying(), APP, 'ada')
  await say('b', 2)
  await move(of('ada'), APP, 'ada')
  expect((await of('ada').list(['outbox'])).map(({ key }) => key[2])).toEqual([1])
  expect(await of().list(['outbox'])).toEqual([{ key: ['outbox', 't', 2], value: { command: { id: 'b', n: 2 } } }])
  expect(await of().list(['lane'])).toEqual([{ key: ['lane', 't'], value: 2 }])
})

it('leaves the counter of a lane only where something was said in it after it had moved', async () => {
  const before = of()
  const say = (lane: string, id: string) => [
    { put: ['lane', lane], value: 1 },
    { put: ['outbox', lane, 1], value: { command: { id, n: 1 } } },
    { put: ['draft', lane], value: 'half' }
  ]
  await before.commit([{ put: ['device'], value: 'this one' }, ...say('t', 'a')])
  const ada = of('ada')
  const commit: ChatStorage['commit'] = async changes => {
    await ada.commit(changes)
    await before.commit(say('u', 'b'))
  }
  await move({ ...ada, commit }, APP, 'ada')
  expect((await of().list([])).map(({ key }) => String(key))).toEqual(['draft,u', 'lane,u', 'life', 'outbox,u,1'])
})

it('ends what another version of this code began, which did not note what came along', async () => {
  await of().commit([...WRITTEN, { put: ['claimed'], value: 'ada' }])
  await of('ada').commit([...WRITTEN, { put: ['choice', 'sound'], value: 'off' }])
  await move(of('ada'), APP, 'ada')
  expect(await kinds()).toEqual(['life'])
})

it('gives a place in memory to whoever comes while the disk lets nobody end it', async () => {
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'thread', 1], value: 'waits' }
  ])
  const full = { ...of('ada'), commit: () => Promise.reject(new Error('full')) }
  const hers = await move(full, APP, 'ada')
  expect([hers.storage.durable, await hers.storage.list([]).catch(() => [])]).toEqual([false, []])
  // Her own database is of another device by now: what waits stays where it was, and is kept from nobody any more.
  await of('ada').commit([{ put: ['device'], value: 'another one' }])
  expect((await move(of('ada'), APP, 'ada')).storage.durable).toBe(true)
  expect(await kinds()).toEqual(['device', 'life', 'outbox'])
})

it('ends a signing out that broke off there, before anything comes along', async () => {
  await of('ada').commit([
    { put: ['leaving'], value: true },
    { put: ['outbox', 'visitor', 1], value: { command: { id: 'of before', n: 1 } } },
    { put: ['life'], value: 3 }
  ])
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'thread', 1], value: 'waits' }
  ])
  await move(of('ada'), APP, 'ada')
  expect(await kinds('ada')).toEqual(['came', 'device', 'life', 'outbox'])
  expect(await of('ada').list(['life'])).toEqual([{ key: ['life'], value: 4 }])
})

it('keeps what waits there of no device yet, behind what the device that comes has said', async () => {
  const row = (id: string, n: number) => ({ command: { id, n } })
  await of('ada').commit([
    { put: ['outbox', 'visitor', 1], value: row('hers', 1) },
    { put: ['outbox', 'visitor', 3], value: row('hers too', 3) },
    { put: ['lane', 'visitor'], value: 3 },
    { put: ['lane', 'visitor', 2], value: 'taken back' },
    { put: ['lane', 'alone'], value: 7 },
    { put: ['choice', 'sound'], value: 'off' }
  ])
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'visitor', 2], value: row('first', 2) },
    { put: ['lane', 'visitor'], value: 2 },
    { put: ['draft', 'visitor'], value: 'not a lane' }
  ])
  await move(of('ada'), APP, 'ada')
  expect(await of('ada').list(['outbox'])).toEqual([
    { key: ['outbox', 'visitor', 2], value: row('first', 2) },
    { key: ['outbox', 'visitor', 3], value: row('hers', 3) },
    { key: ['outbox', 'visitor', 5], value: row('hers too', 5) }
  ])
  expect(await of('ada').list(['lane'])).toEqual([
    { key: ['lane', 'alone'], value: 7 },
    { key: ['lane', 'visitor'], value: 5 },
    { key: ['lane', 'visitor', 2], value: 'taken back' }
  ])
  // Only what is counted goes on.
  expect(await of('ada').list(['choice'])).toEqual([{ key: ['choice', 'sound'], value: 'off' }])
})

it('lets whoever leads there next come after those who led in either place', async () => {
  const led = async (before: number | undefined, hers: number | undefined) => {
    globalThis.indexedDB = new IDBFactory()
    const term = (value: number | undefined) => (value ? [{ put: ['term'], value }] : [])
    await of().commit([...WRITTEN, ...term(before)])
    await of('ada').commit(term(hers))
    await move(of('ada'), APP, 'ada')
    return (await of('ada').list(['term']))[0]?.value
  }
  expect(await led(1, 2)).toBe(2)
  expect(await led(3, 2)).toBe(3)
  expect(await led(undefined, 2)).toBe(2)
  expect(await led(3, undefined)).toBe(3)
})

it('overlooks nothing that a page of theirs counts at that moment', async () => {
  await of().commit([...WRITTEN, { put: ['lane', 't'], value: 1 }, { put: ['term'], value: 1 }])
  const ada = of('ada')
  let times = 0
  const list: ChatStorage['list'] = async prefix => {
    const rows = await ada.list(prefix)
    // What is there has been read by now.
    if (prefix.length) return rows
    times++
    if (times === 1) await ada.commit([{ put: ['lane', 't'], value: 1 }, row('hers', 1)])
    if (times === 2) await ada.commit([{ put: ['term'], value: 6 }])
    return rows
  }
  await move({ ...ada, list }, APP, 'ada')
  expect(await of('ada').list(['outbox'])).toEqual(
    [row('a', 1), row('hers', 2)].map(({ put, value }) => ({ key: put, value }))
  )
  expect(await of('ada').list(['lane'])).toEqual([{ key: ['lane', 't'], value: 2 }])
  expect([await of('ada').list(['term']), times]).toEqual([[{ key: ['term'], value: 6 }], 3])
})

it('leaves nothing behind that another tab numbers anew while it moves', async () => {
  const before = of()
  const row = (n: number) => ({ put: ['outbox', 't', n], value: { command: { id: 'a', n } } })
  await before.commit([{ put: ['device'], value: 'this one' }, row(4)])
  const ada = of('ada')
  const commit: ChatStorage['commit'] = async changes => {
    await ada.commit(changes)
    // What moves has been read by now, and is not gone yet.
    await before.commit([{ drop: ['outbox', 't', 4] }, row(1)])
    // Nor does what somebody says now.
    await before.commit([{ put: ['outbox', 't', 2], value: { command: { id: 'b', n: 2 } } }])
  }
  await move({ ...ada, list: ada.list, commit }, APP, 'ada')
  expect(await kinds()).toEqual(['life', 'outbox'])
  expect((await of().list(['outbox'])).map(({ key }) => key[2])).toEqual([2])
  expect((await of('ada').list(['outbox'])).map(({ key }) => key[2])).toEqual([4])
})

it('lets a lane count on behind what is said in it while it moves, at whatever moment that is', async () => {
  const found = new Set<string>()
  for (let moment = 0; moment < 40; moment++) {
    globalThis.indexedDB = new IDBFactory()
    const before = of()
    await before.commit([{ put: ['device'], value: 'this one' }, { put: ['lane', 't'], value: 4 }, row('a', 4)])
    const moving = move(of('ada'), APP, 'ada')
    for (let i = 0; i < moment; i++) await new Promise(resolve => setImmediate(resolve))
    /** As a tab does that stays open. */
    const say = async (id: string): Promise<void> => {
      const read = async (...key: string[]) => (await before.list(key))[0]?.value as number | undefined
      const life = await read('life')
      const last = await read('lane', 't')
      const n = (last ?? 0) + 1
      const changes = [{ put: ['lane', 't'], value: n }, row(id, n)]
      await before
        .commit([{ expect: ['life'], value: life }, { expect: ['lane', 't'], value: last }, ...changes])
        .catch(() => say(id))
    }
    await say('b')
    await moving
    await say('c')
    found.add(`${await ids('ada')} | ${await ids()}`)
  }
  // Said early, it moves as well; late, it stays.
  expect([...found].sort()).toEqual(['a | b,c', 'a,b | c'])
})

it('moves nothing a second time to somebody who has signed out, at whatever moment something is said where it was', async () => {
  let times = 0
  for (let moment = 0; moment < 60; moment++) {
    globalThis.indexedDB = new IDBFactory()
    const before = of()
    const row = (id: string, n: number) => [
      { put: ['lane', 't'], value: n },
      { put: ['outbox', 't', n], value: { command: { id, n } } }
    ]
    await before.commit([{ put: ['device'], value: 'this one' }, ...row('a', 1)])
    const ada = of('ada')
    const moving = move(of('ada'), APP, 'ada')
    for (let i = 0; i < moment; i++) await new Promise(resolve => setImmediate(resolve))
    // She signs out as soon as it is hers.
    if (!(await ada.list(['came'])).length) continue
    times++
    await Promise.all([ada.commit([{ drop: [] }, { put: ['life'], value: 1 }]), before.commit(row('b', 2))])
    await moving
    expect(await kinds('ada')).toEqual(['life'])
    // As the next page finds it, if it could not be ended now.
    await move(of('ada'), APP, 'ada')
    expect(await kinds('ada')).toEqual(['life'])
  }
  expect(times).toBeGreaterThan(3)
})

it('moves nothing a second time to somebody who has signed out before the end', async () => {
  await of().commit([...WRITTEN, { put: ['draft', 't'], value: 'half' }])
  await move(dying(), APP, 'ada')
  expect(await kinds('ada')).toEqual(['came', 'device', 'draft', 'outbox'])
  await signOut(1)
  // Said since then by somebody who is none of hers: it was never on its way.
  await of().commit([{ put: ['outbox', 't', 2], value: { command: { id: 'b', n: 2 } } }])
  await end()
  expect(await kinds('ada')).toEqual(['life'])
  expect((await of().list([])).map(({ key }) => String(key))).toEqual(['life', 'outbox,t,2'])
})

it('is not given back, either, to somebody whom nobody knows, when they have begun anew since they signed out', async () => {
  await of().commit(WRITTEN)
  await move(dying(), APP, 'ada')
  await signOut(1)
  await of('ada').commit([{ put: ['device'], value: 'another one' }])
  await move(of('ada'), APP, 'ada')
  expect(await of('ada').list(['device'])).toEqual([{ key: ['device'], value: 'another one' }])
  expect([await kinds('ada'), await kinds()]).toEqual([['device', 'life'], ['life']])
})

it('takes with it, when somebody signs out, what had not moved yet', async () => {
  await of().commit(WRITTEN)
  await of('ada').commit([{ put: ['life'], value: 4 }])
  await move({ ...of('ada'), commit: () => Promise.reject(new Error('the page was left')) }, APP, 'ada')
  expect(await kinds()).toEqual(['claimed', 'device', 'leaving', 'life', 'outbox'])
  await signOut(5)
  await move(of('ada'), APP, 'ada')
  expect([await kinds('ada'), await kinds()]).toEqual([['life'], ['life']])
})

it('moves what had not moved yet to somebody who signed out only before it was on its way', async () => {
  // Not a life, though it could be read as one.
  await of().commit([...WRITTEN, { put: ['outbox', 't', 2], value: { command: { id: '1', n: 2 } } }])
  await of('ada').commit([{ put: ['life'], value: 4 }])
  await move({ ...of('ada'), commit: () => Promise.reject(new Error('the page was left')) }, APP, 'ada')
  await move(of('ada'), APP, 'ada')
  expect([await kinds('ada'), await kinds()]).toEqual([['came', 'device', 'life', 'outbox'], ['life']])
})

it('moves nothing to somebody who has signed out since another page of theirs moved it', async () => {
  await of().commit(WRITTEN)
  const ada = of('ada')
  const list: ChatStorage['list'] = async prefix => {
    // That there is no device yet has been read by now.
    if (!prefix.length) {
      await move(of('ada'), APP, 'ada')
      await signOut(1)
    }
    return ada.list(prefix)
  }
  await move({ ...ada, list }, APP, 'ada')
  expect([await kinds('ada'), await kinds()]).toEqual([['life'], ['life']])
})

it('moves all of it once more to somebody whose database was deleted, who has not signed out', async () => {
  await of().commit(WRITTEN)
  await of('ada').commit([{ put: ['life'], value: 4 }])
  await move(dying(), APP, 'ada')
  await of('ada').commit([{ drop: [] }])
  await move(of('ada'), APP, 'ada')
  expect([await kinds('ada'), await kinds()]).toEqual([['came', 'device', 'outbox'], ['life']])
})

it('has nothing left to do where another page has moved it all meanwhile', async () => {
  await of().commit(WRITTEN)
  const ada = of('ada')
  const commit: ChatStorage['commit'] = async changes => {
    await ada.commit(changes)
    await move(of('ada'), APP, 'ada')
  }
  const slow = { ...ada, commit }
  expect((await move(slow, APP, 'ada')).storage).toBe(slow)
  expect([await kinds('ada'), await kinds()]).toEqual([['came', 'device', 'outbox'], ['life']])
})

it('gives a place in memory to whoever comes where the disk fails when all has moved and nothing is gone yet', async () => {
  await of().commit(WRITTEN)
  const ada = of('ada')
  const commit: ChatStorage['commit'] = async changes => {
    await ada.commit(changes)
    const { transaction } = IDBDatabase.prototype
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (args[1] !== 'readwrite') return transaction.apply(this, args)
      vi.restoreAllMocks()
      throw new Error('the disk')
    })
  }
  expect((await move({ ...ada, commit }, APP, 'ada')).storage.durable).toBe(false)
  expect(await kinds()).toEqual(['claimed', 'device', 'leaving', 'life', 'outbox'])
})

it('joins nothing with the device that another page of the same person makes at that moment', async () => {
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['outbox', 'thread', 1], value: 'waits' }
  ])
  const ada = of('ada')
  const other = of('ada')
  const list: ChatStorage['list'] = async prefix => {
    // That there is no device yet has been read by now.
    if (!prefix.length) await other.commit([{ put: ['device'], value: 'another one' }])
    return ada.list(prefix)
  }
  const place = { storage: { ...ada, list }, tabs: stillTabs()() }
  expect(await claim(place, APP, stillTabs(), 'ada')).toBe(place)
  expect(await other.list([])).toEqual([{ key: ['device'], value: 'another one' }])
  // Kept from nobody any more.
  expect(await kinds()).toEqual(['device', 'life', 'outbox'])
})

it('is no reason to have no chat where the disk fails before anything has begun to move', async () => {
  await of().commit([{ put: ['device'], value: 'this one' }])
  const place = {
    storage: { ...of('ada'), list: () => Promise.reject(new Error('the disk')) },
    tabs: stillTabs()()
  }
  expect(await claim(place, APP, stillTabs(), 'ada')).toBe(place)
  expect(await kinds()).toEqual(['device'])
})

it('takes along what another version of this code has stored', async () => {
  await of().commit([
    { put: ['device'], value: 'this one' },
    { put: ['of the future'], value: null }
  ])
  await move(of('ada'), APP, 'ada')
  expect([await kinds('ada'), await kinds()]).toEqual([['came', 'device', 'of the future'], ['life']])
})

describe('what happens at the same moment', () => {
  it('is not wiped by a page that ends a signing out which another page has ended', async () => {
    await of('ada').commit([
      { put: ['leaving'], value: true },
      { put: ['life'], value: 3 }
    ])
    await of().commit(WRITTEN)
    await move(
      when(of('ada'), 'after leaving', () => move(of('ada'), APP, 'ada')),
      APP,
      'ada'
    )
    expect(await waiting()).toEqual([[], ['a']])
  })

  it('does not make her of the next visitor, where a page is late to end what she began', async () => {
    await of().commit(WRITTEN)
    await move(dying(), APP, 'ada')
    await signOut(1)
    await end()
    await of().commit([{ put: ['device'], value: 'of the next one' }, row('theirs', 1, 'u')])
    await end()
    expect(await waiting()).toEqual([['theirs'], []])
  })

  it('leaves what was said after the move, where she signs out as somebody looks what has moved', async () => {
    await of().commit(WRITTEN)
    await move(dying(), APP, 'ada')
    await of().commit([row('b', 2)])
    await move(
      when(of('ada'), 'before came', () => signOut(1)),
      APP,
      'ada'
    )
    expect(await waiting()).toEqual([['b'], []])
  })

  it('knows what had moved also where it was noted only since somebody began to look', async () => {
    await of().commit([...WRITTEN, { put: ['claimed'], value: 'ada' }, { put: ['claimed', 'life'], value: 0 }])
    const slow = when(of('ada'), 'before leaving', async () => {
      await move(dying(), APP, 'ada')
      await signOut(1)
    })
    await move(slow, APP, 'ada')
    expect(await waiting()).toEqual([[], []])
  })

  it('notes what is hers as it is said to be hers: she may sign out before it moves', async () => {
    await of().commit(WRITTEN)
    await of('ada').commit([{ put: ['life'], value: 4 }])
    const { transaction } = IDBDatabase.prototype
    let writes = 0
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (args[1] === 'readwrite' && ++writes > 1) throw new Error('the page was left')
      return transaction.apply(this, args)
    })
    await move(of('ada'), APP, 'ada')
    vi.restoreAllMocks()
    // Said while it is on its way: by nobody, if it comes to nothing.
    await of().commit([row('b', 2)])
    expect((await of().list(['claimed'])).map(({ key }) => String(key))).toEqual([
      'claimed',
      'claimed,id,a',
      'claimed,life'
    ])
    await signOut(5)
    await end()
    expect(await waiting()).toEqual([['b'], []])
  })

  it('notes all that was said until then', async () => {
    await of().commit([...WRITTEN, { put: ['lane', 't'], value: 1 }])
    const { transaction } = IDBDatabase.prototype
    const before = of()
    let isFirst = true
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (isFirst && args[1] === 'readwrite') {
        isFirst = false
        // Comes first: it is asked for first.
        void before.commit([{ put: ['lane', 't'], value: 2 }, row('b', 2)])
      }
      return transaction.apply(this, args)
    })
    await move({ ...of('ada'), commit: () => Promise.reject(new Error('the page was left')) }, APP, 'ada')
    vi.restoreAllMocks()
    await signOut(1)
    await end()
    expect(await waiting()).toEqual([[], []])
  })

  it('is not given back where she signs out and begins anew as somebody looks', async () => {
    await of().commit(WRITTEN)
    await move(dying(), APP, 'ada')
    const slow = when(of('ada'), 'before device', async () => {
      await signOut(1)
      await of('ada').commit([{ put: ['device'], value: 'another one' }])
    })
    await move(slow, APP, 'ada')
    await end()
    expect(await kinds()).toEqual(['life'])
  })

  it.each([['term'], ['lane', 't']])('lets her count on behind %s as it is counted where it was', async (...key) => {
    await of().commit([...WRITTEN, { put: key, value: 1 }])
    await move(dying(), APP, 'ada')
    // By a page that is open there still: said, and done.
    await of().commit([{ put: key, value: 3 }])
    await move(of('ada'), APP, 'ada')
    expect(await of('ada').list(key)).toEqual([{ key, value: 3 }])
    expect(await kinds()).toEqual(['life'])
  })

  it('raises no number of hers that is higher, nor one of somebody who has signed out', async () => {
    await of().commit([...WRITTEN, { put: ['term'], value: 2 }])
    await move(dying(), APP, 'ada')
    await of('ada').commit([{ put: ['term'], value: 5 }])
    await move(of('ada'), APP, 'ada')
    expect(await of('ada').list(['term'])).toEqual([{ key: ['term'], value: 5 }])

    await of().commit([...WRITTEN, { put: ['term'], value: 9 }, { put: ['claimed'], value: 'ada' }])
    await of().commit([{ put: ['claimed', 'life'], value: 0 }])
    await signOut(1)
    await move(of('ada'), APP, 'ada')
    expect(await kinds('ada')).toEqual(['life'])
  })

  it('takes no words for a number, and brings back none that she has said', async () => {
    await of().commit([...WRITTEN, { put: ['draft', 't'], value: '7' }])
    await move(dying(), APP, 'ada')
    await of('ada').commit([{ drop: ['draft', 't'] }])
    await move(of('ada'), APP, 'ada')
    expect([await of('ada').list(['draft']), await kinds()]).toEqual([[], ['life']])
  })

  it('does not end for her the signing out of somebody whom nobody knows', async () => {
    await of().commit([...WRITTEN, { put: ['leaving'], value: true }])
    await of('ada').commit([row('hers', 1, 'u')])
    await move(of('ada'), APP, 'ada')
    expect([await kinds('ada'), await waiting()]).toEqual([['outbox'], [['a'], ['hers']]])
  })

  it('does not take along a signing out that begins there', async () => {
    await of().commit(WRITTEN)
    const slow = when(of('ada'), 'before device', () => of().commit([{ put: ['leaving'], value: true }]))
    await move(slow, APP, 'ada')
    expect([await kinds('ada'), await kinds()]).toEqual([[], ['device', 'leaving', 'outbox']])
  })

  it('leaves what stands in the place of something that was numbered anew', async () => {
    await of().commit([{ put: ['device'], value: 'this one' }, { put: ['lane', 't'], value: 2 }, row('a', 2)])
    const ada = of('ada')
    const commit: ChatStorage['commit'] = async changes => {
      await ada.commit(changes)
      await of().commit([{ drop: ['outbox', 't', 2] }, row('a', 1), row('b', 2)])
    }
    await move({ ...ada, commit }, APP, 'ada')
    expect(await waiting()).toEqual([['b'], ['a']])
  })

  it('leaves no message there that arrives as all of it goes', async () => {
    await of().commit(WRITTEN)
    const ada = of('ada')
    const commit: ChatStorage['commit'] = async changes => {
      await ada.commit(changes)
      await of().commit([{ put: ['message', 't', 1], value: { id: 'an answer' } }])
    }
    await move({ ...ada, commit }, APP, 'ada')
    expect(await kinds()).toEqual(['life'])
  })

  it('comes to nothing where her database was deleted, and she has signed out of a new one', async () => {
    await of().commit(WRITTEN)
    await of('ada').commit([{ put: ['life'], value: 4 }])
    await move(dying(), APP, 'ada')
    await of('ada').commit([{ drop: [] }])
    await signOut(1)
    await move(of('ada'), APP, 'ada')
    expect(await waiting()).toEqual([[], []])
  })
})

describe('while it is on its way', () => {
  const { transaction } = IDBDatabase.prototype
  /** Her disk takes nothing. */
  const fill = () =>
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...args) {
      if (this.name === databaseName(APP, 'ada') && args[1] === 'readwrite') throw new Error('full')
      return transaction.apply(this, args)
    })
  const enter = stillTabs()
  const closing: (() => void)[] = []
  afterEach(() => {
    vi.restoreAllMocks()
    for (const close of closing.splice(0)) close()
  })
  /** A page where it is. */
  const page = async () => {
    const options = { app: APP, transport: memoryTransport() }
    const chat = talk(await startStandby({ options, ...(await openStorage(of(), enter())), page: stillPage() }))
    closing.push(chat.close)
    return chat
  }
  const signIn = async () => claim(await openStorage(of('ada'), stillTabs()()), APP, enter, 'ada')
  const begun = async () => {
    await of().commit([...WRITTEN, { put: ['thread', 't'], value: createThread('t', 1) }])
    const chat = await page()
    fill()
    await signIn()
    vi.restoreAllMocks()
    return chat
  }

  it('is shown to nobody, and nothing is said beside it before it is over', async () => {
    const chat = await begun()
    await vi.waitFor(() => expect(chat.$threads.get()).toEqual([]))
    const said = chat.send('t', { text: 'of the next one' })
    const isSaid = vi.fn()
    void said.then(isSaid)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect([isSaid.mock.calls, await waiting()]).toEqual([[], [['a'], []]])
    await signIn()
    await said
    expect(await of('ada').list(['outbox'])).toHaveLength(1)
    expect(await of('ada').list(['device'])).toEqual([{ key: ['device'], value: 'this one' }])
    expect(await of().list(['device'])).not.toEqual([{ key: ['device'], value: 'this one' }])
  })

  it('is brought to its end by a page that finds it, where hers was left', async () => {
    await begun()
    const chat = await page()
    expect([await of('ada').list(['device']), await waiting()]).toEqual([
      [{ key: ['device'], value: 'this one' }],
      [[], ['a']]
    ])
    expect(chat.$threads.get()).toEqual([])
    await chat.send('t', { text: 'of the next one' })
  })

  it('is not on its way any more where the data were cleared, and put back by a page', async () => {
    await of().commit([...WRITTEN, { put: ['leaving'], value: APP }, { put: ['life'], value: 2 }])
    await page()
    expect([await of().list(['leaving']), await of().list(['life']), await waiting()]).toEqual([
      [],
      [{ key: ['life'], value: 3 }],
      [['a'], []]
    ])
    // Nor does that keep her from it.
    await of().commit([{ put: ['leaving'], value: APP }])
    await signIn()
    expect(await waiting()).toEqual([[], ['a']])
  })

  it('is ended before anything is read there by a page that began without the disk', async () => {
    await begun()
    const { storage } = late({ storage: of(), tabs: enter() })
    await expect(storage.list(['cursor'])).rejects.toThrow('not there yet')
    fill()
    await expect(storage.list(['cursor'])).rejects.toMatchObject({ code: 'lost' })
    vi.restoreAllMocks()
    expect(await storage.list(['cursor'])).toEqual([])
    expect(await waiting()).toEqual([[], ['a']])
  })

  it('is signed out of, where that had begun before', async () => {
    await of().commit([...WRITTEN, { put: ['leaving'], value: true }])
    await signIn()
    expect([await waiting(), await of().list(['leaving'])]).toEqual([[['a'], []], [{ key: ['leaving'], value: true }]])
  })
})
