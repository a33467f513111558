import type { HistoryEvent } from '../history.ts'
import { type Check, devOf, diskOf, isMessage } from './story.ts'

/** How long trouble with storage may go unsaid, in milliseconds. */
const SAID_WITHIN = 3000

/** Where nothing is kept, the screen says so, and what is accepted is marked. */
export const degradationShown: Check = function* (story) {
  const states = new Map<string, string>()
  const troubles = new Map<string, HistoryEvent>()
  const frozen = new Set<string>()
  const open = new Set<string>()
  /** Faults that are not over, by the page, or by the browser whose disk all its pages share. */
  const faults = new Map<string, HistoryEvent>()
  const faultAt = (node: string) => faults.get(node) ?? faults.get(node.split('/')[0]!)
  const suspect = (event: HistoryEvent) => {
    const fault = faultAt(event.node)
    if (fault && !troubles.has(event.node)) troubles.set(event.node, { ...fault, node: event.node, t: event.t })
  }
  for (const event of story.of('boot', 'storage', 'fault', 'accept', 'crash', 'close', 'quiesce', 'heal')) {
    if (event.node.includes('/') && event.ev !== 'crash' && event.ev !== 'close' && !open.has(event.node)) {
      open.add(event.node)
      suspect(event)
    }
    for (const [node, trouble] of troubles) {
      if (event.t <= trouble.t + SAID_WITHIN) continue
      troubles.delete(node)
      yield {
        events: [trouble.i, event.i],
        says: `storage failed at ${node} (${trouble.error ?? trouble.kind ?? trouble.cid}), and nobody was told within 3 s`
      }
    }
    if (event.ev === 'storage') {
      states.set(event.node, String(event.state))
      if (event.state !== 'durable') troubles.delete(event.node)
      else suspect(event)
    } else if (event.ev === 'fault') {
      const place = event.node.includes('/') ? event.node : devOf(event)
      if (event.kind === 'storage works') {
        faults.delete(place)
        for (const node of troubles.keys()) if (node === place || node.startsWith(`${place}/`)) troubles.delete(node)
      }
      // Nobody looks at a page that is frozen, and it cannot say anything.
      if (event.kind === 'freeze' && troubles.delete(event.node)) frozen.add(event.node)
      if (event.kind === 'thaw' && frozen.delete(event.node)) troubles.set(event.node, event)
      if (event.kind === 'storage works' || !/^(storage|quota|idb|indexeddb)/i.test(String(event.kind))) continue
      faults.set(place, event)
      // Of one page, or of the disk that all pages of a browser share.
      const nodes = event.node.includes('/')
        ? [event.node]
        : [...open].filter(node => node.startsWith(`${devOf(event)}/`))
      for (const node of nodes) {
        if ((states.get(node) ?? 'durable') === 'durable' && !troubles.has(node)) troubles.set(node, event)
      }
    } else if (event.ev === 'accept') {
      const state = states.get(event.node)
      // `false` says that it is kept all the same, because the disk took it: it works again, or for the first time.
      const next = story.of('storage').find(({ i, node }) => i > event.i && node === event.node)
      const worksNow = next?.state === 'durable' && next.t <= event.t + SAID_WITHIN
      const isKept = event.volatile === false && !faultAt(event.node)
      const isMarked = event.volatile === true || (event.volatile === false && (state === 'degraded' || worksNow))
      if (state !== undefined && state !== 'durable' && !isMarked) {
        yield {
          events: [event.i],
          says: `${event.cid} was accepted at ${event.node} as if it were kept, while storage is ${state}`
        }
      }
      // It works again.
      if (isKept) troubles.delete(event.node)
      // Only memory took it.
      if (event.volatile === true && state === 'durable' && !troubles.has(event.node)) troubles.set(event.node, event)
    } else if (event.ev === 'crash' || event.ev === 'close') {
      troubles.delete(event.node)
      faults.delete(event.node)
      open.delete(event.node)
    }
  }
  const end = story.all.at(-1)
  for (const trouble of troubles.values()) {
    if (!end || end.t <= trouble.t + SAID_WITHIN) continue
    yield {
      events: [trouble.i, end.i],
      says: `storage failed at ${trouble.node} (${trouble.error ?? trouble.kind ?? trouble.cid}), and nobody was told within 3 s`
    }
  }
}

