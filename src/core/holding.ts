import type { Message } from '../model/message.ts'
import { createThread } from '../model/thread.ts'
import type { Tabs } from '../page/tabs.ts'
import { StorageError } from '../storage/errors.ts'
import { compareKeys, startsWith, taken } from '../storage/keys.ts'
import type { Change, ChatStorage, Key, LateStorage, Row, StoragePage } from '../storage/storage.ts'
import { asText, idOf, keysOf, type Left, reconcile, type Stored } from './reconcile.ts'
import type { OutboxRow, RowChange } from './rows.ts'
import { until } from './waiting.ts'

/** How often a disk that goes on failing is tried again, in milliseconds. */
const RETRY = 2000
/** How soon it is tried for the first time, and each time twice as late: the browser may just be clearing it. */
const FIRST_RETRY = 100
/** How long somebody waits for a disk that has failed before, in milliseconds. */
const MOMENT = 500
/** How many messages of each thread stay on a disk that is full. */
const ROOM = 50

export interface HoldingStorage extends ChatStorage {
  /** Whether the last commits may be in memory alone. */
  holds(): boolean
  /** Settles when they are on the disk, or it was said that they are not. */
  sure(): Promise<void>
}

/**
 * A storage over a disk that has failed. As long as it does, memory holds what this tab changes, and answers from what
 * it knew before. When the disk works again it is given those changes and nothing else, and none in whose place it has
 * something newer: other tabs may have gone on meanwhile.
 *
 * @param kinds What is in memory besides the cursor: all but messages.
 * @param inTurn Does something when no commit is under way, and keeps those that come meanwhile waiting.
 * @param load Reads what the disk has now.
 */
