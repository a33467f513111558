import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '../../demo/server/store/migrate.ts'
import { openPglite } from '../../demo/server/store/pglite.ts'
import type { Store } from '../../demo/server/store/store.ts'

const MODULES = new URL('../../node_modules/', import.meta.url)
const MIGRATIONS = new URL('../../demo/server/store/migrations/', import.meta.url)

/** A database with its tables and nothing in them; what it was goes when it is closed. */
export async function openPristine(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-'))
  const db = join(folder, 'db')
  await copyPristine(db)
  const store = await openPglite(db)
  return {
    ...store,
    async close() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/**
 * Copies an embedded database that has its tables and nothing in them to where there is no folder yet. Making one from
 * nothing takes several seconds, so it is made once for each version of PGlite and of the tables.
 */
export async function copyPristine(to: string): Promise<void> {
  cpSync(await pristine(), to, { recursive: true })
}

async function pristine(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(new URL('@electric-sql/pglite/package.json', MODULES)))
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(new URL(name, MIGRATIONS)))
  const kept = fileURLToPath(new URL(`.cache/porchlight-house/${hash.digest('hex').slice(0, 16)}`, MODULES))
  if (existsSync(kept)) return kept

  const half = `${kept}.${process.pid}`
  mkdirSync(half, { recursive: true })
  const store = await openPglite(half)
  await migrate(store)
  await store.close()
  try {
    renameSync(half, kept)
  } catch (error) {
    // Somebody else was faster; what they have made is the same.
    if (!existsSync(kept)) throw error
    rmSync(half, { recursive: true })
  }
  return kept
}
