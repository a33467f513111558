import { atom, type ReadableAtom } from 'nanostores'
import type { ThreadId } from '../../src/model/thread.ts'
import { VIEWS, type View } from './queue/views.ts'

/** What the inbox shows, kept in the address, so that the browser's own back button works. */
export interface Route {
  readonly view: View
  readonly threadId: ThreadId | undefined
}

export interface Router {
  readonly $route: ReadableAtom<Route>
  go(route: Partial<Route>): void
  close(): void
}

export function createRouter(): Router {
  const $route = atom(readRoute(location.hash))
  const follow = () => $route.set(readRoute(location.hash))
  window.addEventListener('hashchange', follow)
  return {
    $route,
    go(change) {
      const next = { ...$route.get(), ...change }
      $route.set(next)
      location.hash = hashOf(next)
    },
    close: () => window.removeEventListener('hashchange', follow)
  }
}

export function hashOf({ view, threadId }: Route): string {
  return threadId === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(threadId)}`
}

export function readRoute(hash: string): Route {
  const [, view, thread] = hash.split('/')
  return { view: VIEWS.find(one => one === view) ?? 'waiting', threadId: thread ? decoded(thread) : undefined }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    /* a damaged address names no thread */
    return undefined
  }
}
