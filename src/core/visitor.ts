import { atom, type ReadableAtom } from 'nanostores'
import { createId } from '../model/id.ts'
import type { DeviceId, Visitor } from '../model/visitor.ts'
import { isStorageError } from '../storage/errors.ts'
import type { Rows } from './rows.ts'

export interface VisitorStore {
  readonly $visitor: ReadableAtom<Visitor>
  /** The name of this browser; made when it is first needed, so that looking around stores nothing. */
  device(): Promise<DeviceId>
  /** A number higher than any tab of this browser has had. */
  nextTerm(): Promise<number>
  credentials(): string | undefined
}

export function createVisitor(rows: Rows): VisitorStore {
  const $visitor = atom<Visitor>({ name: '', email: '' })
  let credentials: string | undefined
  rows.on('visitor', changes => $visitor.set(changes.at(-1)?.value ?? { name: '', email: '' }))
  rows.on('credentials', changes => {
    credentials = changes.at(-1)?.value
  })

  return {
    $visitor,
    credentials: () => credentials,
    device: () =>
      untilTaken(async () => {
        const known = await rows.get(['device'])
        if (known) return known
        const device = createId()
        await rows.commit([
          { expect: ['device'], value: undefined },
          { put: ['device'], value: device }
        ])
        return device
      }),
    nextTerm: () =>
      untilTaken(async () => {
        const last = await rows.get(['term'])
        const term = (last ?? 0) + 1
        await rows.commit([
          { expect: ['term'], value: last },
          { put: ['term'], value: term }
        ])
        return term
      })
  }
}

/** Tries again when another tab was faster. */
export async function untilTaken<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isStorageError(error) || error.code !== 'taken') throw error
    }
  }
}
