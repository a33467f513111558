import type { HistoryEvent } from '../history.ts'
import { type Check, deviceOf, devOf, diskOf, isMessage, isVisitors, shownIn } from './story.ts'

const GAIN = 'gain'
const LOST = ['lose', 'lost', 'fenced', 'release']
/** Longest time in which two tabs may both think that they lead, in milliseconds. */
const OVERLAP = 20_000

/** What a `lead` says: in a member, or as the name of one. */
export function leadOf(event: HistoryEvent): string {
  for (const word of [GAIN, ...LOST]) {
    if (event[word] || Object.values(event).includes(word)) return word
  }
  return GAIN
}

/** One tab of a browser speaks, and the server listens to no other. */
export const singleWriter: Check = function* (story) {
  const highest = new Map<string, HistoryEvent>()
  const leading = new Map<string, Map<string, HistoryEvent>>()
  const welcomed = new Map<string, HistoryEvent>()
  const hasWelcomes = story.of('welcome').length > 0
  const stopped = new Set<string>()
  const woken = new Map<string, number>()

  for (const event of story.of('lead', 'welcome', 'commit', 'crash', 'close', 'ident', 'wipe', 'fault', 'quiesce')) {
    const dev = devOf(event)
    // A commit may name the epoch of the log, too.
    const epoch = Number(event.ev === 'commit' ? (event.term ?? event.leaderEpoch) : (event.epoch ?? event.term))
    const leaders = leading.get(dev) ?? new Map<string, HistoryEvent>()
    leading.set(dev, leaders)
    if (event.ev === 'lead' && event.node !== 'srv') {
      if (leadOf(event) !== GAIN) {
        leaders.delete(event.node)
        continue
      }
      const before = highest.get(dev)
      if (before && epoch <= Number(before.epoch)) {
        yield {
          events: [before.i, event.i],
          says: `${event.node} leads with number ${epoch}, which is not above ${before.epoch} of ${before.node}`
        }
      }
      if (!before || epoch > Number(before.epoch)) highest.set(dev, event)
      leaders.set(event.node, event)
    } else if (event.ev === 'welcome') {
      const before = welcomed.get(deviceOf(event))
      if (before && epoch < Number(before.epoch ?? before.term)) {
        yield {
          events: [before.i, event.i],
          says: `the server let number ${epoch} of ${dev} in, when ${before.epoch ?? before.term} led`
        }
      }
      if (!before || epoch > Number(before.epoch ?? before.term)) welcomed.set(deviceOf(event), event)
    } else if (event.ev === 'commit') {
      const top = hasWelcomes ? welcomed.get(deviceOf(event)) : highest.get(dev)
      const topEpoch = Number(top?.epoch ?? top?.term)
      if (top && !event.dup && epoch < topEpoch) {
        yield {
          events: [top.i, event.i],
          says: `the server took ${event.cid} from number ${epoch} of ${dev}, when ${topEpoch} led`
        }
      }
    } else if (event.ev === 'crash' || event.ev === 'close') {
      for (const set of leading.values()) set.delete(event.node)
    } else if (event.ev === 'wipe') {
      // With the rows the count is gone; whoever begins there is new to the server, or held back by it.
      for (const disk of [...highest.keys()]) if (disk.split(':')[0] === dev) highest.delete(disk)
    } else if (event.ev === 'ident' && !event.volatile) {
      highest.delete(diskOf(event))
      welcomed.delete(dev)
      leading.get(diskOf(event))?.clear()
    } else if (event.ev === 'fault') {
      // A server that was taken back in time knows of no number that it has met since.
      if (story.rollbacks.includes(event)) welcomed.clear()
      if (event.kind === 'freeze') stopped.add(event.node)
      if (event.kind === 'thaw') {
        stopped.delete(event.node)
        woken.set(event.node, event.t)
      }
    }
    for (const set of leading.values()) {
      const awake = [...set.values()].filter(({ node }) => !stopped.has(node)).sort((a, b) => a.i - b.i)
      const second = awake[1]
      if (!second) continue
      // Whoever was frozen needs a moment to learn that another one leads.
      const since = Math.max(second.t, ...awake.map(({ node }) => woken.get(node) ?? 0))
      if (event.ev !== 'quiesce' && event.t - since <= OVERLAP) continue
      yield {
        events: [awake[0]!.i, second.i, event.i],
        says: `${awake[0]!.node} and ${second.node} lead at the same time`
      }
      set.delete(awake[0]!.node)
    }
  }
  const end = story.all.at(-1)
  for (const set of leading.values()) {
    const [first, second] = [...set.values()].filter(({ node }) => !stopped.has(node)).sort((a, b) => a.i - b.i)
    if (!end || !first || !second) continue
    if (end.t - Math.max(second.t, woken.get(first.node) ?? 0, woken.get(second.node) ?? 0) <= OVERLAP) continue
    yield { events: [first.i, second.i, end.i], says: `${first.node} and ${second.node} lead at the same time` }
  }
}

