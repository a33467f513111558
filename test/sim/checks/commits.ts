import type { HistoryEvent } from '../history.ts'
import { type Check, deviceOf, devOf, diskOf, isMessage, isVisitors, type Shown, type Story, shownIn } from './story.ts'

/** What had this place of an event's thread by then: more than one message only where the log was taken back. */
export const placedAt = (story: Story, { i, thread }: HistoryEvent, seq: number) =>
  story.commits.filter(commit => commit.i < i && !commit.dup && commit.thread === thread && commit.seq === seq)

const ENDS = ['failed', 'cancelled', 'canceled', 'discarded']

/** What a browser has stored last in this place of a cursor's thread. */
const storedAt = (story: Story, cursor: HistoryEvent, seq: number) =>
  story
    .of('apply')
    .findLast(
      apply =>
        apply.i < cursor.i && apply.thread === cursor.thread && apply.seq === seq && devOf(apply) === devOf(cursor)
    )

/** Whether a screen of its browser has shown it in its place. */
const wasShown = (story: Story, accept: HistoryEvent) =>
  story
    .of('render')
    .some(
      render => devOf(render) === devOf(accept) && shownIn(render).some(({ cid, seq }) => cid === accept.cid && seq)
    )

const isSameOwner = (one: HistoryEvent, other: HistoryEvent) => one.who === other.who && diskOf(one) === diskOf(other)

/** Nothing that was accepted is lost. */
export const noLoss: Check = function* (story) {
  const { quiesce } = story
  if (!quiesce) return
  const fates = new Map<string, HistoryEvent>()
  const retried = new Map<string, HistoryEvent>()
  for (const event of story.of('state', 'retry', 'render')) {
    const { cid = '' } = event
    const fate = fates.get(cid)
    if (event.ev === 'render') {
      // The page died before it was tried once more.
      for (const { cid: id, state } of retried.size ? shownIn(event) : []) {
        const former = retried.get(id)
        if (former && state === 'failed') fates.set(id, former)
      }
      // Nothing comes after that; whoever waits for it to be accepted may hear so later.
    } else if (!cid || fate?.to === 'cancelled') continue
    else if (event.ev === 'state') fates.set(cid, event)
    else if (fate) {
      retried.set(cid, fate)
      fates.delete(cid)
    }
  }
  const committed = new Map<string, HistoryEvent[]>()
  for (const commit of story.commits) {
    const list = committed.get(commit.cid ?? '')
    if (list) list.push(commit)
    else committed.set(commit.cid ?? '', [commit])
  }
  const applied = new Set(story.of('apply').map(event => `${devOf(event)} ${event.cid}`))

  const ended = story.of('crash', 'close')
  const wipes = story.of('wipe')
  const seen = new Set<string>()
  for (const accept of story.of('accept', 'state')) {
    const { cid } = accept
    if (!cid || seen.has(cid) || accept.i > quiesce.i) continue
    // Only in memory: lost with the page, but not before.
    if (story.isVolatile(accept) && ended.some(({ i, node }) => i > accept.i && node === accept.node)) continue
    // What a composer let go of was accepted, whether or not anybody stored it.
    if (accept.ev === 'state' && (accept.to !== 'queued' || accept.from !== 'saving')) continue
    seen.add(cid)
    const all = committed.get(cid) ?? []
    // That it had been there before proves nothing.
    if (all.some(commit => !commit.refused && !commit.dup && story.undoneAt(commit) === undefined)) continue
    const fate = fates.get(cid)
    if (fate && ENDS.includes(String(fate.to)) && fate.reason) continue
    // What only fills the place of something else may be left out with it.
    if (!isMessage(accept) && (all.length || accept.op === 'void')) continue
    if (wipes.some(wipe => wipe.i > accept.i && devOf(wipe) === devOf(accept) && unseen(story, wipe, accept))) continue
    // Its owner signed out in a tab that had not heard of it, and on a disk that had been emptied.
    if (story.of('reset').some(reset => isSameOwner(reset, accept) && story.wasEmptied(accept, reset))) continue
    // Agents' inboxes keep nothing once it was acknowledged.
    if (all.length && /^agent/.test(accept.node)) continue
    // It was there and in the browser's own copy when the server went back in time: nobody is left to offer it again.
    if (all.length && applied.has(`${devOf(accept)} ${cid}`)) continue
    // Or in the page's alone, because the disk took nothing, and the disk, where it still waited, was emptied.
    if (all.length && wasShown(story, accept) && wipes.some(wipe => wipe.i > accept.i && devOf(wipe) === devOf(accept)))
      continue
    yield {
      events: [accept.i, ...all.map(({ i }) => i), ...(fate ? [fate.i] : []), quiesce.i],
      says: `${cid} was accepted at ${accept.node}, but is neither in the log nor shown as failed with a reason`
    }
  }
}

