import { createId } from '../model/id.ts'
import type { DeviceId } from '../model/visitor.ts'
import type { Rows, RowTypes } from './rows.ts'

/** What this browser is to the backend. */
export interface Device {
  /** The name of this browser; made when it is first needed, so that looking around stores nothing. */
  id(): Promise<DeviceId>
  /** A number higher than any tab of this browser has had. */
  nextTerm(): Promise<number>
  credentials(): string | undefined
  /** How another tab names it, in this life: no disk may have taken that name yet. */
  heard: DeviceId | undefined
}

export function createDevice(rows: Rows): Device {
  /** A row of which all tabs have the same value: made from the one there is, by one of them. */
  const agree = async <Kind extends 'device' | 'term'>(
    kind: Kind,
    next: (known: RowTypes[Kind] | undefined) => RowTypes[Kind]
  ) => {
    let value!: RowTypes[Kind]
    await rows.commit(async () => {
      const known = await rows.get([kind])
      value = next(known)
      return [
        { expect: [kind], value: known },
        { put: [kind], value }
      ]
    }, true)
    return value
  }

  const device: Device = {
    heard: undefined,
    credentials: () => rows.known('credentials'),
    // A name that is there waits for no commit.
    id: async () => (await rows.get(['device'])) ?? agree('device', known => known ?? device.heard ?? createId()),
    nextTerm: () => agree('term', known => (known ?? 0) + 1)
  }
  return device
}
