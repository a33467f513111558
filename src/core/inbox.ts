import type { ServerEvent } from '../model/event.ts'
import type { Message } from '../model/message.ts'
import { createThread, merge, type Thread, type ThreadId, withMessage, withReceipt } from '../model/thread.ts'
import type { Change } from '../storage/storage.ts'
import type { Connection } from '../transport/transport.ts'
import { PAGE } from './messages.ts'
import type { OutboxRow, Rows } from './rows.ts'

export interface Inbox {
  /** Stores and shows what the connection says. Never settles but by throwing what ended it. */
  receive(connection: Connection, signal: AbortSignal): Promise<never>
  /** Fetches the page before `before` (`null`: the newest), and stores it. */
  fetchOlder(
    connection: Connection,
    threadId: ThreadId,
    before: Pick<Message, 'id' | 'position'> | undefined
  ): Promise<void>
}

interface InboxParts {
  readonly rows: Rows
  thread(id: ThreadId): Thread | undefined
  threads(): readonly Thread[]
  /** The row of a command that waits. */
  waiting(id: string): OutboxRow | undefined
  allWaiting(): readonly OutboxRow[]
  /** Shows what is not stored, here and in the other tabs. */
  onEphemeral(events: readonly ServerEvent[]): void
  onCaughtUp(): void
}

/** What the backend says: rows and the cursor behind them in one commit, then the screen. */
export function createInbox(parts: InboxParts): Inbox {
  const { rows } = parts

  /** The rows that a batch turns into. Threads are looked up here first, so that events of one batch build on each other. */
  const draftOf = () => {
    const threads = new Map<ThreadId, Thread>()
    const changes: Change[] = []
    const thread = (id: ThreadId) => threads.get(id) ?? parts.thread(id)
    const putThread = (thread: Thread) => {
      threads.set(thread.id, thread)
      changes.push({ put: ['thread', thread.id], value: thread })
    }
    return { changes, thread, putThread }
  }
  type Draft = ReturnType<typeof draftOf>

  const putMessage = ({ changes, thread, putThread }: Draft, message: Message) => {
    const { id, threadId, position } = message
    const known = thread(threadId) ?? createThread(threadId, message.at)
    changes.push({ put: ['message', threadId, position], value: message })
    // Missing its event, an outbox row stays for ever; with it, it must leave in this very commit.
    const row = parts.waiting(id)
    if (row) changes.push({ drop: ['outbox', threadId, row.command.n] })
    if (position > known.last + 1) changes.push({ put: ['gap', threadId, position], value: true })
    putThread(withMessage(known, message))
  }

  const storeReset = async (draft: Draft, said: readonly Thread[], connection: Connection, signal: AbortSignal) => {
    const { changes, putThread } = draft
    const stored = new Set(said.map(({ id }) => id))
    for (const thread of parts.threads()) {
      // What only waits here is not lost by the backend: it has not been there yet.
      const only = parts.allWaiting().some(({ command }) => 'threadId' in command && command.threadId === thread.id)
      if (stored.has(thread.id)) continue
      for (const kind of ['message', 'gap', 'session'] as const) {
        for (const { key } of await rows.list([kind, thread.id])) changes.push({ drop: key })
      }
      if (only) putThread(createThread(thread.id, thread.at))
      else changes.push({ drop: ['thread', thread.id] }, { drop: ['draft', thread.id] })
    }
    for (const thread of said) {
      const known = parts.thread(thread.id)
      // Rows beyond its end are from a past that this backend has not seen.
      for (const { key } of await rows.list(['message', thread.id], { last: PAGE })) {
        if ((key[2] as number) > thread.last) changes.push({ drop: key })
      }
      if (thread.last && connection.capabilities.history) {
        const page = await connection.history({ threadId: thread.id, before: undefined, limit: PAGE }, signal)
        storePage(draft, thread.id, page.messages, known?.last ?? 0)
      }
      putThread(known && known.last <= thread.last ? merge(known, thread) : thread)
    }
    for (const row of parts.allWaiting()) {
      // An acknowledgement of that past counts no more: offered again.
      const { threadId, n } = { threadId: 'visitor', ...row.command }
      const taken = changes.some(change => 'drop' in change && change.drop[0] === 'outbox' && change.drop[2] === n)
      if (row.acked && !taken) changes.push({ put: ['outbox', threadId, n], value: { ...row, acked: null } })
    }
  }

  const storePage = ({ changes }: Draft, threadId: ThreadId, messages: readonly Message[], joins: number) => {
    for (const message of messages) {
      changes.push({ put: ['message', threadId, message.position], value: message })
      const row = parts.waiting(message.id)
      if (row) changes.push({ drop: ['outbox', threadId, row.command.n] })
    }
    const first = messages[0]?.position ?? 0
    if (first > joins + 1) changes.push({ put: ['gap', threadId, first], value: true })
  }

  const storeEvent = async (draft: Draft, event: ServerEvent, connection: Connection, signal: AbortSignal) => {
    const { changes, thread, putThread } = draft
    switch (event.type) {
      case 'message':
        return putMessage(draft, event.message)
      case 'thread':
        return putThread(merge(thread(event.thread.id), event.thread))
      case 'session':
        changes.push({ put: ['session', event.session.threadId], value: event.session })
        return
      case 'receipt':
        return putThread(withReceipt(thread(event.threadId) ?? createThread(event.threadId, 0), event.by, event))
      case 'gap':
        changes.push({ put: ['gap', event.threadId, event.before], value: true })
        return
      case 'credentials':
        changes.push({ put: ['credentials'], value: event.value })
        return
      case 'reset':
        return storeReset(draft, event.threads, connection, signal)
      // A kind that this version does not know leaves only its cursor behind.
    }
  }

  return {
    async receive(connection, signal) {
      for await (const batch of connection.incoming) {
        signal.throwIfAborted()
        const stored = batch.filter(({ cursor }) => cursor !== undefined)
        if (stored.length) {
          await rows.commit(async () => {
            const draft = draftOf()
            for (const event of stored) await storeEvent(draft, event, connection, signal)
            return [...draft.changes, { put: ['cursor'], value: stored.at(-1)!.cursor }]
          })
        }
        const shown = batch.filter(({ cursor, type }) => cursor === undefined && type !== 'caught-up')
        if (shown.length) parts.onEphemeral(shown)
        if (batch.some(({ type }) => type === 'caught-up')) parts.onCaughtUp()
      }
      throw new Error('a transport must end incoming by throwing')
    },
    async fetchOlder(connection, threadId, before) {
      const page = await connection.history({ threadId, before, limit: PAGE })
      await rows.commit(async () => {
        const draft = draftOf()
        const first = page.messages[0]?.position ?? 1
        const [stored] = await rows.list(['message', threadId], { before: ['message', threadId, first], last: 1 })
        storePage(draft, threadId, page.messages, page.more ? (stored?.value.position ?? 0) : first - 1)
        if (before) draft.changes.push({ drop: ['gap', threadId, before.position] })
        return draft.changes
      })
    }
  }
}
