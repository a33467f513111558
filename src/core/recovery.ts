import { type Command, type Deed, laneOf, MAX_WAITING } from '../model/command.ts'
import type { ServerEvent } from '../model/event.ts'
import { merge } from '../model/merge.ts'
import type { Message, MessageId } from '../model/message.ts'
import { createThread, type ThreadId } from '../model/thread.ts'
import type { Visitor } from '../model/visitor.ts'
import type { Change, ChatStorage } from '../storage/storage.ts'
import type { TransportError } from '../transport/errors.ts'
import type { Connection } from '../transport/transport.ts'
import type { Drafts } from './drafts.ts'
import type { Draft, InboxParts } from './inbox.ts'
import { empty } from './leaving.ts'
import { type Messages, PAGE } from './messages.ts'
import type { Outbox } from './outbox.ts'
import { dropRow, findRow, laneOfRow, putRow, voidRow } from './outbox-row.ts'
import type { OutboxRow, Rows } from './rows.ts'
import type { SendingParts } from './sending.ts'
import type { Duties } from './standby.ts'
import { until } from './waiting.ts'

/**
 * What is needed only where this device and the backend do not join seamlessly: it is loaded then. A first visit is
 * such a case, and has the panel open, with which this comes.
 */

/** How long to wait for older messages that another tab fetches. */
const OLDER_DEADLINE = 10_000
/** How often a page is asked for, of a backend that says something new each time. */
const TRIES = 3
/** How long to wait for another tab to take a message back. */
const UNDO_DEADLINE = 3000

/** Stores an event of a kind that is rare. One that this version does not know leaves only its cursor behind. */
export type StoreRare = (parts: InboxParts, draft: Draft, event: ServerEvent) => Promise<void>

/** Asks for all that these events need to be stored, and gives what stores them without asking for anything more. */
export async function gather(
  events: readonly ServerEvent[],
  connection: Connection,
  signal: AbortSignal
): Promise<StoreRare> {
  const pages = new Map<ThreadId, readonly Message[]>()
  for (const event of events) {
    if (event.type !== 'reset' || !connection.capabilities.history) continue
    for (const { id, last } of event.threads) {
      if (!last) continue
      const { messages } = await connection.history({ threadId: id, before: undefined, limit: PAGE }, signal)
      pages.set(id, messages)
    }
  }
  return async (parts, draft, event) => {
    const { changes, thread, putThread } = draft
    if (event.type === 'thread') putThread(merge(thread(event.thread.id), event.thread))
    else if (event.type === 'gap') changes.push({ put: ['gap', event.threadId, event.before], value: true })
    else if (event.type === 'credentials') changes.push({ put: ['credentials'], value: event.value })
    else if (event.type === 'reset') await storeReset(parts, draft, event, pages)
  }
}

/** Rows for "I cannot say what you missed": the newest page of each thread, and a gap where it does not join. */
async function storeReset(
  { rows, thread, threads, outbox }: InboxParts,
  { changes, putThread }: Draft,
  { threads: said, log }: Extract<ServerEvent, { readonly type: 'reset' }>,
  pages: ReadonlyMap<ThreadId, readonly Message[]>
): Promise<void> {
  const past = rows.known('credentials', 'past')
  /** It has gone back to a time before: what is here beside its pages may be of a past that it has not seen. */
  const isAnew = log !== undefined && past !== undefined && log !== past
  const still = new Set(said.map(({ id }) => id))
  const forget = async (id: ThreadId) => {
    changes.push({ drop: ['message', id] })
    for (const { key } of await rows.list(['gap', id])) changes.push({ drop: key })
  }
  for (const { id, at } of threads()) {
    if (still.has(id)) continue
    await forget(id)
    // What waits here, or is half written, is not lost by the backend: it has not been there yet.
    const isHere = outbox.all().some(row => laneOfRow(row) === id) || rows.known('draft', id)
    if (isHere) putThread(createThread(id, at))
    else {
      // What is said there in another tab in this very moment takes a number.
      const lane = { expect: ['lane', id] as const, value: rows.known('lane', id) }
      changes.push(lane, { drop: ['thread', id] })
    }
    changes.push({ drop: ['session', id] })
  }
  for (const one of said) {
    const known = thread(one.id)
    // What is beyond its end is of a past that this backend has not seen, and what is before may be.
    const isRewound = known && known.last > one.last
    const page = pages.get(one.id)
    const isOver = isRewound || (known && isAnew)
    if (isOver && (page || !one.last)) await forget(one.id)
    // What is stored, not what is known: messages may have gone with a database that was deleted.
    const [newest] = isOver ? [] : await rows.list(['message', one.id], { last: 1 })
    if (page) changes.push(...pageRows(outbox, one.id, page, newest?.value.position ?? 0))
    putThread(known && !isRewound ? merge(known, one) : one)
  }
  const left = new Set(changes.flatMap(change => ('drop' in change ? [JSON.stringify(change.drop)] : [])))
  for (const row of outbox.all()) {
    if (!row.acked || left.has(JSON.stringify(dropRow(row).drop))) continue
    // An acknowledgement of that past counts no more: offered again. But where its place is among what is missing here,
    // it may well be there, and nobody has to see it wait: as all that was acknowledged, it is offered on each connection.
    const first = pages.get(laneOfRow(row))?.[0]?.position ?? 0
    if (row.acked.position >= first) changes.push(putRow({ ...row, acked: null }))
  }
}

