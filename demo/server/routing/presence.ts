import type { Bus } from '../bus/bus.ts'
import type { SeenPage, VisitorView } from '../wire/agent-frames.ts'

/** Who is connected to this process right now, and what they look at. */
export interface Presence {
  /** A page of this visitor connected; call the result when it is gone. */
  visitorJoined(visitorId: string): () => void
  agentJoined(agentId: string): () => void
  /** A visitor who is connected looks at this page now. */
  look(visitorId: string, page: Omit<SeenPage, 'since'>): void
  seen(visitorId: string): Pick<VisitorView, 'online' | 'page' | 'before'>
  isVisitorHere(visitorId: string): boolean
  isAgentHere(agentId: string): boolean
  /** Since when somebody is gone, in milliseconds since the epoch; whoever never came is gone since the start. */
  goneSince(id: string): number
}

/** What is known of one visit. It is kept in memory only, and forgotten when the visit is over. */
interface Visit {
  /** The latest first. */
  readonly pages: readonly SeenPage[]
  /** Whether they have said, since they are here, that they look at the first of them. */
  readonly here: boolean
  /** Runs while they are gone, and ends the visit. */
  readonly end?: ReturnType<typeof setTimeout> | undefined
}

const NOWHERE: SeenPage = { url: '', title: '', since: 0 }
/** Pages with less than so many milliseconds between them are one visit. */
const VISIT = 1_800_000
/** Pages that are remembered of one. */
const PAGES = 10
/** Visits that are remembered; the oldest are forgotten first. */
const VISITS = 5000

export function createPresence(bus: Bus, startedAt: number): Presence {
  const visitors = new Map<string, number>()
  const agents = new Map<string, number>()
  const visits = new Map<string, Visit>()
  const left = new Map<string, number>()

  const join = (here: Map<string, number>, id: string, changed: () => void) => {
    here.set(id, (here.get(id) ?? 0) + 1)
    left.delete(id)
    if (here.get(id) === 1) changed()
    let joined = true
    return () => {
      if (!joined) return
      joined = false
      const rest = (here.get(id) ?? 1) - 1
      if (rest) here.set(id, rest)
      else {
        here.delete(id)
        leave(id)
        remember(id)
        changed()
      }
    }
  }

  const put = (id: string, visit: Visit) => {
    forget(id)
    visits.set(id, visit)
    if (visits.size > VISITS) forget(visits.keys().next().value!)
  }
  const forget = (id: string) => {
    clearTimeout(visits.get(id)?.end)
    visits.delete(id)
  }
  const leave = (id: string) => {
    const visit = visits.get(id)
    if (visit) put(id, { ...visit, here: false, end: setTimeout(forget, VISIT, id).unref() })
  }
  bus.subscribe('erased', ({ visitorId }) => forget(visitorId))

  /** Long enough for every timer; then nobody asks any more. */
  const remember = (id: string) => {
    left.delete(id)
    left.set(id, Date.now())
    for (const [other, at] of left) {
      if (Date.now() - at < 600_000) break
      left.delete(other)
    }
  }

  return {
    visitorJoined: id => join(visitors, id, () => bus.publish('visit', { visitorId: id })),
    agentJoined: id => join(agents, id, () => bus.publish('agents', {})),
    look(visitorId, { url: whole, title }) {
      if (!visitors.has(visitorId)) return
      // What follows may be a secret, or say more of somebody than where they are.
      const url = whole.replace(/[?#].*/s, '')
      const visit = visits.get(visitorId)
      const [latest, ...older] = visit?.pages ?? []
      if (visit?.here && latest?.url === url && latest.title === title) return
      const since = latest?.url === url ? latest.since : Date.now()
      const before = latest && latest.url !== url ? [latest, ...older] : older
      put(visitorId, { pages: [{ url, title, since }, ...before].slice(0, PAGES), here: true })
      bus.publish('visit', { visitorId })
    },
    seen(id) {
      const { pages = [], here = false } = visits.get(id) ?? {}
      return {
        online: visitors.has(id),
        page: (here && pages[0]) || NOWHERE,
        before: here ? pages.slice(1) : pages
      }
    },
    isVisitorHere: id => visitors.has(id),
    isAgentHere: id => agents.has(id),
    goneSince: id => left.get(id) ?? startedAt
  }
}
