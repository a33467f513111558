import { atom, type ReadableAtom } from 'nanostores'
import type { Hint } from '../model/command.ts'
import type { Person } from '../model/message.ts'
import type { ThreadId } from '../model/thread.ts'
import type { Typist } from './chat.ts'
import type { Rows } from './rows.ts'

/** Who said nothing for this long has stopped typing, whatever the backend forgot to say. */
const EXPIRES = 6000
/** How often "is typing" is said at the most, while it is true. */
const REPEAT = 3000

export interface Typing {
  readonly $typing: ReadableAtom<Readonly<Record<ThreadId, Typist>>>
  /** They type, or stopped. */
  show(threadId: ThreadId, active: boolean, by: Person | null): void
  /** We type, or stopped. */
  tell(threadId: ThreadId, active: boolean): void
  close(): void
}

export function createTyping(rows: Rows, say: (hint: Hint) => void): Typing {
  const $typing = atom<Readonly<Record<ThreadId, Typist>>>({})
  const timers = new Map<ThreadId, ReturnType<typeof setTimeout>>()
  // Whoever signs out leaves nobody who types to them.
  rows.on('leaving', () => $typing.set({}))
  let told: { readonly threadId: ThreadId; readonly until: number } | undefined

  const show: Typing['show'] = (threadId, active, by) => {
    clearTimeout(timers.get(threadId))
    timers.delete(threadId)
    const { [threadId]: known, ...others } = $typing.get()
    if (active) {
      timers.set(threadId, setTimeout(show, EXPIRES, threadId, false, null))
      $typing.set({ ...others, [threadId]: { by } })
    } else if (known) $typing.set(others)
  }

  return {
    $typing,
    show,
    tell(threadId, active) {
      const fresh = told?.threadId === threadId && performance.now() < (told?.until as number)
      if (active ? fresh : told?.threadId !== threadId) return
      told = active ? { threadId, until: performance.now() + REPEAT } : undefined
      say({ type: 'typing', threadId, active })
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }
}
