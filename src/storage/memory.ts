import { StorageError } from './errors.ts'
import { compareKeys, startsWith, taken } from './keys.ts'
import type { Change, ChatStorage, Key, Row, StoragePage } from './storage.ts'

/** Rows in memory: the fallback where there is no database, and the double in tests. */
export function memory(): ChatStorage {
  let rows = new Map<string, Row>()
  let closed = false

  const check = () => {
    if (closed) throw new StorageError('lost', 'this storage was closed')
  }

  return {
    durable: false,
    async list(prefix, page) {
      check()
      return structuredClone(listed(rows, prefix, page))
    },
    async commit(changes) {
      check()
      rows = applied(rows, structuredClone(changes))
    },
    close() {
      closed = true
    }
  }
}

/** What `list` answers, of these rows. */
export function listed(
  rows: ReadonlyMap<string, Row>,
  prefix: Key,
  { before, last = Number.POSITIVE_INFINITY }: StoragePage = {}
): readonly Row[] {
  const found = [...rows.values()]
    .filter(({ key }) => startsWith(key, prefix) && (!before || compareKeys(key, before) < 0))
    .sort((a, b) => compareKeys(a.key, b.key))
  return found.slice(Math.max(0, found.length - last))
}

/**
 * The rows after `commit`, by their keys as JSON.
 *
 * @throws {StorageError} `taken`.
 */
export function applied(rows: ReadonlyMap<string, Row>, changes: readonly Change[]): Map<string, Row> {
  const next = new Map(rows)
  for (const change of changes) {
    if ('put' in change) next.set(JSON.stringify(change.put), { key: change.put, value: change.value })
    else if ('drop' in change) {
      for (const [id, { key }] of next) if (startsWith(key, change.drop)) next.delete(id)
    } else if (next.get(JSON.stringify(change.expect))?.value !== change.value) throw taken(change.expect)
  }
  return next
}
