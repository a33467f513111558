import pg from 'pg'
import { median } from './figures.ts'

/** What this database gives at best, a second: there is no server and no socket in these figures. */
export interface Floor {
  /** Rows, each with an INSERT and a commit of its own, over ten connections. */
  readonly single: number
  /** Rows, a hundred to an INSERT and a commit. */
  readonly hundred: number
}

const CONNECTIONS = 10

export async function measureFloor(url: string, seconds: number): Promise<Floor> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  try {
    await pool.query('CREATE TABLE IF NOT EXISTS floor (id bigserial PRIMARY KEY, said text NOT NULL)')
    const run = async (rows: number) => {
      const query = {
        name: `floor_${rows}`,
        text: 'INSERT INTO floor (said) SELECT * FROM unnest($1::text[])',
        values: [Array.from({ length: rows }, () => 'Which of these lanterns can hang outside all winter?')]
      }
      const began = performance.now()
      let done = 0
      const insert = async () => {
        for (; performance.now() - began < seconds * 1000; done += rows) await pool.query(query)
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, insert))
      return (done / (performance.now() - began)) * 1000
    }
    const single: number[] = []
    const hundred: number[] = []
    for (let turn = 0; turn < 3; turn++) {
      single.push(await run(1))
      hundred.push(await run(100))
    }
    return { single: median(single), hundred: median(hundred) }
  } finally {
    await pool.query('DROP TABLE IF EXISTS floor')
    await pool.end()
  }
}

/** Has the database clear up now what was written, which it would do by itself within a minute, in the middle of what comes next. */
export async function clearUp(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('VACUUM (ANALYZE)')
  await client.query('CHECKPOINT')
  await client.end()
}
