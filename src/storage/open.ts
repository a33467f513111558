import { idb } from './idb.ts'
import type { ChatStorage } from './storage.ts'

/** How long a database may take to open before the chat goes on without it; Safari is known to never answer. */
const PATIENCE = 3000

/**
 * IndexedDB where it works, memory where it does not. Which of them it is shows in `durable`.
 *
 * @param name Name of the database.
 */
export async function openStorage(name: string): Promise<ChatStorage> {
  const durable = idb(name)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await Promise.race([
      durable.list(['cursor']),
      new Promise((_, reject) => {
        timer = setTimeout(reject, PATIENCE, new Error('the database did not open'))
      })
    ])
    return durable
  } catch {
    // Nothing is lost: there is nothing yet. `durable: false` is how the interface comes to say so.
    durable.close()
    return (await import('./memory.ts')).memory()
  } finally {
    clearTimeout(timer)
  }
}