export function hold(
  disk: ChatStorage & Partial<LateStorage>,
  kinds: readonly string[],
  inMemory: ReadonlyMap<string, RowChange>,
  onState: (state: 'durable' | 'degraded' | 'volatile') => void,
  inTurn: (work: () => Promise<void>) => Promise<unknown>,
  show: (changes: readonly RowChange[]) => void,
  load: () => Promise<void>,
  tabs: Tabs
): HoldingStorage {
  /** What the disk had when it failed, as far as this tab knows; `undefined`: it works. */
  let before: ReadonlyMap<string, RowChange> | undefined
  /** The same while it is read back after a mend, of which memory does not know yet: it may fail in that very moment. */
  let mended: Stored | undefined
  /** What was changed since, by key: of each row only the last word. */
  const held = new Map<string, RowChange>()
  /** What was held before that, as text: a commit that was given up may be done late, and is no word of another tab. */
  const older = new Set<string>()
  /** Where the disk was given commands last, done or not, as text with their ids. */
  const given = new Set<string>()
  /** Commands that have left the outbox in another tab whose disk failed as well: nothing on the disk tells of it. */
  const left = new Set<string>()
  /** Those that have left it in this tab. */
  const out = new Map<string, Left>()
  const life = () => inMemory.get('life')?.value as number | undefined
  const trouble = () => (disk.durable ? 'degraded' : 'volatile')
  let retry: ReturnType<typeof setTimeout> | undefined
  /** How often it was tried since it failed. */
  let tries = 0
  let doubt: ReturnType<typeof setTimeout> | undefined
  const end = new AbortController()
  let sure = Promise.resolve()
  let settle = (_isOver: boolean) => {}

  /** Counts what waits in each lane: of the counter another tab may have told in a note that did not come. */
  const count = () => {
    const last = new Map<unknown, number>()
    for (const { key } of inMemory.values()) {
      const [kind, lane, n] = key
      if (kind === 'outbox') last.set(lane, Math.max(Number(n), last.get(lane) ?? 0))
    }
    show(
      [...last].flatMap(([lane, n]) => {
        const key: Key = ['lane', String(lane)]
        return n > Number(inMemory.get(String(key))?.value ?? 0) ? [{ key, value: n }] : []
      })
    )
  }

  const fail = (error: unknown) => {
    if (end.signal.aborted) throw error
    if (before) return
    count()
    before = new Map(mended ?? inMemory) as ReadonlyMap<string, RowChange>
    tries = 0
    sure = new Promise((resolve, reject) => {
      settle = isOver => (isOver ? reject(new Error('signed out')) : resolve())
    })
    sure.catch(() => {
      /* whoever has given something since hears of it */
    })
    // Others whose disk has failed may have taken back what waits here.
    tabs.tell({ type: 'holds' })
    void inTurn(mend)
    // In a moment it may work again, as when the browser had closed it: then there is nothing to tell.
    doubt = setTimeout(tell, MOMENT)
  }

  const tell = (isOver = false) => {
    clearTimeout(doubt)
    onState(before ? trouble() : 'durable')
    settle(isOver)
  }

  /** What the disk has by now, with the messages of the threads in which something waited or is held. */
  const read = async (): Promise<Stored> => {
    const lists = async (prefixes: readonly Key[]) =>
      (await soon(Promise.all(prefixes.map(prefix => disk.list(prefix))))).flat()
    const found = await lists(['cursor', ...kinds].map(kind => [kind]))
    const lanes = [...before!.values(), ...held.values()].flatMap(({ key: [kind, lane] }) =>
      lane !== undefined && /^(outbox|message)$/.test(String(kind)) ? [lane] : []
    )
    const messages = await lists([...new Set(lanes)].map(lane => ['message', lane]))
    return new Map([...found, ...messages].map(row => [String(row.key), row]))
  }

  /** Gives up soon: the disk has failed before. */
  const soon = <T>(work: Promise<T>): Promise<T> => {
    const silent = until(end.signal, undefined, MOMENT)
    return Promise.race([
      work,
      silent.then(() => {
        throw new StorageError('lost', 'silent')
      })
    ])
  }

  /** Signed out here, and the disk does not know: pages that were opened since show what it has, unless they are told. */
  const warn = () => {
    if (before && held.has('')) tabs.tell({ type: 'reset', life: before.get('life')?.value as number | undefined })
  }
  const unbind = tabs.listen(note => {
    if (note.type === 'ask' && note.name === 'watch') warn()
    if (note.type === 'holds' && before) tellLeft([...out.values()])
    if (note.type === 'left' && note.life === life()) {
      if (before) for (const [id] of note.rows) left.add(id)
      void inTurn(() => takeBack(note.rows as readonly Left[])).catch(() => {})
    }
  })

  /** Tries to give the disk what is held. */
  const mend = async () => {
    clearTimeout(retry)
    if (end.signal.aborted || !before) return
    try {
      const stored = await read()
      const { changes, whole, isOver, isOther } = reconcile({
        before,
        held,
        older,
        given,
        stored,
        left,
        out,
        apart: !disk.durable,
        ended: disk.ended
      })
      // It may be given up and done late, and the disk may fail before this tab has read what it did.
      // A thread that was joined with what another tab has stored is joined with it again.
      const isOurs = (key: Key, value: unknown) => key[0] !== 'thread' || held.get(String(key))?.value === value
      const ours = changes.flatMap(change =>
        'put' in change && isOurs(change.put, change.value) ? [asText(String(change.put), change.value)] : []
      )
      for (const text of ours) older.add(text)
      const places = changes.flatMap(change =>
        'put' in change && change.put[0] === 'outbox' ? [asText(String(change.put), idOf(change.value))] : []
      )
      for (const place of places) given.add(place)
      await disk.commit(changes).catch(async error => {
        if (codeOf(error) !== 'full') throw error
        await makeRoom(disk)
        await disk.commit(changes)
      })
      before = undefined
      held.clear()
      older.clear()
      for (const text of ours) older.add(text)
      given.clear()
      for (const place of places) given.add(place)
      left.clear()
      out.clear()
      tell(isOver)
      // Other tabs may have stored messages; their notes were of no use here.
      // Nothing of one is seen beside what is of the other. But the life stays until the next one is known: whoever waits
      // for that would take it that there is none.
      const all = [...inMemory.values()].flatMap(({ key }) => (key[0] === 'life' ? [] : [{ key, value: undefined }]))
      // Where that has the same number another one is said first: nobody signs out here any more.
      const next = stored.get('life')?.value === life() ? [Number.NaN, life()] : []
      if (isOver || isOther) show([...all, ...next.map(value => ({ key: ['life'], value }))])
      else if (whole) show([{ key: ['cursor'], value: undefined }])
      mended = after(stored, changes)
      await load().finally(() => {
        mended = undefined
      })
      // After the rest: by then it is known what waits for its place among them.
      show([{ key: ['message'], value: undefined }])
      const keys = changes.flatMap(keysOf)
      tabs.tell({ type: 'rows', keys, life: life() })
    } catch (error) {
      // Another tab was faster: what it wrote is looked at anew.
      if (codeOf(error) === 'taken') return mend()
      // There is no doubt about these.
      if (codeOf(error) === 'full' || !disk.durable) tell()
      warn()
      if (!end.signal.aborted) retry = setTimeout(inTurn, Math.min(RETRY, FIRST_RETRY * 2 ** tries++), mend)
    }
  }

  /** What is held under this key is about to be held no more. */
  const outdate = (id: string) => {
    const was = held.get(id)
    if (was) older.add(asText(id, was.value))
  }

  const tellLeft = (rows: readonly Left[]) => {
    if (rows.length) tabs.tell({ type: 'left', rows, life: life() })
  }

  /** The commands that these changes take out of the outbox, and what is put in their places. */
  const leaving = async (changes: readonly Change[]): Promise<readonly Left[]> => {
    const stay = new Set(changes.map(change => 'put' in change && (change.value as Partial<OutboxRow>).command?.id))
    const found = changes.map(async change => {
      const key = 'put' in change ? change.put : 'drop' in change ? change.drop : []
      const instead = 'put' in change ? (change.value as OutboxRow) : null
      return key[0] === 'outbox'
        ? (await list(key)).map(({ value }): Left => [idOf(value), instead, !!(value as OutboxRow).failed])
        : []
    })
    return (await Promise.all(found)).flat().filter(([id]) => !stay.has(id))
  }

  /**
   * What waited on the disk, was done since, and was undone by what these changes tell: the backend has gone back to a time
   * before. From the disk it would come back only when that works, and behind what is said until then.
   */
  const undone = async (changes: readonly Change[]): Promise<readonly RowChange[]> => {
    const forgotten = changes.flatMap(change =>
      'drop' in change && change.drop[0] === 'message' && change.drop.length === 2 ? [change.drop[1]] : []
    )
    const placed = new Set([...held.values()].map(({ key, value }) => key[0] === 'message' && (value as Message)?.id))
    const found: RowChange[] = []
    for (const [id, { key, value }] of before!) {
      const lane = key[1]!
      // Or it is the place of another one by now.
      if (key[0] !== 'outbox' || !forgotten.includes(lane) || held.get(id)?.value) continue
      const row = value as OutboxRow
      const [name, instead, isFailed] = out.get(idOf(row)) ?? []
      if (!name || instead || isFailed || row.command.type !== 'message' || placed.has(name)) continue
      out.delete(name)
      // What was undone may have been all of its thread.
      if (!(await list(['thread', lane])).length)
        found.push({ key: ['thread', lane], value: createThread(String(lane), row.at) })
      found.push({ key, value: { ...row, acked: null, offered: true } })
    }
    return found
  }

  /** Holds what another tab has put in the place of what waits here: what was taken back there is not sent from here. */
  const takeBack = async (rows: readonly Left[]) => {
    for (const { key, value } of await list(['outbox'])) {
      const row = rows.find(([id]) => id === idOf(value))
      const instead = row?.[1]
      if (!instead || (value as OutboxRow).acked) continue
      const change = { key, value: { ...instead, command: { ...instead.command, n: Number(key[2]) } } }
      if (before) {
        held.set(String(key), change)
        out.set(row[0], row)
      }
      // It works again already.
      else
        await disk.commit([
          { expect: ['life'], value: life() },
          { put: key, value: change.value }
        ])
      show([change])
    }
  }

  const list = async (prefix: Key, page: StoragePage = {}): Promise<readonly Row[]> => {
    if (!before) {
      try {
        return await disk.list(prefix, page)
      } catch (error) {
        fail(error)
      }
    }
    const rows = new Map<string, Row>()
    const put = ({ key, value }: Row) => startsWith(key, prefix) && rows.set(String(key), { key, value })
    // All but messages is in memory.
    if (prefix[0] !== 'message') for (const row of before!.values()) put(row as Row)
    else {
      // What cannot be read now is read when the disk works again.
      for (const row of await soon(disk.list(prefix, page)).catch(() => [])) put(row)
    }
    for (const change of held.values()) {
      if (change.value !== undefined) put(change as Row)
      else for (const [other, { key }] of rows) if (startsWith(key, change.key)) rows.delete(other)
    }
    const { before: end, last = Number.POSITIVE_INFINITY } = page
    const found = [...rows.values()]
      .filter(({ key }) => !end || compareKeys(key, end) < 0)
      .sort((a, b) => compareKeys(a.key, b.key))
    return found.slice(Math.max(0, found.length - last))
  }

  fail(undefined)
  return {
    holds: () => before !== undefined,
    // What is given to a disk that works again is sure, whatever became of what was held.
    sure: async () => before && sure,
    durable: disk.durable,
    list,
    async commit(changes) {
      for (const change of changes) check(change)
      if (!before) {
        try {
          return await disk.commit(changes)
        } catch (error) {
          if (codeOf(error) === 'taken') throw error
          fail(error)
        }
      }
      for (const change of changes) {
        if (!('expect' in change)) continue
        const found = (await list(change.expect)).find(({ key }) => key.length === change.expect.length)
        if (found?.value !== change.value) throw taken(change.expect)
      }
      const now = await leaving(changes)
      for (const row of now) out.set(row[0], row)
      tellLeft(now)
      const put = (change: RowChange) => {
        outdate(String(change.key))
        held.set(String(change.key), change)
      }
      for (const change of structuredClone(changes)) {
        if ('put' in change) put({ key: change.put, value: change.value as never })
        else if ('drop' in change) {
          for (const [id, { key }] of held) {
            if (!startsWith(key, change.drop)) continue
            outdate(id)
            held.delete(id)
          }
          put({ key: change.drop, value: undefined })
        }
      }
      const waiting = await undone(changes)
      waiting.forEach(put)
      // After what these changes show.
      if (waiting.length)
        void inTurn(async () => show(waiting.filter(change => held.get(String(change.key)) === change)))
    },
    close() {
      end.abort()
      unbind()
      clearTimeout(retry)
      clearTimeout(doubt)
      disk.close()
    }
  }
}

