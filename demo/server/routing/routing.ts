import type { Availability } from '../../../src/model/availability.ts'
import type { Form } from '../../../src/model/form.ts'
import type { EndReason } from '../../../src/model/session.ts'
import type { Bus } from '../bus/bus.ts'
import type { Conversations, LiveChat } from '../conversations/conversations.ts'
import type { Away } from '../conversations/promise.ts'
import type { Log } from '../log.ts'
import { reasonOf } from '../log.ts'
import type { Agent, OpeningView, Settings } from '../wire/agent-frames.ts'
import { afterOpen, type Hours } from './hours.ts'
import { watchOpening } from './opening.ts'
import type { Presence } from './presence.ts'

/** Whether somebody is home, who waits, and when waiting ends. */
export interface Routing {
  availability(): Availability
  /** What to say to whoever begins to wait; `undefined`: somebody is home. */
  away(): Away | undefined
  /** Everybody on the team, as others see them: away while not connected. */
  agents(): readonly Agent[]
  settings(): Settings
  /** Whether it is within the hours; `null`: there are none. */
  opening(): OpeningView | null
  close(): Promise<void>
}

interface RoutingParts {
  readonly conversations: Conversations
  /** The team as it is stored, with the presence each of them chose. */
  readonly team: () => Promise<readonly Agent[]>
  /** The ids of those whose inbox comes back by itself; left out: nobody's. */
  readonly signedIn?: () => Promise<readonly string[]>
  readonly presence: Presence
  readonly bus: Bus
  readonly log: Log
  /** Whether an assistant answers when nobody is home. */
  readonly assistant: boolean
  /** When the team is there; none: whenever somebody is online. */
  readonly hours?: Hours | undefined
  /** What visitors are asked before a conversation. */
  readonly form?: Form | undefined
  readonly startedAt: number
  readonly limits: {
    readonly away: number
    readonly awayAtStart: number
    readonly homeGrace: number
    readonly idle: number
    readonly idleWarning: number
  }
}

interface Step {
  readonly at: number
  readonly reason: EndReason | undefined
}

/** How many of the team a visitor sees. */
const FACES = 4
/** How soon after the opening an answer is promised, as long as nothing was measured. */
const FIRST_REPLY = 3_600_000
const QUARTER = 900_000
/** How soon what failed is tried again. */
const RETRY = 1000

