import type { ServerEvent } from '../../../src/model/event.ts'
import type { Bus, Notes } from '../bus/bus.ts'
import type { Queries, Store } from '../store/store.ts'
import type { Recent } from './recent.ts'

/** A transaction that changes something, and knows whom to tell. */
export interface Writing extends Queries {
  /** The time of everything in this transaction. */
  readonly at: number
  /** Puts a note on the bus once the transaction is committed; the same note goes out once. */
  tell<Topic extends keyof Notes>(topic: Topic, note: Notes[Topic]): void
  /**
   * Takes care of what need not be waited for before the end, such as a statement whose rows are for those who are told
   * only. It has to have given all its statements by then.
   */
  alongside(work: Promise<unknown>): void
  /**
   * Tells whom it concerns, once the transaction is committed, that a visitor's feed has got this number. What stands
   * there is kept at hand if it is given, which spares reading it back; only for what stays as it is, such as words.
   */
  grew(visitorId: string, seq: number, event?: ServerEvent): void
  /** What a visitor's feed was told so far is not as it was: nothing of it stays at hand once that is committed. */
  rewrote(visitorId: string): void
}

export type Write = <T>(work: (writing: Writing) => Promise<T>) => Promise<T>

/** Notes that end something for somebody, which is not done on a guess. */
const FINAL: readonly (keyof Notes)[] = ['signed-in', 'forgotten']

/** @param recent Where to keep at hand what the feeds are told; without it, it is read back from the store. */
export function createWrite(store: Store, bus: Bus, recent?: Recent): Write {
  return async work => {
    let notes = new Map<string, () => void>()
    let growths: (() => void)[] = []
    let beside: Promise<unknown>[] = []
    /** What to say where nobody knows whether it was done: whom it concerns looks at the store. */
    let doubts: (() => void)[] = []
    const begin = () => {
      notes = new Map()
      growths = []
      beside = []
      doubts = []
    }
    const writing = (tx: Queries): Writing => ({
      query: tx.query,
      at: Date.now(),
      alongside(work) {
        // If it fails, so does the transaction.
        work.catch(() => {})
        beside.push(work)
      },
      tell(topic, note) {
        const key = `${topic} ${JSON.stringify(note)}`
        const publish = () => bus.publish(topic, note)
        if (!notes.has(key) && !FINAL.includes(topic)) doubts.push(publish)
        notes.set(key, publish)
      },
      grew(visitorId, seq, event) {
        const tell = () => bus.publish('feed', { visitorId, seq })
        growths.push(() => {
          recent?.add(visitorId, seq, event)
          tell()
        })
        doubts.push(() => {
          recent?.forget(visitorId)
          tell()
        })
      },
      rewrote(visitorId) {
        const forget = () => recent?.forget(visitorId)
        growths.push(forget)
        doubts.push(forget)
      }
    })
    const result = await store
      .transaction(tx => {
        // The store may run this again, then what was noted before never happened.
        begin()
        return work(writing(tx))
      })
      .catch(error => {
        if (!isRefused(error)) for (const say of doubts) say()
        throw error
      })
    await Promise.all(beside)
    for (const happen of growths) happen()
    for (const publish of notes.values()) publish()
    return result
  }
}

/**
 * The database said what was wrong with a statement, so nothing was done. Whatever else fails, as a connection that breaks
 * (classes 08 and 57), may have failed after the COMMIT and before the answer to it.
 */
const isRefused = (error: unknown) =>
  /^(?!08|57)(?=.*\d)[\dA-Z]{5}$/.test(String((error as { readonly code?: unknown }).code))

/**
 * Holds back every other change to what belongs to these visitors until the transaction ends. Whoever changes a thread
 * takes this first, and only once, so that two transactions never wait for each other.
 */
export async function lockVisitors(tx: Queries, visitorIds: readonly string[]): Promise<void> {
  // Always in the same order, for the same reason. Counted, because nobody needs the rows.
  await tx.query(
    `SELECT count(*) FROM
       (SELECT 1 FROM visitors WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE) AS locked`,
    [visitorIds]
  )
}

/** Locks the visitor a thread belongs to, and reads the thread as it then is. */
export async function lockThread(tx: Queries, threadId: string): Promise<ThreadRow | undefined> {
  let locked: string | undefined
  for (;;) {
    const thread = await findThread(tx, threadId)
    // While we waited it may have become another visitor's, who signed in.
    if (!thread || thread.visitor_id === locked) return thread
    locked = thread.visitor_id
    await lockVisitors(tx, [locked])
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
  /** How many of the messages of either side the other one has not read. */
  readonly unread_visitor: number
  readonly unread_team: number
  readonly assignee: string | null
  readonly waiting_since: number | null
  readonly bot_silent: boolean
  readonly bot_misses: number
  readonly at: number
  readonly since: number
}
