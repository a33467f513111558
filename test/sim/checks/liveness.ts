import { type HistoryEvent, leadOf } from '../history.ts'
import { type Check, devOf, isMessage, type Story } from './story.ts'

/** How long after the last fault everything has to have left, in milliseconds; more for pages that nobody sees. */
const LEAVES_WITHIN = { visible: 45_000, hidden: 120_000 }

/** Soon after the last fault nothing waits any more. */
export const outboxEmpties: Check = function* (story) {
  const { quiesce, calm } = story
  const most = quiesce?.hidden ? LEAVES_WITHIN.hidden : LEAVES_WITHIN.visible
  const tried = new Map(story.of('retry').map(({ cid, t }) => [cid, t]))
  for (const commit of story.commits) {
    const accept = story.accept(commit.cid ?? '')
    // What only a page holds in memory waits for that page.
    if (!accept || commit.dup || /^agent/.test(accept.node)) continue
    if (story.isVolatile(accept) || story.wasEmptied(accept, commit)) continue
    const due = Math.max(calm, accept.t, tried.get(commit.cid) ?? 0) + most
    if (commit.t > due) {
      yield {
        events: [accept.i, commit.i],
        says: `${commit.cid} was committed ${Math.round((commit.t - due) / 1000)} s too late`
      }
    }
  }
  if (!quiesce) {
    yield* stillWaiting(story, tried)
    return
  }
  const ended = new Map<string, string>()
  for (const state of story.of('state')) {
    // Dismissed in the memory of a page alone, it is still failed on the disk when that page has gone.
    if (state.reason !== 'dismissed') ended.set(state.cid ?? '', String(state.to))
  }
  for (const [dev, cids] of Object.entries((quiesce.outbox ?? {}) as Readonly<Record<string, readonly string[]>>)) {
    for (const cid of cids) {
      const accept = story.accept(cid)
      if (
        ended.get(cid) === 'failed' ||
        quiesce.t < calm + most ||
        (accept && !isMessage(accept) && ended.get(cid) === 'sent')
      )
        continue
      yield { events: [...(accept ? [accept.i] : []), quiesce.i], says: `${cid} still waits in the outbox of ${dev}` }
    }
  }
}

/** In a history that was cut short: what its page has neither sent nor given up by its last event. */
function* stillWaiting(story: Story, tried: ReadonlyMap<string | undefined, number>): ReturnType<Check> {
  const last = story.all.at(-1)
  const done = new Set(story.commits.map(({ cid }) => cid))
  for (const { cid, to } of story.of('state')) if (/^(sent|failed|cancelled)$/.test(String(to))) done.add(cid)
  const gone = story.of('crash', 'close', 'ident', 'wipe')
  for (const accept of story.of('accept')) {
    const due = Math.max(story.calm, accept.t, tried.get(accept.cid) ?? 0) + LEAVES_WITHIN.visible
    if (!last || last.t <= due || done.has(accept.cid) || !isMessage(accept) || /^agent/.test(accept.node)) continue
    if (story.isVolatile(accept) || gone.some(one => one.i > accept.i && devOf(one) === devOf(accept))) continue
    yield { events: [accept.i, last.i], says: `${accept.cid} still waits in ${accept.node} at the end` }
  }
}

/** Attempts to connect, at most one a second on average over this time, in milliseconds. */
const WINDOW = 30_000
/** At most one change of leader in this time, once all is calm. */
const STEADY = 10_000
/** How long it takes until a tab hears that another one leads, in milliseconds. */
const TOLD = 50

/** Nobody turns in circles. */
export const noLoops: Check = function* (story) {
  const dials = new Map<string, HistoryEvent[]>()
  for (const event of story.of('wire')) {
    if (!['dial', 'open', 'connect'].includes(String(event.dir))) continue
    const list = (dials.get(event.node) ?? []).filter(({ t }) => event.t - t < WINDOW)
    dials.set(event.node, [...list, event])
    if (list.length + 1 > WINDOW / 1000) {
      yield { events: [list[0]!.i, event.i], says: `${event.node} tried to connect ${list.length + 1} times in 30 s` }
      dials.delete(event.node)
    }
  }
  const hasFaults = story.of('fault', 'crash', 'heal').length > 0
  const leaders = new Map<string, HistoryEvent>()
  const steady = new Map<string, number>()
  for (const event of story.of('lead')) {
    if (event.node === 'srv' || leadOf(event) !== 'gain') continue
    const dev = devOf(event)
    const before = leaders.get(dev)
    leaders.set(dev, event)
    if (!before || (hasFaults && before.t < story.calm + STEADY) || event.t - before.t >= STEADY) {
      steady.set(dev, event.i)
      continue
    }
    // Two tabs that miss the same one, which is frozen, at nearly the same moment both take its place: the last one has it.
    if (steady.get(dev) === before.i && event.node !== before.node && event.t - before.t < TOLD) continue
    const cause = story
      .of('crash', 'close', 'boot', 'fault', 'ident')
      .some(
        one =>
          one.i < event.i &&
          event.t - one.t < STEADY &&
          ['world', 'srv', dev.split(':')[0]].includes(devOf(one).split(':')[0])
      )
    if (!cause) yield { events: [before.i, event.i], says: `the lead of ${dev} changed twice in 10 s` }
  }
}

/** What was taken is given back: nothing grows for ever. */
export const nothingGrows: Check = function* (story) {
  for (const close of story.of('close', 'crash')) {
    for (const [name, left] of Object.entries(close)) {
      if (/[^m]s$/.test(name) && typeof left === 'number' && left > 0)
        yield { events: [close.i], says: `${close.node} was closed, and ${left} ${name} are left` }
    }
  }
  const first = new Map<string, HistoryEvent>()
  const last = new Map<string, HistoryEvent>()
  for (const census of story.of('census')) {
    if (!first.has(census.node)) first.set(census.node, census)
    last.set(census.node, census)
  }
  for (const [node, after] of last) {
    const before = first.get(node)!
    for (const [name, value] of Object.entries(after)) {
      if (name === 'i' || name === 't' || typeof value !== 'number' || typeof before[name] !== 'number') continue
      if (value > (before[name] as number)) {
        yield {
          events: [before.i, after.i],
          says: `${node} had ${before[name]} ${name}, and has ${value} after the same again and again`
        }
      }
    }
  }
}

/** Nothing breaks that never should. */
export const nothingBreaks: Check = function* (story) {
  for (const error of story.of('error')) {
    yield { events: [error.i], says: `${error.node} broke at ${error.what}: ${String(error.reason).split('\n')[0]}` }
  }
}