/** How long a page takes to put back what it knows, once it sees that its disk works, in milliseconds. */
const PUTS_BACK_WITHIN = 50
/** How soon a page that could only read from a full disk finds out that it still is, in milliseconds. */
const TRIES_AGAIN_WITHIN = 2500

/**
 * Whether a disk was emptied behind the back of all: no page was there, or each went before it had a chance to see it, or
 * to put anything on a disk that was full all along.
 */
function unseen(story: Story, wipe: HistoryEvent, accept: HistoryEvent): boolean {
  const ofBrowser = (node: string) => node.startsWith(`${devOf(wipe)}/`)
  const faults = story.of('fault')
  const isFull = ({ node, t }: HistoryEvent) =>
    faults.some(next => next.node === node && next.error === 'full' && next.t >= t && next.t < t + TRIES_AGAIN_WITHIN)
  const next = (of: (node: string) => boolean) => ({
    end: story.of('crash', 'close').find(({ i, node }) => i > wipe.i && of(node))?.t,
    sees: faults.find(one => one.i > wipe.i && one.kind === 'storage works' && of(one.node) && !isFull(one))?.t
  })
  const isGone = ({ end, sees }: ReturnType<typeof next>) =>
    end !== undefined && (sees === undefined || end < sees + PUTS_BACK_WITHIN)
  /** Who could put it back, and since when. */
  const knowing = new Map([[accept.node, accept.i]])
  for (const render of story.of('render')) {
    if (render.i < wipe.i && ofBrowser(render.node) && shownIn(render).some(({ cid }) => cid === accept.cid)) {
      knowing.set(render.node, render.i)
    }
  }
  const open = [...knowing.keys()].filter(
    node =>
      !story.of('crash', 'close').some(({ i, node: gone }) => gone === node && i > knowing.get(node)! && i < wipe.i)
  )
  const places = wipe.places as readonly string[] | undefined
  return (
    wipe.open === 0 ||
    places?.includes(diskOf(accept)) === false ||
    isGone(next(ofBrowser)) ||
    open.every(node => isGone(next(other => other === node)))
  )
}

const browserOf = (name: string) => name.split(/[/:]/)[0]

