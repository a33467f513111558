import { atom, type ReadableAtom } from 'nanostores'
import { type Delivery, type Message, upsert } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { Entry, Timeline } from './chat.ts'
import type { OutboxRow, Rows } from './rows.ts'

/** How many messages are read from storage, or asked of the backend, at once. */
export const PAGE = 50

export interface Messages {
  readonly $messages: ReadableAtom<Readonly<Record<ThreadId, Timeline>>>
  load(threadId: ThreadId): Promise<void>
  /** Reads the loaded threads again, after a time in which no change was heard of. */
  refresh(): Promise<void>
  /**
   * Shows older messages from storage. Where there are none, because messages are missing among those shown or before
   * them, it gives the message before which the backend has to be asked; `null`: for the newest page.
   */
  older(threadId: ThreadId): Promise<Message | null | undefined>
  /** Shows a message that is not stored: an answer that is still growing. */
  show(message: Message): void
}

/** What is known of one thread that was loaded. */
interface Loaded {
  placed: readonly Message[]
  growing: Message | undefined
}

/** The loaded part of each thread: what is placed, and behind it what is ours and not placed yet. */
export function createMessages(rows: Rows, thread: (id: ThreadId) => Thread | undefined): Messages {
  const $messages = atom<Readonly<Record<ThreadId, Timeline>>>({})
  const loaded = new Map<ThreadId, Loaded>()
  const waiting = new Map<ThreadId, Map<number, OutboxRow>>()
  const gaps = new Map<ThreadId, Set<number>>()

  const publish = (ids: Iterable<ThreadId>) => {
    const next = { ...$messages.get() }
    for (const id of new Set(ids)) {
      const known = loaded.get(id)
      if (known) next[id] = timeline(known, thread(id), [...(waiting.get(id)?.values() ?? [])], gaps.get(id))
      else delete next[id]
    }
    $messages.set(next)
  }

  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      const [, lane, n] = key as [string, string, number]
      const entries = waiting.get(lane) ?? new Map<number, OutboxRow>()
      if (value?.command.type === 'message') entries.set(n, value)
      else entries.delete(n)
      waiting.set(lane, entries)
    }
    publish(changes.map(({ key }) => String(key[1])))
  })

  rows.on('gap', changes => {
    for (const { key, value } of changes) {
      const [, id, position] = key as [string, string, number]
      const set = gaps.get(id) ?? new Set()
      if (value) set.add(position)
      else set.delete(position)
      gaps.set(id, set)
    }
    publish(changes.map(({ key }) => String(key[1])))
  })

  rows.on('message', changes => {
    // From the newest down, so that a page of history joins what is shown one by one.
    const newestFirst = [...changes].sort((a, b) => (b.key[2] as number) - (a.key[2] as number))
    for (const { key, value } of newestFirst) {
      const [, id, position] = key as [string, string, number]
      const known = loaded.get(id)
      if (!known) continue
      const first = known.placed[0]
      if (!value) known.placed = known.placed.filter(message => message.position !== position)
      else if (!first || position >= first.position - 1) known.placed = upsert(known.placed, value)
      if (value && known.growing && known.growing.position <= position) known.growing = undefined
    }
    publish(changes.map(({ key }) => String(key[1])))
  })

  // A mark that moved changes the ticks; a thread that is gone takes its timeline with it.
  rows.on('thread', changes => {
    for (const { key, value } of changes) if (!value) loaded.delete(String(key[1]))
    publish(changes.map(({ key }) => String(key[1])).filter(id => loaded.has(id) || $messages.get()[id]))
  })

  return {
    $messages,
    async load(id) {
      if (loaded.has(id)) return
      const stored = await rows.list(['message', id], { last: PAGE })
      if (loaded.has(id)) return
      loaded.set(id, { placed: stored.map(({ value }) => value), growing: undefined })
      publish([id])
    },
    async refresh() {
      for (const [id, known] of loaded) {
        const stored = await rows.list(['message', id], { last: Math.max(PAGE, known.placed.length) })
        known.placed = stored.map(({ value }) => value)
      }
      publish(loaded.keys())
    },
    async older(id) {
      const known = loaded.get(id)
      if (!known) return undefined
      const missing = known.placed.findLast(({ position }) => gaps.get(id)?.has(position))
      if (missing) return missing
      const first = known.placed[0]
      if (!first) return thread(id)?.last ? null : undefined
      if (first.position <= 1) return undefined
      const stored = await rows.list(['message', id], { before: ['message', id, first.position], last: PAGE })
      if (!stored.length) return first
      if (known.placed[0] === first) {
        known.placed = [...stored.map(({ value }) => value), ...known.placed]
        publish([id])
      }
      return undefined
    },
    show(message) {
      const known = loaded.get(message.threadId)
      if (!known) return
      known.growing = message
      publish([message.threadId])
    }
  }
}

function timeline(
  { placed, growing }: Loaded,
  thread: Thread | undefined,
  waiting: readonly OutboxRow[],
  gaps: ReadonlySet<number> | undefined
): Timeline {
  const entries: Entry[] = placed.map(message => ({
    message,
    delivery: message.author === 'visitor' ? reached(message.position, thread) : undefined,
    reason: '',
    gap: gaps?.has(message.position) ?? false
  }))
  if (growing) entries.push({ message: growing, delivery: undefined, reason: '', gap: false })
  const known = new Set(placed.map(({ id }) => id))
  for (const row of [...waiting].sort((a, b) => a.command.n - b.command.n)) {
    if (!known.has(row.command.id)) entries.push(pending(row))
  }
  return { entries, more: placed[0] ? placed[0].position > 1 : (thread?.last ?? 0) > 0 }
}

function reached(position: number, thread: Thread | undefined): Delivery {
  const { delivered = 0, read = 0 } = thread?.theirs ?? {}
  return position <= read ? 'read' : position <= delivered ? 'delivered' : 'sent'
}

function pending({ command, at, acked, failed }: OutboxRow): Entry {
  const { id, threadId, text, attachments } = command as Extract<OutboxRow['command'], { type: 'message' }>
  return {
    message: {
      id,
      threadId,
      author: 'visitor',
      by: null,
      text,
      content: null,
      attachments,
      at: acked?.at ?? at,
      position: acked?.position ?? 0
    },
    delivery: failed ? 'failed' : acked ? 'sent' : 'queued',
    reason: failed?.reason ?? '',
    gap: false
  }
}
