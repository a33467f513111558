import { atom, type ReadableAtom } from 'nanostores'
import type { ThreadId } from '../../../src/model/thread.ts'

/** Who is typing: visitors, whom we believe for a while, and us, whom we do not mention at every key. */
export interface Typing {
  readonly $typing: ReadableAtom<ReadonlySet<ThreadId>>
  theirs(threadId: ThreadId, active: boolean): void
  /** Call it on every key. */
  ours(threadId: ThreadId, active: boolean): void
  close(): void
}

const BELIEVED_FOR = 6000
const SAID_EVERY = 3000

export function createTyping(tell: (threadId: ThreadId, active: boolean) => void): Typing {
  const $typing = atom<ReadonlySet<ThreadId>>(new Set())
  const timers = new Map<ThreadId, ReturnType<typeof setTimeout>>()
  let saidOf: ThreadId | undefined
  let saidAt = 0

  function theirs(threadId: ThreadId, active: boolean) {
    clearTimeout(timers.get(threadId))
    timers.delete(threadId)
    if (active) timers.set(threadId, setTimeout(theirs, BELIEVED_FOR, threadId, false))
    if ($typing.get().has(threadId) === active) return
    const rest = [...$typing.get()].filter(id => id !== threadId)
    $typing.set(new Set(active ? [...rest, threadId] : rest))
  }

  return {
    $typing,
    theirs,
    ours(threadId, active) {
      const now = Date.now()
      if (active) {
        if (saidOf === threadId && now - saidAt < SAID_EVERY) return
        saidOf = threadId
        saidAt = now
        tell(threadId, true)
      } else if (saidOf === threadId) {
        saidOf = undefined
        tell(threadId, false)
      }
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }
}
