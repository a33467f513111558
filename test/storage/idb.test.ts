import 'fake-indexeddb/auto'
import { IDBDatabase, IDBFactory, IDBObjectStore, type IDBOpenDBRequest } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRows } from '../../src/core/rows.ts'
import { stillTabs } from '../../src/page/still.ts'
import { claim } from '../../src/storage/claim.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { idb } from '../../src/storage/idb.ts'
import { compareKeys } from '../../src/storage/keys.ts'
import { memory } from '../../src/storage/memory.ts'
import { openStorage } from '../../src/storage/open.ts'
import { databaseName } from '../../src/storage/probe.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'

const open: ChatStorage[] = []
const disk = (name = 'test') => {
  const made = idb(name)
  open.push(made)
  return made
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const one of open.splice(0)) await one.close()
})

/** The connection behind the database of that name, caught when something asks it for a transaction. */
function connection() {
  const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction')
  return {
    calls: transaction.mock.calls,
    get db() {
      return transaction.mock.contexts.at(-1) as unknown as globalThis.IDBDatabase
    }
  }
}

const failed = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error as StorageError
  )

describe('rows in IndexedDB', () => {
  it('are written strictly: only what the disk has is stored', async () => {
    const seen = connection()
    await disk().commit([{ put: ['a'], value: 1 }])
    expect(seen.calls.at(-1)).toEqual(['rows', 'readwrite', { durability: 'strict' }])
  })

  it('are all there when a list is asked for from nothing', async () => {
    const rows = disk()
    await rows.commit([
      { put: ['a', 1], value: 'x' },
      { put: ['b'], value: 'y' }
    ])
    expect(await rows.list([])).toEqual([
      { key: ['a', 1], value: 'x' },
      { key: ['b'], value: 'y' }
    ])
    expect(await rows.list(['c'])).toEqual([])
  })

  it('lie in a database of their own name', async () => {
    await disk('one').commit([{ put: ['a'], value: 1 }])
    expect(await disk('two').list([])).toEqual([])
  })

  it('say which row has changed, and write nothing then', async () => {
    const rows = disk()
    const error = await failed(
      rows.commit([
        { put: ['b'], value: 1 },
        { expect: ['a', 7], value: 2 }
      ])
    )
    expect(error).toMatchObject({ name: 'StorageError', code: 'taken', message: 'a,7 has changed' })
    expect(await rows.list([])).toEqual([])
  })

  it('are not written in part where a value or a key is none', async () => {
    const rows = disk()
    const error = await failed(
      rows.commit([
        { put: ['a'], value: 1 },
        { put: [{} as never], value: 2 }
      ])
    )
    expect(error).toMatchObject({ code: 'lost', message: 'IndexedDB: DataError' })
    await expect(rows.commit([{ put: ['a'], value: () => {} }])).rejects.toMatchObject({ name: 'DataCloneError' })
    expect(await rows.list([])).toEqual([])
  })

  it('are as they were when they were handed over', async () => {
    const rows = disk()
    const value = { words: 'before' }
    const done = rows.commit([{ put: ['a'], value }])
    value.words = 'after'
    await done
    expect(await rows.list([])).toEqual([{ key: ['a'], value: { words: 'before' } }])
  })

  it('are refused with "full" when there is no room, and with "lost" for any other reason', async () => {
    const rows = disk()
    await rows.list([])
    for (const [name, code] of [
      ['QuotaExceededError', 'full'],
      ['UnknownError', 'lost']
    ] as const) {
      const cause = new DOMException('the disk', name)
      vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
        throw cause
      })
      expect(await failed(rows.commit([{ put: ['a'], value: 1 }]))).toMatchObject({
        name: 'StorageError',
        code,
        message: `IndexedDB: ${name}`,
        cause
      })
    }
    await rows.commit([{ put: ['a'], value: 1 }])
  })

  it('fail with the error of the transaction where no request has one', async () => {
    const rows = disk()
    await rows.list([])
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (
      this: globalThis.IDBObjectStore
    ) {
      this.transaction.abort()
      return {} as never
    })
    expect(await failed(rows.commit([{ put: ['a'], value: 1 }]))).toMatchObject({ code: 'lost', message: 'gave up' })
    expect(put).toHaveBeenCalledTimes(1)
  })

  it('fail when a cursor does', async () => {
    const rows = disk()
    await rows.list([])
    vi.spyOn(IDBObjectStore.prototype, 'openCursor').mockImplementationOnce(() => {
      const request = { error: new DOMException('the disk', 'UnknownError') } as unknown as { onerror(): void }
      queueMicrotask(() => request.onerror())
      return request as never
    })
    expect(await failed(rows.list(['a']))).toMatchObject({ code: 'lost', message: 'IndexedDB: UnknownError' })
  })

  it('step aside at once when another tab deletes the database, and say so once', async () => {
    const rows = disk()
    const onLost = vi.fn()
    rows.onLost = onLost
    await rows.commit([{ put: ['a'], value: 1 }])
    await new Promise<void>((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase('test')
      deleting.onsuccess = () => resolve()
      deleting.onblocked = () => reject(new Error('it did not step aside'))
    })
    expect(onLost).toHaveBeenCalledTimes(1)
    expect(await failed(rows.list([]))).toMatchObject({ code: 'lost', message: 'gone' })
    expect(await rows.list([])).toEqual([])
  })

  it('step aside for everybody who deletes the database, however often it is made anew', async () => {
    const rows = disk()
    for (let times = 0; times < 3; times++) {
      await rows.commit([{ put: ['a'], value: times }])
      await new Promise<void>((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase('test')
        deleting.onsuccess = () => resolve()
        deleting.onblocked = () => reject(new Error('it did not step aside'))
      })
      await failed(rows.list([]))
    }
  })

  it('say so at once when the browser clears the database', async () => {
    const rows = disk()
    const onLost = vi.fn()
    rows.onLost = onLost
    const seen = connection()
    await rows.commit([{ put: ['a'], value: 1 }])
    seen.db.onclose!(new Event('close'))
    expect(onLost).toHaveBeenCalledTimes(1)
    expect(await failed(rows.list([]))).toMatchObject({ code: 'lost', message: 'gone' })
    expect(await rows.list([])).toEqual([{ key: ['a'], value: 1 }])
  })

  it('are opened anew after the browser closed the database', async () => {
    const rows = disk()
    const seen = connection()
    await rows.commit([{ put: ['a'], value: 1 }])
    seen.db.close()
    expect(await failed(rows.list([]))).toMatchObject({ code: 'lost', message: 'IndexedDB: InvalidStateError' })
    expect(await rows.list([])).toEqual([{ key: ['a'], value: 1 }])
  })

  it('stay open after another error', async () => {
    const rows = disk()
    const seen = connection()
    await rows.commit([{ put: ['a'], value: 1 }])
    const { db } = seen
    await failed(rows.commit([{ expect: ['a'], value: 2 }]))
    await rows.list([])
    expect(seen.db).toBe(db)
  })

  it('are given up after two seconds of silence, and not before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.spyOn(indexedDB, 'open').mockReturnValue({} as IDBOpenDBRequest as never)
    const rows = disk()
    let error: unknown
    rows.list([]).catch((cause: unknown) => {
      error = cause
    })
    await vi.advanceTimersByTimeAsync(1999)
    expect(error).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(error).toMatchObject({ name: 'StorageError', code: 'lost', message: 'silent' })
    // Asked anew, it may answer.
    vi.mocked(indexedDB.open).mockRestore()
    vi.useRealTimers()
    expect(await rows.list([])).toEqual([])
  })

  it('are not let go again by a call that nobody answered before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const asked = vi.spyOn(indexedDB, 'open').mockReturnValueOnce({} as IDBOpenDBRequest as never)
    const rows = disk()
    const first = failed(rows.list([]))
    await vi.advanceTimersByTimeAsync(1000)
    const second = failed(rows.list([]))
    await vi.advanceTimersByTimeAsync(1000)
    expect(await first).toMatchObject({ message: 'silent' })
    await rows.commit([{ put: ['a'], value: 1 }])
    await vi.advanceTimersByTimeAsync(1000)
    expect(await second).toMatchObject({ message: 'silent' })
    expect(await rows.list([])).toEqual([{ key: ['a'], value: 1 }])
    // The silent one, and the one that has answered ever since.
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('are there at once when a database that was blocked is let go, however often it was asked for', async () => {
    const blocker = await new Promise<IDBDatabase>(resolve => {
      const request = indexedDB.open('test')
      request.onsuccess = () => resolve(request.result as never)
    })
    indexedDB.deleteDatabase('test')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const rows = disk()
    for (let times = 0; times < 3; times++) {
      const given = failed(rows.commit([{ put: ['a'], value: times }]))
      await vi.advanceTimersByTimeAsync(2000)
      expect(await given).toMatchObject({ code: 'lost', message: 'silent' })
    }
    vi.useRealTimers()
    const closed = vi.spyOn(IDBDatabase.prototype, 'close')
    blocker.close()
    expect(await rows.list([])).toEqual([])
    // The blocker, and those three that nobody waited for any more.
    expect(closed).toHaveBeenCalledTimes(4)
    await rows.commit([{ put: ['a'], value: 'now' }])
    expect(await rows.list([])).toEqual([{ key: ['a'], value: 'now' }])
  })

  it('leave no timer behind when they have answered', async () => {
    const clear = vi.spyOn(globalThis, 'clearTimeout')
    const set = vi.spyOn(globalThis, 'setTimeout')
    await disk().list([])
    const ours = set.mock.results[set.mock.calls.findIndex(([, ms]) => ms === 2000)]
    expect(clear).toHaveBeenCalledWith(ours?.value)
  })

  it('are not touched any more when they were closed', async () => {
    const rows = disk()
    const seen = connection()
    await rows.commit([{ put: ['a'], value: 1 }])
    const close = vi.spyOn(seen.db, 'close')
    await rows.close()
    expect(close).toHaveBeenCalledTimes(1)
    const error = await failed(rows.list([]))
    expect(error).toMatchObject({ code: 'lost', message: 'closed' })
    await failed(rows.commit([{ put: ['a'], value: 2 }]))
    expect(await disk().list([])).toEqual([{ key: ['a'], value: 1 }])
  })

  it('are let go again when they were closed while the database was being opened', async () => {
    const closed = vi.spyOn(IDBDatabase.prototype, 'close')
    const rows = disk()
    const given = failed(rows.commit([{ put: ['a'], value: 1 }]))
    rows.close()
    expect(await given).toMatchObject({ code: 'lost', message: 'late' })
    expect(closed).toHaveBeenCalledTimes(1)
    expect(await disk().list([])).toEqual([])
  })

  it('can be closed before they were opened, and where they cannot be', async () => {
    await idb('never').close()
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('not here', 'SecurityError')
    })
    const rows = idb('refused')
    await failed(rows.list([]))
    await rows.close()
  })

  it('say of themselves that they last', () => {
    expect([disk().durable, memory().durable]).toEqual([true, false])
  })
})

