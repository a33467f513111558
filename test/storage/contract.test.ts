import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, it, vi } from 'vitest'
import { idb } from '../../src/storage/idb.ts'
import { memory } from '../../src/storage/memory.ts'
import { session } from '../../src/storage/session.ts'
import { storageContract } from '../../src/testing/index.ts'

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  vi.stubGlobal('sessionStorage', items())
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('navigator', {})
})

describe.each([
  ['memory', () => memory()],
  ['idb', (name: string) => idb(name)],
  ['session', (name: string) => session(name)]
])('storage %s', (_, open) => {
  for (const [title, run] of storageContract) it(title, () => run(open))
})

/** What a tab keeps, as far as it is asked for here. */
function items(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>()
  return {
    getItem: name => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: name => void kept.delete(name)
  }
}
