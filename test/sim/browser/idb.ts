import type { ChatStorage } from '../../../src/storage/storage.ts'
import { currentOwner } from '../world/time.ts'

/** In place of `storage/idb.ts`: the simulated disk of the browser whose page runs right now. */
export function idb(name: string): ChatStorage {
  const { databases, name: owner } = currentOwner()
  if (!databases) throw new Error(`${owner} has no disk`)
  return databases(name)
}
