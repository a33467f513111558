import type { AgentCommand } from '../../../demo/server/wire/agent-frames.ts'
import { hashOf, type Recorder } from '../history.ts'
import { AGENTS, type Database } from '../house/database.ts'
import type { House, Running } from '../house/house.ts'
import type { AgentDeed } from '../plan.ts'
import type { World } from '../world/time.ts'

/** The agents: what they did and nobody confirmed they do again when the server is back, as their inbox does. */
export interface Team {
  perform(agent: number, deed: AgentDeed, thread: number): void
  onStarted(running: Running): void
}

interface TeamParts {
  readonly world: World
  readonly recorder: Recorder
  readonly database: Database
  readonly house: House
}

export function createTeam({ world, recorder, database, house }: TeamParts): Team {
  const { record } = recorder
  /** Those who sit at their desks. */
  const online = new Set<string>([AGENTS[0]!])
  const pending = new Map<string, () => void>()
  let leave: (() => void)[] = []
  let said = 0

  const sitDown = ({ presence }: Running) => {
    for (const undo of leave.splice(0)) undo()
    leave = [...online].map(id => presence.agentJoined(id))
  }

  const act = (agent: string, command: AgentCommand) => {
    const attempt = () => {
      const running = house.running()
      if (!running) return
      world.plan(0, running.owner, () => {
        running.conversations.acceptOfAgent(agent, command).then(
          outcome => {
            pending.delete(command.id)
            if (outcome === 'fenced' || outcome.accepted || command.type !== 'reply') return
            record(agent, 'state', { cid: command.id, to: 'failed', reason: outcome.reason })
          },
          // Goes on waiting for a server that takes it.
          () => {}
        )
      })
    }
    pending.set(command.id, attempt)
    attempt()
  }

  return {
    onStarted(running) {
      leave = []
      sitDown(running)
      for (const again of pending.values()) again()
    },
    perform(which, deed, n) {
      const agent = AGENTS[which % AGENTS.length]!
      const running = house.running()
      if (!running) return
      if (deed === 'online' || deed === 'away') {
        if (deed === 'online') online.add(agent)
        else online.delete(agent)
        return world.plan(0, running.owner, () => sitDown(running))
      }
      const threads = database.query<{ id: string; visitor_id: string; last: number }>(
        'SELECT id, visitor_id, last FROM threads ORDER BY id'
      )
      const thread = threads[n % Math.max(1, threads.length)]
      if (!thread) return
      const { id: threadId, visitor_id: visitorId, last } = thread
      const id = `agent-${++said}`
      switch (deed) {
        case 'delivered':
          return world.plan(0, running.owner, () => {
            running.conversations.markDelivered([{ visitorId, threadId, upTo: last }]).catch(() => {})
          })
        case 'reply': {
          const text = `a${said}`
          record(agent, 'accept', { cid: id, thread: threadId, hash: hashOf(text) })
          return act(agent, { id, type: 'reply', threadId, text })
        }
        case 'read':
          return act(agent, { id, type: 'read', threadId, upTo: last })
        case 'close':
          return act(agent, { id, type: 'state', threadId, state: 'closed' })
        case 'accept':
        case 'end':
          return act(agent, { id, type: deed, threadId })
      }
    }
  }
}
