import { atom, type ReadableAtom } from 'nanostores'
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
  const $sessions = atom<Readonly<Record<ThreadId, Session>>>({})
  const timers = new Map<ThreadId, ReturnType<typeof setTimeout>>()
  let said: Readonly<Record<ThreadId, Session>> = {}
  let asked: Readonly<Record<ThreadId, OutboxRow>> = {}

  const publish = () => {
    const sessions: Record<ThreadId, Session> = { ...said }
    for (const id in asked) if (!isLive(said[id])) sessions[id] = justAsked(id, asked[id]!)
    $sessions.set(sessions)
  }
  const ask = (id: ThreadId, value: OutboxRow | undefined) => {
    clearTimeout(timers.get(id))
    asked = patched(asked, [{ key: ['outbox', id], value }])
  }

  const forget = () => {
    asked = {}
    publish()
  }
  // A chat that was asked for is of who signs out, as is what was said of it.
  rows.on('leaving', forget)
  rows.on('life', forget)
  rows.on('session', changes => {
    said = patched(said, changes)
    for (const { key } of changes) ask(String(key[1]), undefined)
    publish()
  })
  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      const id = String(key[1])
      if (value?.command.type === 'start' && !rows.hidden) ask(id, value)
      // Left before the backend heard of it.
      else if (value?.command.type === 'end') ask(id, undefined)
      else if (asked[id]?.command.n === key[2]) {
        // Gone from the outbox, but the session itself may still be on its way.
        const giveUp = () => {
          ask(id, undefined)
          publish()
        }
        clearTimeout(timers.get(id))
        timers.set(id, setTimeout(giveUp, PATIENCE))
      }
    }
    publish()
  })

  return {
    $sessions,
    show(session) {
      const known = said[session.threadId]
      if (known?.id !== session.id || known.version > session.version) return
      said = { ...said, [session.threadId]: session }
      publish()
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
    }
  }
}

function justAsked(threadId: ThreadId, { command }: OutboxRow): Session {
  const unknown = { ahead: null, wait: null, agent: null, reason: null, score: null }
  return { id: command.id, threadId, state: 'queued', version: 0, ...unknown }
}
