import type { HistoryEvent } from '../history.ts'
import { placedAt } from './commits.ts'
import { LOOKS_WITHIN } from './devices.ts'
import { type Check, devOf, diskOf, isPlaced, type Shown, type Story, shownIn } from './story.ts'

/** A screen shows each message once. */
export const shownOnce: Check = function* (story) {
  for (const render of story.of('render')) {
    const cids = new Set<string>()
    const seqs = new Set<number>()
    for (const { cid: id, seq } of shownIn(render)) {
      // Without an id it is what has its place.
      const there = id || seq === null ? [] : placedAt(story, render, seq)
      const cid = there.length === 1 ? (there[0]!.cid ?? '') : id
      const twice = (cid && cids.has(cid)) || (seq !== null && seqs.has(seq))
      if (twice) {
        yield { events: [render.i], says: `${render.node} shows ${cids.has(cid) ? cid : `place ${seq}`} twice` }
        break
      }
      cids.add(cid)
      if (seq !== null) seqs.add(seq)
    }
  }
}

const PENDING = ['saving', 'queued', 'sending']

/** What was sent keeps its order on every screen, and stands before what waits. */
export const stableOrder: Check = function* (story) {
  const last = new Map<string, { readonly event: HistoryEvent; readonly at: Map<string, number> }>()
  /** What stood before what, of messages of which a screen does not say the place. */
  const pairs = new Map<string, HistoryEvent>()
  /** Another tab has given one of them a lower number, and a note of one or the other may be late or lost. */
  const isRenumbered = (one: HistoryEvent, other: HistoryEvent, { i, t, node }: HistoryEvent) =>
    story
      .of('renumber')
      .some(
        event =>
          (event.cid === one.cid || event.cid === other.cid) &&
          event.node !== node &&
          event.i < i &&
          t - event.t <= LOOKS_WITHIN
      )
  for (const render of story.of('render')) {
    const shown = shownIn(render)
    const key = `${render.node} ${render.thread}`
    const sent = shown.filter(isPlaced)
    const firstPending = shown.findIndex(({ state }) => PENDING.includes(state))
    const behind = firstPending < 0 ? undefined : shown.slice(firstPending).find(isPlaced)
    if (behind) {
      const before = shown[firstPending]!.cid
      yield {
        events: [render.i],
        says: `${render.node} shows ${before}, which waits, before ${behind.cid}, which was sent`
      }
    }
    const numbers = shown
      .filter(({ state }) => PENDING.includes(state))
      .map(({ cid }) => story.accept(cid))
      .filter(accept => accept !== undefined)
    const swapped = numbers.find(
      (accept, at) =>
        at > 0 &&
        !story.wasEmptied(accept, render) &&
        story.cameBefore(accept, numbers[at - 1]!) &&
        !isRenumbered(accept, numbers[at - 1]!, render)
    )
    if (swapped)
      yield { events: [swapped.i, render.i], says: `${render.node} shows ${swapped.cid} behind what was said after it` }

    const fall = sent.find(({ seq }, at) => at > 0 && seq !== null && (sent[at - 1]!.seq ?? 0) > seq)
    if (fall) yield { events: [render.i], says: `${render.node} shows place ${fall.seq} behind a later one` }

    const before = last.get(key)
    const goneBack = story.rollbacks.some(({ i }) => before && i > before.event.i && i < render.i)
    if (before && !goneBack) {
      const moved = order(sent, before.at)
      if (moved) {
        yield {
          events: [before.event.i, render.i],
          says: `${render.node} shows ${moved} on the other side of what it stood beside`
        }
      }
    }
    const free = sent.filter(({ seq }) => seq === null)
    for (const [at, { cid }] of free.entries()) {
      for (const { cid: next } of free.slice(at + 1)) {
        const other = pairs.get(`${key} ${next} ${cid}`)
        if (other && other !== before?.event && !goneBack) {
          yield { events: [other.i, render.i], says: `${render.node} shows ${next} behind ${cid}, and not before it` }
        }
        pairs.set(`${key} ${cid} ${next}`, render)
      }
    }
    last.set(key, { event: render, at: new Map(sent.map(({ cid }, at) => [cid, at])) })
  }
}

/** The first message that changed sides with the one before it. */
function order(sent: readonly Shown[], before: ReadonlyMap<string, number>): string | undefined {
  let highest = -1
  for (const { cid } of sent) {
    const at = before.get(cid)
    if (at === undefined) continue
    if (at < highest) return cid
    highest = at
  }
  return undefined
}

