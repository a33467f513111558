import type { EndReason, SessionState } from '../../../src/model/session.ts'
import type { Bus } from '../bus/bus.ts'
import type { Limits } from '../limits.ts'
import type { Hours } from '../routing/hours.ts'
import type { Store } from '../store/store.ts'
import type { AgentCommand, Conversation, Settings } from '../wire/agent-frames.ts'
import { accept, type Offer, type Outcome } from './accept.ts'
import { acceptOfAgent } from './agent-deeds.ts'
import { type AssistantReply, answerAsAssistant, type Unanswered, unanswered, unansweredSince } from './assistant.ts'
import { type Mark, markDelivered } from './delivered.ts'
import { createFeed, epochOf, type Feed, readMeta } from './feed.ts'
import { createGroup } from './group.ts'
import { type Page, type Question, readNewer, readPage } from './history.ts'
import { type Seen, viewAll, viewConversations } from './inbox.ts'
import type { Away } from './promise.ts'
import { createRecent } from './recent.ts'
import { endIfStill, warnIfStill } from './sessions.ts'
import { createWrite, lockThread, lockVisitors, type Writing } from './writing.ts'

/** Everything that was ever said, and the only way to add to it. */
export interface Conversations {
  readonly feed: Feed
  /** Accepts a visitor's command. Settles when its outcome is durable. */
  accept(offer: Offer): Promise<Outcome>
  acceptOfAgent(agentId: string, command: AgentCommand): Promise<Outcome>
  /** A page of a thread; `undefined` if it is not there, or not this visitor's. */
  page(question: Question, visitorId?: string): Promise<Page | undefined>
  newer(marks: ReadonlyMap<string, number>): Promise<Page>
  /** Notes that an inbox was sent everything up to these places. Takes room from commands, so a few at a time. */
  markDelivered(marks: readonly Mark[]): Promise<void>
  viewAll(limit: number, seen: Seen): Promise<readonly Conversation[]>
  view(threadIds: readonly string[], seen: Seen): Promise<readonly Conversation[]>
  /** Latest activity first. */
  threadsOf(visitorId: string): Promise<readonly string[]>
  ownerOf(threadId: string): Promise<string | undefined>
  /** Live chats there are, longest waiting first. */
  live(): Promise<readonly LiveChat[]>
  /** Tells both sides when it ends if nobody writes, if nobody has since it was seen. */
  warn(chat: LiveChat, endsAt: number): Promise<void>
  /** Ends a live chat if it is still as it was seen. */
  end(chat: LiveChat, reason: EndReason): Promise<void>
  unanswered(threadId: string): Promise<Unanswered | undefined>
  unansweredSince(after: number): Promise<readonly string[]>
  answerAsAssistant(to: Unanswered, reply: AssistantReply, away: Away | undefined): Promise<void>
  settings(): Promise<Settings>
  /** What visitors may expect, from what was measured. */
  figures(): Promise<Figures>
}

/** In milliseconds; `null`: nothing was measured yet. */
export interface Figures {
  /** Half of the answers of the last week came so soon. */
  readonly replyAfter: number | null
  /** Nine of ten did: what can be promised. */
  readonly replyWithin: number | null
  /** What the queue took lately. */
  readonly wait: number | null
}

export interface LiveChat {
  readonly id: string
  readonly threadId: string
  readonly visitorId: string
  readonly agentId: string | null
  readonly state: SessionState
  readonly queuedAt: number
  /** Since when nobody has written, or said that it goes on. */
  readonly quietSince: number
  /** Since when it was quiet when both were warned last, and when it ends then; `null`: they were not. */
  readonly idleSince: number | null
  readonly endsAt: number | null
}

interface ConversationsParts {
  readonly store: Store
  readonly bus: Bus
  /** When the team is there: waits are measured in that time. None: always. */
  readonly hours?: Hours | undefined
  readonly limits: Pick<Limits, 'missed' | 'eventsPerFrame' | 'queue' | 'pace'>
}

/** Commands and marks in one transaction: more would keep the first of them waiting for the last. */
const TOGETHER = 200
/** Such transactions at a time: the store works on one while this process deals with the other. */
const ROUNDS = 2
/** Events of all feeds that are kept at hand; a few seconds of a busy server, a few megabytes. */
const RECENT = 10_000
const WEEK = 7 * 24 * 3_600_000

