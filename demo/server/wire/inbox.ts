import type { WebSocket } from 'ws'
import type { Message } from '../../../src/model/message.ts'
import type { Thread } from '../../../src/model/thread.ts'
import { PROTOCOL_VERSION } from '../../../src/transport/frames.ts'
import type { Bus } from '../bus/bus.ts'
import type { Outcome } from '../conversations/accept.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Mark } from '../conversations/delivered.ts'
import type { Agents } from '../identity/agents.ts'
import { type Limits, LONGEST } from '../limits.ts'
import { type Log, reasonOf } from '../log.ts'
import { type Agent, type AgentClientFrame, type AgentServerFrame, agentClientFrameShape } from './agent-frames.ts'
import { parseJson } from './body.ts'
import { isId } from './commands.ts'
import type { House } from './house.ts'
import { createPeer, type Peer } from './peer.ts'
import { createBucket } from './rate.ts'

/** The agents' sockets. */
export interface InboxDoor {
  /** @param blame Called when it is thrown out for what it sends, or for saying nothing. */
  welcome(socket: WebSocket, blame?: () => void): void
  /** Closes the connections that were opened with this token. */
  signedOut(token: string): void
  close(retryAfter: number): void
}

interface InboxParts {
  readonly conversations: Conversations
  readonly agents: Agents
  readonly house: House
  readonly bus: Bus
  readonly limits: Limits
  readonly log: Log
}

interface Desk {
  readonly peer: Peer<AgentServerFrame>
  readonly agentId: string
  readonly token: string
  /** Frames that wait for the welcome; `undefined` once it was said. */
  held: AgentServerFrame[] | undefined
  /** Up to which position each thread was sent. */
  readonly sent: Map<string, number>
}

/** Notes about one thread come in bursts; all of a burst is read at once. */
const BURST = 10
/** No thread is told of more often than this: a burst in it is read at once, too. */
const PACE = 200
/**
 * So many threads in that time, of those in which somebody wrote and nothing else: what the list shows of them may be late
 * when a house is that busy, what was said is not.
 */
const MOST = 100
/**
 * Marks may come a moment later than messages, and are written a few at a time, so that they never take the room of what
 * is said: the busier the house, the longer a thread waits for its turn, and the more one mark stands for.
 */
const TOGETHER = 250
const AT_ONCE = 10
/** When the store failed it is asked again so much later, in milliseconds. */
const AGAIN = 1000