/** Nothing is there that nobody said, and nothing is changed on the way. */
export const noInvention: Check = function* (story) {
  const hashes = new Map<string, Set<string>>()
  const threads = new Map<string, string>()
  const browsers = new Set(story.all.map(({ node }) => node.split('/')[0]))
  /** A message is offered by the browser that accepted it; whose device has another name may be any. */
  const isOthers = ({ dev, refused, cid = '' }: HistoryEvent) => {
    const accept = story.accept(cid)
    if (!accept || !isMessage(accept) || dev === undefined || refused || browserOf(devOf(accept)) === browserOf(dev))
      return false
    return accept.dev !== undefined || browsers.has(dev)
  }
  const know = (cid: string, hash: string | undefined, thread: string | undefined) => {
    const set = hashes.get(cid) ?? new Set()
    if (hash !== undefined) set.add(hash)
    hashes.set(cid, set)
    if (thread !== undefined && !threads.has(cid)) threads.set(cid, thread)
  }
  const differs = (cid: string, hash: string | undefined) => {
    const known = hashes.get(cid)
    return hash !== undefined && known !== undefined && known.size > 0 && !known.has(hash)
  }
  const told = new Set<string>()
  /**
   * Whose words these are that stand without an id: by their place, or else by themselves. Empty: nobody's; undefined:
   * nobody can tell.
   */
  const idOf = (event: HistoryEvent, { seq, state, hash }: Pick<Shown, 'seq' | 'hash'> & Partial<Shown>) => {
    if (seq !== null) {
      const there = placedAt(story, event, seq)
      const said = there.findLast(({ cid = '' }) => !differs(cid, hash)) ?? there.at(-1)
      return said?.cid ?? (story.commits.some(({ thread }) => thread === event.thread) ? '' : undefined)
    }
    // A mark between messages, or not accepted yet.
    if (hash === undefined || !state || state === 'saving') return undefined
    const said = [...threads].find(([cid, thread]) => thread === event.thread && !differs(cid, hash))
    return said?.[0] ?? ''
  }

  for (const event of story.of('accept', 'commit', 'apply', 'render', 'edit', 'log')) {
    const { cid = '', hash, seq = null, thread } = event
    if (event.ev === 'accept' && differs(cid, hash)) {
      yield {
        events: [story.accept(cid)!.i, event.i],
        says: `${cid} was accepted at ${event.node} once more, with other words`
      }
    }
    if (event.ev === 'accept' || event.ev === 'edit') {
      know(cid, hash, thread)
      continue
    }
    if (event.ev === 'commit' && isOthers(event)) {
      yield {
        events: [story.accept(cid)!.i, event.i],
        says: `${cid} was committed as what ${event.dev} said, but ${devOf(story.accept(cid)!)} did`
      }
    }
    const entries = event.ev === 'render' || event.ev === 'log' ? shownIn(event) : [{ cid, hash, seq }]
    for (const shown of entries) {
      const entry = { ...shown, cid: shown.cid || idOf(event, shown) }
      const key = `${event.node} ${event.ev} ${entry.cid} ${entry.hash}`
      if (entry.cid === undefined || told.has(key)) continue
      // Not accepted yet.
      if ('state' in entry && entry.state === 'saving' && !hashes.has(entry.cid)) continue
      if (event.ev === 'commit' && !isVisitors(event) && event.author !== 'agent' && event.author !== undefined) {
        know(entry.cid, entry.hash, thread)
        continue
      }
      const known = hashes.has(entry.cid)
      if (
        !known ||
        differs(entry.cid, entry.hash) ||
        (thread !== undefined && threads.has(entry.cid) && threads.get(entry.cid) !== thread)
      ) {
        told.add(key)
        yield {
          events: [...(story.accept(entry.cid) && known ? [story.accept(entry.cid)!.i] : []), event.i],
          says: !known
            ? `${event.ev} of ${entry.cid || 'words without an id'} at ${event.node}, which nobody had accepted before`
            : differs(entry.cid, entry.hash)
              ? `${event.ev} of ${entry.cid} at ${event.node} holds other words than were accepted`
              : `${event.ev} of ${entry.cid} is in thread ${thread}, but it was said in ${threads.get(entry.cid)}`
        }
      }
      if (entry.cid && !hashes.get(entry.cid)?.size) know(entry.cid, entry.hash, thread)
    }
  }
}

/** Each command is done at most once. */
export const atMostOnce: Check = function* (story) {
  const done = new Map<string, HistoryEvent>()
  for (const commit of story.commits) {
    if (commit.dup || !commit.cid) continue
    const key = `${commit.dev ?? ''} ${commit.cid}`
    const before = done.get(key)
    const undone = before && story.undoneAt(before)
    // A refusal does nothing, and whoever was named anew meanwhile, because no disk had kept the name, is refused anew.
    const isAnew = (commit.refused || before?.refused) && before?.device !== commit.device
    if (before && !isAnew && (undone === undefined || undone > commit.i)) {
      yield { events: [before.i, commit.i], says: `${commit.cid} of ${commit.dev ?? 'the team'} was committed twice` }
    }
    done.set(key, commit)
  }
}

