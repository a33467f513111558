import { MAX_WAITING } from '../model/command.ts'
import { merge } from '../model/merge.ts'
import type { Message } from '../model/message.ts'
import { createThread, type Thread } from '../model/thread.ts'
import { StorageError } from '../storage/errors.ts'
import type { Change, Key, Row } from '../storage/storage.ts'
import type { OutboxRow, RowChange } from './rows.ts'

/** A command that has left the outbox, what keeps its number, if it is not to be said, and whether it had failed. */
export type Left = readonly [id: string, instead: OutboxRow | null, isFailed?: boolean]

export type Stored = ReadonlyMap<string, { readonly key: Key; readonly value: unknown }>

const PAST = String(['credentials', 'past'])

const NOTHING: Stored = new Map()

export interface Divided {
  /** What the disk had when it failed, as far as this tab knows. */
  readonly before: Stored
  /** What this tab has changed since. */
  readonly held: Stored
  /** What it held earlier, as text: see {@link asText}. */
  readonly older: ReadonlySet<string>
  /** Where it gave the disk commands when it tried before, as text with their ids: it may not know yet that it was done. */
  readonly given?: ReadonlySet<string>
  /** What the disk has now. */
  readonly stored: Stored
  /** Commands that have left the outbox in another tab, of which the disk does not tell. */
  readonly left: ReadonlySet<string>
  /** Those that have left it in this one, by id. */
  readonly out: ReadonlyMap<string, Left>
  /** Whether this tab may have become somebody who is not the one on the disk. */
  readonly apart: boolean
  /** The last life on the disk that somebody who signed out before it was seen can have been in; left out: any. */
  readonly ended?: number | undefined
}

export interface Reconciled {
  readonly changes: readonly Change[]
  /** The backend has to say again what there is. */
  readonly whole: boolean
  /** Nothing of this life is written. */
  readonly isOver: boolean
  /** It is the database of another device. */
  readonly isOther: boolean
}

/**
 * What to write of what a tab holds, now that the disk works again. Where that does not have what was there before,
 * another tab went on, and has the last word.
 *
 * @throws {StorageError} `lost`, if what is here and what is there must not be mixed.
 */