export async function createRouting(parts: RoutingParts): Promise<Routing> {
  const { conversations, presence, bus, log, hours, limits } = parts
  let settings = await conversations.settings()
  let figures = await conversations.figures()
  let team = await parts.team()
  const signedIn = (await parts.signedIn?.()) ?? []
  const readyAt = Date.now()
  let said = ''
  let home = false
  let closed = false
  let sweepTimer: ReturnType<typeof setTimeout> | undefined
  let homeTimer: ReturnType<typeof setTimeout> | undefined
  let work: Promise<void> = Promise.resolve()
  /** By what is tried again, so that of each there is one. */
  const retries = new Map<string, ReturnType<typeof setTimeout>>()

  /** One thing after the other; what fails is logged, and tried again in its turn: no other note may come. */
  const inTurn = (what: string, task: () => Promise<void>) => {
    work = work.then(async () => {
      if (closed) return
      // This is the next try.
      clearTimeout(retries.get(what))
      try {
        await task()
      } catch (error) {
        log.error(`routing: ${what} failed`, { reason: reasonOf(error) })
        if (!closed) retries.set(what, setTimeout(inTurn, RETRY, what, task))
      }
    })
  }

  const seenAs = (agent: Agent): Agent => ({
    ...agent,
    presence: presence.isAgentHere(agent.id) ? agent.presence : 'away'
  })

  const shows = (agent: Agent) => seenAs(agent).presence === 'online'

  /** Whether the light is on; it stays on for a moment when the last inbox only reloads. */
  function lookHome() {
    clearTimeout(homeTimer)
    const now = Date.now()
    const lingering = team.filter(
      agent =>
        agent.presence === 'online' &&
        !presence.isAgentHere(agent.id) &&
        home &&
        now - presence.goneSince(agent.id) < limits.homeGrace
    )
    home = settings.open && opening.isOpen() && (team.some(shows) || lingering.length > 0)
    if (home && !team.some(shows)) homeTimer = setTimeout(lookHome, limits.homeGrace)
    const text = JSON.stringify(availability())
    if (text === said) return
    said = text
    bus.publish('availability', {})
  }

  /**
   * Whether somebody who has not been here since the start is likely to be on their way back. The light does not say so:
   * nobody knows it, and whoever only writes is better answered by the assistant.
   */
  function isAwaited(): boolean {
    if (!settings.open || !opening.isOpen() || Date.now() - readyAt >= limits.homeGrace) return false
    return team.some(
      ({ id, presence: chosen }) =>
        chosen === 'online' && signedIn.includes(id) && presence.goneSince(id) === parts.startedAt
    )
  }

  function availability(): Availability {
    const faces = [...team].sort((a, b) => Number(shows(b)) - Number(shows(a)))
    const { replyAfter, wait } = figures
    const opensAt = settings.open && !opening.isOpen() ? opening.changesAt() : undefined
    return {
      open: home,
      people: faces.slice(0, FACES).map(({ name, picture }) => ({ name, picture })),
      replyAfter,
      wait,
      assistant: parts.assistant,
      ...(hours && opensAt !== undefined && { opensAt, zone: hours.zone }),
      ...(parts.form && { form: parts.form })
    }
  }

  /** When whoever begins to wait now may expect an answer. An owner who keeps the house closed has not said when. */
  function due(): number | null {
    const within = figures.replyWithin ?? (opening.isOpen() ? null : FIRST_REPLY)
    if (!settings.open || within === null) return null
    const at = hours ? afterOpen(hours, Date.now(), within) : Date.now() + within
    // A quarter of an hour is as exact as people promise.
    return at === undefined ? null : Math.ceil(at / QUARTER) * QUARTER
  }

  /** Ends what has waited or was left too long, and comes back when the next one is due. */
  async function sweep() {
    const now = Date.now()
    let next = Number.POSITIVE_INFINITY
    const failures: unknown[] = []
    for (const chat of await conversations.live()) {
      const due = dueAt(chat)
      if (due && due.at > now) next = Math.min(next, due.at)
      else if (due) {
        const work = due.reason
          ? conversations.end(chat, due.reason)
          : conversations.warn(chat, now + limits.idleWarning)
        // One that cannot be ended is no reason to let the others wait.
        await work.catch(error => failures.push(error))
        if (!due.reason) next = Math.min(next, now + limits.idleWarning)
      }
    }
    clearTimeout(sweepTimer)
    // Timers hold 31 bits; a day is far enough to look again.
    if (next < Number.POSITIVE_INFINITY && !closed) {
      sweepTimer = setTimeout(again, Math.min(Math.max(next - Date.now(), 10), 86_400_000))
    }
    if (failures.length) throw failures[0]
  }

  /** What is to be done next with a live chat, and when; without a reason: both are told that it is about to end. */
  function dueAt(chat: LiveChat): Step | undefined {
    const reasons: Step[] = []
    if (chat.state === 'queued') reasons.push({ at: queueEnd(chat.queuedAt), reason: 'unanswered' })
    if (!presence.isVisitorHere(chat.visitorId)) {
      reasons.push({ at: patience(chat.visitorId, chat.queuedAt), reason: 'visitor-away' })
    }
    if (chat.state === 'active') reasons.push(whenIdle(chat))
    if (chat.state === 'active' && chat.agentId !== null) {
      const agent = team.find(({ id }) => id === chat.agentId)
      if (!presence.isAgentHere(chat.agentId)) reasons.push({ at: patience(chat.agentId, 0), reason: 'agent-away' })
      else if (agent?.presence === 'away') reasons.push({ at: 0, reason: 'agent-away' })
    }
    return reasons.sort((a, b) => a.at - b.at)[0]
  }

  /** Until when somebody waits in the queue. */
  function queueEnd(queuedAt: number): number {
    const { queueLimit } = settings
    // While this process was not there, nobody could accept.
    return Math.max(queuedAt + queueLimit, parts.startedAt + Math.min(queueLimit, limits.awayAtStart))
  }

  /** Both are warned of the end of a chat in which nobody writes, and have the time that was said to them. */
  function whenIdle({ quietSince, idleSince, endsAt }: LiveChat): Step {
    if (endsAt === null || idleSince === null || idleSince < quietSince) {
      return { at: quietSince + limits.idle, reason: undefined }
    }
    // While this process was not there, nobody could answer.
    return { at: Math.max(endsAt, parts.startedAt + limits.idleWarning), reason: 'idle' }
  }

  /** Until when somebody who is gone may come back. */
  function patience(id: string, since: number): number {
    const gone = Math.max(presence.goneSince(id), since)
    // After a start everybody is gone for a while, through no fault of theirs.
    return gone + limits.away + (gone === parts.startedAt ? limits.awayAtStart : 0)
  }

  let asked = false
  const again = () => {
    // Notes come in bursts; one look after the burst sees it all.
    if (asked) return
    asked = true
    inTurn('looking after the queue', () => {
      asked = false
      return sweep()
    })
  }
  const bound = [
    bus.subscribe('queue', again),
    bus.subscribe('visit', again),
    bus.subscribe('agents', () =>
      inTurn('reading the team', async () => {
        team = await parts.team()
        lookHome()
        await sweep()
      })
    ),
    bus.subscribe('settings', () =>
      inTurn('reading the settings', async () => {
        settings = await conversations.settings()
        lookHome()
        await sweep()
      })
    ),
    bus.subscribe('figures', () =>
      inTurn('reading the figures', async () => {
        figures = await conversations.figures()
        lookHome()
      })
    )
  ]
  const opening = watchOpening(hours, () => {
    lookHome()
    bus.publish('opening', {})
  })
  lookHome()
  again()

  return {
    availability,
    away: () => (home ? undefined : { due: due(), assistant: parts.assistant, awaited: isAwaited() }),
    agents: () => team.map(seenAs),
    settings: () => settings,
    opening: () =>
      hours ? { open: opening.isOpen(), changesAt: opening.changesAt() ?? null, zone: hours.zone } : null,
    async close() {
      closed = true
      for (const unbind of bound) unbind()
      clearTimeout(sweepTimer)
      clearTimeout(homeTimer)
      for (const timer of retries.values()) clearTimeout(timer)
      opening.close()
      await work
    }
  }
}