/** A message has one place, for everybody and for ever. */
export const onePlace: Check = function* (story) {
  const now = new Map<string, HistoryEvent>()
  const ever = new Map<string, Set<number>>()
  const told = new Set<string>()
  for (const event of story.of('commit', 'ack', 'apply', 'render', 'wire')) {
    for (const { cid, seq } of placesIn(event)) {
      if (!cid || seq === null) continue
      const places = ever.get(cid) ?? new Set()
      ever.set(cid, places)
      const known = now.get(cid)
      const undone = known?.ev === 'commit' ? story.undoneAt(known) : undefined
      const free = !known || (undone !== undefined && undone < event.i)
      const knownSeq = known && seqIn(known, cid)
      if (!free && knownSeq !== seq && !(['apply', 'render', 'wire'].includes(event.ev) && places.has(seq))) {
        const key = `${cid} ${seq}`
        if (!told.has(key)) {
          yield { events: [known.i, event.i], says: `${cid} has place ${knownSeq} and, at ${event.node}, place ${seq}` }
        }
        told.add(key)
      }
      // What is stored or shown again is where it was placed before, and that may have been undone meanwhile.
      if ((free && knownSeq !== seq) || (event.ev === 'commit' && !event.dup)) now.set(cid, event)
      places.add(seq)
    }
  }
}

interface Place {
  readonly cid?: string
  readonly seq?: number | null
  readonly type?: string
}

/** The messages of a frame that tells of some. */
const inFrame = ({ frame }: HistoryEvent): readonly Place[] => {
  const { events } = (frame ?? {}) as { readonly events?: readonly (Place | null)[] }
  return Array.isArray(events) ? events.filter(one => one?.type === 'message') : []
}

const placesIn = (event: HistoryEvent): readonly { readonly cid: string; readonly seq: number | null }[] =>
  event.ev === 'render'
    ? shownIn(event)
    : (event.ev === 'wire' ? inFrame(event) : [event]).map(({ cid = '', seq = null }) => ({ cid, seq }))

const seqIn = (event: HistoryEvent, cid: string) => placesIn(event).find(entry => entry.cid === cid)?.seq ?? null

