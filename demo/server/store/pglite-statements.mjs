// Statements as bytes, and rows out of what comes back: what everybody shares who runs PGlite, in whatever thread. Plain
// JavaScript, because a worker does not inherit the loader that lets the server run as TypeScript.
import { protocol } from '@electric-sql/pglite'

const { serialize } = protocol

/** Prepares a statement under a name, and asks what its rows look like. Planned once, a statement costs a fifth. */
export function prepare(name, sql) {
  return joined(serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name }), serialize.sync())
}

/** What the rows of a statement look like, from the answer to `prepare`. */
export function fieldsOf(answer) {
  return answer.find(message => message.name === 'rowDescription')?.fields ?? []
}

/** Runs a prepared statement. */
export function run(name, params) {
  return joined(
    serialize.bind({ statement: name, values: params.map(asText) }),
    serialize.execute({}),
    serialize.sync()
  )
}

/** The rows in the answer to `run`. */
export function rowsOf(answer, fields) {
  return answer
    .filter(message => message.name === 'dataRow')
    .map(({ fields: values }) =>
      Object.fromEntries(fields.map(({ name, dataTypeID }, i) => [name, fromText(values[i], dataTypeID)]))
    )
}

/** Whether a transaction is open after this answer. */
export function isInTransaction(answer) {
  return answer.at(-1)?.status !== 'I'
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

/** A parameter as PostgreSQL reads it. */
export function asText(value) {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return String(value)
  return `{${value.map(asItem).join(',')}}`
}

function asItem(item) {
  if (item === null) return 'NULL'
  return typeof item === 'string' ? `"${item.replace(/[\\"]/g, '\\$&')}"` : item
}

/** A value as JavaScript has it. `type`: PostgreSQL's number for what it is. */
export function fromText(text, type) {
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
