import { StorageError } from './errors.ts'
import { applied, listed } from './memory.ts'
import type { ChatStorage, Row } from './storage.ts'

/** How long a page waits for the one that it takes the place of, in milliseconds. */
const PATIENCE = 1000

/**
 * Rows for as long as this tab of the browser lives, over reloads and other pages of the site: the browser itself forgets
 * them when it is closed. One item, written whole with each commit, so that it is written or not.
 */
export async function session(name: string): Promise<ChatStorage> {
  const release = await own(name)
  const stored = JSON.parse(sessionStorage.getItem(name) ?? '[]') as readonly Row[]
  let rows: ReadonlyMap<string, Row> = new Map(stored.map(row => [JSON.stringify(row.key), row]))
  let closed = false
  const check = () => {
    if (closed) throw new StorageError('lost', 'this storage was closed')
  }
  return {
    durable: true,
    async list(prefix, page) {
      check()
      return structuredClone(listed(rows, prefix, page))
    },
    async commit(changes) {
      check()
      const next = applied(rows, structuredClone(changes))
      try {
        sessionStorage.setItem(name, JSON.stringify([...next.values()]))
      } catch (error) {
        throw new StorageError('full', 'sessionStorage', error)
      }
      rows = next
    },
    close() {
      closed = true
      release()
    }
  }
}

/** Forgets what is kept for this tab. */
export function forgetSession(name: string): void {
  sessionStorage.removeItem(name)
  sessionStorage.removeItem(ownerOf(name))
}

const ownerOf = (name: string) => `${name}:tab`

/**
 * Makes sure that these rows are this tab's own. A tab that is duplicated has a copy of them; it begins anew, or both
 * would go on as one device, each with a memory of its own.
 *
 * @returns What lets go of them.
 */
async function own(name: string): Promise<() => void> {
  const known = sessionStorage.getItem(ownerOf(name))
  const kept = known === null ? undefined : await hold(known)
  if (kept) return kept
  if (known !== null) forgetSession(name)
  const id = `${name}:${crypto.getRandomValues(new Uint32Array(2)).join('-')}`
  sessionStorage.setItem(ownerOf(name), id)
  return (await hold(id)) ?? (() => {})
}

/** Holds the lock of this name until the page is left, or until the function that it gives is called; `undefined`: another tab has it. */
async function hold(id: string): Promise<(() => void) | undefined> {
  const { locks } = navigator
  // Served over plain http: nobody can tell copies apart.
  if (!locks) return () => {}
  const end = new AbortController()
  const take = async (waiting: AbortSignal) => {
    await new Promise<void>((resolve, reject) => {
      const keep = () => {
        resolve()
        return new Promise<void>(release => end.signal.addEventListener('abort', () => release()))
      }
      locks.request(id, { signal: waiting }, keep).catch(reject)
    })
  }
  try {
    // The page before this one may not be gone yet.
    await take(AbortSignal.timeout(PATIENCE))
  } catch {
    return undefined
  }
  const release = () => end.abort()
  window.addEventListener('pagehide', release, { signal: end.signal })
  return release
}
