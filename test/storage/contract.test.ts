import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, it } from 'vitest'
import { idb } from '../../src/storage/idb.ts'
import { memory } from '../../src/storage/memory.ts'
import { storageContract } from '../../src/testing/index.ts'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
})

describe.each([
  ['memory', () => memory()],
  ['idb', (name: string) => idb(name)]
])('storage %s', (_, open) => {
  for (const [title, run] of storageContract) it(title, () => run(open))
})
