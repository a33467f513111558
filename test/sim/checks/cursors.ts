import type { HistoryEvent } from '../history.ts'
import { type Check, deviceOf, devOf, diskOf, isPlaced, isVisitors, type Story, shownIn } from './story.ts'

/**
 * A cursor claims only what lies on the disk. A disk that was emptied, or that made room, has none of the oldest
 * messages any more: they can be fetched again, and what is claimed begins behind them.
 */
export const cursorHonest: Check = function* (story) {
  const applied = new Map<string, Map<number, string>>()
  const trimmed = new Set<string>()
  const claimed = new Map<string, HistoryEvent>()
  for (const event of story.of('apply', 'forget', 'cursor', 'ident', 'wipe')) {
    const disk = diskOf(event)
    // What somebody takes along goes row by row, if it does.
    if (event.volatile || event.joined || event.reason === 'given up') continue
    if (event.ev === 'ident' || event.ev === 'wipe') {
      for (const key of [...applied.keys()]) {
        if (!key.startsWith(`${disk} `)) continue
        applied.delete(key)
        claimed.delete(key)
        if (event.ev === 'wipe') trimmed.add(key)
      }
      continue
    }
    const key = `${disk} ${event.thread}`
    const rows = applied.get(key) ?? new Map<number, string>()
    applied.set(key, rows)
    const seq = Number(event.seq)
    if (event.ev === 'apply') rows.set(seq, event.cid ?? '')
    else if (event.ev === 'forget') {
      if (seq === lowest(rows)) trimmed.add(key)
      rows.delete(seq)
      claimed.delete(key)
    } else {
      const before = claimed.get(key)
      claimed.set(key, event)
      const wrong =
        claim(event, before, rows, trimmed.has(key) && rows.size ? lowest(rows) : 1) ?? stale(story, event, rows)
      if (wrong) yield { events: [...(before ? [before.i] : []), event.i], says: `the cursor of ${disk} ${wrong}` }
    }
  }
}

const lowest = (rows: ReadonlyMap<number, string>) => {
  let first = Number.POSITIVE_INFINITY
  for (const seq of rows.keys()) first = Math.min(first, seq)
  return first
}

/** What a cursor of the new log counts, and is of the one before it was taken back. */
function stale(story: Story, cursor: HistoryEvent, rows: ReadonlyMap<number, string>): string | undefined {
  const back = story.rollbacks.findLast(({ i }) => i < cursor.i)
  if (!back) return undefined
  const former = story.of('cursor').findLast(({ i, thread }) => i < back.i && thread === cursor.thread)
  if (cursor.epoch === undefined || !former || former.epoch === cursor.epoch) return undefined
  const standing = story.commits.find(
    ({ i, dup, thread, seq, cid = '' }) =>
      i > back.i &&
      i < cursor.i &&
      !dup &&
      thread === cursor.thread &&
      typeof seq === 'number' &&
      seq <= Number(cursor.contiguous) &&
      rows.has(seq) &&
      rows.get(seq) !== cid
  )
  if (!standing) return undefined
  const { seq, cid } = standing
  return `in ${cursor.thread} is at ${cursor.contiguous} of a new log, and has ${rows.get(seq!)} at ${seq}, where that has ${cid}`
}

/** What is wrong with the claim of a cursor. */
function claim(
  { contiguous, epoch, gaps, thread }: HistoryEvent,
  before: HistoryEvent | undefined,
  rows: ReadonlyMap<number, string>,
  first: number
): string | undefined {
  const to = Number(contiguous)
  if (before && before.epoch === epoch && to < Number(before.contiguous)) {
    return `in ${thread} fell from ${before.contiguous} to ${to}`
  }
  const gap = ((gaps ?? []) as readonly { readonly from: number }[]).find(({ from }) => from <= to)
  if (gap) return `in ${thread} is at ${to}, across the gap from ${gap.from}`
  for (let seq = first; seq <= to; seq++)
    if (!rows.has(seq)) return `in ${thread} is at ${to}, but ${seq} is not on the disk`
  return undefined
}

/** When all is quiet, everybody has everything. */
export const everybodyHasAll: Check = function* (story) {
  const moments = story.of('quiesce')
  for (const [n, quiesce] of moments.entries()) {
    const log = logAt(story, quiesce.i)
    yield* disksAt(story, quiesce, log)
    yield* screensAt(story, quiesce, moments[n + 1]?.i ?? Number.POSITIVE_INFINITY, log)
  }
}

interface Log {
  /** The message at each place of each thread. */
  readonly threads: ReadonlyMap<string, ReadonlyMap<number, string>>
  /** Whose each thread is. */
  readonly owners: ReadonlyMap<string, string | undefined>
  /** What visitors have said in each. */
  readonly said: ReadonlyMap<string, readonly HistoryEvent[]>
}

function logAt(story: Story, end: number): Log {
  const threads = new Map<string, Map<number, string>>()
  const owners = new Map<string, string | undefined>()
  const said = new Map<string, HistoryEvent[]>()
  for (const commit of story.commits.filter(one => one.i < end && story.undoneAt(one) === undefined)) {
    const { i, cid = '', dup, seq, thread = '', who } = commit
    if (dup || typeof seq !== 'number' || i > end) continue
    threads.set(thread, (threads.get(thread) ?? new Map<number, string>()).set(seq, cid))
    owners.set(thread, who)
    if (isVisitors(commit)) said.set(thread, [...(said.get(thread) ?? []), commit])
  }
  return { threads, owners, said }
}

const headOf = ({ threads }: Log, thread = '') => Math.max(0, ...(threads.get(thread)?.keys() ?? []))

/** Who used this disk last, if that ever changed. */
const userAt = (story: Story, disk: string, end: number) =>
  story.of('ident').findLast(event => event.i < end && diskOf(event) === disk)