/** Places in a thread are 1, 2, 3 … without holes, and everybody has the same message there. */
export const denseOrder: Check = function* (story) {
  const placed = new Map<string, HistoryEvent[]>()
  const inThread = new Map<string, HistoryEvent[]>()
  const isStanding = (commit: HistoryEvent, at: HistoryEvent) =>
    (story.undoneAt(commit) ?? Number.POSITIVE_INFINITY) > at.i
  for (const commit of story.commits) {
    const { thread = '', seq } = commit
    if (commit.dup || typeof seq !== 'number') continue
    const before = inThread.get(thread) ?? []
    inThread.set(thread, before)
    const last = before.findLast(one => isStanding(one, commit))
    const head = last?.seq ?? 0
    if (seq !== head + 1) {
      yield {
        events: [...(last ? [last.i] : []), commit.i],
        says: `place ${seq} in thread ${thread} was given when the next was ${head + 1}`
      }
    }
    before.push(commit)
    placed.set(`${thread} ${seq}`, [...(placed.get(`${thread} ${seq}`) ?? []), commit])
  }
  const told = new Set<string>()
  /** Who is where by those who have it, in threads of which no server told. */
  const claimed = new Map<string, { readonly cid: string; readonly event: HistoryEvent }>()
  for (const event of story.of('apply', 'render')) {
    for (const { cid, seq } of placesIn(event)) {
      if (!cid || seq === null) continue
      const place = `${event.thread} ${seq}`
      const there = placed.get(place)
      if (there?.some(commit => commit.cid === cid)) continue
      // What nobody ever said is told of by its own promise.
      if (!there && !story.accept(cid)) continue
      const isTold = inThread.has(event.thread ?? '')
      const other = claimed.get(place)
      if (!isTold && (!other || story.rollbacks.length)) claimed.set(place, { cid, event })
      const key = `${event.node} ${cid} ${seq}`
      if ((!isTold && (!other || other.cid === cid || story.rollbacks.length)) || told.has(key)) continue
      told.add(key)
      const has = there?.[0]?.cid ?? (isTold ? 'nothing' : other?.cid)
      const whose = isTold ? 'the log' : other?.event.node
      yield {
        events: [...[isTold ? there?.[0] : other?.event].flatMap(one => (one ? [one.i] : [])), event.i],
        says: `${event.node} has ${cid} at place ${seq} of thread ${event.thread}, where ${whose} has ${has}`
      }
    }
  }
  const acked = new Set(story.of('ack').map(({ cid }) => cid))
  const logs = story.of('log')
  for (const [thread, commits] of logs.length ? inThread : []) {
    const last = commits.findLast(commit => commit.i < logs[0]!.i && story.undoneAt(commit) === undefined)
    if (!last || logs.some(log => log.thread === thread)) continue
    yield { events: [last.i, logs.at(-1)!.i], says: `${last.cid} was committed in thread ${thread}, which has no log` }
  }
  for (const log of logs) {
    const entries = shownIn(log)
    if (Number(log.head) > (entries.at(-1)?.seq ?? 0)) {
      yield { events: [log.i], says: `the log of thread ${log.thread} ends before its last place, ${log.head}` }
    }
    const odd = entries.findIndex(({ seq }, at) => seq !== at + 1)
    if (odd >= 0)
      yield { events: [log.i], says: `the log of thread ${log.thread} has ${entries[odd]!.seq} after ${odd}` }
    const places = new Map(entries.map(({ cid, seq }) => [cid, seq]))
    for (const commit of odd < 0 ? (inThread.get(log.thread ?? '') ?? []) : []) {
      const place = places.get(commit.cid ?? '')
      if (commit.i > log.i || !isStanding(commit, log) || place === commit.seq) continue
      // What was acknowledged, and is not there at all, is told of by its own promise.
      if (place === undefined && acked.has(commit.cid)) continue
      yield {
        events: [commit.i, log.i],
        says: `${commit.cid} was committed at place ${commit.seq} of thread ${log.thread}, where the log has another one`
      }
    }
  }
}

/** What one browser says in a thread stands there in the order in which it was said. */
export const senderOrder: Check = function* (story) {
  const lanes = new Map<string, HistoryEvent[]>()
  const numbers = new Map<string, number>()
  for (const { cid = '', cseq } of story.of('accept', 'renumber')) if (typeof cseq === 'number') numbers.set(cid, cseq)
  const numberOf = ({ cid = '', cseq }: HistoryEvent) => (typeof cseq === 'number' ? cseq : numbers.get(cid))
  /** Numbers of what was refused for good, where no commit tells of that. */
  const refused = refusedNumbers(story)
  for (const commit of story.commits) {
    const number = numberOf(commit)
    if (commit.dup || number === undefined || !isVisitors(commit)) continue
    // Whoever has signed in is still the same in what they said before.
    const key = `${deviceOf(commit)} ${commit.device || commit.who === undefined ? '' : story.same(commit.who)} ${commit.thread}`
    const lane = lanes.get(key) ?? []
    lanes.set(key, lane)
    const last = lane.findLast(one => (story.undoneAt(one) ?? Number.POSITIVE_INFINITY) > commit.i)
    lane.push(commit)
    let expected = (last ? (numberOf(last) ?? 0) : 0) + 1
    while (expected < number && refused.get(`${devOf(commit)} ${commit.thread} ${expected}`)! < commit.i) expected++
    if (number !== expected) {
      yield {
        events: [...(last ? [last.i] : []), commit.i],
        says: `number ${number} of ${commit.dev} in ${commit.thread} was committed when ${expected} was next`
      }
    }
    const said = story.accept(commit.cid ?? '')
    const lastSaid = last && story.accept(last.cid ?? '')
    // What stands in the place of something that was taken back was said later.
    if (
      said &&
      !story.wasEmptied(said, commit) &&
      lastSaid &&
      lastSaid.op !== 'void' &&
      // Two visitors before one of them became the other: their words are joined in one order, which is nobody's.
      said.who === lastSaid.who &&
      story.cameBefore(said, lastSaid) &&
      commit.cid !== last.cid
    ) {
      yield {
        events: [said.i, lastSaid.i, last.i, commit.i],
        says: `${commit.cid} was said before ${last.cid}, and committed after it`
      }
    }
  }
}

