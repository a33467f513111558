import type { Bus } from '../bus/bus.ts'

/** Who is connected to this process right now, and what they look at. */
export interface Presence {
  /** A page of this visitor connected; call the result when it is gone. */
  visitorJoined(visitorId: string): () => void
  agentJoined(agentId: string): () => void
  look(visitorId: string, page: SeenPage): void
  seen(visitorId: string): { readonly online: boolean; readonly page: SeenPage }
  isVisitorHere(visitorId: string): boolean
  isAgentHere(agentId: string): boolean
  /** Since when somebody is gone, in milliseconds since the epoch; whoever never came is gone since the start. */
  goneSince(id: string): number
}

export interface SeenPage {
  readonly url: string
  readonly title: string
}

const NOWHERE: SeenPage = { url: '', title: '' }

export function createPresence(bus: Bus, startedAt: number): Presence {
  const visitors = new Map<string, number>()
  const agents = new Map<string, number>()
  const pages = new Map<string, SeenPage>()
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
        pages.delete(id)
        remember(id)
        changed()
      }
    }
  }

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
    look(visitorId, page) {
      if (!visitors.has(visitorId)) return
      pages.set(visitorId, page)
      bus.publish('visit', { visitorId })
    },
    seen: id => ({ online: visitors.has(id), page: pages.get(id) ?? NOWHERE }),
    isVisitorHere: id => visitors.has(id),
    isAgentHere: id => agents.has(id),
    goneSince: id => left.get(id) ?? startedAt
  }
}
