import { createId } from '../../src/model/id.ts'
import type { TransportErrorCode } from '../../src/transport/errors.ts'
import type { AgentCommand } from '../server/wire/agent-frames.ts'
import type { Link } from './link.ts'

/** What came of a command. */
export type Outcome =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly code: TransportErrorCode; readonly reason: string }

/** A command without its id. */
type Deed = AgentCommand extends infer Command ? (Command extends { id: string } ? Omit<Command, 'id'> : never) : never

export interface Commands {
  /**
   * Says a command until the server has answered: after a lost link the same command is said again under the same
   * id, which has no second effect. Settles with `closed` only when this inbox ends.
   */
  run(deed: Deed, id?: string): Promise<Outcome>
  close(): void
}

export function createCommands(link: Link): Commands {
  const open = new Map<string, { readonly command: AgentCommand; readonly settle: (outcome: Outcome) => void }>()

  function settle(id: string, outcome: Outcome) {
    const one = open.get(id)
    open.delete(id)
    one?.settle(outcome)
  }

  const unbinds = [
    link.on('frame', frame => {
      if (frame.t === 'ack') settle(frame.id, { ok: true, at: frame.at })
      if (frame.t === 'nack') settle(frame.id, { ok: false, code: frame.code, reason: frame.reason })
    }),
    link.on('online', () => {
      for (const { command } of open.values()) link.send({ t: 'do', command })
    })
  ]

  return {
    run(deed, id = createId()) {
      const command = { ...deed, id } as AgentCommand
      return new Promise(resolve => {
        open.set(id, { command, settle: resolve })
        link.send({ t: 'do', command })
      })
    },
    close() {
      for (const unbind of unbinds) unbind()
      for (const id of [...open.keys()]) settle(id, { ok: false, code: 'closed', reason: '' })
    }
  }
}