export function reconcile(divided: Divided): Reconciled {
  const { before, older, given = new Set(), stored, left, out, apart, ended = Number.POSITIVE_INFINITY } = divided
  const held = inOrder(divided)
  const valueIn = (rows: Stored, id: string) => rows.get(id)?.value
  const ours = (id: string) => valueIn(held.has(id) ? held : before, id)
  const device = valueIn(stored, 'device')
  const life = valueIn(stored, 'life') as number | undefined
  /** Signed out here. */
  const isOut = held.has('')
  // Where the disk was never seen, whoever is there is who signs out.
  const lifeBefore = isOut && apart ? Math.min(life ?? 0, ended) : (valueIn(before, 'life') as number | undefined)
  const deviceBefore = valueIn(before, 'device')
  /** The site cleared it, as many do when somebody signs out, and somebody else has begun another one. */
  const isAnew = !apart && device !== undefined && deviceBefore !== undefined && device !== deviceBefore
  /** And in another tab as well, which was faster: what is there is of the next life already. */
  const isLate = isOut && ((life ?? 0) > (lifeBefore ?? 0) || isAnew)
  const isOther =
    (!isOut || isLate) && device !== undefined && ours('device') !== undefined && device !== ours('device')
  /** Somebody signs out here, and another tab was faster. */
  const isPassed = apart && !isOut && !!ours('leaving') && (life ?? 0) > ended
  if (isOther && apart && !isPassed) throw new StorageError('lost', 'this is the database of another device')
  // Deleted under us: all that is known is put back, but for the cursor, because the messages before it are gone.
  const isGone = (before.has('device') || before.has('life')) && device === undefined && life === undefined
  // As long as nobody else writes. In their order, because they are of the state before.
  const expects: Change[] = [['life'], ['cursor'], ['device'], ['term']].map(key => ({
    expect: key,
    value: valueIn(stored, String(key)) as string | undefined
  }))
  // Signed out in another tab: nothing of that life may be written any more.
  const isOver = isOut
    ? // Once more than here.
      !apart && (life ?? 0) > Number(valueIn(held, 'life'))
    : (life !== lifeBefore && !isGone && !apart) || isPassed || (isOther && !!ours('leaving'))
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
  const tracesIn = (rows: Stored) =>
    new Set([...rows.values()].flatMap(({ key, value }) => (isTrace(key) ? [value] : [])))
  /** What was taken back in another tab, on a disk that worked there: only this tells it from what went with the disk. */
  const takenBack = tracesIn(stored)
  /** And in this one: a commit that was given up, and was done late, may have put it there. */
  const takenBackHere = tracesIn(held)
  const waitsHere = new Set([...held.values()].map(({ value }) => nameIn(value)))
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
  /** By what is held another one has this place; but the one that is there did not leave it here, it was given it since. */
  const isSettled = (id: string, value: unknown) => {
    const name = nameIn(value)
    const isGiven = given.has(asText(id, name)) || !older.has(asText(id, value))
    return name && valueIn(held, id) && nameIn(valueIn(was, id)) !== name && isGiven
  }
  // But for what was numbered anew here, and leaves its old place.
  const waits = new Set(
    [...is].filter(([id, { value }]) => !held.has(id) || isSettled(id, value)).map(([, { value }]) => nameIn(value))
  )
  /** Whether it keeps the number of this one, which was taken back: where its trace tells of another, that one was. */
  const isTakenBack = ({ command: { id, n } }: OutboxRow, { command }: OutboxRow) =>
    command.type === 'void' &&
    [id, undefined].includes(valueIn(is, String(['lane', command.threadId, n % MAX_WAITING])) as string | undefined)
  // What waited and is not there was done by another tab, or went with a database that was deleted and made anew: offered
  // again, it is done once all the same.
  const back = [...before].filter(([, { key }]) => !isOut && (isGone || key[0] === 'outbox'))

  for (const [id, { key, value }] of new Map([...back, ...held])) {
    const [kind, lane] = key as readonly string[]
    const there = valueIn(is, id)
    const row = kind === 'outbox' ? (value as OutboxRow | undefined) : undefined
    if (isLate && kind === undefined) continue
    // Or another one has its number, where a tab that had not heard of it put a cleared database back.
    // Or was given it from here, by a commit that was done late, or that another tab has made just the same.
    const isMissing =
      !there ||
      (row && (differs(id) || !held.has(id)) && idOf(there) !== row.command.id && !isTakenBack(row, there as OutboxRow))
    /** Refused for good, of which a tab did not know that has put it there again. */
    const isRefused = row?.failed && !isMissing && !(there as OutboxRow).acked
    /** Acknowledged here, of which no other tab knew: all that was noted there since is that it may have been offered. */
    const isAcked =
      row?.acked && held.has(id) && !isPast && same({ ...(valueIn(was, id) as OutboxRow), offered: true }, there)
    if (row && isMissing && [placed, left, takenBack].some(ids => ids.has(row.command.id))) continue
    // What was missing here is there.
    if (kind === 'gap' && value && is.has(String(['message', lane, Number(key[2]) - 1]))) continue
    const isElsewhere = row && waits.has(row.command.id) && (!there || idOf(there) !== row.command.id)
    if (isElsewhere) continue
    if (isOther && (!row || row.acked || row.command.type === 'void')) {
      // What was done as the device before is not this one's to do again, and what keeps a number kept one of that.
      if (kind === 'outbox' && there && idOf(there) === nameIn(row ?? valueIn(was, id))) changes.push({ drop: key })
      continue
    }
    // What was refused only needs a place, where it has lost its own.
    if (row && (!was.has(id) || (isMissing && !row.acked && (!row.failed || there)))) renumber(lane!, row)
    // Done is done, whatever another tab has noted there since.
    else if (kind === 'outbox' && !value && was.has(id) && there && same(idOf(valueIn(was, id)), idOf(there))) {
      if (isUndone(there as OutboxRow, lane!)) renumber(lane!, there as OutboxRow)
      else changes.push({ drop: key })
    } else if (kind === 'lane' && !isTrace(key)) renumber(lane!)
    // Here it was known before the disk heard of it: whoever finds it ends it.
    else if (kind === 'leaving') changes.push({ put: key, value })
    else if (kind === 'life' && isOut)
      // What is there may be two lives later.
      changes.push({ put: key, value: isLate && apart ? life : Math.max(Number(value), (lifeBefore ?? 0) + 1) })
    else if (kind === 'term') changes.push({ put: key, value: Math.max(Number(there ?? 0), Number(value)) })
    // All that the disk has of it is what this tab puts there.
    else if (
      kind === 'thread' &&
      !there &&
      value &&
      !hasMoved &&
      [...held.values()].some(row => row.key[0] === 'message' && row.key[1] === lane && row.value)
    )
      changes.push({ put: key, value })
    else if (kind === 'thread' && there && value && differs(id)) {
      const joined = isPast
        ? merge(within(value as Thread, (there as Thread).last), there as Thread)
        : merge(there as Thread, value as Thread)
      changes.push({ put: key, value: joined })
    } else if (
      kind === 'message'
        ? !isPast && (value || !hasMoved)
        : !differs(id) || isRefused || isAcked || (isAhead && kind === 'cursor')
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
    let latest = 0
    for (const row of rows.sort((a, b) => a.command.n - b.command.n)) {
      const { command } = row
      const there = valueIn(is, String(['outbox', lane, command.n]))
      const isFree = there ? idOf(there) === command.id || takenBackHere.has(idOf(there)) : isOurs
      // One before it may have had to go behind all that is there.
      const at = isFree && command.n > latest ? command.n : n + 1
      latest = at
      n = Math.max(n, at)
      changes.push({ put: ['outbox', lane, at], value: tried({ ...row, command: { ...command, n: at } }) })
    }
    changes.push({ put: counter, value: isOther ? n : Math.max(n, last, Number(ours(String(counter)) ?? 0)) })
    expects.push({ expect: counter, value: valueIn(stored, String(counter)) as number | undefined })
    const thread = ours(String(begun)) as Thread | undefined
    // For the other device nothing of it has been said or read yet, and what was undone may have been all of it. What
    // tells of the visitor is said in no thread.
    if (is.has(String(begun))) continue
    if (isOther ? thread : rows[0] && 'threadId' in rows[0].command) {
      // Marks of what another tab was told to drop, of another past or of another device, are marks of nothing.
      const isStale = thread?.last && (isOther || isPast || (hasMoved && was.has(String(begun))))
      changes.push({ put: begun, value: thread && !isStale ? thread : createThread(lane, thread?.at ?? rows[0]!.at) })
    }
  }

  // Each command waits in one place, whatever number another tab has given it.
  const touched = new Set(changes.flatMap(keysOf).map(String))
  const written = new Set(
    changes.flatMap(change => ('put' in change && change.put[0] === 'outbox' ? [idOf(change.value)] : []))
  )
  for (const [id, { key, value }] of is) {
    if (key[0] !== 'outbox' || touched.has(id) || ![written, takenBackHere].some(ids => ids.has(idOf(value)))) continue
    changes.push({ drop: key })
    const counter: Key = ['lane', key[1]!]
    expects.push({ expect: counter, value: valueIn(stored, String(counter)) as number | undefined })
  }
  // What a visitor reads in another tab takes a number, and what they take back leaves a trace.
  for (const change of changes) {
    if (!('put' in change)) continue
    const [kind, lane, n] = change.put as [string, string, number]
    const guard = kind === 'thread' ? ['lane', lane] : kind === 'outbox' ? ['lane', lane, n % MAX_WAITING] : undefined
    if (guard) expects.push({ expect: guard, value: valueIn(stored, String(guard)) as string | number | undefined })
  }
  return { changes: [...expects, ...changes], whole: hasMoved || isGone || isPast || isOther, isOver, isOther }
}

/**
 * What is held, but at its old numbers where it was numbered anew here and another tab has said more in that lane: it
 * would come behind that, or be lost. If the backend wants other numbers it says so again, and then all of it gets them.
 */
function inOrder({ before, held, stored }: Divided): Stored {
  // Signed out: what is there is no more.
  if (held.has('')) return held
  const next = new Map(held)
  const waiting = (rows: Stored) =>
    [...rows.values()].filter(({ key, value }) => key[0] === 'outbox' && value) as { key: Key; value: OutboxRow }[]
  const known = new Set(waiting(before).map(({ value }) => idOf(value)))
  const there = waiting(stored)
  for (const lane of new Set(there.filter(({ value }) => !known.has(idOf(value))).map(({ key }) => key[1]!))) {
    const inLane = ({ key }: { readonly key: Key }) => key[1] === lane
    const places = new Map(there.filter(inLane).map(({ key, value }) => [idOf(value), key]))
    const ours = waiting(held)
      .filter(inLane)
      .sort((a, b) => Number(a.key[2]) - Number(b.key[2]))
    const moved = ours.filter(({ key, value }) => String(places.get(idOf(value)) ?? key) !== String(key))
    if (!moved.some(({ value }) => known.has(idOf(value)))) continue
    const put = (key: Key, row: OutboxRow) =>
      next.set(String(key), { key, value: { ...row, command: { ...row.command, n: Number(key[2]) } } })
    for (const { key } of moved) next.set(String(key), { key, value: undefined })
    for (const { value } of moved) put(places.get(idOf(value))!, value)
    // What was said here since is behind all of it, in its order.
    let last = Math.max(...[...places.values(), ...ours.map(({ key }) => key)].map(key => Number(key[2])))
    for (const { key, value } of ours) {
      const id = String(key)
      const isFree = next.get(id)?.value === value
      if (places.has(idOf(value)) || (isFree && before.has(id))) continue
      if (isFree) next.delete(id)
      put(['outbox', lane, ++last], value)
    }
  }
  return next
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

/** Whether it is the place of a message that was taken back, beside the counter of its lane. */
const isTrace = ([kind, , n]: Key) => kind === 'lane' && n !== undefined

const wordsOf = (thread: unknown, text: string) => `${thread} ${text.trim()}`

/** What a command that waits says, and where; of any other row `undefined`. */
const saidIn = ({ key, value }: { readonly key: Key; readonly value: unknown }) => {
  const { text } = ((value as OutboxRow | undefined)?.command ?? {}) as { readonly text?: string }
  return text ? wordsOf(key[1], text) : undefined
}

/** What a change writes; nothing, if it is a condition. */
export const keysOf = (change: Change): readonly Key[] =>
  'put' in change ? [change.put] : 'drop' in change ? [change.drop] : []

/** The id of a command, if it is one that waits here. */
const nameIn = (row: unknown) => (row as Partial<OutboxRow> | undefined)?.command?.id

export const idOf = (row: unknown) => (row as OutboxRow).command.id

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export const asText = (id: string, value: unknown) => JSON.stringify([id, value])
