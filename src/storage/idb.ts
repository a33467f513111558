import { createStore, type UseStore } from 'idb-keyval'
import { StorageError, type StorageErrorCode } from './errors.ts'
import type { Change, ChatStorage, Key, Row, StoragePage } from './storage.ts'

const ROWS = 'rows'

/**
 * Rows in IndexedDB: one object store with array keys, one strict transaction per commit. The database is opened on
 * first use and opened again when the browser closed it.
 *
 * @param name Name of the database. One visitor, one database.
 */
export function idb(name: string): ChatStorage {
  let use: UseStore | undefined
  let closed = false

  /** Runs `work` in a transaction; once more on a fresh connection if this one turns out to be closed. */
  async function transact<T>(mode: IDBTransactionMode, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
    if (closed) throw new StorageError('lost', 'this storage was closed')
    for (let attempt = 1; ; attempt++) {
      try {
        use ??= createStore(name, ROWS)
        const db = await use('readonly', store => store.transaction.db)
        // Another tab deletes or upgrades the database: step aside at once, so that it need not wait for us.
        db.onversionchange = () => {
          db.close()
          use = undefined
        }
        return await work(db.transaction(ROWS, mode, { durability: 'strict' }))
      } catch (error) {
        if (attempt === 2 || (error as Error).name !== 'InvalidStateError') throw asStorageError(error)
        use = undefined
      }
    }
  }

  return {
    durable: true,
    list: (prefix, page) => transact('readonly', tx => read(tx, prefix, page)),
    async commit(changes) {
      // Now, not when the database is open: what the caller does with its objects afterwards is its own business.
      const copies = structuredClone(changes)
      await transact('readwrite', tx => commit(tx, copies))
    },
    async close() {
      closed = true
      try {
        await use?.('readonly', store => store.transaction.db.close())
      } catch {
        /* a database that cannot be opened need not be closed */
      }
    }
  }
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
        else if ('drop' in change) store.delete(change.drop as IDBValidKey)
        else {
          const { expect, value } = change
          const found = store.get(expect as IDBValidKey)
          found.onsuccess = () => {
            if (found.result !== value) fail(new StorageError('taken', `${expect} is not what was expected`))
          }
        }
      }
    } catch (error) {
      fail(error)
    }
  })
}

/** Backwards from the end, so that the newest rows of a long thread cost what a short one costs. */
function read(tx: IDBTransaction, prefix: Key, { before, last }: StoragePage = {}): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = []
    // A list sorts behind every number and string: this is the end of all keys with this beginning.
    const range = IDBKeyRange.bound(prefix, before ?? [...prefix, []], false, true)
    const request = tx.objectStore(ROWS).openCursor(range, 'prev')
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
  if (name === 'StorageError' || name === 'DataCloneError') return error
  return new StorageError(CODES[name] ?? 'unsupported', `IndexedDB: ${name}`, error)
}

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  QuotaExceededError: 'full',
  InvalidStateError: 'lost',
  AbortError: 'lost',
  UnknownError: 'lost',
  NotFoundError: 'lost'
}
