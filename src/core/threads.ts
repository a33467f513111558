import { atom, type ReadableAtom } from 'nanostores'
import { byActivity, type Thread, type ThreadId } from '../model/thread.ts'
import { patched, type Rows } from './rows.ts'

export interface Threads {
  readonly $threads: ReadableAtom<readonly Thread[]>
  readonly $unread: ReadableAtom<number>
  get(id: ThreadId): Thread | undefined
}

/** The visitor's threads, latest activity first. */
export function createThreads(rows: Rows): Threads {
  const $threads = atom<readonly Thread[]>([])
  const $unread = atom(0)
  let byId: Readonly<Record<ThreadId, Thread>> = {}
  rows.on('thread', changes => {
    byId = patched(byId, changes)
    const threads = Object.values(byId).sort(byActivity)
    $threads.set(threads)
    $unread.set(threads.reduce((sum, { unread }) => sum + unread, 0))
  })
  return { $threads, $unread, get: id => byId[id] }
}
