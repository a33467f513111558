import { readdirSync, readFileSync } from 'node:fs'
import type { Store } from './store.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/**
 * Brings the tables up to date: every file of `migrations/` that was not applied yet, in the order of their names, each
 * in a transaction that also records it. Files that were released are never changed.
 *
 * @throws {Error} If the data was written by a newer version than this.
 */
export async function migrate(store: Store): Promise<void> {
  await store.script('CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at bigint NOT NULL)')
  const rows = await store.query<{ name: string }>('SELECT name FROM migrations')
  const applied = new Set(rows.map(({ name }) => name))
  const files = readdirSync(FOLDER)
    .filter(name => name.endsWith('.sql'))
    .sort()
  const unknown = [...applied].find(name => !files.includes(name))
  if (unknown) throw new Error(`the data is from a newer version: it has ${unknown}, which this version does not know`)
  for (const name of files) {
    if (applied.has(name)) continue
    const sql = readFileSync(new URL(name, FOLDER), 'utf8')
    // Names come from this folder, times from this clock: nothing here was typed by somebody else.
    await store.script(`BEGIN;\n${sql}\nINSERT INTO migrations VALUES ('${name}', ${Date.now()});\nCOMMIT;`)
  }
}
