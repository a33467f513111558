/** Name of the database that holds the chat of one app, with one visitor: `identity` is whom the site knows. */
export function databaseName(app: string, identity = ''): string {
  return `porchlight:${app}${identity && `:${identity}`}`
}

/**
 * Whether an earlier visit left a database, without making one: so that a visitor who never chatted costs nothing.
 * Rejects where there is no IndexedDB, or none that can be listed (Firefox before 126): the chat waits for a click.
 */
export async function hasDatabase(database: string): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === database)
}