/** How long a screen may show what belongs to somebody else, after the visitor has left, in milliseconds. */
const LEAVES_WITHIN = 2000
/** How long where tabs were not told, because notes were lost, and have to look for themselves, in milliseconds. */
export const LOOKS_WITHIN = 25_000

/** Nothing of one visitor reaches another. */
export const isolation: Check = function* (story) {
  const { same } = story
  /** Another tab has signed out just now, and this one is about to hear of it. */
  const isLeaving = (render: HistoryEvent, who: string) =>
    story
      .of('ident')
      .some(
        ({ i, t, from, node, ...ident }) =>
          i < render.i &&
          render.t - t <= LEAVES_WITHIN &&
          node !== render.node &&
          same(String(from)) === who &&
          diskOf({ i, t, node, ...ident }) === diskOf(render)
      )
  /** `former`: who wrote it while the rest was taken along, and has not heard yet who they are now. */
  const owners = new Map<string, { readonly who: string; readonly event: HistoryEvent; readonly former?: string }>()
  const hosts = new Map<string, { readonly who: string; readonly event: HistoryEvent }>()
  const told = new Set<string>()
  /** Pages by when they were opened, and what is on its way to who signed in, by whose disk it is taken from. */
  const opened = new Map<string, number>()
  const begun = new Map<string, HistoryEvent>()
  /** Whoever dies as it sets out leaves it to the pages that were open already: those go on with it. */
  const isOnItsWay = (event: HistoryEvent, who: string, owner: string) => {
    const move = begun.get(diskOf(event))
    return move?.to === who && same(String(move.joined)) === owner && Number(opened.get(event.node)) < move.i
  }
  for (const event of story.of('accept', 'commit', 'apply', 'render', 'ident', 'boot')) {
    if (event.ev === 'boot') {
      opened.set(event.node, event.i)
      continue
    }
    if (event.ev === 'ident') {
      if (event.begun) begun.set(diskOf(event), event)
      else begun.delete(diskOf(event))
      for (const cid of (event.stays as readonly string[] | undefined) ?? [])
        owners.set(cid, { who: same(String(event.to)), event, former: String(event.from) })
      continue
    }
    const isAgents = event.ev === 'accept' && event.node.startsWith('agent')
    const who = event.ev === 'commit' ? event.who : story.knownWho(event)
    // What is said in somebody's thread is theirs, too, where nobody says whose it is.
    if (event.ev === 'commit' && event.seq && !event.refused && !event.dup) {
      const { cid = '', thread = '' } = event
      const host = hosts.get(thread)
      if (who === undefined && host && !owners.has(cid)) owners.set(cid, host)
      if (
        who !== undefined &&
        !story.rollbacks.length &&
        host &&
        host.who !== same(who) &&
        isVisitors(event) &&
        event.seq
      ) {
        yield { events: [host.event.i, event.i], says: `${cid} of ${who} is in thread ${thread} of ${host.who}` }
      }
      if (who !== undefined && !host) hosts.set(thread, { who: same(who), event })
    }
    if (isAgents || who === undefined) continue
    const cids = event.ev === 'render' ? shownIn(event).map(({ cid }) => cid) : [event.cid ?? '']
    for (const cid of cids) {
      const owner = owners.get(cid)
      if (!owner) {
        if (event.ev === 'accept' || event.ev === 'commit') owners.set(cid, { who: same(who), event })
        continue
      }
      const key = `${event.node} ${cid} ${who}`
      if (
        owner.who === same(who) ||
        owner.former === who ||
        isOnItsWay(event, who, owner.who) ||
        told.has(key) ||
        (event.ev === 'render' && isLeaving(event, owner.who))
      )
        continue
      told.add(key)
      yield {
        events: [owner.event.i, event.i],
        says: `${event.ev} at ${event.node} as ${who} has ${cid}, which belongs to ${owner.who}`
      }
    }
  }
  const ownedBy = (render: HistoryEvent, who: unknown) =>
    shownIn(render).find(({ cid }) => owners.get(cid)?.who === same(String(who)))

  // Nor do words that are half written.
  const writers = new Map<string, { readonly whose: Set<string>; readonly event: HistoryEvent }>()
  for (const event of story.of('draft')) {
    const who = story.knownWho(event)
    if (who === undefined || event.hash === undefined) continue
    const words = `${diskOf(event)} ${event.hash}`
    const written = writers.get(words) ?? { whose: new Set<string>(), event }
    if (event.what === 'typed') writers.set(words, { ...written, whose: written.whose.add(same(who)) })
    else if (written.whose.size && !written.whose.has(same(who))) {
      yield {
        events: [written.event.i, event.i],
        says: `${event.node} shows ${who} the draft of ${[...written.whose][0]}`
      }
    }
  }

  // Where somebody has signed out, nothing of theirs comes back.
  const left = new Map<string, HistoryEvent>()
  for (const event of story.of('reset', 'ident', 'render')) {
    if (event.ev === 'reset') left.set(event.node, event)
    else if (event.ev === 'ident') {
      // What only one page knows is over there alone.
      for (const [node, reset] of left) {
        if (diskOf(reset) === diskOf(event) && (!event.volatile || node === event.node)) left.delete(node)
      }
    } else {
      const reset = left.get(event.node)
      const shown = reset && ownedBy(event, reset.who)
      if (!shown) continue
      left.delete(event.node)
      yield {
        events: [reset.i, event.i],
        says: `${event.node} shows ${shown.cid} again, after ${reset.who} has signed out there`
      }
    }
  }

  // And nothing of theirs stays anywhere else.
  const away = story.of('fault', 'crash', 'close').filter(({ ev, kind }) => ev !== 'fault' || kind === 'freeze')
  for (const ident of story.of('ident')) {
    const isUntold = story
      .of('fault')
      .some(
        ({ kind, dev, t }) => kind === 'note lost' && dev === devOf(ident) && Math.abs(t - ident.t) < 2 * LEAVES_WITHIN
      )
    const end = story.all.find(({ t }) => t > ident.t + (isUntold ? LOOKS_WITHIN : LEAVES_WITHIN))?.i
    if (end === undefined || ident.joined || ident.still) continue
    const elsewhere = story.of('ident').filter(other => other.i < ident.i && diskOf(other) === diskOf(ident))
    const known = elsewhere.findLast(other => !other.volatile)?.i ?? -1
    /** It has signed out before on its own, and no disk has told them of each other since: one has been here once. */
    const isApart = (node: string) =>
      ident.volatile && elsewhere.some(other => other.volatile && other.i > known && other.node === node)
    const screens = new Map<string, HistoryEvent>()
    for (const render of story.of('render')) {
      if (render.i >= end) break
      if (diskOf(render) === diskOf(ident)) screens.set(`${render.node} ${render.thread}`, render)
    }
    for (const render of screens.values()) {
      const shown = ownedBy(render, ident.from)
      // The same visitor has come back, and it lies there anew.
      const isBack = story
        .of('apply')
        .some(
          ({ i, cid, ...apply }) =>
            i > ident.i && i < end && cid === shown?.cid && diskOf({ i, ...apply }) === diskOf(ident)
        )
      if (
        !shown ||
        isBack ||
        isApart(render.node) ||
        render.i > ident.i ||
        away.some(({ i, node }) => node === render.node && i < end)
      )
        continue
      yield {
        events: [ident.i, render.i],
        says: `${render.node} still shows ${shown.cid} of ${ident.from}, who has left`
      }
    }
  }
}

