import { atom, type ReadableAtom } from 'nanostores'
import { type Delivery, type Message, upsert } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { Key } from '../storage/storage.ts'
import type { Entry, Timeline } from './chat.ts'
import { laneOfRow } from './outbox-row.ts'
import type { OutboxRow, Rows } from './rows.ts'

/** How many messages are read from storage, or asked of the backend, at once. */
export const PAGE = 50

export interface Messages {
  readonly $messages: ReadableAtom<Readonly<Record<ThreadId, Timeline>>>
  /** @param from Position of a message that has to be among those that are loaded. */
  load(threadId: ThreadId, from?: number): Promise<void>
  /**
   * Shows older messages from storage. Where there are none, it gives the message before which the backend has to be
   * asked; `null`: for the newest page.
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
  /** By their keys as text. */
  const waiting = new Map<string, OutboxRow>()
  const gaps = new Set<string>()

  const isGap = ({ threadId, position }: Message) => gaps.has(`gap,${threadId},${position}`)

  const timeline = (id: ThreadId, { placed, growing }: Loaded): Timeline => {
    const said = growing ? [...placed, growing] : placed
    const ours = [...waiting.values()]
      .filter(row => laneOfRow(row) === id && !placed.some(message => message.id === row.command.id))
      .sort((a, b) => a.command.n - b.command.n)
      // Numbered anew, one may be heard of at its new number before it is gone from the old one.
      .filter((row, i, all) => all.findIndex(({ command }) => command.id === row.command.id) === i)
    const theirs = thread(id)?.theirs
    const all: Omit<Entry, 'gap'>[] = [
      ...said.map(message => ({
        message,
        delivery: message.author === 'visitor' ? reached(message.position, theirs) : undefined,
        reason: '',
        growing: message === growing
      })),
      ...ours.map(pending)
      // What was acknowledged has its place already, which may be above what is missing here.
    ].sort((a, b) => placeOf(a) - placeOf(b))
    // Before what is stored: known to be missing, or filled with what has not been read yet, or not loaded, as where one of
    // ours has its place far above.
    const entries = all.map((entry, i) => ({
      ...entry,
      gap: entry.growing === false && (isGap(entry.message) || placeOf(entry) > placeOf(all[i - 1] ?? entry) + 1)
    }))
    return { entries, more: placed[0] ? placed[0].position > 1 || entries.some(({ gap }) => gap) : !!thread(id)?.last }
  }

  const publish = (changes: readonly { readonly key: Key }[]) => {
    const next = { ...$messages.get() }
    for (const { key } of changes) {
      const id = String(key[1])
      const known = loaded.get(id)
      // What waits to be sent still moves while somebody signs out, and is not shown any more.
      if (known && !rows.hidden) next[id] = timeline(id, known)
      else delete next[id]
    }
    $messages.set(next)
  }
  const publishAll = (...ids: readonly ThreadId[]) => publish(ids.map(id => ({ key: ['message', id] })))

  rows.on('outbox', changes => {
    for (const { key, value } of changes) {
      if (value?.command.type === 'message') waiting.set(String(key), value)
      else waiting.delete(String(key))
    }
    publish(changes)
  })

  rows.on('gap', changes => {
    for (const { key, value } of changes) {
      if (value) gaps.add(String(key))
      else gaps.delete(String(key))
    }
    publish(changes)
    // It was filled, and whoever did so may have died before this tab was told with what.
    if (changes.some(({ value }) => !value)) refresh().catch(() => {})
  })

  /** Reads the loaded threads again, after a time in which no change was heard of. */
  const refresh = async () => {
    // What is told together with this is shown first.
    await undefined
    for (const [id, known] of loaded) {
      const last = () => thread(id)?.last ?? 0
      // From the first one on that is shown: there may be more between them than there were.
      const span = last() - (known.placed[0]?.position ?? 0) + 1
      const stored = (await rows.list(['message', id], { last: Math.max(PAGE, span) })).map(({ value }) => value)
      const end = stored.at(-1)?.position ?? 0
      // What came meanwhile stays.
      const since = known.placed.filter(({ position }) => position > end && position <= last())
      known.placed = [...stored, ...since]
    }
    publishAll(...loaded.keys())
  }

  rows.on('message', changes => {
    // Any of them may have changed. What cannot be read now is read when it is asked for.
    if (changes.some(({ key }) => key.length < 2)) refresh().catch(() => {})
    for (const { key } of changes) {
      const known = loaded.get(String(key[1]))
      if (known && key.length < 3) known.placed = []
    }
    // From the newest down, so that a page of history joins what is shown one by one.
    const single = changes.filter(({ key }) => key.length > 2)
    for (const { key, value } of single.sort((a, b) => Number(b.key[2]) - Number(a.key[2]))) {
      const position = Number(key[2])
      const known = loaded.get(String(key[1]))
      if (!known) continue
      const first = known.placed[0]
      if (!value) known.placed = known.placed.filter(message => message.position !== position)
      else if (!first || position >= first.position - 1) known.placed = upsert(known.placed, value)
      if (known.growing && known.growing.position <= position) known.growing = undefined
    }
    publish(changes)
  })

  // A mark that moved changes the ticks; a thread that is gone takes its timeline with it.
  rows.on('thread', changes => {
    for (const { key, value } of changes) if (!value) loaded.delete(String(key[1]))
    publish(changes)
  })

  return {
    $messages,
    async load(id, from) {
      const isLoaded = () => loaded.has(id) && !(from! < (loaded.get(id)!.placed[0]?.position ?? 1))
      if (isLoaded()) return
      const last = thread(id)?.last ?? 0
      const stored = await rows.list(['message', id], { last: PAGE + Math.max(0, last - (from ?? last)) })
      if (isLoaded() || rows.hidden) return
      loaded.set(id, { placed: stored.map(({ value }) => value), growing: undefined })
      publishAll(id)
    },
    async older(id) {
      const known = loaded.get(id)
      if (!known) return undefined
      const first = known.placed[0]
      if (!first) return thread(id)?.last ? null : undefined
      if (first.position <= 1) return undefined
      const stored = await rows.list(['message', id], { before: ['message', id, first.position], last: PAGE })
      if (!stored.length) return first
      if (known.placed[0] === first && loaded.has(id)) {
        known.placed = [...stored.map(({ value }) => value), ...known.placed]
        publishAll(id)
      }
      return undefined
    },
    show(message) {
      const { threadId, position } = message
      const known = loaded.get(threadId)
      // A note of another tab may come late.
      if (!known || position <= (known.placed.at(-1)?.position ?? 0)) return
      known.growing = message
      publishAll(threadId)
    }
  }
}

const placeOf = ({ message }: Pick<Entry, 'message'>) => message.position || Number.MAX_SAFE_INTEGER

function reached(position: number, { delivered, read } = { delivered: 0, read: 0 }): Delivery {
  return position <= read ? 'read' : position <= delivered ? 'delivered' : 'sent'
}

function pending({ command, at, acked, failed }: OutboxRow): Omit<Entry, 'gap'> {
  const { id, threadId, text, attachments, answers } = command as Extract<OutboxRow['command'], { type: 'message' }>
  return {
    message: {
      id,
      threadId,
      author: 'visitor',
      by: null,
      text,
      content: answers ? { type: 'answers', ...answers } : null,
      attachments,
      at: acked?.at ?? at,
      position: acked?.position ?? 0
    },
    delivery: failed ? 'failed' : acked ? 'sent' : 'queued',
    reason: failed?.reason ?? ''
  }
}
