import { merge } from '../model/merge.ts'
import type { Message } from '../model/message.ts'
import { createThread, type Thread } from '../model/thread.ts'
import type { Tabs } from '../page/tabs.ts'
import { StorageError } from '../storage/errors.ts'
import { compareKeys, startsWith, taken } from '../storage/keys.ts'
import type { Change, ChatStorage, Key, Row, StoragePage } from '../storage/storage.ts'
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
  disk: ChatStorage,
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
  /** What was changed since, by key: of each row only the last word. */
  const held = new Map<string, RowChange>()
  /** What was held before that, as text: a commit that was given up may be done late, and is no word of another tab. */
  const older = new Set<string>()
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

  const fail = (error: unknown) => {
    if (end.signal.aborted) throw error
    if (before) return
    before = new Map(inMemory)
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
    const silent = until(end.signal, done => {
      const timer = setTimeout(done, MOMENT)
      return () => clearTimeout(timer)
    })
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
      const { changes, whole, isOver, isOther } = reconcile(before, held, older, await read(), left, out, !disk.durable)
      await disk.commit(changes).catch(async error => {
        if (codeOf(error) !== 'full') throw error
        await makeRoom(disk)
        await disk.commit(changes)
      })
      before = undefined
      held.clear()
      older.clear()
      left.clear()
      out.clear()
      tell(isOver)
      // Other tabs may have stored messages; their notes were of no use here.
      // Nothing of one is seen beside what is of the other.
      if (whole) show([{ key: isOver || isOther ? [] : ['cursor'], value: undefined }])
      await load()
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

  /** Holds what another tab has put in the place of what waits here: what was taken back there is not sent from here. */
  const takeBack = async (rows: readonly Left[]) => {
    for (const { key, value } of await list(['outbox'])) {
      const [, instead] = rows.find(([id]) => id === idOf(value)) ?? []
      if (!instead || (value as OutboxRow).acked) continue
      const change = { key, value: { ...instead, command: { ...instead.command, n: Number(key[2]) } } }
      if (before) held.set(String(key), change)
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

/** A command that has left the outbox, what keeps its number, if it is not to be said, and whether it had failed. */
type Left = readonly [id: string, instead: OutboxRow | null, isFailed?: boolean]

type Stored = ReadonlyMap<string, { readonly key: Key; readonly value: unknown }>

const PAST = String(['credentials', 'past'])

const NOTHING: Stored = new Map()

/**
 * What to write of what is held, now that the disk has `stored`. Where that is not what was there `before`, another tab
 * went on, and has the last word.
 *
 * @param older What was held earlier, as text.
 * @param left Commands that have left the outbox in another tab, of which the disk does not tell.
 * @param out Those that have left it here.
 * @param apart Whether this tab may have become somebody who is not the one on the disk.
 * @returns The changes; `whole`: the backend has to say again what there is; `isOver`: nothing of this life is written;
 *   `isOther`: it is the database of another device.
 * @throws {StorageError} `lost`, if it has: what is here and what is there must not be mixed.
 */
function reconcile(
  before: Stored,
  held: Stored,
  older: ReadonlySet<string>,
  stored: Stored,
  left: ReadonlySet<string>,
  out: ReadonlyMap<string, Left>,
  apart: boolean
): {
  readonly changes: readonly Change[]
  readonly whole: boolean
  readonly isOver: boolean
  readonly isOther: boolean
} {
  const valueIn = (rows: Stored, id: string) => rows.get(id)?.value
  const ours = (id: string) => valueIn(held.has(id) ? held : before, id)
  const device = valueIn(stored, 'device')
  const life = valueIn(stored, 'life') as number | undefined
  /** Signed out here. */
  const isOut = held.has('')
  const lifeBefore = valueIn(before, 'life') as number | undefined
  /** And in another tab as well, which was faster: what is there is of the next life already. */
  const isLate = isOut && (life ?? 0) > (lifeBefore ?? 0)
  const isOther =
    (!isOut || isLate) && device !== undefined && ours('device') !== undefined && device !== ours('device')
  if (isOther && apart) throw new StorageError('lost', 'this is the database of another device')
  // Deleted under us: all that is known is put back, but for the cursor, because the messages before it are gone.
  const isGone = before.has('device') && device === undefined && life === undefined
  // As long as nobody else writes. In their order, because they are of the state before.
  const expects: Change[] = [['life'], ['cursor'], ['device'], ['term']].map(key => ({
    expect: key,
    value: valueIn(stored, String(key)) as string | undefined
  }))
  // Signed out in another tab: nothing of that life may be written any more.
  const isOver = isOut
    ? // Once more than here.
      (life ?? 0) > Number(valueIn(held, 'life'))
    : life !== lifeBefore && !isGone && !apart
  if (isOver) return { changes: expects, whole: true, isOver, isOther }

  const isNew = isGone || isOut
  const was = isNew ? NOTHING : before
  const is = isOut && !isLate ? NOTHING : stored
  const differs = (id: string) =>
    !same(valueIn(was, id), valueIn(is, id)) &&
    !same(valueIn(held, id), valueIn(is, id)) &&
    !older.has(asText(id, valueIn(is, id)))
  const hasMoved = differs('cursor')
  /** Another tab was told of another past than this one: what was said here since is not of that, or comes again. */
  const isPast = is.has(PAST) && ![before, held].some(rows => same(valueIn(rows, PAST), valueIn(is, PAST)))
  /** This one was told of another past, and what the disk got since, perhaps late from here, is of the one before. */
  const isAhead = !isPast && hasMoved && held.has(PAST) && !same(valueIn(held, PAST), valueIn(is, PAST))
  const changes: Change[] = []
  const fresh = new Map<string, OutboxRow[]>()
  /** In this lane numbers are given, and one of them to each of these. */
  const renumber = (lane: string, ...rows: readonly OutboxRow[]) =>
    fresh.set(lane, [...(fresh.get(lane) ?? []), ...rows])

  const idsOf = (rows: Iterable<readonly [string, RowChange | Row]>) =>
    new Set([...rows].flatMap(([, { key, value }]) => (key[0] === 'message' && value ? [(value as Message).id] : [])))
  /** What has its place there by now. */
  const placed = idsOf(stored)
  const placedHere = idsOf(held)
  const waitsHere = new Set(
    [...held.values()].map(({ value }) => (value as Partial<OutboxRow> | undefined)?.command?.id)
  )
  /**
   * Whether it was done, and that was undone since: the backend has gone back to a time before, and knows as little of it
   * as this device, but for the row that the disk still has. It is offered again; what had failed was never done, and is
   * dismissed by the visitor alone.
   */
  const isUndone = ({ command: { id, type } }: OutboxRow, lane: string) => {
    const [, instead, isFailed] = out.get(id) ?? []
    return (
      type === 'message' &&
      // Or it waits still, numbered anew.
      !waitsHere.has(id) &&
      !instead &&
      !isFailed &&
      held.has(String(['message', lane])) &&
      !placedHere.has(id) &&
      !placed.has(id)
    )
  }
  // But for what was numbered anew here, and leaves its old place.
  const waits = new Set(
    [...is].filter(([id]) => !held.has(id)).map(([, { value }]) => (value as Partial<OutboxRow>).command?.id)
  )
  // What waited and is not there was done by another tab, or went with a database that was deleted and made anew: offered
  // again, it is done once all the same.
  const back = [...before].filter(([, { key }]) => !isOut && (isGone || key[0] === 'outbox'))

  for (const [id, { key, value }] of new Map([...back, ...held])) {
    const [kind, lane] = key as readonly string[]
    const there = valueIn(is, id)
    const row = kind === 'outbox' ? (value as OutboxRow | undefined) : undefined
    if (isLate && (kind === undefined || kind === 'life')) continue
    // Or another one has its number, where a tab that had not heard of it put a cleared database back.
    const isMissing =
      !there || (row && differs(id) && idOf(there) !== row.command.id && (there as OutboxRow).command.type !== 'void')
    /** Refused for good, of which a tab did not know that has put it there again. */
    const isRefused = row?.failed && !isMissing && !(there as OutboxRow).acked
    if (row && isMissing && (placed.has(row.command.id) || left.has(row.command.id))) continue
    // What was missing here is there.
    if (kind === 'gap' && value && is.has(String(['message', lane, Number(key[2]) - 1]))) continue
    const isElsewhere = row && waits.has(row.command.id) && (!there || idOf(there) !== row.command.id)
    if (isElsewhere) continue
    if (isOther && (!row || row.acked)) {
      // What was done as the device before is not this one's to do again.
      if (kind === 'outbox' && there && idOf(there) === idOf(row ?? valueIn(was, id))) changes.push({ drop: key })
      continue
    }
    if (row && (!was.has(id) || (isMissing && !row.acked && !row.failed))) renumber(lane!, row)
    // Done is done, whatever another tab has noted there since.
    else if (kind === 'outbox' && !value && was.has(id) && there && same(idOf(valueIn(was, id)), idOf(there))) {
      if (isUndone(there as OutboxRow, lane!)) renumber(lane!, there as OutboxRow)
      else changes.push({ drop: key })
    } else if (kind === 'lane') renumber(lane!)
    else if (kind === 'life') changes.push({ put: key, value: Math.max(Number(value), (life ?? 0) + 1) })
    else if (kind === 'term') changes.push({ put: key, value: Math.max(Number(there ?? 0), Number(value)) })
    else if (kind === 'thread' && there && value && differs(id)) {
      const joined = isPast
        ? merge(within(value as Thread, (there as Thread).last), there as Thread)
        : merge(there as Thread, value as Thread)
      changes.push({ put: key, value: joined })
    } else if (
      kind === 'message' ? !isPast && (value || !hasMoved) : !differs(id) || isRefused || (isAhead && kind === 'cursor')
    ) {
      const isUnsure = kind === 'cursor' && (isGone || isPast || isAhead)
      changes.push(value === undefined || isUnsure ? { drop: key } : { put: key, value: row ? tried(row) : value })
    }
  }

  // A tab that had not heard that it was sent has put it back into a database that was cleared.
  const words = new Set([...before.values(), ...held.values()].map(saidIn))
  for (const [id, { key, value }] of is) {
    if (key[0] === 'draft' && ours(id) === undefined && words.has(wordsOf(key[1], value as string)))
      changes.push({ drop: key })
  }

  for (const [lane, rows] of fresh) {
    const counter: Key = ['lane', lane]
    const begun: Key = ['thread', lane]
    const last = Number(valueIn(is, String(counter)) ?? 0)
    const isOurs = !isOther && last === Number(valueIn(was, String(counter)) ?? 0)
    let n = last
    for (const row of rows.sort((a, b) => a.command.n - b.command.n)) {
      const { command } = row
      const there = valueIn(is, String(['outbox', lane, command.n]))
      const at = (there ? idOf(there) === command.id : isOurs) ? command.n : n + 1
      n = Math.max(n, at)
      changes.push({ put: ['outbox', lane, at], value: tried({ ...row, command: { ...command, n: at } }) })
    }
    changes.push({ put: counter, value: isOther ? n : Math.max(n, last, Number(ours(String(counter)) ?? 0)) })
    expects.push({ expect: counter, value: valueIn(stored, String(counter)) as number | undefined })
    const thread = ours(String(begun)) as Thread | undefined
    // For the other device nothing of it has been said or read yet, and what was undone may have been all of it.
    if (isOther ? thread && !is.has(String(begun)) : !thread && rows[0])
      changes.push({ put: begun, value: createThread(lane, thread?.at ?? rows[0]!.at) })
  }

  // Each command waits in one place, whatever number another tab has given it.
  const touched = new Set(changes.flatMap(keysOf).map(String))
  const written = new Set(
    changes.flatMap(change => ('put' in change && change.put[0] === 'outbox' ? [idOf(change.value)] : []))
  )
  for (const [id, { key, value }] of is) {
    if (key[0] !== 'outbox' || touched.has(id) || !written.has(idOf(value))) continue
    changes.push({ drop: key })
    const counter: Key = ['lane', key[1]!]
    expects.push({ expect: counter, value: valueIn(stored, String(counter)) as number | undefined })
  }
  return { changes: [...expects, ...changes], whole: hasMoved || isGone || isPast || isOther, isOver, isOther }
}

/** The row of a command that this tab may have offered meanwhile, as it led on its own, unless it could still be undone. */
const tried = (row: OutboxRow): OutboxRow =>
  Math.abs(Date.now() - row.at) < (row.grace ?? 0) ? row : { ...row, offered: true }

/** What a thread of another past tells of this one, which goes up to `last`: marks beyond that come again, or never. */
const within = (thread: Thread, last: number): Thread => {
  const { read, theirs } = thread
  const upTo = (mark: number) => Math.min(mark, last)
  return {
    ...thread,
    last: 0,
    read: upTo(read),
    theirs: { delivered: upTo(theirs.delivered), read: upTo(theirs.read) }
  }
}

const wordsOf = (thread: unknown, text: string) => `${thread} ${text.trim()}`

/** What a command that waits says, and where; of any other row `undefined`. */
const saidIn = ({ key, value }: { readonly key: Key; readonly value: unknown }) => {
  const { text } = ((value as OutboxRow | undefined)?.command ?? {}) as { readonly text?: string }
  return key[0] === 'outbox' && text ? wordsOf(key[1], text) : undefined
}

/** What a change writes; nothing, if it is a condition. */
const keysOf = (change: Change): readonly Key[] =>
  'put' in change ? [change.put] : 'drop' in change ? [change.drop] : []

const idOf = (row: unknown) => (row as OutboxRow).command.id

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

const asText = (id: string, value: unknown) => JSON.stringify([id, value])

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