/** Answers after which a command is offered again. */
const ASKS_AGAIN =
  /busy|expected|order|reuse|gap|early|retry|wait|again|fast|rate|auth|token|expired|fenced|timeout|unavailable/i

/** Whether an answer says that the server will not have this command, or has another one in its place. */
const isFinal = ({ reason }: HistoryEvent) => !ASKS_AGAIN.test(String(reason)) || /reuse/i.test(String(reason))

/** Whether a command is in the log, and the browser that offered it is still the same to the server. */
function stands(story: Story, nack: HistoryEvent): boolean {
  const all = story.commits.filter(commit => commit.cid === nack.cid && commit.i < nack.i)
  const done = all.find(one => !one.refused && !one.dup && (story.undoneAt(one) ?? nack.i) >= nack.i)
  const accept = story.accept(nack.cid ?? '')
  return (
    done !== undefined &&
    !all.some(({ refused, device }) => refused && device !== done.device) &&
    !(accept && story.wasEmptied(accept, nack))
  )
}

/** When each number was refused for good, by browser and thread, of commands that no commit tells of. */
function refusedNumbers(story: Story): ReadonlyMap<string, number> {
  const told = new Set(story.commits.map(({ cid }) => cid))
  return new Map(
    story.of('nack').flatMap(({ i, cid = '', reason }) => {
      const accept = told.has(cid) || ASKS_AGAIN.test(String(reason)) ? undefined : story.accept(cid)
      return accept ? [[`${devOf(accept)} ${accept.thread} ${accept.cseq}`, i] as const] : []
    })
  )
}

/** What was acknowledged stays. */
export const acknowledgedStays: Check = function* (story) {
  const committed = new Map<string, HistoryEvent>()
  const acks = new Map<string, HistoryEvent>()
  const refused = new Map<string, HistoryEvent>()
  for (const event of story.of('commit', 'ack', 'nack', 'retry', 'log')) {
    const { cid = '' } = event
    if (event.ev === 'commit') {
      const nack = refused.get(cid)
      if (nack && !event.refused && !event.dup && !committed.has(cid)) {
        yield { events: [nack.i, event.i], says: `${cid} was refused (${nack.reason}), and committed later` }
      }
      committed.set(cid, event)
    } else if (event.ev === 'retry') refused.delete(cid)
    else if (event.ev === 'nack') {
      if (!ASKS_AGAIN.test(String(event.reason))) refused.set(cid, event)
      const ack = acks.get(cid)
      if (ack && isFinal(event) && stands(story, event)) {
        yield { events: [ack.i, event.i], says: `${cid} was acknowledged, and refused (${event.reason}) later` }
      }
    } else if (event.ev === 'ack') {
      acks.set(cid, event)
      const commit = committed.get(cid)
      const undone = commit && story.undoneAt(commit)
      if (!commit) yield { events: [event.i], says: `${cid} was acknowledged before it was committed` }
      else if (undone !== undefined && undone < event.i) {
        yield {
          events: [commit.i, undone, event.i],
          says: `${cid} was acknowledged, when it was not in the log any more`
        }
      } else if (commit.refused) {
        yield { events: [commit.i, event.i], says: `${cid} was refused (${commit.refused}), and acknowledged` }
      }
    } else {
      const there = new Set(shownIn(event).map(entry => entry.cid))
      for (const [id, ack] of acks) {
        const commit = committed.get(id)
        if (!commit || commit.thread !== event.thread || typeof commit.seq !== 'number') continue
        if (there.has(id) || story.undoneAt(commit)! < event.i) continue
        yield { events: [ack.i, commit.i, event.i], says: `${id} was acknowledged, and is not in the log any more` }
      }
    }
  }
  const boots = story.of('boot').filter(({ node, epoch }) => node === 'srv' && epoch !== undefined)
  for (const [cid, ack] of acks) {
    const commit = committed.get(cid)
    const undone = commit && story.undoneAt(commit)
    if (undone === undefined || ack.i > undone) continue
    const after = boots.find(({ i }) => i > undone)
    if (!after || boots.findLast(({ i }) => i < undone)?.epoch !== after.epoch) continue
    yield { events: [ack.i, undone, after.i], says: `${cid} was acknowledged, and taken back in the same epoch` }
  }
}