/** What is done for many visitors in one transaction. */
type Due = { readonly visitorId: string } & ({ readonly offer: Offer } | { readonly mark: Mark })

/** @returns What became of each offer, in its place; there is nothing to say of a mark. */
async function settle(w: Writing, all: readonly Due[]): Promise<readonly (Outcome | undefined)[]> {
  const offers = all.flatMap(one => ('offer' in one ? one.offer : []))
  const marks = all.flatMap(one => ('mark' in one ? one.mark : []))
  w.alongside(
    lockVisitors(
      w,
      all.map(({ visitorId }) => visitorId)
    )
  )
  const outcomes = (await accept(w, offers)).values()
  w.alongside(markDelivered(w, marks))
  return all.map(one => ('offer' in one ? outcomes.next().value : undefined))
}

export async function createConversations({ store, bus, hours, limits }: ConversationsParts): Promise<Conversations> {
  const recent = createRecent(RECENT)
  // Whoever else writes to the store says so on the bus only.
  bus.subscribe('feed', ({ visitorId, seq }) => recent.add(visitorId, seq))
  const write = createWrite(store, bus, recent)
  const together = createGroup<Due, Outcome | undefined>({
    work: all => write(w => settle(w, all)),
    keyOf: ({ visitorId }) => visitorId,
    most: TOGETHER,
    rounds: ROUNDS,
    pace: limits.pace
  })
  const epoch = await epochOf(store)

  return {
    feed: createFeed({ store, recent, epoch, missed: limits.missed, pageSize: limits.eventsPerFrame }),
    async accept(offer) {
      return (await together.add({ visitorId: offer.visitorId, offer }))!
    },
    acceptOfAgent: (agentId, command) => write(w => acceptOfAgent(w, agentId, command, hours)),
    page: (question, visitorId) => readPage(store, question, visitorId),
    newer: marks => readNewer(store, marks),
    async markDelivered(marks) {
      await Promise.all(marks.map(mark => together.add({ visitorId: mark.visitorId, mark })))
    },
    viewAll: (limit, seen) => viewAll(store, limit, seen),
    view: (threadIds, seen) => viewConversations(store, threadIds, seen),
    async threadsOf(visitorId) {
      const rows = await store.query<{ id: string }>('SELECT id FROM threads WHERE visitor_id = $1 ORDER BY at DESC', [
        visitorId
      ])
      return rows.map(({ id }) => id)
    },
    async ownerOf(threadId) {
      const [row] = await store.query<{ visitor_id: string }>('SELECT visitor_id FROM threads WHERE id = $1', [
        threadId
      ])
      return row?.visitor_id
    },
    async live() {
      return store.query<LiveChat>(
        `SELECT s.id, s.thread_id AS "threadId", s.visitor_id AS "visitorId", s.agent_id AS "agentId", s.state,
           s.queued_at AS "queuedAt", GREATEST(t.at, s.active_at, s.kept_at) AS "quietSince",
           s.idle_since AS "idleSince", s.ends_at AS "endsAt"
         FROM sessions s JOIN threads t ON t.id = s.thread_id
         WHERE s.state IN ('queued', 'active') ORDER BY s.queued_at, s.number`
      )
    },
    warn: (chat, endsAt) =>
      write(async w => {
        if (await lockThread(w, chat.threadId)) await warnIfStill(w, chat, endsAt)
      }),
    end: (chat, reason) =>
      write(async w => {
        if (await lockThread(w, chat.threadId)) await endIfStill(w, chat, reason)
      }),
    unanswered: threadId => unanswered(store, threadId),
    unansweredSince: after => unansweredSince(store, after),
    answerAsAssistant: (to, reply, away) => write(w => answerAsAssistant(w, to, reply, away)),
    async settings() {
      const stored = await readMeta(store, 'settings')
      return stored ? (JSON.parse(stored) as Settings) : { open: true, queueLimit: limits.queue }
    },
    async figures() {
      const [row] = await store.query<{ half: number | null; most: number | null; wait: string | null }>(
        `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS half,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS most,
           (SELECT value FROM meta WHERE name = 'wait') AS wait
         FROM answers WHERE at > $1`,
        [Date.now() - WEEK]
      )
      return {
        replyAfter: row!.half === null ? null : Math.round(row!.half),
        replyWithin: row!.most === null ? null : Math.round(row!.most),
        wait: row!.wait === null ? null : Number(row!.wait)
      }
    }
  }
}
