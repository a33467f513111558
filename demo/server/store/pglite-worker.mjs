// PGlite blocks the thread it runs in for as long as a statement takes, so it has one of its own. Plain JavaScript,
// because a worker does not inherit the loader that lets the server run as TypeScript.
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite, protocol } from '@electric-sql/pglite'

const { serialize } = protocol

/** After so many statements, what updates left behind is cleared away: nobody does it in the background here. */
const TIDY_AFTER = 20_000
let statements = 0
let inTransaction = false

/** Names of the statements that are prepared. Planned once, a statement costs a fifth. */
const prepared = new Map()

async function query(db, sql, params) {
  let name = prepared.get(sql)
  if (!name) {
    name = `s${prepared.size}`
    await db.execProtocol(joined(serialize.parse({ name, text: sql }), serialize.sync()))
    prepared.set(sql, name)
  }
  const { messages } = await db.execProtocol(
    joined(
      serialize.bind({ statement: name, values: params.map(asText) }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      serialize.sync()
    )
  )
  inTransaction = messages.at(-1)?.status !== 'I'
  const fields = messages.find(message => message.name === 'rowDescription')?.fields ?? []
  return messages
    .filter(message => message.name === 'dataRow')
    .map(({ fields: values }) =>
      Object.fromEntries(fields.map(({ name, dataTypeID }, i) => [name, fromText(values[i], dataTypeID)]))
    )
}

function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function asText(value) {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return String(value)
  return `{${value.map(item => (typeof item === 'string' ? `"${item.replace(/[\\"]/g, '\\$&')}"` : item)).join(',')}}`
}

function fromText(text, type) {
  if (text === null) return null
  switch (type) {
    case 16: // boolean
      return text === 't'
    case 20: // bigint: positions, times and counts are far below what a number holds exactly
    case 21:
    case 23:
    case 701: // double precision
      return Number(text)
    case 114: // json
      return JSON.parse(text)
    default:
      return text
  }
}

try {
  const db = await PGlite.create(workerData.folder ? { dataDir: workerData.folder } : {})
  // Statements are planned while the tables are small, and nothing here ever looks at their sizes again. Everything is
  // in memory, so a page is a page.
  await db.exec('SET enable_seqscan = off; SET random_page_cost = 1')
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