/**
 * A disk that refuses a key is not ill, and would refuse it with all that is held beside it, for ever.
 *
 * @throws {TypeError}
 */
function check(change: Change): void {
  for (const [kind, ...names] of keysOf(change)) {
    const at = names.findIndex(name => typeof name !== 'string' && !Number.isFinite(name))
    if (at >= 0)
      throw new TypeError(`porchlight: a ${kind === 'choice' ? kind : 'thread'} is named by text, got ${names[at]}`)
  }
}

/** What is always in memory of these rows after these changes. */
function after(stored: Stored, changes: readonly Change[]): Stored {
  const rows = new Map([...stored].filter(([, { key }]) => key[0] !== 'message'))
  for (const change of changes) {
    if ('put' in change) {
      if (change.put[0] !== 'message') rows.set(String(change.put), { key: change.put, value: change.value })
    } else if ('drop' in change) {
      for (const [id, { key }] of rows) if (startsWith(key, change.drop)) rows.delete(id)
    }
  }
  return rows
}

const codeOf = (error: unknown) => (error as Partial<StorageError>).code

/** Drops all but the newest messages of each thread. */
async function makeRoom(disk: ChatStorage): Promise<void> {
  const kept = new Map<unknown, number>()
  const drops: Change[] = []
  for (const { key } of [...(await disk.list(['message']))].reverse()) {
    const count = (kept.get(key[1]) ?? 0) + 1
    kept.set(key[1], count)
    if (count > ROOM) drops.push({ drop: key })
  }
  await disk.commit(drops)
}