/** Where messages are missing between two that are shown, the screen says so. */
export const gapShown: Check = function* (story) {
  const cursors = story.of('cursor')
  for (const render of story.of('render')) {
    if (render.syncing || (Array.isArray(render.gaps) && render.gaps.length)) continue
    const sent = shownIn(render).filter(entry => isPlaced(entry) && entry.seq !== null)
    const hole = sent.find(({ seq, gap, cid }, at) => {
      if (at === 0 || gap || seq! <= sent[at - 1]!.seq! + 1) return false
      // Its acknowledgement came before its event, and with it what came in between.
      const accept = story.accept(cid)
      const isOwn = !accept || devOf(accept) === devOf(render)
      return !(isOwn && hasNoEvent(story.of('apply'), render, cid))
    })
    if (!hole) {
      const cursor = cursors.findLast(
        one => one.i < render.i && one.thread === render.thread && diskOf(one) === diskOf(render)
      )
      const known = ((cursor?.gaps ?? []) as readonly Gap[])[0] ?? (cursor && restOf(story, cursor, render))
      // What is missing further above the oldest one that is shown is shown with what is there.
      const isAmong = known && sent[0] && (known.from > sent[0].seq! || known.to === sent[0].seq! - 1)
      const isEmptied = cursor && story.wasEmptied(cursor, render)
      if (isAmong && cursor && !isEmptied && render.t > cursor.t + TOLD && !shownIn(render).some(({ gap }) => gap)) {
        yield {
          events: [cursor.i, render.i],
          says: `${render.node} shows no gap, and the messages from ${known.from} are missing`
        }
      }
      continue
    }
    const before = sent[sent.indexOf(hole) - 1]!
    yield { events: [render.i], says: `${render.node} shows place ${hole.seq} right after ${before.seq}, and no gap` }
  }
}

interface Gap {
  readonly from: number
  readonly to?: number
}

/** What is missing at the end of a thread by a cursor that names no gap, if it is not on the disk after all. */
function restOf(story: Story, cursor: HistoryEvent, render: HistoryEvent): Gap | undefined {
  const from = Number(cursor.contiguous) + 1
  const to = Number(cursor.head)
  const isStored = (apply: HistoryEvent) =>
    apply.i < render.i && apply.thread === cursor.thread && apply.seq === from && diskOf(apply) === diskOf(cursor)
  return to >= from && !story.of('apply').some(isStored) ? { from, to } : undefined
}

/** How long a tab takes at the most to read what another one has stored, in milliseconds. */
const TOLD = 1000

const hasNoEvent = (applies: readonly HistoryEvent[], render: HistoryEvent, cid: string) =>
  !applies.some(
    apply =>
      apply.i < render.i &&
      apply.cid === cid &&
      devOf(apply) === devOf(render) &&
      (apply.node === render.node || apply.t + TOLD < render.t)
  )

/** How long after it was stored something may take to be shown in the same tab, in milliseconds. */
const SHOWN = 20

const RANK: Readonly<Record<string, number>> = { saving: 0, queued: 1, sending: 2, sent: 3, delivered: 4, read: 5 }

/** What the rows of a disk say of a message is what its screens show, in whichever tab. */
function* agreesWithDisk(story: Story): ReturnType<Check> {
  /** Who has stored it, or has begun since, has read it; another one may have to look, where a note was lost. */
  const hasRead = (row: HistoryEvent, { i, node }: HistoryEvent) =>
    row.node === node || story.of('boot').some(boot => boot.node === node && boot.i > row.i && boot.i < i)
  const sent = new Map<string, HistoryEvent>()
  const reads = new Map<string, HistoryEvent>()
  for (const event of story.of('apply', 'read', 'render', 'forget', 'ident', 'wipe', 'fault', 'storage', 'reset')) {
    const disk = diskOf(event)
    if (event.ev === 'apply') sent.set(`${disk} ${event.cid}`, event)
    else if (event.ev === 'read') {
      if (event.id === 'team') reads.set(`${event.disk} ${event.thread}`, event)
    } else if (event.ev === 'storage' ? event.state !== 'durable' : event.ev !== 'render') {
      // What lay there may be another one's, or gone, or not to be read.
      sent.clear()
      reads.clear()
    } else if (event.ev === 'render') {
      for (const { cid, seq, state } of shownIn(event)) {
        const isWaiting = PENDING.includes(state)
        const read = reads.get(`${disk} ${event.thread}`)
        const isUnread = ['sent', 'delivered'].includes(state) && seq !== null && seq <= (read?.seq ?? 0)
        const stored = sent.get(`${disk} ${cid}`)
        const newer = read && stored && read.i > stored.i ? read : stored
        const row = isWaiting ? stored : isUnread ? newer : undefined
        if (!row || event.t <= row.t + (hasRead(row, event) ? TOLD : LOOKS_WITHIN)) continue
        yield { events: [row.i, event.i], says: `${event.node} shows ${cid} as ${state}, and the disk knows more` }
      }
    }
  }
}