export function createInboxDoor(parts: InboxParts): InboxDoor {
  const { conversations, agents, house, bus, limits, log } = parts
  const peers = new Set<Peer<AgentServerFrame>>()
  const desks = new Set<Desk>()
  const changed = new Set<string>()
  /** Threads in which somebody wrote, which can wait; the one that has waited longest first. */
  const grown = new Set<string>()
  /** When each thread was told of last, the latest at the end. */
  const toldAt = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let telling: Promise<void> = Promise.resolve()
  const delivering = new Map<string, Mark>()

  let closed = false
  const guard = (what: string, task: Promise<void>) => {
    task.catch(error => log.error(`inbox: ${what} failed`, { reason: reasonOf(error) }))
  }
  /** What is to be told once more. */
  const owed = new Set<string>()
  /** What whoever is here has only this to hear of by: again, until it was told or nobody is here. */
  const surely = (what: string, task: () => Promise<void>, key = what) => {
    if (!desks.size || closed || owed.has(key)) return
    const again = (error: unknown) => {
      owed.add(key)
      setTimeout(() => {
        owed.delete(key)
        surely(what, task, key)
      }, AGAIN)
      throw error
    }
    guard(what, task().catch(again))
  }

  const say = (desk: Desk, frame: AgentServerFrame) => {
    if (desk.held) desk.held.push(frame)
    else desk.peer.send(frame)
  }
  const sayAll = (frame: AgentServerFrame) => {
    for (const desk of desks) say(desk, frame)
  }

  bus.subscribe('feed', ({ visitorId, seq }) => {
    const event = desks.size ? conversations.feed.at(visitorId, seq) : undefined
    if (event?.type === 'message') tellNext(visitorId, event.message)
  })
  bus.subscribe('thread', ({ threadId, said }) => change([threadId], said ? grown : changed))
  bus.subscribe('visit', ({ visitorId }) => {
    surely('a visit', () => conversations.threadsOf(visitorId).then(change), visitorId)
  })
  // Whoever waits has moved up.
  bus.subscribe('queue', () => {
    surely('the queue', () =>
      conversations
        .live()
        .then(live => change(live.flatMap(({ threadId, state }) => (state === 'queued' ? threadId : []))))
    )
  })
  bus.subscribe('agents', () => {
    surely('the team', () => team().then(agents => sayAll({ t: 'agents', agents })))
  })
  bus.subscribe('settings', () => {
    surely('the settings', () => conversations.settings().then(settings => sayAll({ t: 'settings', settings })))
  })
  bus.subscribe('opening', () => sayAll({ t: 'opening', opening: house.opening() }))
  bus.subscribe('typing', ({ threadId, active, agentId, assistant }) => {
    if (agentId === null && assistant === null) sayAll({ t: 'typing', threadId, active })
  })

  /** Everybody on the team; away while not connected. */
  const team = async () =>
    (await agents.all()).map((agent): Agent => (house.isAgentHere(agent.id) ? agent : { ...agent, presence: 'away' }))

  function change(threadIds: readonly string[], among = changed) {
    if (!desks.size || !threadIds.length) return
    for (const id of threadIds) among.add(id)
    tellIn(BURST)
  }

  let tellAt = 0
  /** Sooner, if it was to be later. */
  function tellIn(milliseconds: number) {
    const at = performance.now() + milliseconds
    if (timer && at >= tellAt) return
    clearTimeout(timer)
    tellAt = at
    timer = setTimeout(() => {
      timer = undefined
      telling = telling.then(tellChanges).catch(error => {
        log.error('inbox: telling changes failed', { reason: reasonOf(error) })
      })
    }, milliseconds)
  }

  /** The threads that it is time to tell of. The others stay for later. */
  function takeChanged(): readonly string[] {
    const now = performance.now()
    for (const [id, at] of toldAt) {
      if (now - at < PACE) break
      toldAt.delete(id)
    }
    const due: string[] = []
    const take = (among: Set<string>, most = Number.POSITIVE_INFINITY) => {
      for (const id of among) {
        if (toldAt.size >= most) return
        if (toldAt.has(id)) continue
        due.push(id)
        toldAt.set(id, now)
      }
    }
    take(changed)
    take(grown, MOST)
    for (const id of due) {
      changed.delete(id)
      grown.delete(id)
    }
    const [first] = toldAt.values()
    if (changed.size + grown.size) tellIn(Math.max(BURST, PACE - (now - first!)))
    return due
  }

  async function tellChanges() {
    const ids = takeChanged()
    if (!desks.size || !ids.length) return
    try {
      await tell(ids)
    } catch (error) {
      // Whoever comes then is told all there is; whoever is here has only this to hear of it by.
      for (const id of ids) changed.add(id)
      tellIn(AGAIN)
      throw error
    }
  }

  async function tell(ids: readonly string[]) {
    const views = await conversations.view(ids, id => house.seen(id))
    const marks = new Map<string, number>()
    for (const { thread } of views) {
      // From where the desk that has least goes on.
      const mark = Math.min(...[...desks].map(desk => markOf(desk, thread)))
      if (mark < thread.last) marks.set(thread.id, mark)
    }
    const owners = new Map(views.map(({ thread, visitor }) => [thread.id, visitor.id]))
    for (let more = marks.size > 0; more; ) {
      const page = await conversations.newer(marks)
      for (const message of page.messages) {
        tellMessage(owners.get(message.threadId)!, message)
        marks.set(message.threadId, message.position)
      }
      more = page.more
    }
    for (const conversation of views) {
      sayAll({ t: 'conversation', conversation })
      const { id, last } = conversation.thread
      // Whoever is told of a thread for the first time has everything up to here, and wants what follows.
      for (const { sent } of desks) if (!sent.has(id)) sent.set(id, last)
    }
  }

  /** What is at hand goes at once to each desk that has everything before it; the others get it with what they lack. */
  function tellNext(visitorId: string, message: Message) {
    tellMessage(visitorId, message, ({ sent }) => sent.get(message.threadId) === message.position - 1)
  }

  function tellMessage(visitorId: string, message: Message, isDue = (_: Desk) => true) {
    const { threadId, position, author } = message
    const lack = [...desks].filter(desk => position > (desk.sent.get(threadId) ?? 0) && isDue(desk))
    for (const desk of lack) {
      desk.sent.set(threadId, position)
      say(desk, { t: 'message', message })
    }
    if (lack.length && author === 'visitor') deliver({ visitorId, threadId, upTo: position })
  }

  /** What is not known to have been sent to a desk is what no desk has. */
  const markOf = ({ sent }: Desk, { id, theirs }: Thread) => sent.get(id) ?? theirs.delivered

  let deliverTimer: ReturnType<typeof setTimeout> | undefined
  let marking = false
  /** An inbox has it. Written down a moment later; of what comes for a thread until its turn, one mark is written. */
  function deliver(mark: Mark) {
    if (mark.upTo > (delivering.get(mark.threadId)?.upTo ?? 0)) delivering.set(mark.threadId, mark)
    if (!marking) deliverTimer ??= setTimeout(() => guard('marking as delivered', writeMarks()), TOGETHER)
  }

  async function writeMarks() {
    deliverTimer = undefined
    marking = true
    try {
      // Of those there are now: what comes behind them has a moment to come together, too.
      for (let left = delivering.size; left > 0 && delivering.size; left -= AT_ONCE) {
        const marks: Mark[] = []
        for (const [threadId, mark] of delivering) {
          delivering.delete(threadId)
          if (marks.push(mark) === Math.min(left, AT_ONCE)) break
        }
        try {
          await conversations.markDelivered(marks)
        } catch (error) {
          // Its visitor has only this to hear of it by.
          if (!closed) {
            for (const mark of marks) if (!delivering.has(mark.threadId)) delivering.set(mark.threadId, mark)
            deliverTimer = setTimeout(() => guard('marking as delivered', writeMarks()), AGAIN)
          }
          throw error
        }
      }
    } finally {
      marking = false
      for (const mark of delivering.values()) deliver(mark)
    }
  }

  return {
    welcome(socket, blame) {
      let desk: Desk | undefined
      let said = false
      const leave: (() => void)[] = []
      const typing = createBucket(limits.hints)
      const helloTimer = setTimeout(
        () => peer.bye('timeout', `expected hello within ${limits.helloWait / 1000} seconds`),
        limits.helloWait
      )

      const peer: Peer<AgentServerFrame> = createPeer<AgentServerFrame, AgentClientFrame>({
        socket,
        shape: agentClientFrameShape,
        limits,
        log,
        blame,
        onFrame(frame) {
          if (frame.t === 'hello') {
            if (said) return peer.complain('out-of-turn', 'hello: expected once, at the beginning')
            said = true
            clearTimeout(helloTimer)
            return hello(frame.token)
          }
          if (!desk) return peer.complain('out-of-turn', `${frame.t}: expected hello first`)
          if (!peer.open && frame.t !== 'do') return
          switch (frame.t) {
            case 'do':
              return perform(desk, frame.command)
            case 'typing':
              return typed(desk, frame)
            case 'history':
              return history(frame)
          }
        },
        async onInvalid(raw, problem) {
          const id = desk && commandIdOf(raw)
          if (id === undefined) return false
          refuse(id, problem)
          return true
        },
        onClose() {
          clearTimeout(helloTimer)
          peers.delete(peer)
          for (const undo of leave) undo()
          leave.length = 0
        }
      })
      peers.add(peer)

      async function hello(token: string) {
        const holder = await agents.whose(token)
        if (!holder) return peer.bye('unauthorized', 'this sign-in is over; please sign in again')
        if (!peer.open) return
        const mine: Desk = { peer, agentId: holder.agent.id, token, held: [], sent: new Map() }
        desks.add(mine)
        leave.push(() => void desks.delete(mine), house.agentJoined(holder.agent.id))
        const expiry = setTimeout(
          () => peer.bye('unauthorized', 'this sign-in is over; please sign in again'),
          Math.min(holder.expiresAt - Date.now(), LONGEST)
        )
        leave.push(() => clearTimeout(expiry))
        const all = await conversations.viewAll(limits.conversations, id => house.seen(id))
        const everybody = await team()
        const me = everybody.find(({ id }) => id === holder.agent.id)!
        const settings = await conversations.settings()
        peer.send({
          t: 'welcome',
          v: PROTOCOL_VERSION,
          me,
          settings,
          opening: house.opening(),
          agents: everybody,
          conversations: all,
          heartbeat: limits.heartbeat
        })
        // It may be larger than all that may wait for a line: more comes only when it has gone out.
        await peer.room()
        // What changed while this was read comes after it, and is at least as new.
        for (const frame of mine.held ?? []) peer.send(frame)
        mine.held = undefined
        desk = mine
        for (const { thread, visitor } of all) {
          mine.sent.set(thread.id, Math.max(mine.sent.get(thread.id) ?? 0, thread.last))
          if (thread.last > thread.theirs.delivered) {
            deliver({ visitorId: visitor.id, threadId: thread.id, upTo: thread.last })
          }
        }
      }

      async function perform({ agentId }: Desk, command: Of<'do'>['command']) {
        if (!isId(command.id)) return peer.complain('invalid', 'command.id: expected printable ASCII without spaces')
        if ('threadId' in command && !isId(command.threadId)) {
          return refuse(command.id, 'command.threadId: expected printable ASCII without spaces')
        }
        let outcome: Outcome
        try {
          outcome = await conversations.acceptOfAgent(agentId, command)
        } catch (error) {
          log.error('inbox: command failed', { type: command.type, reason: reasonOf(error) })
          const message = 'something went wrong here; please try again'
          return peer.send({ t: 'nack', id: command.id, code: 'busy', reason: 'failed', message })
        }
        if (outcome === 'fenced') return peer.bye('unauthorized', 'please sign in again')
        if (outcome.accepted) return peer.send({ t: 'ack', id: command.id, at: outcome.at })
        const { code, reason, message } = outcome
        peer.send({ t: 'nack', id: command.id, code, reason, message })
      }

      /** Of a command whose form is wrong: without an answer, what is behind it would wait for ever. */
      function refuse(id: string, message: string) {
        peer.send({ t: 'nack', id, code: 'rejected', reason: 'invalid', message })
      }

      async function typed({ agentId }: Desk, { threadId, active }: Of<'typing'>) {
        if (typing.take() || !isId(threadId)) return
        const visitorId = await conversations.ownerOf(threadId)
        if (visitorId) bus.publish('typing', { threadId, visitorId, active, agentId, assistant: null })
      }

      async function history({ q, threadId, before, limit }: Of<'history'>) {
        const page = isId(threadId) ? await conversations.page({ threadId, before, limit }) : undefined
        if (!page) return peer.complain('not-found', 'history.threadId: there is no such thread', q)
        await peer.room()
        peer.send({ t: 'page', q, ...page })
      }
    },

    signedOut(token) {
      for (const desk of desks) if (desk.token === token) desk.peer.bye('unauthorized', 'signed out')
    },

    close(retryAfter) {
      closed = true
      clearTimeout(timer)
      clearTimeout(deliverTimer)
      delivering.clear()
      for (const peer of peers) peer.bye('closed', 'the server restarts', retryAfter)
    }
  }
}

/** Which command a frame is about whose form is wrong, if one can tell. */
function commandIdOf(raw: string): string | undefined {
  const { t, command } = (parseJson(raw) ?? {}) as {
    readonly t?: unknown
    readonly command?: { readonly id?: unknown } | null
  }
  return t === 'do' && isId(command?.id) ? command.id : undefined
}

type Of<T extends AgentClientFrame['t']> = Extract<AgentClientFrame, { readonly t: T }>
