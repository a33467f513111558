import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { lockFolder } from '../../../demo/server/store/lock.ts'
import { migrate } from '../../../demo/server/store/migrate.ts'
import { openPglite } from '../../../demo/server/store/pglite.ts'
import { openPostgres } from '../../../demo/server/store/postgres.ts'
import { columns, type Queries, type Store } from '../../../demo/server/store/store.ts'
import { everyKind } from './stores.ts'

describe.each(everyKind())('store: $name', kind => {
  let store: Store | undefined

  beforeAll(async () => {
    store = await kind.open()
    await store?.script('CREATE TABLE things (name text PRIMARY KEY, n bigint, flag boolean, said json)')
  }, 120_000)
  afterAll(async () => {
    await store?.close()
    await kind.close()
  })
  beforeEach(async context => {
    if (!store) return context.skip()
    await store.query('DELETE FROM things')
  })

  const names = async () =>
    (await store!.query<{ name: string }>('SELECT name FROM things ORDER BY name')).map(r => r.name)

  it('gives back what it was given', async () => {
    const at = 1_795_490_976_659
    await store!.query('INSERT INTO things VALUES ($1, $2, $3, $4::json)', ['å 🏮', at, true, '{"a":["\\u0000",1]}'])
    expect(await store!.query('SELECT * FROM things')).toEqual([
      { name: 'å 🏮', n: at, flag: true, said: { a: ['\0', 1] } }
    ])
    await store!.query('INSERT INTO things VALUES ($1, $2, $3, $4)', ['nothing', null, null, null])
    expect(await store!.query(`SELECT n, flag, said FROM things WHERE name = 'nothing'`)).toEqual([
      { n: null, flag: null, said: null }
    ])
  })

  it('counts in numbers, and takes lists', async () => {
    for (const name of ['a', 'b', 'c']) await store!.query('INSERT INTO things (name) VALUES ($1)', [name])
    expect(
      await store!.query('SELECT count(*) AS n FROM things WHERE name = ANY($1::text[])', [['a', 'c', 'x']])
    ).toEqual([{ n: 2 }])
    expect(await store!.query('SELECT * FROM unnest($1::text[], $2::bigint[]) AS t (k, v)', [['q"\\{,'], [7]])).toEqual(
      [{ k: 'q"\\{,', v: 7 }]
    )
  })

  it('keeps its connection while nobody speaks', async () => {
    const pid = () => store!.query('SELECT pg_backend_pid() AS pid')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const before = await pid()
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(await pid()).toEqual(before)
  })

  it('does a transaction whole', async () => {
    const result = await store!.transaction(async tx => {
      await tx.query(`INSERT INTO things (name) VALUES ('a')`)
      await tx.query(`INSERT INTO things (name) VALUES ('b')`)
      return 'done'
    })
    expect(result).toBe('done')
    expect(await names()).toEqual(['a', 'b'])
  })

  it('or not at all, and goes on afterwards', async () => {
    const broken = store!.transaction(async tx => {
      await tx.query(`INSERT INTO things (name) VALUES ('a')`)
      await tx.query(`INSERT INTO things (name) VALUES ('a')`)
    })
    await expect(broken).rejects.toMatchObject({ code: '23505' })
    const given = store!.transaction(async tx => {
      await tx.query(`INSERT INTO things (name) VALUES ('b')`)
      throw new Error('no')
    })
    await expect(given).rejects.toThrow('no')
    expect(await names()).toEqual([])
  })

  it('does statements in the order they were given, whoever waits for them', async () => {
    const rows = await store!.transaction(tx => {
      void tx.query(`INSERT INTO things (name, n) VALUES ('a', 1)`)
      void tx.query(`UPDATE things SET n = n + 1 WHERE name = 'a'`)
      const read = tx.query('SELECT n FROM things')
      void tx.query(`UPDATE things SET n = n + 10 WHERE name = 'a'`)
      return read
    })
    expect(rows).toEqual([{ n: 2 }])
    expect(await store!.query('SELECT n FROM things')).toEqual([{ n: 12 }])
  })

  it('does nothing at all if a statement fails that nobody waits for', async () => {
    const broken = store!.transaction(async tx => {
      await tx.query(`INSERT INTO things (name) VALUES ('a')`)
      tx.query(`INSERT INTO things (name) VALUES ('a')`).catch(() => {})
      tx.query(`INSERT INTO things (name) VALUES ('b')`).catch(() => {})
    })
    // The first failure is the reason, not what failed because of it.
    await expect(broken).rejects.toMatchObject({ code: '23505' })
    expect(await names()).toEqual([])
  })

  it('refuses a statement that comes when its transaction is over', async () => {
    let late: Queries | undefined
    await store!.transaction(async tx => {
      late = tx
    })
    await expect(late!.query(`INSERT INTO things (name) VALUES ('a')`)).rejects.toThrow(
      'a statement came after the end of its transaction: INSERT INTO things'
    )
    expect(await names()).toEqual([])
  })

  it('keeps transactions apart', async () => {
    await store!.query(`INSERT INTO things (name, n) VALUES ('count', 0)`)
    await Promise.all(
      Array.from({ length: 20 }, () =>
        store!.transaction(async tx => {
          const [row] = await tx.query<{ n: number }>(`SELECT n FROM things WHERE name = 'count' FOR UPDATE`)
          await tx.query(`UPDATE things SET n = $1 WHERE name = 'count'`, [row!.n + 1])
        })
      )
    )
    expect(await store!.query('SELECT n FROM things')).toEqual([{ n: 20 }])
  })

  it('shows nobody what is not committed', async () => {
    let finish = () => {}
    const paused = new Promise<void>(resolve => {
      finish = resolve
    })
    const writing = store!.transaction(async tx => {
      await tx.query(`INSERT INTO things (name) VALUES ('a')`)
      await paused
      throw new Error('no')
    })
    const reading = names()
    finish()
    await expect(writing).rejects.toThrow('no')
    expect(await reading).toEqual([])
  })

  it('takes a list as columns, of which it sends what is not empty', async () => {
    const list = [
      { name: 'a', n: null, flag: null },
      { name: 'b', n: 7, flag: null }
    ]
    const given = columns(
      list,
      one => one.name,
      one => one.n,
      one => one.flag
    )
    expect(given).toEqual([['a', 'b'], [null, 7], []])
    const sql = 'SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS given (name, n, flag)'
    expect(await store!.query(sql, given)).toEqual(list)
  })

  it('brings the tables up to date once', async () => {
    await migrate(store!)
    await migrate(store!)
    expect(await store!.query('SELECT count(*) AS n FROM visitors')).toEqual([{ n: 0 }])
    await store!.query(`INSERT INTO migrations VALUES ('9999-later.sql', 0)`)
    await expect(migrate(store!)).rejects.toThrow('from a newer version: it has 9999-later.sql')
    await store!.query(`DELETE FROM migrations WHERE name = '9999-later.sql'`)
  })

  it('counts what was unread before it began to count', async () => {
    const folder = new URL('../../../demo/server/store/migrations/', import.meta.url)
    const older = (await kind.open())!
    await older.script('CREATE TABLE migrations (name text PRIMARY KEY, at bigint NOT NULL)')
    for (const name of ['0001-start.sql', '0002-verified.sql']) {
      await older.script(readFileSync(new URL(name, folder), 'utf8'))
      await older.query('INSERT INTO migrations VALUES ($1, 0)', [name])
    }
    await older.script(`
      INSERT INTO visitors (id, since) VALUES ('ada', 0);
      INSERT INTO threads (id, visitor_id, last, visitor_read, team_read, at, since) VALUES ('t', 'ada', 6, 3, 1, 5000000, 0);
      INSERT INTO messages (thread_id, position, id, author, text, at)
        SELECT 't', nth, nth, author, '', 0
        FROM unnest('{visitor,agent,visitor,bot,system,agent}'::text[]) WITH ORDINALITY AS given (author, nth)`)
    await migrate(older)
    expect(await older.query('SELECT unread_visitor, unread_team, hour FROM threads')).toEqual([
      { unread_visitor: 2, unread_team: 1, hour: 1 }
    ])
    await older.close()
  })

  it('rejects after it was closed, which may be said twice', async () => {
    await store!.close()
    await store!.close()
    await expect(store!.query('SELECT 1')).rejects.toThrow()
    await expect(store!.transaction(async () => {})).rejects.toThrow()
  })
})