/** The state of a message only rises, unless somebody tries again. */
export const statesRise: Check = function* (story) {
  yield* agreesWithDisk(story)
  const known = new Map<string, { readonly state: string; readonly event: HistoryEvent }>()
  const retried = new Map<string, number>()
  const fallen = new Map<string, number>()
  const cancelled = new Map<string, HistoryEvent>()
  const back = story.rollbacks[0]?.i ?? Number.POSITIVE_INFINITY
  const mended = story.of('storage').filter(({ i, state }) => i > back && state === 'durable')
  const eras = [...story.rollbacks, ...story.of('wipe'), ...mended]
  for (const event of story.of('state', 'render', 'retry', 'ident')) {
    // Whoever signs out takes all with them, and is told all of it anew when they come back.
    if (event.ev === 'ident') {
      for (const [key, { event: one }] of known) if (diskOf(one) === diskOf(event)) known.delete(key)
      continue
    }
    if (event.ev === 'retry') {
      retried.set(event.cid ?? '', event.i)
      continue
    }
    // Where nothing else tells what it was, the event itself does.
    if (event.ev === 'state' && event.from !== undefined && !known.has(`${event.node} ${event.cid}`)) {
      known.set(`${event.node} ${event.cid}`, { state: String(event.from), event })
    }
    const seen = event.ev === 'render' ? shownIn(event) : [{ cid: event.cid ?? '', state: String(event.to) }]
    for (const { cid, state } of seen) {
      if (event.ev === 'state' && state === 'cancelled') cancelled.set(cid, event)
      const end = event.ev === 'state' && event.from === 'cancelled' ? cancelled.get(cid) : undefined
      if (end && state !== 'cancelled' && (retried.get(cid) ?? -1) < end.i) {
        yield { events: [end.i, event.i], says: `${cid} was cancelled at ${end.node}, and then ${state}` }
      }
      if (state !== 'failed' && RANK[state] === undefined) continue
      const key = `${event.node} ${cid}`
      const before = known.get(key)
      // A disk that hung takes what is shown already, and more than that.
      const isTaken = event.ev === 'state' && state === 'sent' && !(RANK[String(event.from)]! > RANK.sent!)
      if (isTaken && RANK[before?.state ?? '']! > RANK.sent!) continue
      known.set(key, { state, event })
      if (!before || before.state === state) continue
      // Stored this very moment, and about to be shown.
      if (before.event.ev === 'state' && event.ev === 'render' && event.t - before.event.t < SHOWN) continue
      if (before.state === 'failed') {
        if ((retried.get(cid) ?? -1) > before.event.i || (state === 'queued' && event.reason === 'retry')) continue
      } else if (state === 'failed' ? RANK[before.state]! < 3 : RANK[state]! > RANK[before.state]!) continue
      // What a server forgot that was taken back in time is said again, and what a disk forgot that was emptied is heard
      // again: once for each time, and once more where a disk that works again still has what was before.
      const isOf = ({ ev, node }: HistoryEvent) => ev === 'fault' || (ev === 'storage' ? node === event.node : true)
      const era = eras.filter(
        one => one.i < event.i && isOf(one) && (one.ev !== 'wipe' || devOf(one) === devOf(event))
      ).length
      if (era > (fallen.get(key) ?? 0)) {
        fallen.set(key, era)
        continue
      }
      yield {
        events: [before.event.i, event.i],
        says: `${cid} was ${before.state} at ${event.node}, and then ${state}`
      }
    }
  }
}

/** Marks of reading only rise, on a disk for all of its tabs, and lie within what there is. */
export const readsRise: Check = function* (story) {
  const marks = new Map<string, HistoryEvent>()
  const heads = new Map<string, number>()
  const hasCommits = story.commits.length > 0
  const fallen = new Map<string, number>()
  for (const event of story.of('commit', 'read', 'ident')) {
    const { thread = '', seq } = event
    // What was read and not told goes with everything else when somebody signs out.
    if (event.ev === 'ident') {
      for (const [key, mark] of marks) if (diskOf(mark) === diskOf(event)) marks.delete(key)
      continue
    }
    if (typeof seq !== 'number') continue
    const head = heads.get(thread)
    if (event.ev === 'commit') {
      heads.set(thread, Math.max(head ?? 0, seq))
      continue
    }
    const place = typeof event.disk === 'string' ? event.disk : event.node
    const key = `${place} ${thread} ${event.id}`
    const before = marks.get(key)
    marks.set(key, event)
    if (before && seq < (before.seq ?? 0)) {
      // As often as the log was taken back, or the disk emptied, for each of its pages: a device that could store nothing
      // meanwhile is told of one after the other, and one that is emptied hears of all of it once more.
      const isEra = (one: HistoryEvent) => one.i < event.i && (one.ev !== 'wipe' || devOf(one) === devOf(event))
      const eras = [...story.rollbacks, ...story.of('wipe')].filter(isEra).length
      const page = `${key} ${event.node}`
      const falls = (fallen.get(page) ?? 0) + 1
      if (falls <= eras) fallen.set(page, falls)
      else {
        yield {
          events: [before.i, event.i],
          says: `${event.id} had read to ${before.seq} at ${place}, and then to ${seq}`
        }
      }
    }
    if ((head !== undefined || hasCommits) && seq > (head ?? 0)) {
      yield {
        events: [event.i],
        says: `${event.id} has read to ${seq} in thread ${thread}, which ends at ${head ?? 0}`
      }
    }
  }
}

