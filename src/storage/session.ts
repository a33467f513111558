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
  let release = await own(name)
  const read = (): ReadonlyMap<string, Row> => {
    const stored = JSON.parse(sessionStorage.getItem(name) ?? '[]') as readonly Row[]
    return new Map(stored.map(row => [JSON.stringify(row.key), row]))
  }
  let rows = read()
  let closed = false
  const end = new AbortController()
  const close = () => {
    closed = true
    end.abort()
    release()
  }

  /** Whether this page was left: the next one of this tab goes on, until this one is back from the back/forward cache. */
  let isLeft = false
  const listen = (type: 'pagehide' | 'pageshow', listener: () => void) =>
    window.addEventListener(type, listener, { signal: end.signal, capture: true })
  listen('pagehide', () => {
    isLeft = true
  })
  listen('pageshow', () => {
    if (!isLeft) return
    isLeft = false
    rows = read()
    const owner = sessionStorage.getItem(ownerOf(name))
    // On a page after this one it was said that nothing may be kept.
    if (owner === null) return close()
    void hold(owner).then(kept => {
      release = kept ?? release
      if (closed) release()
    })
  })

  const current = () => {
    if (closed) throw new StorageError('lost', 'this storage was closed')
    if (isLeft) rows = read()
    return rows
  }
  return {
    durable: true,
    async list(prefix, page) {
      return structuredClone(listed(current(), prefix, page))
    },
    async commit(changes) {
      const next = applied(current(), structuredClone(changes))
      try {
        sessionStorage.setItem(name, JSON.stringify([...next.values()]))
      } catch (error) {
        throw new StorageError('full', 'sessionStorage', error)
      }
      rows = next
    },
    close
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
