import { atom, computed, type ReadableAtom } from 'nanostores'
import { byActivity, type Thread, type ThreadId } from '../model/thread.ts'
import { patched, type Rows } from './rows.ts'

export interface Threads {
  readonly $threads: ReadableAtom<readonly Thread[]>
  readonly $unread: ReadableAtom<number>
  get(id: ThreadId): Thread | undefined
}

/** The visitor's threads, latest activity first. */
export function createThreads(rows: Rows): Threads {
  const $byId = atom<Readonly<Record<ThreadId, Thread>>>({})
  rows.on('thread', changes => $byId.set(patched($byId.get(), changes)))

  const $threads = computed($byId, byId => Object.values(byId).sort(byActivity))
  return {
    $threads,
    $unread: computed($threads, threads => threads.reduce((sum, { unread }) => sum + unread, 0)),
    get: id => $byId.get()[id]
  }
}
