import { asText, fromText } from '../../../demo/server/store/pglite-statements.mjs'
import type { Param } from '../../../demo/server/store/store.ts'

export interface Field {
  readonly name: string
  readonly type: number
}

/** Kinds of messages, by their first byte. */
const PARSE = 80
const DESCRIBE = 68
const BIND = 66
const EXECUTE = 69
const SYNC = 83
const ROW_DESCRIPTION = 84
const DATA_ROW = 68
const ERROR = 69

/**
 * PostgreSQL's protocol, as far as prepared statements need it, written and read with nothing in between: a history asks
 * hundreds of them.
 */
export interface Wire {
  /** Bytes that prepare a statement under a name, and ask what its rows look like; good until the next question. */
  prepare(name: string, sql: string): Uint8Array
  /** Bytes that run a prepared statement; good until the next question. */
  run(name: string, params: readonly Param[]): Uint8Array
  /** Takes a part of the answer, which may be written over afterwards. */
  take(part: Uint8Array): void
  /** What the rows of a statement look like, from the answer to `prepare`. */
  fields(): readonly Field[]
  /** The rows in the answer to `run`. */
  rows(fields: readonly Field[]): Record<string, unknown>[]
  /** The answer, if it says that something was wrong. */
  refusal(): Uint8Array | undefined
}

export function createWire(): Wire {
  let question = Buffer.allocUnsafeSlow(1 << 16)
  let answer = Buffer.allocUnsafeSlow(1 << 16)
  /** How far the question is written. */
  let end = 0
  /** How far the answer has come. */
  let size = 0

  const begin = (room: number) => {
    size = 0
    end = 0
    if (room > question.length) question = Buffer.allocUnsafeSlow(2 * room)
  }
  const message = (kind: number, write: () => void) => {
    question[end] = kind
    const start = end + 1
    end += 5
    write()
    question.writeInt32BE(end - start, start)
  }
  const short = (value: number) => {
    end = question.writeInt16BE(value, end)
  }
  const string = (value: string) => {
    end += question.write(value, end)
    question[end++] = 0
  }
  const value = (text: string | null) => {
    const length = text === null ? -1 : question.write(text, end + 4)
    question.writeInt32BE(length, end)
    end += 4 + Math.max(0, length)
  }
  const sync = () => {
    message(SYNC, () => {})
    return question.subarray(0, end)
  }

  /** Where the content of the messages of a kind begins. */
  const each = (kind: number, read: (at: number) => void) => {
    for (let at = 0; at < size; at += 1 + answer.readInt32BE(at + 1)) if (answer[at] === kind) read(at + 5)
  }

  return {
    prepare(name, sql) {
      begin(3 * sql.length + 1000)
      message(PARSE, () => {
        string(name)
        string(sql)
        short(0)
      })
      message(DESCRIBE, () => {
        question.write('S', end++)
        string(name)
      })
      return sync()
    },
    run(name, params) {
      const values = params.map(asText)
      begin(values.reduce((sum, text) => sum + 4 + 3 * (text?.length ?? 0), 1000))
      message(BIND, () => {
        string('')
        string(name)
        short(0)
        short(values.length)
        values.forEach(value)
        short(0)
      })
      message(EXECUTE, () => {
        string('')
        end = question.writeInt32BE(0, end)
      })
      return sync()
    },
    take(part) {
      if (size + part.length > answer.length) {
        const before = answer
        answer = Buffer.allocUnsafeSlow(2 * (size + part.length))
        answer.set(before.subarray(0, size))
      }
      answer.set(part, size)
      size += part.length
    },
    fields() {
      const fields: Field[] = []
      each(ROW_DESCRIPTION, start => {
        let at = start + 2
        for (let left = answer.readInt16BE(start); left > 0; left--) {
          const after = answer.indexOf(0, at)
          fields.push({ name: answer.toString('utf8', at, after), type: answer.readInt32BE(after + 7) })
          at = after + 19
        }
      })
      return fields
    },
    rows(fields) {
      const rows: Record<string, unknown>[] = []
      each(DATA_ROW, start => {
        const row: Record<string, unknown> = {}
        let at = start + 2
        for (const { name, type } of fields) {
          const length = answer.readInt32BE(at)
          at += 4
          if (length < 0) row[name] = null
          else {
            row[name] = fromText(answer.toString('utf8', at, at + length), type)
            at += length
          }
        }
        rows.push(row)
      })
      return rows
    },
    refusal() {
      let found = false
      each(ERROR, () => {
        found = true
      })
      return found ? answer.subarray(0, size) : undefined
    }
  }
}
