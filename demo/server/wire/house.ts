import type { Availability } from '../../../src/model/availability.ts'
import type { Away } from '../conversations/promise.ts'
import type { Agent, OpeningView, SeenPage, VisitorView } from './agent-frames.ts'

/** What the sockets ask about the house, and tell it. Joined by routing. */
export interface House {
  availability(): Availability
  /** What to say to whoever begins to wait; `undefined`: somebody is home. */
  away(): Away | undefined
  /** Whether it is within the team's hours; `null`: there are none. */
  opening(): OpeningView | null
  /** Everybody on the team, away while not connected. */
  agents(): readonly Agent[]
  /** A page of this visitor is connected, until the returned function is called. */
  visitorJoined(visitorId: string): () => void
  agentJoined(agentId: string): () => void
  isAgentHere(agentId: string): boolean
  /** A visitor looks at this page now. */
  look(visitorId: string, page: Omit<SeenPage, 'since'>): void
  seen(visitorId: string): Pick<VisitorView, 'online' | 'page' | 'before'>
}