describe('keys', () => {
  it('have the order that IndexedDB has', () => {
    const sorted = [[], [1], [1, 'a'], [2], [10], ['a'], ['a', 1], ['a', 'b'], ['b']]
    expect([...sorted].reverse().sort(compareKeys)).toEqual(sorted)
    for (const a of sorted) {
      for (const b of sorted) expect([a, b, Math.sign(compareKeys(a, b))]).toEqual([a, b, indexedDB.cmp(a, b)])
    }
  })
})

describe('rows in memory', () => {
  it('say why they take or give nothing', async () => {
    const rows = memory()
    expect(await failed(rows.commit([{ expect: ['a', 7], value: 2 }]))).toMatchObject({
      code: 'taken',
      message: 'row ["a",7] has changed'
    })
    rows.close()
    expect(await failed(rows.list([]))).toMatchObject({ code: 'lost', message: 'this storage was closed' })
  })
})

describe('opening', () => {
  it('takes what lasts, and lets it be settled what somebody began there', async () => {
    const rows = disk(databaseName('shop'))
    const tabs = stillTabs()()
    await rows.commit([{ put: ['leaving'], value: 'shop' }])
    expect(await openStorage(rows, tabs)).toEqual({ storage: rows, tabs })
    await rows.finish!('shop')
    expect((await rows.list([])).map(({ key }) => key[0])).toEqual(['life'])
  })

  it('is alone where what is stored does not last: other tabs would not find it', async () => {
    const tabs = stillTabs()()
    const rows = memory()
    const shared = await openStorage(rows, tabs)
    expect(shared.storage).toBe(rows)
    expect(shared.tabs).not.toBe(tabs)
  })

  it('takes the database where there is one', async () => {
    const tabs = stillTabs()()
    const shared = await openStorage(disk('here'), tabs)
    expect(shared.storage.durable).toBe(true)
    expect(shared.tabs).toBe(tabs)
  })

  it('takes memory where there is none', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('not here', 'SecurityError')
    })
    const tabs = stillTabs()()
    const shared = await openStorage(disk('refused'), tabs)
    expect(shared.storage.durable).toBe(false)
    // What is in memory, other tabs must not look for on the disk.
    expect(shared.tabs).not.toBe(tabs)
    const rows = createRows(shared.storage, shared.tabs)
    await rows.load()
    await rows.commit([{ put: ['draft', 't'], value: 'words' }])
    expect(await rows.get(['draft', 't'])).toBe('words')
    expect(rows.$storage.get()).toBe('volatile')
    rows.close()
  })
})

