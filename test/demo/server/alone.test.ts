import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openStore } from '../../../demo/server/environment.ts'
import { lockDatabase } from '../../../demo/server/store/alone.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'

describe('a database that one server uses', () => {
  let postgres: Postgres | undefined
  let url: string
  let told: string[]

  beforeAll(async () => {
    postgres = await startPostgres()
  }, 120_000)
  afterAll(() => postgres?.stop())
  beforeEach(async context => {
    if (!postgres) return context.skip()
    url = await postgres.database()
    told = []
  })

  const lock = async (address = url, patience = 0) => {
    const unlock = await lockDatabase(address, error => told.push(error.message), patience)
    onTestFinished(unlock)
    return unlock
  }

  async function ask<Row extends pg.QueryResultRow>(sql: string): Promise<readonly Row[]> {
    const client = new pg.Client(url)
    await client.connect()
    const { rows } = await client.query<Row>(sql)
    await client.end()
    return rows
  }
  /** Ends the connection that holds the lock, as a database does that is started anew. */
  const cut = () => ask(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted`)

  it('takes no second one, and says what to do', async () => {
    await lock()
    await expect(lock()).rejects.toThrow('another server uses this database: stop it, or set DATABASE_URL')
    expect(told).toEqual(['another server uses this database, waiting for its end'])
  })

  it('takes the next one as soon as the one before it ends', async () => {
    const unlock = await lock()
    const next = lock(url, 30_000)
    await vi.waitFor(() => expect(told).toHaveLength(1))
    await unlock()
    await next
    await expect(lock()).rejects.toThrow('another server')
  })

  it('is used by the server until that closes its store, and by a second one in a schema of its own', async () => {
    await ask('CREATE SCHEMA shop')
    const store = await openStore({ url })
    await expect(lock()).rejects.toThrow('another server')
    await lock(`${url}?options=-c%20search_path%3Dshop`)
    await store.close()
    await lock()
  })

  it('stays with a server whose connection breaks, or says that another one was faster', async () => {
    await lock()
    await cut()
    await vi.waitFor(
      async () => expect(await ask(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toHaveLength(1),
      10_000
    )
    await expect(lock()).rejects.toThrow('another server')
    told = []
    const faster = new pg.Client(url)
    await faster.connect()
    onTestFinished(() => faster.end())
    const taking = faster.query(`SELECT pg_advisory_lock(hashtext('porchlight'), hashtext(current_schema()))`)
    await cut()
    await taking
    await vi.waitFor(() => expect(told).toContain('another server uses this database, waiting for its end'), 10_000)
  })
})