function* disksAt(story: Story, quiesce: HistoryEvent, log: Log): ReturnType<Check> {
  const cursors = new Map<string, HistoryEvent>()
  for (const cursor of story.of('cursor')) {
    if (cursor.i < quiesce.i) cursors.set(`${diskOf(cursor)} ${cursor.thread}`, cursor)
  }
  for (const cursor of cursors.values()) {
    const { thread = '', contiguous } = cursor
    const disk = diskOf(cursor)
    const owner = log.owners.get(thread)
    const changed = userAt(story, disk, quiesce.i)
    // Left by those it belonged to, or used by nobody since.
    if ((changed && changed.i > cursor.i) || !isUsed(story, cursor, quiesce)) continue
    // Whoever writes into the thread of somebody else knows nothing of it.
    const reader = story.knownWho(cursor)
    if (owner !== undefined && reader !== undefined && owner !== reader && !isSame(story, owner, reader)) continue
    if (isForgotten(story, cursor, log)) continue
    const head = headOf(log, thread)
    if (Number(contiguous) === head) continue
    yield {
      events: [cursor.i, quiesce.i],
      says: `${disk} has thread ${thread} up to ${contiguous}, and it ends at ${head}`
    }
  }
}

const isSame = (story: Story, a: string, b: string) =>
  story.of('ident').some(({ from, joined }) => (from === a && joined === b) || (from === b && joined === a))

/**
 * Whether this thread came to whoever has this cursor when they signed in in another browser, and the log was taken back
 * to before that: the server learns of it again when one of the devices that wrote there comes as theirs, and until then
 * no other browser of theirs can have it, nor the same one after they have signed out there.
 */
function isForgotten(story: Story, cursor: HistoryEvent, { said }: Log): boolean {
  const commits = said.get(cursor.thread ?? '') ?? []
  const joins = story
    .of('ident')
    .filter(({ from, joined }) => joined === story.who(cursor) && commits.some(({ who }) => who === from))
  const isOfThem = (welcome: HistoryEvent) => commits.some(commit => deviceOf(commit) === deviceOf(welcome))
  const isUndone = (welcome: HistoryEvent) =>
    story.rollbacks.some(({ i, to }) => i > welcome.i && welcome.i > Number(to))
  /** Then what wrote there is forgotten here as well. */
  const isSignedOut = (join: HistoryEvent) =>
    story
      .of('ident')
      .some(ident => ident.i > join.i && ident.reason === 'signed out' && diskOf(ident) === diskOf(cursor))
  const isKnown = (join: HistoryEvent) =>
    (devOf(join) === devOf(cursor) && !isSignedOut(join)) ||
    !story.rollbacks.some(({ i }) => i > join.i) ||
    story.of('welcome').some(welcome => welcome.i > join.i && isOfThem(welcome) && !isUndone(welcome))
  return joins.length > 0 && !joins.some(isKnown)
}

/** Whether a page that is awake at the end has these rows. */
function isUsed(story: Story, cursor: HistoryEvent, quiesce: HistoryEvent): boolean {
  const tabs = quiesce.tabs as readonly string[] | undefined
  const boots = story.of('boot')
  if (tabs) {
    return tabs.some(tab => {
      const started = boots.filter(({ node }) => node === tab)
      return started.length
        ? started.some(boot => diskOf(boot) === diskOf(cursor))
        : tab.split('/')[0] === devOf(cursor) && diskOf(cursor) === devOf(cursor)
    })
  }
  const gone = story.of('crash', 'close').findLast(({ i, node }) => node === cursor.node && i > cursor.i)
  return !gone || boots.some(({ i, node }) => i > gone.i && devOf(cursor) === node.split('/')[0])
}

function* screensAt(story: Story, quiesce: HistoryEvent, end: number, log: Log): ReturnType<Check> {
  const tabs = quiesce.tabs as readonly string[] | undefined
  const gone = story.of('crash', 'close')
  const screens = new Map<string, HistoryEvent>()
  for (const render of story.of('render')) if (render.i < end) screens.set(`${render.node} ${render.thread}`, render)
  const hadShown = (render: HistoryEvent) =>
    !story.rollbacks.length &&
    story
      .of('render')
      .some(
        one =>
          one.i < render.i && one.node === render.node && one.thread === render.thread && shownIn(one).some(isPlaced)
      ) &&
    !story.of('ident', 'wipe', 'reset').some(one => one.i < render.i && devOf(one) === devOf(render))
  for (const render of screens.values()) {
    const { node, thread = '' } = render
    const isLate = render.i > quiesce.i
    const isHere = tabs ? tabs.includes(node) : !gone.some(event => event.node === node && event.i < quiesce.i)
    if (!isLate && !isHere) continue
    const changed = userAt(story, diskOf(render), quiesce.i)
    if (changed && changed.i > render.i) continue
    const there = log.threads.get(thread)
    const placed = shownIn(render).filter(
      entry => (isPlaced(entry) || entry.state === 'redacted') && entry.seq !== null
    )
    // A page may not have read a thread yet; but what it has shown does not go.
    if (!there || (!placed.length && (isLate || !hadShown(render)))) continue
    // A new page shows the newest ones, in a row; a page of before shows all.
    const first = isLate ? placed[0]!.seq! : 1
    const shown = new Map(placed.map(({ seq, cid }) => [seq!, cid]))
    for (let seq = first; seq <= headOf(log, thread); seq++) {
      if (shown.get(seq) === there.get(seq)) continue
      yield {
        events: [render.i, quiesce.i],
        says: `${node} shows ${shown.get(seq) ?? 'nothing'} at place ${seq} of ${thread}, where the log has ${there.get(seq)}`
      }
      break
    }
  }
}