/** How long a page that is just opened may take to hear of what another one does meanwhile, in milliseconds. */
const HEARD_WITHIN = 1000
/** How long before a crash something must have been typed to be kept, in milliseconds. */
const KEPT_AFTER = 500

interface Pending {
  readonly typed: HistoryEvent
  readonly crash: HistoryEvent
  /** What may be there: what was typed for long enough, or anything after that. */
  readonly words: ReadonlySet<string | undefined>
}

/** What was half written comes back, as a draft or as a message, and not as both. */
export const draftKept: Check = function* (story) {
  const typed = new Map<string, HistoryEvent>()
  /** All that was typed in a thread since it was empty. */
  const before = new Map<string, HistoryEvent[]>()
  const pending = new Map<string, Pending>()
  const accepted = new Map<string, HistoryEvent>()
  const isStanding = (commit: HistoryEvent, at: HistoryEvent) =>
    commit.i < at.i && typeof commit.seq === 'number' && (story.undoneAt(commit) ?? Number.POSITIVE_INFINITY) > at.i
  /** When the disk of a device began to fail; the world knows, and a page a moment later. */
  const failing = new Map<string, number>()
  for (const event of story.of('draft', 'crash', 'close', 'accept', 'fault', 'ident', 'wipe')) {
    const key = `${diskOf(event)} ${event.thread}`
    if (event.ev === 'accept') {
      // What only a page had is gone with it; then its words are what was stored of them, the draft.
      if (!story.isVolatile(event)) accepted.set(`${key} ${event.hash}`, event)
      // Whoever says something in this thread has said what was typed there, or thrown it away.
      if (isMessage(event)) for (const map of [typed, before, pending]) map.delete(key)
    } else if (
      /^(ident|wipe)$/.test(event.ev) ||
      (event.ev === 'fault' && /disk|storage|quota|idb/.test(String(event.kind)))
    ) {
      for (const map of [typed, before, pending])
        for (const one of map.keys()) if (one.split(/[ :/]/)[0] === devOf(event)) map.delete(one)
      if (event.ev === 'fault') failing.set(devOf(event), event.t)
    } else if (event.ev === 'crash' || event.ev === 'close') {
      for (const [one, last] of typed) {
        if (last.node !== event.node) continue
        typed.delete(one)
        // Given to a disk that is silent, and not for so long that it has to be said yet.
        const isUnsaid = event.t - (failing.get(devOf(event)) ?? Number.NEGATIVE_INFINITY) < SAID_WITHIN
        // A page that is frozen does nothing.
        const isFrozen = story
          .of('fault')
          .some(
            ({ kind, node, i, t }) => kind === 'freeze' && node === event.node && i > last.i && t - last.t < KEPT_AFTER
          )
        const all = before.get(one) ?? []
        const kept = all.findLastIndex(({ t }) => event.t - t > KEPT_AFTER)
        if (kept >= 0 && !isUnsaid && !isFrozen) {
          pending.set(one, { typed: all[kept]!, crash: event, words: new Set(all.slice(kept).map(({ hash }) => hash)) })
        }
      }
    } else if (event.what === 'shown') {
      const waits = pending.get(key)
      pending.delete(key)
      // A conversation that the server does not have any more goes with what was half written in it, as one that was erased.
      const isForgotten = story.rollbacks.some(
        ({ i }) => i < event.i && !story.commits.some(one => one.thread === event.thread && isStanding(one, event))
      )
      if (waits && !isForgotten && !waits.words.has(event.hash)) {
        yield {
          events: [waits.typed.i, waits.crash.i, event.i],
          says: `what was typed at ${waits.typed.node} before the crash is not there any more`
        }
      }
      const message = accepted.get(`${key} ${event.hash}`)
      /** Whoever has just accepted it is about to tell. */
      const isNews = ({ i, t, node }: HistoryEvent) =>
        event.t < t + HEARD_WITHIN &&
        !story.of('crash', 'close').some(end => end.node === node && end.i > i && end.i < event.i)
      if (message && !isNews(message) && event.hash !== undefined && !typed.has(key)) {
        yield {
          events: [message.i, event.i],
          says: `the same words are in the outbox as ${message.cid}, and in the draft`
        }
      }
    } else {
      typed.set(key, event)
      before.set(key, [...(before.get(key) ?? []).filter(({ node }) => node === event.node), event])
      pending.delete(key)
    }
  }
}
