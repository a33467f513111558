import { readFileSync } from 'node:fs'
import pg from 'pg'

/** How many milliseconds of processor time a process has had; 0 where the system does not tell. */
export function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK
  } catch {
    return 0
  }
}

/** Linux counts in hundredths of a second, whatever it runs on. */
const TICK = 10

/** The processes of a PostgreSQL that work for one database right now, and those that write for all. */
export async function processesOf(url: string): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL)'
    )
    return rows.map(({ pid }) => pid)
  } finally {
    await client.end()
  }
}
