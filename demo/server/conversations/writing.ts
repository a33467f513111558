import type { Bus, Notes } from '../bus/bus.ts'
import type { Queries, Store } from '../store/store.ts'

/** A transaction that changes something, and knows whom to tell. */
export interface Writing extends Queries {
  /** The time of everything in this transaction. */
  readonly at: number
  /** Puts a note on the bus once the transaction is committed; the same note goes out once. */
  tell<Topic extends keyof Notes>(topic: Topic, note: Notes[Topic]): void
}

export type Write = <T>(work: (writing: Writing) => Promise<T>) => Promise<T>

export function createWrite(store: Store, bus: Bus): Write {
  return async work => {
    let notes = new Map<string, () => void>()
    const result = await store.transaction(tx => {
      // The store may run this again, then what was noted before never happened.
      notes = new Map()
      return work({
        query: tx.query,
        at: Date.now(),
        tell: (topic, note) => void notes.set(`${topic} ${JSON.stringify(note)}`, () => bus.publish(topic, note))
      })
    })
    for (const publish of notes.values()) publish()
    return result
  }
}

/**
 * Holds back every other change to what belongs to this visitor until the transaction ends. Whoever changes a thread
 * takes this first, and only this, so that two transactions never wait for each other.
 */
export async function lockVisitor(tx: Queries, visitorId: string): Promise<void> {
  await tx.query('SELECT id FROM visitors WHERE id = $1 FOR NO KEY UPDATE', [visitorId])
}

/** Locks the visitor a thread belongs to, and reads the thread as it then is. */
export async function lockThread(tx: Queries, threadId: string): Promise<ThreadRow | undefined> {
  let locked: string | undefined
  for (;;) {
    const thread = await findThread(tx, threadId)
    // While we waited it may have become another visitor's, who signed in.
    if (!thread || thread.visitor_id === locked) return thread
    locked = thread.visitor_id
    await lockVisitor(tx, locked)
  }
}

export async function findThread(tx: Queries, threadId: string): Promise<ThreadRow | undefined> {
  const [row] = await tx.query<ThreadRow>('SELECT * FROM threads WHERE id = $1', [threadId])
  return row
}

export interface ThreadRow {
  readonly id: string
  readonly visitor_id: string
  readonly state: 'open' | 'closed'
  readonly last: number
  readonly newest: number | null
  readonly visitor_read: number
  readonly team_delivered: number
  readonly team_read: number
  readonly assignee: string | null
  readonly waiting_since: number | null
  readonly bot_silent: boolean
  readonly bot_misses: number
  readonly at: number
  readonly since: number
}