describe('who signs in', () => {
  const all = async (rows: ChatStorage) =>
    Object.fromEntries((await rows.list([])).map(({ key, value }) => [key.join(' '), value]))
  const anonymous = () => disk(databaseName('shop'))
  const move = (storage: ChatStorage, app: string, identity: string) =>
    claim({ storage, tabs: stillTabs()() }, app, stillTabs(), identity)

  it('takes along what was written before, with the device that wrote it', async () => {
    const from = anonymous()
    await from.commit([
      { put: ['device'], value: 'd' },
      { put: ['outbox', 't', 1], value: 'words' },
      { put: ['life'], value: 4 }
    ])
    const to = disk('kim')
    await move(to, 'shop', 'kim')
    expect(await all(to)).toEqual({ came: [], device: 'd', 'outbox t 1': 'words' })
    // Other tabs must write no more of it.
    expect(await all(from)).toEqual({ life: expect.any(Number) })
    expect((await all(from)).life).toBeGreaterThan(4)
  })

  it('takes nothing where nobody wrote', async () => {
    const to = disk('kim')
    const from = anonymous()
    await from.commit([{ put: ['draft', 't'], value: 'words' }])
    await move(to, 'shop', 'kim')
    expect([await all(to), await all(from)]).toEqual([{}, { 'draft t': 'words' }])
  })

  it('leaves it where it is when they were here before with another device', async () => {
    const from = anonymous()
    await from.commit([{ put: ['device'], value: 'd' }])
    const to = disk('kim')
    await to.commit([{ put: ['device'], value: 'of their own' }])
    await move(to, 'shop', 'kim')
    expect([await all(to), await all(from)]).toEqual([{ device: 'of their own' }, { device: 'd' }])
  })

  it('ends what a crash cut off between the two', async () => {
    const from = anonymous()
    await from.commit([
      { put: ['device'], value: 'd' },
      { put: ['outbox', 't', 1], value: 'words' }
    ])
    const to = disk('kim')
    await to.commit([{ put: ['device'], value: 'd' }])
    await move(to, 'shop', 'kim')
    expect([await all(to), await all(from)]).toEqual([{ device: 'd' }, { life: expect.any(Number) }])
  })

  it('has a chat also where the disk fails meanwhile', async () => {
    await anonymous().commit([{ put: ['device'], value: 'd' }])
    const to = { ...disk('kim'), commit: () => Promise.reject(new StorageError('full', 'no room')) }
    await move(to, 'shop', 'kim')
    expect(await all(anonymous())).toMatchObject({ device: 'd' })
    // It is left to the one whose page began to take it.
    const [lee, kim] = [disk('lee'), disk('kim')]
    await move(lee, 'shop', 'lee')
    expect(await all(lee)).toEqual({})
    await move(kim, 'shop', 'kim')
    expect(await all(kim)).toEqual({ came: [], device: 'd' })
  })
})