/** Fetches the page before `before` (`undefined`: the newest), and stores it. */
export async function fetchOlder(
  { rows, outbox }: Pick<InboxParts, 'rows' | 'outbox'>,
  connection: Connection | undefined,
  threadId: ThreadId,
  before: Pick<Message, 'id' | 'position'> | null
): Promise<void> {
  if (!connection?.capabilities.history) return
  const life = rows.life()
  for (let tries = 0; tries < TRIES; tries++) {
    const cursor = rows.cursor()
    const { messages, more } = await connection.history({ threadId, before: before ?? undefined, limit: PAGE })
    // Whoever said all that has signed out.
    if (rows.life() !== life) return
    let isOld = false
    await rows.commit(async () => {
      // What was changed meanwhile, or taken back by a backend that began anew, is not in this page: asked again.
      isOld = rows.cursor() !== cursor
      if (isOld) return []
      const first = messages[0]?.position ?? 1
      const [stored] = await rows.list(['message', threadId], { before: ['message', threadId, first], last: 1 })
      return [
        { expect: ['cursor'], value: cursor },
        ...pageRows(outbox, threadId, messages, more ? (stored?.value.position ?? 0) : first - 1),
        ...(before ? [{ drop: ['gap', threadId, before.position] }] : [])
      ]
    }, true)
    if (!isOld) return
  }
}

/** Rows of a page of history; `joins` is the position of what is stored before it. */
function pageRows(outbox: Outbox, threadId: ThreadId, messages: readonly Message[], joins: number): readonly Change[] {
  const first = messages[0]?.position ?? 0
  return [
    ...messages.flatMap((message): Change[] => {
      const row = findRow(outbox, message.id)
      return [{ put: ['message', threadId, message.position], value: message }, ...(row ? [dropRow(row)] : [])]
    }),
    ...(first > joins + 1 ? [{ put: ['gap', threadId, first], value: true }] : [])
  ]
}

/**
 * Shows older messages, from storage or the backend; where another tab asks that, settles when something else is shown of
 * this thread than was, or when it takes too long.
 */
export async function older(
  threadId: ThreadId,
  { $messages, load, older }: Messages,
  ask: (duty: 'older', ...given: Parameters<Duties['older']>) => Promise<boolean>,
  signal: AbortSignal
): Promise<void> {
  await load(threadId)
  /** The newest before which some are missing: known to be, or only not here, as where the disk was full. */
  const hole = () => $messages.get()[threadId]?.entries.findLast(({ gap }) => gap)?.message
  const before = hole() ?? (await older(threadId))
  if (before === undefined) return
  const was = $messages.get()[threadId]
  if (await ask('older', threadId, before && { id: before.id, position: before.position })) {
    await until(
      signal,
      done =>
        $messages.listen(now => {
          if (now[threadId] !== was) done()
        }),
      OLDER_DEADLINE
    ).catch(() => {
      // Closed while waiting: there is nothing to show it in any more.
    })
  }
  // Nothing came: on with what is here.
  if (before && hole()?.id === before.id) await older(threadId)
}

interface RefusedParts extends SendingParts {
  /** Changes to the row as it is when they are made; none if it has left by then. */
  change(make: (row: OutboxRow) => readonly Change[]): Promise<void>
}

