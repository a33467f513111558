import { createStore, type UseStore } from 'idb-keyval'
import { StorageError } from './errors.ts'
import type { Change, ChatStorage, Key, Row, StoragePage } from './storage.ts'

const ROWS = 'rows'

/** How long the database may take for one answer; Safari is known to never give one. */
const PATIENCE = 2000

/**
 * Rows in IndexedDB: one object store with array keys, one strict transaction per commit. The database is opened on
 * first use, and again after the browser closed it: whoever comes next is told once, with `lost`, because what is
 * behind that name may be another database by then.
 *
 * @param name Name of the database. One visitor, one database.
 */
export function idb(name: string): ChatStorage {
  let use: UseStore | undefined
  let known: IDBDatabase | undefined

  const lost = (why: string) => Promise.reject(new StorageError('lost', why))

  async function transact<T>(mode: IDBTransactionMode, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
    use ??= createStore(name, ROWS)
    const mine = use
    /** The next call opens it anew. */
    const drop = () => {
      if (use === mine) use = undefined
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    const begin = async () => {
      const db = await mine('readonly', store => store.transaction.db)
      if (use !== mine) {
        // Nobody waits for this one any more, and it would be in the way of those who delete or upgrade it.
        db.close()
        return lost('late')
      }
      known = db
      // Another tab deletes or upgrades the database: step aside at once, so that it need not wait for us. Or the browser
      // has cleared it.
      db.onversionchange = db.onclose = () => {
        db.close()
        use = () => {
          use = undefined
          return lost('gone')
        }
        storage.onLost?.()
      }
      return work(db.transaction(ROWS, mode, { durability: 'strict' }))
    }
    try {
      return await Promise.race([
        begin(),
        new Promise<never>(resolve => {
          timer = setTimeout(() => {
            drop()
            resolve(lost('silent'))
          }, PATIENCE)
        })
      ])
    } catch (error) {
      // Closed by the browser.
      if ((error as Error).name === 'InvalidStateError') drop()
      throw asStorageError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  const storage: ChatStorage = {
    durable: true,
    list: (prefix, page) => transact('readonly', tx => read(tx, prefix, page)),
    async commit(changes) {
      // Now, not when the database is open: what the caller does with its objects afterwards is its own business.
      const copies = structuredClone(changes)
      await transact('readwrite', tx => commit(tx, copies))
    },
    close() {
      use = () => lost('closed')
      known?.close()
    }
  }
  return storage
}

function commit(tx: IDBTransaction, changes: readonly Change[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const store = tx.objectStore(ROWS)
    let failure: unknown
    const fail = (error: unknown) => {
      failure = error
      tx.abort()
    }
    tx.oncomplete = () => resolve()
    // Not onerror: the quota only shows in the transaction's own error, which is set when it aborts.
    tx.onabort = () => reject(failure ?? tx.error ?? new StorageError('lost', 'gave up'))
    try {
      for (const change of changes) {
        if ('put' in change) store.put(change.value, change.put as IDBValidKey)
        else if ('drop' in change) store.delete(rangeOf(change.drop))
        else {
          const { expect, value } = change
          const found = store.get(expect as IDBValidKey)
          found.onsuccess = () => {
            if (found.result !== value) fail(new StorageError('taken', `${expect} has changed`))
          }
        }
      }
    } catch (error) {
      fail(error)
    }
  })
}

/** A list sorts behind every number and string: it is the end of all keys with this beginning. */
const rangeOf = (prefix: Key, before: readonly unknown[] = [...prefix, []]) =>
  IDBKeyRange.bound(prefix, before, false, true)

/** Backwards from the end, so that the newest rows of a long thread cost what a short one costs. */
function read(tx: IDBTransaction, prefix: Key, { before, last }: StoragePage = {}): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = []
    const request = tx.objectStore(ROWS).openCursor(rangeOf(prefix, before), 'prev')
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const cursor = request.result
      if (!cursor || rows.length === last) return resolve(rows.reverse())
      rows.push({ key: cursor.key as unknown as Key, value: cursor.value })
      cursor.continue()
    }
  })
}

function asStorageError(error: unknown): unknown {
  const { name } = error as Error
  if (/^(Storage|DataClone)Error$/.test(name)) return error
  return new StorageError(name === 'QuotaExceededError' ? 'full' : 'lost', `IndexedDB: ${name}`, error)
}
