import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'

const MODULES = new URL('../../../node_modules/', import.meta.url)
const FOLDER = new URL('.cache/porchlight-sim/', MODULES)

/**
 * Statements are planned once, as for large tables, and not anew for each of their values. Nothing has to be there when
 * the database is started again, and nobody asks how much it was used.
 */
const SETTINGS = [
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'random_page_cost=1',
  'plan_cache_mode=force_generic_plan',
  'track_activities=off',
  'track_counts=off'
]

/**
 * A PostgreSQL in this thread, in memory, with nothing in it. Making one from nothing takes several seconds, so the first
 * one is kept as a file, and the others are copies of it.
 */
export async function openPostgres(): Promise<PGlite> {
  const { version } = JSON.parse(readFileSync(new URL('@electric-sql/pglite/package.json', MODULES), 'utf8'))
  const file = new URL(`postgres-${version}.tar`, FOLDER)
  const kept = read(file) ?? (await keep(file))
  const startParams = [...PGlite.defaultStartParams, ...SETTINGS.flatMap(setting => ['-c', setting])]
  return PGlite.create({ loadDataDir: new Blob([kept]), startParams })
}

function read(file: URL): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(file))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function keep(file: URL): Promise<Uint8Array<ArrayBuffer>> {
  const pg = await PGlite.create()
  const data = new Uint8Array(await (await pg.dumpDataDir('none')).arrayBuffer())
  await pg.close()
  // Others may be doing the same, and nobody may read half a file.
  const half = new URL(`${file.href}.${process.pid}`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(half, data)
  renameSync(half, file)
  return data
}