describe('pglite in a folder', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'porchlight-store-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('keeps what it holds, has one user at a time, and forgives what a killed one left', async () => {
    const db = join(folder, 'deep', 'db')
    const first = await openPglite(db)
    await first.script('CREATE TABLE things (n int)')
    await first.query('INSERT INTO things VALUES (1)')
    await expect(openPglite(db)).rejects.toThrow(`another server (process ${process.pid}) uses this folder`)
    await first.close()
    // What the processes of another time left behind.
    writeFileSync(`${db}.lock`, '1 1\n')
    writeFileSync(join(db, 'postmaster.pid'), '-42\n/pglite/data\n1795489087\n5432\n')
    const second = await openPglite(db)
    expect(await second.query('SELECT n FROM things')).toEqual([{ n: 1 }])
    await second.close()
  }, 30_000)

  it.each(['', 'nonsense', '999999999 1', `${process.pid} 1`, '-5 -'])('takes over a lock that says %j', said => {
    const file = join(folder, 'lock')
    writeFileSync(file, said)
    const unlock = lockFolder(file)
    expect(() => lockFolder(file)).toThrow('another server')
    unlock()
    lockFolder(file)()
  })
})

it('says so when a database cannot be reached', async () => {
  await expect(openPostgres('postgres://127.0.0.1:1/nothing', () => {})).rejects.toThrow('DATABASE_URL: cannot connect')
})
