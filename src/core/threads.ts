import { atom, type ReadableAtom } from 'nanostores'
import type { Message } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import { patched, type Rows } from './rows.ts'

export interface Threads {
  readonly $threads: ReadableAtom<readonly Thread[]>
  readonly $unread: ReadableAtom<number>
  get(id: ThreadId): Thread | undefined
}

/**
 * The visitor's threads, latest activity first.
 *
 * @param onNews Hears of each message of somebody else that is new and unread, however it came: over the link, or
 *   stored by the tab that leads. Also of those found at boot.
 */
export function createThreads(rows: Rows, onNews: (message: Message) => void): Threads {
  const $threads = atom<readonly Thread[]>([])
  const $unread = atom(0)
  let byId: Readonly<Record<ThreadId, Thread>> = {}
  rows.on('thread', changes => {
    for (const change of changes) {
      const known = byId[String(change.key[1])]
      byId = patched(byId, [change])
      // More than before: a mark that moved or a state that changed is no news.
      if (change.value?.newest && change.value.unread > (known?.unread ?? 0)) onNews(change.value.newest)
    }
    const threads = Object.values(byId).sort(byActivity)
    $threads.set(threads)
    $unread.set(threads.reduce((sum, { unread }) => sum + unread, 0))
  })
  return { $threads, $unread, get: id => byId[id] }
}

/** Latest activity first; the same order everywhere, whatever the clocks say. */
export function byActivity(a: Thread, b: Thread): number {
  return b.at - a.at || (a.id < b.id ? -1 : 1)
}
