import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** How long to wait for another server to let go, in milliseconds: for longer than it takes to notice that its machine is gone. */
const PATIENCE = 60_000
const AGAIN = 500

/** Goes with the connection that took it. A schema is a database of its own here. */
const TAKE = `SELECT pg_try_advisory_lock(hashtext('porchlight'), hashtext(current_schema())) AS taken`

/** A server whose machine lost its power says no farewell. */
const NOTICE = 'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4'

const TAKEN = 'another server uses this database: stop it, or set DATABASE_URL to another one'

/**
 * Makes sure that one server at a time uses a database, because those who are connected to one would not be told what
 * another one stores. Waits while another one is about to end. If the connection breaks, the lock is taken again.
 *
 * @param onTrouble Is told that it has to wait, and that another server came in between.
 * @returns The function that unlocks.
 * @throws {Error} If the other one is still there after a minute, or the database is not.
 */
export async function lockDatabase(
  url: string,
  onTrouble: (error: Error) => void,
  patience = PATIENCE
): Promise<() => Promise<void>> {
  let isOver = false
  let held: pg.Client | undefined

  async function take(): Promise<void> {
    const client = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 10_000 })
    client.on('error', () => {})
    await client.connect()
    try {
      await client.query(NOTICE)
      const end = performance.now() + patience
      for (let isFirst = true; !(await client.query<{ taken: boolean }>(TAKE)).rows[0]!.taken; isFirst = false) {
        if (isFirst) onTrouble(new Error('another server uses this database, waiting for its end'))
        if (performance.now() > end || isOver) throw new Error(TAKEN)
        await pause(AGAIN)
      }
    } catch (error) {
      await client.end()
      throw error
    }
    held = client
    client.once('end', () => void takeAgain())
  }

  async function takeAgain(): Promise<void> {
    held = undefined
    let said: string | undefined
    while (!isOver && !held) {
      await take().catch((error: Error) => {
        // As long as a database is gone, it is gone for the same reason.
        if (error.message !== said) onTrouble(error)
        said = error.message
      })
      if (!held) await pause(AGAIN)
    }
    if (isOver) await unlock()
  }

  async function unlock(): Promise<void> {
    isOver = true
    await held?.end()
  }

  await take()
  return unlock
}
