// PGlite blocks the thread it runs in for as long as a statement takes, so it has one of its own. Plain JavaScript,
// because a worker does not inherit the loader that lets the server run as TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { fieldsOf, isInTransaction, prepare, rowsOf, run } from './pglite-statements.mjs'

/** After so many statements, what updates left behind is cleared away: nobody does it in the background here. */
const TIDY_AFTER = 20_000
let statements = 0
let inTransaction = false

/** The statements that are prepared: their names, and what their rows look like. */
const prepared = new Map()

async function query(db, sql, params) {
  let statement = prepared.get(sql)
  if (!statement) {
    const name = `s${prepared.size}`
    const { messages } = await db.execProtocol(prepare(name, sql))
    statement = { name, fields: fieldsOf(messages) }
    prepared.set(sql, statement)
  }
  const { messages } = await db.execProtocol(run(statement.name, params))
  inTransaction = isInTransaction(messages)
  return rowsOf(messages, statement.fields)
}

try {
  const db = await PGlite.create(workerData.folder ? { dataDir: workerData.folder } : {})
  // Statements are planned while the tables are small, and nothing here ever looks at their sizes again. Everything is
  // in memory, so a page is a page.
  await db.exec(
    'SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET random_page_cost = 1'
  )
  // One after the other, in the order they came: a transaction is several messages.
  let last = Promise.resolve()
  parentPort.on('message', message => {
    last = last.then(() => answer(db, message))
  })
  parentPort.postMessage({ ready: true })
} catch (error) {
  parentPort.postMessage({ failed: String(error?.message ?? error) })
}

async function answer(db, { id, sql, params, script, close }) {
  try {
    if (close) {
      await db.close()
      parentPort.postMessage({ id, rows: [] })
      parentPort.close()
    } else if (script) {
      // It may change what statements give.
      prepared.clear()
      await db.exec('DEALLOCATE ALL')
      await db.exec(sql)
      parentPort.postMessage({ id, rows: [] })
    } else {
      parentPort.postMessage({ id, rows: await query(db, sql, params) })
      if (++statements >= TIDY_AFTER && !inTransaction) {
        statements = 0
        await db.exec('VACUUM ANALYZE')
      }
    }
  } catch (error) {
    parentPort.postMessage({ id, error: String(error?.message ?? error), code: error?.code })
  }
}