/** The last words of a message are those that are shown, and what was taken back is gone. */
export const editsWin: Check = function* (story) {
  const edits = story.of('edit')
  if (!edits.length) return
  const revs = new Map<string, HistoryEvent[]>()
  for (const edit of edits) {
    const list = revs.get(edit.cid ?? '') ?? []
    const last = list.at(-1)
    if (last && Number(edit.rev) <= Number(last.rev)) {
      yield { events: [last.i, edit.i], says: `${edit.cid} has revision ${edit.rev} after ${last.rev}` }
    } else if (last?.redacted && !edit.redacted) {
      yield { events: [last.i, edit.i], says: `${edit.cid} was taken back, and has words again` }
    }
    revs.set(edit.cid ?? '', [...list, edit])
  }
  const revOf = (cid: string, hash: string | undefined) =>
    Number(revs.get(cid)?.find(edit => edit.hash === hash && !edit.redacted)?.rev ?? 0)
  const applied = new Map<string, HistoryEvent>()
  const shown = new Map<string, { readonly render: HistoryEvent; readonly entry: Shown }>()
  for (const event of story.of('apply', 'render')) {
    if (event.ev === 'apply') {
      const { cid = '', hash, rev } = event
      const stored = applied.get(`${devOf(event)} ${cid}`)
      const taken = revs.get(cid)?.find(edit => edit.redacted && Number(edit.rev) <= Number((stored ?? event).rev))
      const isLower = rev !== undefined && stored && Number(rev) < Number(stored.rev)
      if (taken && hash !== undefined && hash !== taken.hash && event.i > taken.i) {
        yield { events: [taken.i, event.i], says: `${event.node} stores words of ${cid}, which was taken back` }
      } else if (isLower) {
        yield {
          events: [stored.i, event.i],
          says: `${event.node} stores revision ${rev} of ${cid}, and had ${stored.rev} of it`
        }
      }
      if (rev !== undefined && !isLower) applied.set(`${devOf(event)} ${cid}`, event)
      continue
    }
    for (const entry of shownIn(event)) {
      shown.set(`${event.node} ${entry.cid}`, { render: event, entry })
      const stored = applied.get(`${devOf(event)} ${entry.cid}`)
      // Another tab needs a moment to read it.
      const apply = stored && (stored.node === event.node || event.t > stored.t + TOLD) ? stored : undefined
      const edit = revs.get(entry.cid)?.find(one => one.rev === apply?.rev)
      if (!apply || !edit || entry.state === 'redacted') continue
      if (
        edit.redacted
          ? entry.hash !== undefined && entry.hash !== edit.hash
          : revOf(entry.cid, entry.hash) < Number(edit.rev)
      ) {
        yield {
          events: [edit.i, apply.i, event.i],
          says: `${event.node} shows ${entry.cid} as it was before revision ${edit.rev}`
        }
      }
    }
  }
  for (const log of story.of('log')) {
    for (const { cid, hash } of shownIn(log)) {
      const last = revs.get(cid)?.findLast(({ i }) => i < log.i)
      if (!last || hash === undefined || hash === last.hash || story.rollbacks.some(({ i }) => i > last.i)) continue
      yield {
        events: [last.i, log.i],
        says: `the log of ${log.thread} has ${cid} as it was before revision ${last.rev}`
      }
    }
  }
  if (!story.quiesce) return
  for (const { render, entry } of shown.values()) {
    const last = revs.get(entry.cid)?.findLast(({ i }) => i < story.quiesce!.i)
    const apply = applied.get(`${devOf(render)} ${entry.cid}`)
    const isToldOf = apply?.rev === last?.rev && apply && apply.i < render.i
    if (!last || isToldOf || entry.hash === last.hash || entry.state === 'redacted') continue
    if (last.redacted && entry.hash === undefined) continue
    yield {
      events: [last.i, render.i, story.quiesce.i],
      says: `${render.node} shows ${entry.cid} in other words than its last ones`
    }
  }
}
