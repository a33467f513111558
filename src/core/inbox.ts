import type { ServerEvent } from '../model/event.ts'
import type { Message } from '../model/message.ts'
import { createThread, merge, type Thread, type ThreadId, withMessage, withReceipt } from '../model/thread.ts'
import type { Change } from '../storage/storage.ts'
import type { Connection } from '../transport/transport.ts'
import { dropRow, type OutboxRow, type Rows } from './rows.ts'

export interface Inbox {
  /** Stores and shows what the connection says. Never settles but by throwing what ended it. */
  receive(connection: Connection, signal: AbortSignal): Promise<never>
}

export interface InboxParts {
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

/** The rows that a batch turns into. Threads are looked up here first, so that events of one batch build on each other. */
export interface Draft {
  readonly changes: Change[]
  thread(id: ThreadId): Thread | undefined
  putThread(thread: Thread): void
}

function createDraft(parts: InboxParts): Draft {
  const threads = new Map<ThreadId, Thread>()
  const changes: Change[] = []
  return {
    changes,
    thread: id => threads.get(id) ?? parts.thread(id),
    putThread(thread) {
      threads.set(thread.id, thread)
      changes.push({ put: ['thread', thread.id], value: thread })
    }
  }
}

/** What the backend says: rows and the cursor behind them in one commit, then the screen. */
export function createInbox(parts: InboxParts): Inbox {
  const { rows } = parts

  const putMessage = ({ changes, thread, putThread }: Draft, message: Message) => {
    const { id, threadId, position } = message
    const known = thread(threadId) ?? createThread(threadId, message.at)
    changes.push({ put: ['message', threadId, position], value: message })
    // Missing its event, an outbox row stays for ever; with it, it must leave in this very commit.
    const row = parts.waiting(id)
    if (row) changes.push(dropRow(row))
    if (position > known.last + 1) changes.push({ put: ['gap', threadId, position], value: true })
    putThread(withMessage(known, message))
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
        // On a first visit there is nothing on either side, and nothing to join.
        if (!event.threads.length && !parts.threads().length) return
        return (await import('./recovery.ts')).storeReset(parts, draft, event.threads, connection, signal)
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
            const draft = createDraft(parts)
            for (const event of stored) await storeEvent(draft, event, connection, signal)
            return [...draft.changes, { put: ['cursor'], value: stored.at(-1)!.cursor }]
          })
        }
        const shown = batch.filter(({ cursor, type }) => cursor === undefined && type !== 'caught-up')
        if (shown.length) parts.onEphemeral(shown)
        if (batch.some(({ type }) => type === 'caught-up')) parts.onCaughtUp()
      }
      throw new Error('a transport must end incoming by throwing')
    }
  }
}