/** Reasons that would mean: because of how a live chat stands. */
const BECAUSE_OF_SESSION = /session|chat|(?<![a-z])(ended|closed|queue|offline|unanswered|away)/i

/** A message is never refused because of how a live chat stands. */
export const sessionContinues: Check = function* (story) {
  for (const event of story.of('commit', 'nack', 'state')) {
    const refused =
      event.ev === 'commit'
        ? event.refused && `${event.refused} ${event.reason ?? ''}`.trim()
        : event.ev === 'nack' || event.to === 'failed'
          ? event.reason
          : undefined
    const accept = story.accept(event.cid ?? '')
    if (!refused || !isMessage(event) || (accept && !isMessage(accept))) continue
    if (BECAUSE_OF_SESSION.test(String(refused))) {
      yield { events: [...(accept ? [accept.i] : []), event.i], says: `${event.cid} was refused, because: ${refused}` }
    }
  }
}

/** A visitor has one thread by default, however many tabs and devices asked for it. */
export const oneDefaultThread: Check = function* (story) {
  const threads = new Map<string, HistoryEvent>()
  for (const event of story.all) {
    if (event.thread === undefined || (event.inbox === undefined && !event.default)) continue
    const key = `${story.who(event)} ${event.inbox ?? ''}`
    const first = threads.get(key)
    if (first && first.thread !== event.thread) {
      yield {
        events: [first.i, event.i],
        says: `the default thread of ${story.who(event)} is ${first.thread} and ${event.thread}`
      }
    }
    if (!first) threads.set(key, event)
  }
}
