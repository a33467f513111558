import type { Param, Queries } from './store.ts'

/**
 * Runs `work` as one transaction of a connection that takes statements in the order they are given. Each goes out at
 * once, the last ones with the COMMIT behind them: it is the way there and back that takes time, and one is enough for
 * all statements that do not need each other's rows.
 */
export async function inTransaction<T>({ query }: Queries, work: (tx: Queries) => Promise<T>): Promise<T> {
  const sent: Promise<unknown>[] = []
  let over = false
  const send = <Row>(sql: string, params?: readonly Param[]): Promise<readonly Row[]> => {
    if (over) return Promise.reject(new Error(`a statement came after the end of its transaction: ${sql.slice(0, 80)}`))
    const rows = query<Row>(sql, params)
    // Whether or not anybody waits for it, it is looked at below.
    rows.catch(() => {})
    sent.push(rows)
    return rows
  }
  try {
    void send('BEGIN')
    const result = await work({ query: send })
    // After a statement that failed, this undoes the others.
    void send('COMMIT')
    over = true
    await Promise.all(sent)
    return result
  } catch (error) {
    over = true
    // What comes after the first failure fails because of it.
    const failed = (await Promise.allSettled(sent)).find(outcome => outcome.status === 'rejected')
    // If even this fails the connection is gone, and whatever was not committed with it.
    await query('ROLLBACK').catch(() => {})
    throw failed?.reason ?? error
  }
}