/** What to do about a command that the backend did not take: settles with how long to wait before going on. */
export async function refused(
  error: TransportError,
  { command }: OutboxRow,
  { rows, outbox, change, events }: RefusedParts
): Promise<number> {
  const [, expected] = /^expected:(\d+)$/.exec(error.reason ?? '') ?? []
  // Its number was given to another one, while no disk could keep count: behind all that is known there is room.
  const isTaken = error.reason === 'seq-reuse'
  // A backend that has less than what was sent names a number before it; whatever else this says was damaged on its way.
  const from = Number(expected) < command.n ? Number(expected) : undefined
  if (from !== undefined || isTaken) {
    await renumber(rows, outbox.all, command, from)
    // Two that cannot agree must not do so as fast as they can.
    return 250
  }
  if (error.retry !== 'never') return error.retryAfter ?? 1000
  // What the visitor wrote stays on the screen, as failed; what they only did is not worth a line.
  const failed = { reason: error.reason ?? '' }
  if (command.type === 'erase') {
    // Whoever asked for it has to hear that it was not done.
    await change(row => [putRow({ ...row, failed })])
    return 0
  }
  let isFailed = false
  await change(row => {
    // Acknowledged, and yet not ours: it was said as the device that this was before its disk turned out to be another's.
    isFailed = command.type === 'message' && !(row.acked && error.code === 'forbidden')
    return [isFailed ? putRow({ ...row, acked: null, failed }) : dropRow(row)]
  })
  if (isFailed && command.type === 'message') events.emit('failed', { id: command.id, threadId: command.threadId })
  return 0
}

/** Adds to who the visitor is, as that is when the turn has come: what was said right before is not shown yet. */
export async function identify(accept: Accept, known: () => Visitor, said: Partial<Visitor>): Promise<void> {
  const deed = { type: 'identify' } as Deed
  await accept(deed, () => {
    const value = { ...known(), ...said }
    Object.assign(deed, value)
    return [{ put: ['visitor'], value }]
  })
}

/** Has everything erased; settles with the id of the command when that is done. */
export async function erase(
  accept: (deed: Deed, also: () => readonly Change[]) => Promise<string>,
  outbox: Outbox,
  rows: Rows,
  signal: AbortSignal
): Promise<string> {
  const life = rows.life()
  const id = await accept({ type: 'erase' }, () => {
    if (rows.life() !== life) throw new Error('signed out before it was done')
    return []
  })
  const row = () => findRow(outbox, id)
  await until(signal, done => {
    const look = () => {
      if (!row() || row()!.failed) done()
    }
    look()
    return rows.on('outbox', look)
  })
  // Then the row went with everything else, and nobody knows whether the backend heard of it.
  if (rows.life() !== life) throw new Error('signed out before it was done')
  const refused = row()
  if (!refused) return id
  await rows.commit(() => [row()].flatMap(now => (now ? [dropRow(now)] : [])))
  throw new Error(`the backend does not erase: ${refused.failed!.reason}`)
}

/** The backend counts from elsewhere, as after it lost its memory: what waits in this lane is numbered anew. */
async function renumber(
  rows: Rows,
  all: () => readonly OutboxRow[],
  command: Command,
  from: number | undefined
): Promise<void> {
  const lane = laneOf(command)
  // Other tabs may have written what this one was not told of.
  await rows.load()
  await rows.commit(async () => {
    const last = await rows.get(['lane', lane])
    const first = from ?? (last ?? 0) + 1
    const ours = all().filter(row => laneOfRow(row) === lane)
    // What was acknowledged on this connection is before the one that was refused, and needs no number any more.
    const isDone = (row: OutboxRow) => Number(row.acked && row.command.n < command.n)
    const waiting = ours
      .filter(({ failed }) => !failed)
      .sort((a, b) => isDone(a) - isDone(b) || a.command.n - b.command.n)
    if (waiting.every((row, i) => isDone(row) || row.command.n === first + i)) return []
    // The failed ones only need a key; numbers below 1 are out of the way, and never sent.
    const failed = ours.filter(({ failed }) => failed)
    const numbered = (list: readonly OutboxRow[], n: (i: number) => number) =>
      list.map((row, i) => putRow({ ...row, command: { ...row.command, n: n(i) } }))
    return [
      { expect: ['lane', lane], value: last },
      ...ours.map(dropRow),
      ...numbered(waiting, i => first + i),
      ...numbered(failed, i => 0 - i),
      { put: ['lane', lane], value: first + waiting.length - 1 }
    ]
  }, true)
}

