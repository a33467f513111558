import type { Cursor, ServerEvent } from '../model/event.ts'
import { createThread, type Thread, type ThreadId, withMessage, withReceipt } from '../model/thread.ts'
import type { Change } from '../storage/storage.ts'
import type { Connection } from '../transport/transport.ts'
import type { Outbox } from './outbox.ts'
import { dropRow, findRow } from './outbox-row.ts'
import type { Rows } from './rows.ts'

export interface InboxParts {
  readonly rows: Rows
  thread(id: ThreadId): Thread | undefined
  threads(): readonly Thread[]
  readonly outbox: Outbox
  /** Up to where the connection has come: what it says next joins there, and nowhere else. */
  from: Cursor | undefined
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
      // What a visitor does in another tab, such as reading it, takes a number.
      changes.push(
        { expect: ['lane', thread.id], value: parts.rows.known('lane', thread.id) },
        { put: ['thread', thread.id], value: thread }
      )
    }
  }
}

/**
 * Stores and shows what the backend said: rows and the cursor behind them in one commit, then the screen. Comes with the
 * panel, or with the first thing that is said while it is closed.
 */
export async function store(
  parts: InboxParts,
  events: readonly ServerEvent[],
  connection: Connection,
  signal: AbortSignal
): Promise<void> {
  // What needs the network comes before the turn: a commit that waits for it would keep the visitor from writing.
  const recovery = events.some(event => isRare(event, parts)) ? await import('./recovery.ts') : undefined
  const rare = await recovery?.gather(events, connection, signal)
  const { cursor } = events.at(-1)!
  const { rows } = parts
  await rows.commit(async () => {
    // Its turn may come when the connection is over, and somebody else is here.
    signal.throwIfAborted()
    if (rows.hidden) return []
    // Another tab went on, while this one was frozen or had no disk: what it has stored is what counts.
    if (parts.from !== rows.cursor()) throw new Error('another tab went on')
    const draft = createDraft(parts)
    for (const event of events) {
      storeEvent(parts, draft, event)
      await rare?.(parts, draft, event)
    }
    return [...draft.changes, { expect: ['cursor'], value: parts.from }, { put: ['cursor'], value: cursor }]
  }, true)
  parts.from = cursor
}

/** Whether storing it takes more than is here. On a first visit neither side has stored anything that is to be joined. */
function isRare(event: ServerEvent, { from, threads }: InboxParts): unknown {
  return event.type === 'reset'
    ? from || event.threads[0] || threads().some(({ last }) => last)
    : !/^(message|session|receipt)$/.test(event.type)
}

/** Rows for what is said every day, and where the backend began anew. */
function storeEvent(parts: InboxParts, draft: Draft, event: ServerEvent): void {
  const { changes, thread, putThread } = draft
  const known = (id: ThreadId, at = 0) => thread(id) ?? createThread(id, at)
  if (event.type === 'message') {
    const { message } = event
    const { id, threadId, position } = message
    const before = known(threadId, message.at)
    changes.push({ put: ['message', threadId, position], value: message })
    // Missing its event, an outbox row stays for ever; with it, it must leave in this very commit.
    const row = findRow(parts.outbox, id)
    if (row) changes.push(dropRow(row))
    if (position > before.last + 1) changes.push({ put: ['gap', threadId, position], value: true })
    putThread(withMessage(before, message))
  } else if (event.type === 'session') changes.push({ put: ['session', event.session.threadId], value: event.session })
  else if (event.type === 'receipt') putThread(withReceipt(known(event.threadId), event.by, event))
  else if (event.type === 'reset') changes.push({ put: ['credentials', 'past'], value: event.log ?? event.cursor })
}
