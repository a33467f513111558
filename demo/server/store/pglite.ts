import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { lockFolder } from './lock.ts'
import type { Param, Queries, Store } from './store.ts'
import { inTransaction } from './transaction.ts'

/**
 * PostgreSQL inside this program: nothing to install.
 *
 * Data survives a killed process. It does not survive a machine that loses power in the same way a real PostgreSQL
 * does, because WebAssembly cannot ask the disk to flush; set `DATABASE_URL` where that matters.
 *
 * @param folder Where the data lies; `undefined`: in memory, gone at `close`.
 * @throws {Error} If another living process uses the folder, or the data cannot be read.
 */
export async function openPglite(folder: string | undefined): Promise<Store> {
  const unlock = folder === undefined ? () => {} : prepare(folder)
  const worker = new Worker(new URL('./pglite-worker.mjs', import.meta.url), { workerData: { folder } })
  const pending = new Map<number, { resolve(rows: never): void; reject(error: Error): void }>()
  let count = 0
  let gone: Error | undefined

  const fail = (error: Error) => {
    gone ??= error
    for (const { reject } of pending.values()) reject(gone)
    pending.clear()
  }

  await new Promise<void>((resolve, reject) => {
    worker.on('message', ({ id, ready, failed, rows, error, code }) => {
      if (ready) return resolve()
      if (failed) return reject(new Error(`the store in ${folder ?? 'memory'} did not open: ${failed}`))
      const waiting = pending.get(id)
      pending.delete(id)
      if (error === undefined) waiting?.resolve(rows as never)
      else waiting?.reject(Object.assign(new Error(error), { code }))
    })
    worker.on('error', error => {
      fail(new Error('the store stopped', { cause: error }))
      reject(error)
    })
    worker.on('exit', () => fail(new Error('the store is closed')))
  }).catch(error => {
    unlock()
    throw error
  })

  const ask = (message: object) =>
    new Promise<never>((resolve, reject) => {
      if (gone) return reject(gone)
      const id = ++count
      pending.set(id, { resolve, reject })
      worker.postMessage({ ...message, id })
    })

  /** There is one connection, so a transaction has the store for itself, and a statement outside waits for its end. */
  let turn: Promise<unknown> = Promise.resolve()
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    // The next in turn does not care how this one ended.
    turn = mine.catch(() => {})
    return mine
  }

  const query: Queries['query'] = (sql: string, params: readonly Param[] = []) => ask({ sql, params })
  let closing: Promise<void> | undefined

  return {
    name: folder ?? 'memory',
    query: (sql, params) => alone(() => query(sql, params)),
    script: sql => alone(() => ask({ sql, script: true })),
    // The worker takes everything in the order it was sent.
    transaction: work => alone(() => inTransaction({ query }, work)),
    close() {
      closing ??= alone(async () => {
        await ask({ close: true })
        gone = new Error('the store is closed')
        await worker.terminate()
        unlock()
      })
      return closing
    }
  }
}

function prepare(folder: string): () => void {
  mkdirSync(dirname(folder), { recursive: true })
  const unlock = lockFolder(`${folder}.lock`)
  // Left behind by a killed process. Whether somebody uses this folder is what our own lock tells.
  rmSync(join(folder, 'postmaster.pid'), { force: true })
  return unlock
}
