import { idb } from '../../src/storage/idb.ts'
import { databaseName, hasDatabase } from '../../src/storage/probe.ts'
import { storageContract } from '../../src/testing/storage-contract.ts'

/** Runs the contract in this page; gives what each test ended with, by title: nothing, or the error's text. */
async function runContract(): Promise<Record<string, string>> {
  const results: Record<string, string> = {}
  let n = 0
  for (const [title, run] of storageContract) {
    const prefix = `contract-${++n}-`
    results[title] = await run(name => idb(prefix + name)).then(
      () => '',
      error => String(error)
    )
  }
  return results
}

/** Whether asking for a database makes one. */
async function probe(): Promise<readonly boolean[]> {
  const before = await hasDatabase(databaseName('probed'))
  const names = (await indexedDB.databases()).map(({ name }) => name)
  const storage = idb(databaseName('probed'))
  await storage.commit([{ put: ['a'], value: 1 }])
  return [before, names.includes(databaseName('probed')), await hasDatabase(databaseName('probed'))]
}

Object.assign(globalThis, { runContract, probe })
