import type { ServerEvent } from '../model/event.ts'
import { createThread, type Thread, type ThreadId, withMessage, withReceipt } from '../model/thread.ts'
import type { Change } from '../storage/storage.ts'
import type { Connection } from '../transport/transport.ts'
import type { Outbox } from './outbox.ts'
import { dropRow, type Rows } from './rows.ts'

export interface InboxParts {
  readonly rows: Rows
  thread(id: ThreadId): Thread | undefined
  threads(): readonly Thread[]
  readonly outbox: Outbox
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

/**
 * Stores and shows what the backend said: rows and the cursor behind them in one commit, then the screen. Comes with the
 * panel, or with the first thing that is said while it is closed.
 */
export function store(
  parts: InboxParts,
  events: readonly ServerEvent[],
  connection: Connection,
  signal: AbortSignal
): Promise<void> {
  return parts.rows.commit(async () => {
    // Its turn may come when the connection is over, and somebody else is here.
    signal.throwIfAborted()
    if (parts.rows.hidden) return []
    const draft = createDraft(parts)
    for (const event of events) await storeEvent(parts, draft, event, connection, signal)
    return [...draft.changes, { put: ['cursor'], value: events.at(-1)!.cursor }]
  })
}

async function storeEvent(
  parts: InboxParts,
  draft: Draft,
  event: ServerEvent,
  connection: Connection,
  signal: AbortSignal
): Promise<void> {
  const { changes, thread, putThread } = draft
  const known = (id: ThreadId, at = 0) => thread(id) ?? createThread(id, at)
  switch (event.type) {
    case 'message': {
      const { message } = event
      const { id, threadId, position } = message
      const before = known(threadId, message.at)
      changes.push({ put: ['message', threadId, position], value: message })
      // Missing its event, an outbox row stays for ever; with it, it must leave in this very commit.
      const row = parts.outbox.find(id)
      if (row) changes.push(dropRow(row))
      if (position > before.last + 1) changes.push({ put: ['gap', threadId, position], value: true })
      return putThread(withMessage(before, message))
    }
    case 'session':
      changes.push({ put: ['session', event.session.threadId], value: event.session })
      return
    case 'receipt':
      return putThread(withReceipt(known(event.threadId), event.by, event))
    // On a first visit there is nothing on either side, and nothing to join.
    default:
      if (event.type !== 'reset' || event.threads.length || parts.threads().length) {
        await (await import('./recovery.ts')).storeRare(parts, draft, event, connection, signal)
      }
  }
}
