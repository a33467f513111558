import { Socket } from 'node:net'
import pg from 'pg'
import { gatherWrites } from '../gather.ts'
import { LONGEST } from '../limits.ts'
import type { Param, Queries, Store } from './store.ts'
import { inTransaction } from './transaction.ts'

/** A real PostgreSQL, by its connection string. Needs a database of its own, or a schema set by `search_path`. */
export async function openPostgres(url: string, onError: (error: Error) => void): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    // Kept while nobody speaks: whoever speaks next would wait for a new one, and for its plans.
    idleTimeoutMillis: 0,
    keepAlive: true,
    // Statements go out when they are given, see `inTransaction`.
    pipeline: true,
    stream: () => gatherWrites(new Socket()),
    connectionTimeoutMillis: 10_000,
    // A database that is gone without a word: the system itself would wait for a quarter of an hour, and so would all
    // who speak meanwhile.
    query_timeout: PATIENCE,
    // Statements are planned once, while the tables are small, and each of them looks for rows by their keys, however
    // many there will be.
    onConnect: async client => void (await client.query(PLAN_BY_KEYS)),
    // Positions and times are far below what a number holds exactly.
    types: { getTypeParser: ((oid: number, format?: 'text') => parserOf(oid, format)) as typeof pg.types.getTypeParser }
  })
  // A connection that breaks while nobody uses it; the pool replaces it.
  pool.on('error', onError)
  const { rows } = await pool
    .query<{ name: string }>('SELECT current_database() AS name')
    .catch(async (error: Error) => {
      await pool.end()
      throw new Error(`DATABASE_URL: cannot connect: ${error.message}`)
    })

  /** Statements are few and always the same, so the database plans each of them once per connection. */
  const names = new Map<string, string>()
  const nameOf = (sql: string) => {
    const name = names.get(sql) ?? `porchlight_${names.size}`
    names.set(sql, name)
    return name
  }

  const queriesOf = (client: pg.Pool | pg.PoolClient): Queries['query'] =>
    async function query<Row>(sql: string, params: readonly Param[] = []) {
      const result = await client.query({ name: nameOf(sql), text: sql, values: params.map(paramOf) })
      return result.rows as Row[]
    }

  async function once<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    // The pool listens to those that nobody uses only; what nobody listens to ends the process.
    client.on('error', onError)
    try {
      return await inTransaction({ query: queriesOf(client) }, work)
    } finally {
      // One that broke is not used again.
      client.release()
      client.off('error', onError)
    }
  }

  let closing: Promise<void> | undefined

  return {
    name: `PostgreSQL database ${rows[0]!.name}`,
    query: queriesOf(pool),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work)
        } catch (error) {
          if (attempt === 5 || !mayTryAgain(error)) throw error
        }
      }
    },
    async script(sql) {
      // What changes tables may take its time.
      await pool.query({ text: sql, query_timeout: LONGEST } as pg.QueryConfig)
    },
    close() {
      closing ??= pool.end()
      return closing
    }
  }
}

/** How long a statement may take, in milliseconds. */
const PATIENCE = 30_000

/** Lists as the database writes them: those of a round are long, and `pg` would go through each element three times. */
const paramOf = (param: Param) => (Array.isArray(param) ? `{${param.map(elementOf).join()}}` : param)

const SPECIAL = /["\\]/g

function elementOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value !== 'string') return String(value)
  return `"${value.search(SPECIAL) < 0 ? value : value.replace(SPECIAL, '\\$&')}"`
}

const PLAN_BY_KEYS = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
  SET plan_cache_mode = force_generic_plan`

const INT8 = 20

function parserOf(oid: number, format?: 'text') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format)
}

/** The database gave up on a transaction in favour of another: serialization failure, deadlock. */
function mayTryAgain(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === '40001' || code === '40P01'
}