/** Where the log was taken back, cursors of before count no more. */
export const newEpoch: Check = function* (story) {
  let epoch: unknown
  let back: HistoryEvent | undefined
  let checked = true
  const former = new Set<unknown>()
  for (const event of story.of('boot', 'fault', 'resume')) {
    if (story.rollbacks.includes(event)) {
      back = event
      checked = false
      if (epoch !== undefined) former.add(epoch)
      if (event.epoch !== undefined) {
        epoch = event.epoch
        checked = true
        if (former.has(epoch)) {
          yield { events: [event.i], says: `the log was taken back, and its epoch is ${epoch} as before` }
        }
      }
    } else if (event.ev === 'boot' && event.node === 'srv' && event.epoch !== undefined) {
      epoch = event.epoch
      if (back && !checked && former.has(epoch)) {
        yield { events: [back.i, event.i], says: `the log was taken back, and its epoch is ${epoch} as before` }
      }
      checked = true
    } else if (event.ev === 'resume' && event.honoured && epoch !== undefined && (!checked || event.epoch !== epoch)) {
      yield {
        events: [...(back ? [back.i] : []), event.i],
        says: `${event.dev} resumed from a cursor of epoch ${event.epoch}, but the log is of ${checked ? `epoch ${epoch}` : 'no epoch yet'}`
      }
    }
  }
  const known = new Map<string, unknown>()
  const left = new Map<string, { readonly epoch: unknown; readonly former: Map<unknown, HistoryEvent> }>()
  for (const cursor of story.of('cursor')) {
    const { thread, epoch, contiguous } = cursor
    const place = `${diskOf(cursor)} ${thread}`
    const { epoch: now, former: gone } = left.get(place) ?? { epoch, former: new Map<unknown, HistoryEvent>() }
    if (now !== epoch) gone.set(now, cursor)
    left.set(place, { epoch, former: gone })
    const since = gone.get(epoch)
    if (since) {
      gone.delete(epoch)
      yield { events: [since.i, cursor.i], says: `${cursor.node} counts by epoch ${epoch} again, which it had left` }
    }
    const last = story.rollbacks.findLast(({ i }) => i < cursor.i)
    const key = `${devOf(cursor)} ${thread}`
    if (last && epoch !== undefined) {
      const old = story.of('cursor').findLast(one => one.i < last.i && one.thread === thread)?.epoch
      const news = story.commits.find(
        commit =>
          commit.i > last.i &&
          commit.i < cursor.i &&
          commit.thread === thread &&
          !commit.dup &&
          (commit.seq ?? Number.POSITIVE_INFINITY) <= Number(contiguous) &&
          // What was said in that place before, and came late, is counted by its own right.
          [undefined, commit.cid].includes(storedAt(story, cursor, commit.seq!)?.cid)
      )
      if (old === epoch && news && known.get(key) !== cursor.epoch) {
        yield {
          events: [last.i, news.i, cursor.i],
          says: `${cursor.node} counts ${news.cid}, which came after the log was taken back, under the old epoch ${epoch}`
        }
        known.set(key, cursor.epoch)
      }
    }
  }
}

