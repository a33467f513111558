/** Name of the database that holds the chat of one app. */
export function databaseName(app: string): string {
  return `porchlight:${app}`
}

/**
 * Whether an earlier visit left a database, without making one: so that a visitor who never chatted costs nothing.
 * `false` where there is no IndexedDB.
 */
export function hasDatabase(name: string): Promise<boolean> {
  return new Promise(resolve => {
    try {
      const request = indexedDB.open(name)
      request.onupgradeneeded = () => {
        // It did not exist. Taking the upgrade back leaves none behind.
        request.transaction?.abort()
      }
      request.onsuccess = () => {
        request.result.close()
        resolve(true)
      }
      request.onerror = () => resolve(false)
    } catch {
      // An opaque origin: the chat will work from memory.
      resolve(false)
    }
  })
}
