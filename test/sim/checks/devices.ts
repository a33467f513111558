import { type HistoryEvent, leadOf } from '../history.ts'
import { type Check, deviceOf, devOf, diskOf, isMessage, isVisitors, type Story, shownIn } from './story.ts'

/** Longest time in which two tabs may both think that they lead, in milliseconds. */
const OVERLAP = 20_000

const numberOf = ({ epoch, term }: HistoryEvent) => Number(epoch ?? term)

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
    const epoch = event.ev === 'commit' ? Number(event.term ?? event.leaderEpoch) : numberOf(event)
    const leaders = leading.get(dev) ?? new Map<string, HistoryEvent>()
    leading.set(dev, leaders)
    if (event.ev === 'lead' && event.node !== 'srv') {
      if (leadOf(event) !== 'gain') {
        leaders.delete(event.node)
        continue
      }
      const before = highest.get(dev)
      if (before && epoch <= numberOf(before)) {
        yield {
          events: [before.i, event.i],
          says: `${event.node} leads with number ${epoch}, which is not above ${numberOf(before)} of ${before.node}`
        }
      }
      if (!before || epoch > numberOf(before)) highest.set(dev, event)
      leaders.set(event.node, event)
    } else if (event.ev === 'welcome') {
      const before = welcomed.get(deviceOf(event))
      if (before && epoch < numberOf(before)) {
        yield {
          events: [before.i, event.i],
          says: `the server let number ${epoch} of ${dev} in, when ${numberOf(before)} led`
        }
      }
      if (!before || epoch > numberOf(before)) welcomed.set(deviceOf(event), event)
    } else if (event.ev === 'commit') {
      const top = hasWelcomes ? welcomed.get(deviceOf(event)) : highest.get(dev)
      if (top && epoch < numberOf(top)) {
        yield {
          events: [top.i, event.i],
          says: `the server took ${event.cid} from number ${epoch} of ${dev}, when ${numberOf(top)} led`
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
  yield* overtaken(story)
}

const frameOf = ({ frame }: HistoryEvent) => frame as Readonly<Record<string, unknown>> | undefined

/** A connection of a number that another one has overtaken is not listened to, whatever the commit says of itself. */
function* overtaken(story: Story): ReturnType<Check> {
  const welcomes = new Map<unknown, HistoryEvent>()
  const highest = new Map<string, HistoryEvent>()
  /** Commands that have come in on such connections alone, since they were last answered. */
  const late = new Map<unknown, readonly [HistoryEvent, HistoryEvent] | undefined>()
  const above = ({ conn }: HistoryEvent) => {
    const welcome = welcomes.get(conn)
    const top = welcome && highest.get(deviceOf(welcome))
    return top && numberOf(top) > numberOf(welcome) ? top : undefined
  }
  for (const event of story.of('welcome', 'wire', 'commit', 'resume', 'ident', 'fault')) {
    if (event.ev === 'welcome') {
      const top = highest.get(deviceOf(event))
      if (event.conn !== undefined) welcomes.set(event.conn, event)
      if (!top || numberOf(event) > numberOf(top)) highest.set(deviceOf(event), event)
    } else if (event.ev === 'wire') {
      const cid = frameOf(event)?.cid
      if (event.node !== 'srv' || event.dir !== 'in' || cid === undefined) continue
      const top = above(event)
      if (!top) late.set(cid, undefined)
      else if (!late.has(cid)) late.set(cid, [top, event])
    } else if (event.ev === 'commit') {
      const [top, frame] = late.get(event.cid) ?? []
      late.delete(event.cid)
      if (!top || !frame) continue
      yield {
        events: [top.i, frame.i, event.i],
        says: `the server took ${event.cid} from connection ${frame.conn}, when number ${numberOf(top)} led`
      }
    } else if (event.ev === 'resume') {
      const top = above(event)
      if (!top || event.honoured === false) continue
      yield {
        events: [top.i, event.i],
        says: `the server goes on with connection ${event.conn}, when number ${numberOf(top)} led`
      }
    } else if (event.ev === 'ident' && !event.volatile) highest.delete(devOf(event))
    else if (story.rollbacks.includes(event)) highest.clear()
  }
}

/** How long a screen may show what belongs to somebody else, after the visitor has left, in milliseconds. */
const LEAVES_WITHIN = 2000
/** How long where tabs were not told, because notes were lost, and have to look for themselves, in milliseconds. */
export const LOOKS_WITHIN = 25_000

/** Whose something is, since which event. */
type Owners = Map<string, { readonly who: string; readonly event: HistoryEvent; readonly former?: string }>

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
  const owners: Owners = new Map()
  const hosts: Owners = new Map()
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
    const end = story.all.find(({ t }) => t > leftBy(story, ident))?.i
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
  yield* backAgain(story, owners)
  yield* rowsLeft(story)
  yield* inOtherHands(story, hosts)
  yield* onOtherConnections(story, owners)
}

/** Whether this is that somebody has signed out, and every page of the browser has to know. */
const isSignOut = ({ joined, still, begun, volatile }: HistoryEvent) => !joined && !still && !begun && !volatile

/** Browsers in which somebody has signed in or out, if only in the memory of one page. */
const moved = (story: Story) => new Set(story.of('ident').map(ident => devOf(ident).split('/')[0]))

/** By when nobody shows any more what belongs to who signed out here. */
function leftBy(story: Story, ident: HistoryEvent): number {
  const isUntold = story
    .of('fault')
    .some(
      ({ kind, dev, t }) => kind === 'note lost' && dev === devOf(ident) && Math.abs(t - ident.t) < 2 * LEAVES_WITHIN
    )
  return ident.t + (isUntold ? LOOKS_WITHIN : LEAVES_WITHIN)
}

/** What belongs to somebody who has signed out is not shown or stored there, whoever it says that is there. */
function* backAgain(story: Story, owners: Owners): ReturnType<Check> {
  const left = new Map<string, HistoryEvent>()
  const frozen = new Set(story.of('fault').flatMap(({ kind, node }) => (kind === 'freeze' ? [node] : [])))
  for (const event of story.of('ident', 'boot', 'welcome', 'apply', 'render')) {
    if (event.ev === 'ident') {
      left.delete(diskOf(event))
      // Whoever has a place of their own comes back to it without another word.
      if (isSignOut(event) && diskOf(event) === devOf(event)) left.set(diskOf(event), event)
    } else if (event.ev === 'boot' || event.ev === 'welcome') {
      // It may be the same visitor who comes back.
      for (const [disk, ident] of left) if (devOf(ident) === devOf(event)) left.delete(disk)
    } else {
      const ident = left.get(diskOf(event))
      if (!ident || frozen.has(event.node) || (event.node !== ident.node && event.t <= leftBy(story, ident))) continue
      const cids = event.ev === 'render' ? shownIn(event).map(({ cid }) => cid) : [event.cid ?? '']
      const cid = cids.find(one => {
        const owner = owners.get(one)
        return owner && owner.event.i < ident.i && owner.who === story.same(String(ident.from))
      })
      if (cid === undefined) continue
      left.delete(diskOf(event))
      yield { events: [ident.i, event.i], says: `${event.node} has ${cid} again, after ${ident.from} has left` }
    }
  }
}

/** No row of somebody who has signed out stays on the disk. */
function* rowsLeft(story: Story): ReturnType<Check> {
  const rows = new Map<string, HistoryEvent>()
  const keyOf = (event: HistoryEvent) => `${diskOf(event)} ${event.thread} ${event.seq}`
  const last = story.all.at(-1)?.t ?? 0
  for (const event of story.of('apply', 'forget', 'wipe', 'ident')) {
    if (event.ev === 'apply') rows.set(keyOf(event), event)
    else if (event.ev === 'forget') rows.delete(keyOf(event))
    else if (event.ev === 'wipe') {
      for (const [key, row] of rows) if (devOf(row) === devOf(event)) rows.delete(key)
    } else {
      const due = event.t + LEAVES_WITHIN
      /** A disk that fails, or a page that dies, leaves it to the next one. */
      const isHeldUp = story
        .of('fault', 'crash', 'close')
        .some(
          ({ ev, kind, t, ...other }) =>
            t >= event.t - LEAVES_WITHIN &&
            t <= due &&
            devOf({ ev, t, ...other }) === devOf(event) &&
            (ev !== 'fault' || /^(disk|storage|quota|idb|freeze)/i.test(String(kind)))
        )
      if (!isSignOut(event) || isHeldUp || last <= due) continue
      const forgotten = new Set(
        story
          .of('forget', 'wipe')
          .filter(({ i, t }) => i > event.i && t <= due)
          .map(one => (one.ev === 'wipe' ? devOf(one) : keyOf(one)))
      )
      const stays = [...rows].find(
        ([key, row]) => diskOf(row) === diskOf(event) && !forgotten.has(key) && !forgotten.has(devOf(row))
      )?.[1]
      if (!stays) continue
      yield {
        events: [stays.i, event.i],
        says: `place ${stays.seq} of ${stays.thread} stays on the disk of ${diskOf(event)}, after ${event.from} has left`
      }
    }
  }
}

/** In a browser in which nobody has signed in or out, a page is who it was at the start, and has no thread of another. */
function* inOtherHands(story: Story, hosts: Owners): ReturnType<Check> {
  const { same } = story
  const elsewhere = moved(story)
  const boots = new Map<string, HistoryEvent>()
  const told = new Set<string>()
  for (const event of story.of('boot', 'apply', 'render', 'cursor', 'read')) {
    if (event.ev === 'boot') boots.set(event.node, event)
    const boot = boots.get(event.node)
    // In memory alone a page may begin anew as often as it likes.
    if (boot?.who === undefined || boot.who.includes('/') || elsewhere.has(devOf(event))) continue
    const key = `${event.node} ${event.ev} ${event.thread} ${event.who}`
    const host = hosts.get(event.thread ?? '')
    const has = { apply: true, cursor: Number(event.contiguous) > 0, read: Number(event.seq) > 0 }[event.ev]
    if (told.has(key)) continue
    if (event.who !== undefined && same(event.who) !== same(boot.who)) {
      told.add(key)
      yield { events: [boot.i, event.i], says: `${event.ev} at ${event.node} is as ${event.who}, where ${boot.who} is` }
    } else if (has && host && host.event.i < event.i && host.who !== same(boot.who) && !story.rollbacks.length) {
      told.add(key)
      yield {
        events: [host.event.i, boot.i, event.i],
        says: `${event.ev} at ${event.node}, where ${boot.who} is, has thread ${event.thread} of ${host.who}`
      }
    }
  }
}

/** Every command and message that a frame names. */
function idsIn(event: HistoryEvent): readonly string[] {
  const frame = frameOf(event) ?? {}
  const parts = [frame, ...Object.values(frame).filter(Array.isArray).flat()] as readonly ({ cid?: unknown } | null)[]
  return parts.flatMap(part => (typeof part?.cid === 'string' ? [part.cid] : []))
}

/** What belongs to one visitor does not pass through the connection of another. */
function* onOtherConnections(story: Story, owners: Owners): ReturnType<Check> {
  const { same } = story
  const elsewhere = moved(story)
  /** Who has been at a device: as its commits say, or the pages of a browser in which nobody has signed in or out. */
  const visitors = new Map<string, Set<string>>()
  for (const event of story.of('commit', 'boot')) {
    if (event.who === undefined || event.refused) continue
    const devices = event.ev === 'commit' ? [deviceOf(event)] : []
    for (const device of elsewhere.has(devOf(event)) ? devices : [...devices, devOf(event)])
      visitors.set(device, (visitors.get(device) ?? new Set()).add(same(event.who)))
  }
  const welcomes = new Map<unknown, HistoryEvent>()
  const told = new Set<string>()
  for (const event of story.of('welcome', 'wire', 'ack', 'nack')) {
    if (event.ev === 'welcome') {
      if (event.conn !== undefined) welcomes.set(event.conn, event)
      continue
    }
    const at = event.ev === 'wire' ? welcomes.get(event.conn) : event
    const here = at && (visitors.get(deviceOf(at)) ?? visitors.get(devOf(at)))
    for (const cid of event.ev === 'wire' ? idsIn(event) : [event.cid ?? '']) {
      const owner = owners.get(cid)
      if (!at || !here || !owner || here.has(owner.who) || told.has(`${deviceOf(at)} ${cid}`)) continue
      told.add(`${deviceOf(at)} ${cid}`)
      yield {
        events: [...new Set([owner.event.i, at.i, event.i])],
        says: `${cid} of ${owner.who} is in what passes between the server and ${deviceOf(at)}, where ${[...here].join(' and ')} is`
      }
    }
  }

  // Nor does what waited go out anew once its visitor has left.
  for (const ident of story.of('ident').filter(isSignOut)) {
    const next = story.of('ident', 'boot').find(({ i, node }) => i > ident.i && node === ident.node)?.i
    const begun = new Set<unknown>()
    for (const wire of story.of('wire')) {
      if (wire.i < ident.i) begun.add(wire.conn)
      if (wire.i < ident.i || wire.i > (next ?? wire.i) || wire.node !== ident.node || wire.dir !== 'out') continue
      const accept = story.accept(String(frameOf(wire)?.cid))
      if (!accept || begun.has(wire.conn) || accept.i > ident.i || diskOf(accept) !== diskOf(ident)) continue
      if (story.knownWho(accept) !== ident.from) continue
      yield {
        events: [accept.i, ident.i, wire.i],
        says: `${wire.node} sends ${accept.cid} on a new connection, after ${ident.from} has left`
      }
    }
  }
}

/** Reasons that would mean: because of how a live chat stands. */
const BECAUSE_OF_SESSION = /session|chat|agent|(?<![a-z])(live|ended|closed|queue|offline|unanswered|away)/i

/** What is refused for now only, and offered again. */
const FOR_NOW = ['busy', 'unauthorized', 'auth_expired', 'rate_limited']

/** A message is never refused because of how a live chat stands. */
export const sessionContinues: Check = function* (story) {
  for (const event of story.of('commit', 'nack', 'state', 'wire')) {
    const frame = frameOf(event)
    const refused =
      event.ev === 'commit'
        ? event.refused && `${event.refused} ${event.reason ?? ''}`.trim()
        : event.ev === 'wire'
          ? frame?.t === 'nack' &&
            !FOR_NOW.includes(String(frame.code)) &&
            `${frame.code ?? ''} ${frame.reason ?? ''}`.trim()
          : event.ev === 'nack' || event.to === 'failed'
            ? event.reason
            : undefined
    const cid = event.cid ?? String(frame?.cid ?? '')
    const accept = story.accept(cid)
    if (!refused || !isMessage(event) || (accept && !isMessage(accept))) continue
    if (BECAUSE_OF_SESSION.test(String(refused))) {
      yield { events: [...(accept ? [accept.i] : []), event.i], says: `${cid} was refused, because: ${refused}` }
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