/** Those under way: who clicks twice asks for one. */
const retries = new Map<MessageId, Promise<void>>()

/** Sends a failed message again. */
export function retry(id: MessageId, ...given: readonly [Outbox, Accept]): Promise<void> {
  const begun = retries.get(id) ?? retryOnce(id, ...given).finally(() => retries.delete(id))
  retries.set(id, begun)
  return begun
}

type Accept = (deed: Deed, also: () => readonly Change[]) => Promise<unknown>

async function retryOnce(id: MessageId, outbox: Outbox, accept: Accept): Promise<void> {
  const row = findRow(outbox, id)
  if (!row?.failed) return
  // A refusal is remembered under its id for ever, so this is a new message with the same words.
  const { id: _, n: __, ...deed } = row.command
  await accept(deed, () => {
    // Whoever wrote it may have signed out since, or sent it again in another tab.
    const now = findRow(outbox, id)
    if (!now) throw new Error('it is gone')
    // Where it is by now: its old number may be another one's.
    return [dropRow(now)]
  })
}

/**
 * Takes a message back, with its words as a draft; where another tab does that, settles when it is shown here.
 *
 * @throws {Error} If it was sent, or still waits then, or after too long: it may be on its way, or nobody may have been asked.
 */
export async function undo(
  id: MessageId,
  drafts: Drafts,
  outbox: Outbox,
  rows: Rows,
  ask: (duty: 'discard', ...given: Parameters<Duties['discard']>) => Promise<boolean>,
  signal: AbortSignal
): Promise<void> {
  const row = findRow(outbox, id)
  const life = rows.life()
  await drafts.save()
  if ((await ask('discard', id, true)) && findRow(outbox, id)) {
    await until(signal, done => rows.on('outbox', () => findRow(outbox, id) ?? done()), UNDO_DEADLINE)
  }
  // What was sent leaves in the commit that stores it.
  const newest = row ? await rows.list(['message', laneOfRow(row)], { last: PAGE }) : []
  if (!row || findRow(outbox, id) || newest.some(({ value }) => value.id === id))
    throw new Error('it may be on its way already')
  const { threadId, text, answers } = row.command as Extract<Command, { readonly type: 'message' }>
  const written = drafts.$drafts.get()[threadId] ?? ''
  // Who typed meanwhile has not seen them, and what they typed would be stored in their place.
  if (text && !answers && written && !written.startsWith(text) && rows.life() === life && !rows.hidden)
    drafts.write(threadId, `${text}\n${written}`)
}

/** Takes back a message that has failed, or that was not offered to the backend yet; `keep`: its words as a draft. */
export function discard(id: MessageId, outbox: Outbox, rows: Rows, keep = false): Promise<void> {
  return rows.commit(async () => {
    const known = findRow(outbox, id)
    if (!known) return []
    const lane = laneOfRow(known)
    // Another tab may give others its number in this very moment.
    const expects = { expect: ['lane', lane], value: await rows.get(['lane', lane]) }
    // As it is stored: a tab that was frozen may be asked late for what has left since, and another one may have given it
    // another number.
    const row = (await rows.list(['outbox', lane])).find(({ value }) => value.command.id === id)?.value
    if (!row) return []
    if (row.failed) return [expects, dropRow(row)]
    if (row.command.type !== 'message' || outbox.offered.has(id) || row.offered) return []
    const { threadId, text, answers } = row.command
    // Files are chosen again, and answers belong to their form: neither is anything to go on writing.
    if (!text || answers) keep = false
    const written = keep && (await rows.get(['draft', threadId]))
    // In one commit: whatever dies now, the words are in one of both places.
    return [
      expects,
      // What is not said any more keeps nothing waiting.
      voidRow({ ...row, grace: 0 }),
      // What keeps its number leaves soon, and a tab whose disk is silent all that while would put the message back. As many
      // are remembered as can wait.
      { put: ['lane', threadId, row.command.n % MAX_WAITING], value: id },
      ...(keep ? [{ put: ['draft', threadId], value: written ? `${text}\n${written}` : text }] : [])
    ]
  }, true)
}

/** Ends what was found to have begun: that somebody signs out, or has signed in and takes all this along. */
export async function finish(rows: Rows, life: number | undefined, storage: ChatStorage): Promise<void> {
  const app = rows.known('leaving')
  if (typeof app !== 'string') return empty(rows, life)
  await storage.finish?.(app).finally(rows.load)
}
