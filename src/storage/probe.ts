/** Name of the database that holds the chat of one app. */
export function databaseName(app: string): string {
  return `porchlight:${app}`
}

/**
 * Whether an earlier visit left a database, without making one: so that a visitor who never chatted costs nothing.
 * Rejects where there is no IndexedDB, or none that can be listed (Firefox before 126): the chat waits for a click.
 */
export async function hasDatabase(app: string): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === databaseName(app))
}
