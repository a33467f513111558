import { laneOf } from '../model/command.ts'
import { createId } from '../model/id.ts'
import type { Change } from '../storage/storage.ts'
import type { Outbox } from './outbox.ts'
import type { OutboxRow } from './rows.ts'

/** The lane in which a command waits. */
export const laneOfRow = ({ command }: OutboxRow): string => laneOf(command)

export const dropRow = ({ command }: OutboxRow) => ({ drop: ['outbox', laneOf(command), command.n] })

export const putRow = (row: OutboxRow) => ({ put: ['outbox', laneOf(row.command), row.command.n], value: row })

/** The row with nothing to say in place of its command, so that its lane has no hole. */
export function voidRow(row: OutboxRow): Change {
  const { n } = row.command
  return putRow({ ...row, command: { id: createId(), n, type: 'void', threadId: laneOf(row.command) } })
}

/** The row of a command that still waits. */
export const findRow = ({ all }: Outbox, id: string): OutboxRow | undefined =>
  all().find(({ command }) => command.id === id)
