import { atom, computed, type ReadableAtom } from 'nanostores'
import { isLive, type Session } from '../model/session.ts'
import type { ThreadId } from '../model/thread.ts'
import { type OutboxRow, patched, type Rows } from './rows.ts'

export interface Sessions {
  readonly $sessions: ReadableAtom<Readonly<Record<ThreadId, Session>>>
  /** Shows a place in the queue, which is not stored. */
  show(session: Session): void
  close(): void
}

/** How long a chat that was acknowledged shows as asked for, when the backend says nothing more about it. */
const PATIENCE = 3000

/** The latest live session of each thread. A chat that was asked for shows as queued before the backend has answered. */
export function createSessions(rows: Rows): Sessions {
  const $said = atom<Readonly<Record<ThreadId, Session>>>({})
  const $asked = atom<Readonly<Record<ThreadId, OutboxRow>>>({})
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const answered = (ids: readonly ThreadId[]) => {
    $asked.set(
      patched(
        $asked.get(),
        ids.map(id => ({ key: ['outbox', id], value: undefined }))
      )
    )
  }

  rows.on('session', changes => {
    $said.set(patched($said.get(), changes))
    answered(changes.map(({ key }) => String(key[1])))
  })
  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      const id = String(key[1])
      const asked = $asked.get()[id]
      if (value?.command.type === 'start') $asked.set({ ...$asked.get(), [id]: value })
      else if (asked && asked.command.n === key[2]) {
        // Gone from the outbox, but the session itself may still be on its way.
        const timer = setTimeout(() => {
          timers.delete(timer)
          if ($asked.get()[id] === asked) answered([id])
        }, PATIENCE)
        timers.add(timer)
      }
    }
  })

  return {
    $sessions: computed([$said, $asked], (said, asked) => {
      const sessions: Record<ThreadId, Session> = { ...said }
      for (const threadId in asked) {
        if (!isLive(said[threadId])) sessions[threadId] = justAsked(threadId, asked[threadId]!)
      }
      return sessions
    }),
    show(session) {
      const known = $said.get()[session.threadId]
      if (known?.id === session.id && known.version <= session.version) {
        $said.set({ ...$said.get(), [session.threadId]: session })
      }
    },
    close() {
      for (const timer of timers) clearTimeout(timer)
    }
  }
}

function justAsked(threadId: ThreadId, { command }: OutboxRow): Session {
  const unknown = { ahead: null, wait: null, agent: null, reason: null, score: null }
  return { id: command.id, threadId, state: 'queued', version: 0, ...unknown }
}
