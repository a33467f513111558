import { atom, type ReadableAtom } from 'nanostores'
import { createId } from '../../../src/model/id.ts'
import type { Attachment, Message, MessageId } from '../../../src/model/message.ts'
import type { ThreadId } from '../../../src/model/thread.ts'
import { TransportError } from '../../../src/transport/errors.ts'
import type { Commands, Outcome } from '../commands.ts'
import type { Shelf } from '../shelf.ts'

/**
 * Replies that the server has not shown back yet. A stored one survives the page: the next one sends it under the
 * same id, so that it arrives once, however often it was tried.
 */
export interface Outbox {
  readonly $pending: ReadableAtom<Readonly<Record<ThreadId, readonly Pending[]>>>
  /**
   * @param files Uploaded already.
   * @param upTo The last position that whoever writes has seen: what comes after it is not answered by this.
   */
  add(threadId: ThreadId, text: string, files?: readonly Attachment[], upTo?: number): Added
  /** Sends a refused reply again. */
  retry(id: MessageId): void
  discard(id: MessageId): void
  /** The server has this message. */
  arrived(message: Message): void
  /** How many replies are on this device only. */
  count(): number
  /** Deletes everything that was not sent. */
  clear(): void
  close(): void
}

export interface Pending {
  readonly id: MessageId
  readonly threadId: ThreadId
  readonly text: string
  readonly files: readonly Attachment[]
  readonly upTo?: number | undefined
  /** When it was written, in milliseconds since the epoch, by this browser's clock. */
  readonly at: number
  /** Its place among the replies of this browser. */
  readonly n: number
  readonly state: 'waiting' | 'sent' | 'failed'
  /** Why it failed, as the server names it; empty if it did not. */
  readonly reason: string
}

interface Added {
  readonly id: MessageId
  /** Whether it survives the page now. If not, the words are safe only once `sent` settles with true. */
  readonly stored: boolean
  readonly sent: Promise<boolean>
}

export interface OutboxParts {
  readonly shelf: Shelf
  readonly run: Commands['run']
  readonly busyAfter?: number
}

export function createOutbox({ shelf, run, busyAfter = 2000 }: OutboxParts): Outbox {
  const $pending = atom<Readonly<Record<ThreadId, readonly Pending[]>>>({})
  const sending = new Set<ThreadId>()
  const waiters = new Map<MessageId, (sent: boolean) => void>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let closed = false
  let last = 0

  const all = () => Object.values($pending.get()).flat()
  const find = (id: MessageId) => all().find(one => one.id === id)

  function show(pending: Pending) {
    const before = $pending.get()[pending.threadId] ?? []
    const rest = before.filter(({ id }) => id !== pending.id)
    $pending.set({ ...$pending.get(), [pending.threadId]: [...rest, pending].sort((a, b) => a.n - b.n) })
  }

  function forget({ id, threadId }: Pick<Pending, 'id' | 'threadId'>) {
    shelf.drop(id)
    const list = $pending.get()[threadId]
    if (!list?.some(one => one.id === id)) return
    $pending.set({ ...$pending.get(), [threadId]: list.filter(one => one.id !== id) })
  }

  function answer(id: MessageId, sent: boolean) {
    waiters.get(id)?.(sent)
    waiters.delete(id)
  }

  function add(threadId: ThreadId, text: string, files: readonly Attachment[] = [], upTo?: number): Added {
    last += 1
    const at = Date.now()
    const pending: Pending = { id: createId(), threadId, text, files, upTo, at, n: last, state: 'waiting', reason: '' }
    const stored = shelf.put(pending.id, pending)
    show(pending)
    const sent = new Promise<boolean>(resolve => waiters.set(pending.id, resolve))
    void flush(threadId)
    return { id: pending.id, stored, sent }
  }

  /** One at a time in each thread, so that they arrive in the order they were written. */
  async function flush(threadId: ThreadId): Promise<void> {
    if (sending.has(threadId)) return
    sending.add(threadId)
    for (;;) {
      const next = $pending.get()[threadId]?.find(({ state }) => state === 'waiting')
      if (!next || closed) break
      const files = next.files.length ? { files: next.files.map(({ id }) => id) } : {}
      const { text, upTo } = next
      const outcome = await run(
        { type: 'reply', threadId, text, ...files, ...(upTo !== undefined && { upTo }) },
        next.id
      )
      if (closed) break
      if (!settle(next, outcome)) {
        again(threadId)
        break
      }
    }
    sending.delete(threadId)
  }

  /** Whether the next one may go. */
  function settle(pending: Pending, outcome: Outcome): boolean {
    if (outcome.ok) {
      shelf.drop(pending.id)
      if (find(pending.id)) show({ ...pending, state: 'sent' })
      answer(pending.id, true)
      return true
    }
    if (new TransportError(outcome.code, '').retry !== 'never') return false
    if (find(pending.id)) {
      const failed: Pending = { ...pending, state: 'failed', reason: outcome.reason }
      shelf.put(pending.id, failed)
      show(failed)
    }
    answer(pending.id, false)
    return true
  }

  function again(threadId: ThreadId) {
    const timer = setTimeout(() => {
      timers.delete(timer)
      void flush(threadId)
    }, busyAfter)
    timers.add(timer)
  }

  for (const pending of shelf.list('').filter(isPending)) {
    last = Math.max(last, pending.n)
    // Those of before there were files have none.
    show({ ...pending, files: pending.files ?? [] })
  }
  for (const threadId of Object.keys($pending.get())) void flush(threadId)

  return {
    $pending,
    add,
    retry(id) {
      const failed = find(id)
      if (failed?.state !== 'failed') return
      // The server gives the same answer to the same id for ever; it was refused, so a new one cannot double it.
      forget(failed)
      add(failed.threadId, failed.text, failed.files, failed.upTo)
    },
    discard(id) {
      const pending = find(id)
      if (pending?.state === 'failed') forget(pending)
    },
    arrived({ id, threadId }) {
      forget({ id, threadId })
      answer(id, true)
    },
    count: () => all().filter(({ state }) => state !== 'sent').length,
    clear() {
      for (const pending of all()) forget(pending)
    },
    close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
    }
  }
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== 'object' || value === null) return false
  const { id, threadId, text, at, n, state, reason } = value as Partial<Pending>
  const words = [id, threadId, text, reason].every(word => typeof word === 'string')
  return words && typeof at === 'number' && typeof n === 'number' && (state === 'waiting' || state === 'failed')
}