/** How long a message is offered, in milliseconds. */
const WAITS_AT_MOST = 7 * 86_400_000
/** What a browser knows without asking. */
const TOO_LARGE = /too.(large|long|big)/i

/**
 * A message that is shown as failed, or was taken back, does not arrive after all; and what has arrived is not shown as
 * failed. Only a server that refused it makes it fail: one that asked to wait did not.
 */
export const failedMeansFailed: Check = function* (story) {
  const failed = new Map<string, HistoryEvent>()
  const committed = new Map<string, HistoryEvent>()
  const refused = new Set<string>()
  // Where no frames were recorded, nobody knows what a server refused. Agents of these histories speak without frames.
  const hasFrames = story.of('wire').some(({ frame }) => frame)
  /** Taken back in the memory of a page alone, whose disk took nothing, and which is gone. */
  const wentWithPage = ({ node, t }: HistoryEvent, { i }: HistoryEvent) =>
    story.of('accept').some(one => one.op === 'void' && one.volatile && one.node === node && one.t === t) &&
    story.of('crash', 'close').some(end => end.node === node && end.i < i)
  /** What has left a page, and what was tried once more: a screen may be late to show that. */
  const left = new Set<string>()
  const retried = new Set<string>()
  for (const event of story.of('state', 'retry', 'commit', 'nack', 'wire', 'render')) {
    const { cid = '' } = event
    if (event.ev === 'wire') {
      const { t, cid: id = '' } = (event.frame ?? {}) as { readonly t?: string; readonly cid?: string }
      if (t === 'nack') refused.add(id)
      if (t === 'send' && event.dir === 'out') left.add(id)
      continue
    }
    if (event.ev === 'render') {
      for (const { cid: id, state } of shownIn(event)) {
        if (state === 'failed' && !failed.has(id) && !retried.has(id) && !committed.has(id)) {
          failed.set(id, { ...event, to: 'failed' })
        }
      }
      continue
    }
    const accept = story.accept(cid)
    // What is no message is shown nowhere. Chats are not asked for any more that were asked for long ago.
    if (accept && !isMessage(accept)) continue
    if (event.ev === 'retry' || (event.from === 'failed' && event.reason === 'retry')) {
      failed.delete(cid)
      retried.add(cid)
    } else if (event.ev === 'nack') refused.add(cid)
    else if (event.ev === 'commit') {
      if (event.refused) refused.add(cid)
      if (event.refused || event.dup) continue
      committed.set(cid, event)
      const state = failed.get(cid)
      if (!state || wentWithPage(state, event)) continue
      const was = state.to === 'failed' ? 'shown as failed' : 'taken back'
      yield { events: [state.i, event.i], says: `${cid} was ${was}, and was committed later` }
    } else if (event.to === 'failed' || event.reason === 'discarded') {
      failed.set(cid, event)
      const commit = committed.get(cid)
      /** Another device offered it, after no disk had kept the name of the first: that thread is not open to it. */
      const isOthers = story
        .of('commit')
        .some(one => one.cid === cid && one.refused === 'forbidden' && one.i < event.i && one.device !== commit?.device)
      // Said again by a page that slept while its disk was emptied: to the server somebody else says it.
      if (commit && story.undoneAt(commit) === undefined && !isOthers && !(accept && story.wasEmptied(accept, event))) {
        yield { events: [commit.i, event.i], says: `${cid} is shown as failed, and was committed before` }
      } else if (
        hasFrames &&
        event.to === 'failed' &&
        !refused.has(cid) &&
        !/^agent/.test(event.node) &&
        // It has waited for too long, or is not even offered.
        !(accept && event.t - accept.t >= WAITS_AT_MOST) &&
        !(TOO_LARGE.test(String(event.reason)) && !left.has(cid))
      ) {
        yield { events: [event.i], says: `${cid} is shown as failed, and no server had refused it` }
      }
    }
  }
}
