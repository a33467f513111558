import { idb } from './idb.ts'
import type { ChatStorage } from './storage.ts'

/**
 * IndexedDB where it works, memory where it does not. Which of them it is shows in `durable`.
 *
 * @param name Name of the database.
 */
export async function openStorage(name: string): Promise<ChatStorage> {
  const durable = idb(name)
  try {
    await durable.list(['device'])
    return durable
  } catch {
    // Nothing is lost: there is nothing yet. `durable: false` is how the interface comes to say so.
    durable.close()
    return (await import('./memory.ts')).memory()
  }
}
