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
  /** Rows between others that were dropped, while the cursor still claims them. */
  const dropped = new Map<string, { readonly forget: HistoryEvent; readonly claim: HistoryEvent }>()
  for (const event of story.of('apply', 'forget', 'cursor', 'ident', 'wipe')) {
    const disk = diskOf(event)
    // What somebody takes along goes row by row, if it does.
    if (event.volatile || event.joined || event.reason === 'given up') continue
    if (event.ev === 'ident' || event.ev === 'wipe') {
      for (const key of [...applied.keys()]) {
        if (!key.startsWith(`${disk} `)) continue
        applied.delete(key)
        claimed.delete(key)
        dropped.delete(key)
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
      const claim = claimed.get(key)
      if (seq === lowest(rows)) trimmed.add(key)
      else if (rows.has(seq) && claim && seq <= Number(claim.contiguous)) dropped.set(key, { forget: event, claim })
      rows.delete(seq)
      claimed.delete(key)
    } else {
      const before = claimed.get(key)
      claimed.set(key, event)
      dropped.delete(key)
      const wrong =
        claim(event, before, rows, trimmed.has(key) && rows.size ? lowest(rows) : 1) ?? stale(story, event, rows)
      if (wrong) yield { events: [...(before ? [before.i] : []), event.i], says: `the cursor of ${disk} ${wrong}` }
    }
  }
  for (const [key, { forget, claim }] of dropped) {
    const rows = applied.get(key)!
    const { seq, thread } = forget
    if (rows.has(seq!) || lowest(rows) > seq!) continue
    yield {
      events: [claim.i, forget.i],
      says: `the cursor of ${diskOf(claim)} in ${thread} is at ${claim.contiguous}, and ${seq} was dropped since`
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
  { contiguous, epoch, gaps: named, head, thread }: HistoryEvent,
  before: HistoryEvent | undefined,
  rows: ReadonlyMap<number, string>,
  first: number
): string | undefined {
  const to = Number(contiguous)
  if (before && before.epoch === epoch && to < Number(before.contiguous)) {
    return `in ${thread} fell from ${before.contiguous} to ${to}`
  }
  const gaps = (named ?? []) as readonly { readonly from: number; readonly to?: number }[]
  const gap = gaps.find(({ from }) => from <= to)
  if (gap) return `in ${thread} is at ${to}, across the gap from ${gap.from}`
  // One that was just filled may still be named, as empty.
  const odd = gaps.find(({ from, to: end = from }) => end < from - 1)
  if (odd) return `in ${thread} names a gap from ${odd.from} to ${odd.to}`
  const isMissing = (seq: number) => gaps.some(({ from, to: end = Infinity }) => from <= seq && seq <= end)
  for (let seq = first; seq <= Math.max(to, Number(head ?? to)); seq++)
    if (!rows.has(seq) && !isMissing(seq))
      return `in ${thread} is at ${to} of ${head ?? to}, but ${seq} is not on the disk`
  return undefined
}

/** How long after the last fault everything has to have arrived, in milliseconds; more for pages that nobody sees. */
const ARRIVES_WITHIN = { visible: 45_000, hidden: 120_000 }

/** When all is quiet, and soon after the last fault, everybody has everything. */
export const everybodyHasAll: Check = function* (story) {
  yield* arrivals(story)
  const moments = story.quiesce ? story.of('quiesce') : endOf(story)
  for (const [n, quiesce] of moments.entries()) {
    const log = logAt(story, quiesce.i)
    yield* disksAt(story, quiesce, log)
    yield* unheardAt(story, quiesce, log)
    yield* screensAt(story, quiesce, moments[n + 1]?.i ?? Number.POSITIVE_INFINITY, log)
  }
}

/** The end of a history that does not say when all was quiet, if nothing has happened for long. */
function endOf({ all, calm, of }: Story): readonly HistoryEvent[] {
  const end = all.at(-1)
  const last = of('commit', 'boot', 'ident', 'wipe', 'storage').at(-1)
  const isOver = of('heal').length > 0 || !of('fault', 'crash').length
  return end && isOver && end.t >= Math.max(calm, last?.t ?? 0) + ARRIVES_WITHIN.hidden ? [end] : []
}

/** Up to where a cursor knows of its thread. What lies in a gap is fetched page by page, as the visitor asks for it. */
const reach = ({ contiguous, head }: HistoryEvent) => Number(head ?? contiguous)

/** What was committed is in time where the thread was known before. */
function* arrivals(story: Story): ReturnType<Check> {
  const most = story.quiesce?.hidden ? ARRIVES_WITHIN.hidden : ARRIVES_WITHIN.visible
  const disturbances = story.of('boot', 'crash', 'close', 'ident', 'reset', 'wipe', 'storage', 'fault')
  const latest = new Map<string, HistoryEvent>()
  for (const cursor of story.of('cursor')) {
    const { epoch, i, t, thread } = cursor
    const key = `${diskOf(cursor)} ${thread} ${epoch}`
    const before = latest.get(key)
    latest.set(key, cursor)
    if (!before) continue
    const last = disturbances.findLast(
      one => one.i < i && ['world', 'srv', devOf(cursor)].includes(devOf(one).split(':')[0]!)
    )
    const since = Math.max(story.calm, last?.t ?? 0)
    const late = story.commits.find(
      one =>
        one.i < i &&
        !one.dup &&
        one.thread === thread &&
        story.undoneAt(one) === undefined &&
        Number(one.seq) > reach(before) &&
        Number(one.seq) <= reach(cursor) &&
        t > Math.max(since, one.t) + most
    )
    if (!late) continue
    const wait = Math.round((t - Math.max(since, late.t) - most) / 1000)
    yield { events: [late.i, i], says: `${late.cid} came to ${diskOf(cursor)} ${wait} s too late` }
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

/** Threads of which a disk of their owner's has no cursor at all, though it has one of another thread. */
function* unheardAt(story: Story, quiesce: HistoryEvent, { threads, owners }: Log): ReturnType<Check> {
  // Whose thread it is, and who knows, is told of by what is left of a log that was taken back, or of two visitors.
  if (story.rollbacks.length || story.of('ident').some(({ joined }) => joined)) return
  const disks = new Map<string, Map<string, HistoryEvent>>()
  for (const cursor of story.of('cursor')) {
    const disk = diskOf(cursor)
    if (cursor.i < quiesce.i) disks.set(disk, (disks.get(disk) ?? new Map()).set(cursor.thread ?? '', cursor))
  }
  const most = ARRIVES_WITHIN[quiesce.hidden ? 'hidden' : 'visible']
  for (const [disk, cursors] of disks) {
    const cursor = [...cursors.values()].at(-1)!
    const changed = userAt(story, disk, quiesce.i)
    if ((changed && changed.i > cursor.i) || !isUsed(story, cursor, quiesce)) continue
    for (const thread of threads.keys()) {
      if (cursors.has(thread) || owners.get(thread) === undefined || owners.get(thread) !== story.knownWho(cursor))
        continue
      const commit = story.commits.find(one => one.thread === thread && typeof one.seq === 'number')!
      if (quiesce.t < Math.max(story.calm, commit.t) + most) continue
      yield { events: [commit.i, quiesce.i], says: `${disk} knows nothing of thread ${thread}` }
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
