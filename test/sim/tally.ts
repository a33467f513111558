import type { Violation } from './checker.ts'
import type { History } from './history.ts'

/** What is counted in a run, and added up over all of them. */
export interface Tally {
  runs: number
  ops: number
  events: number
  /** Messages of visitors. */
  accepted: number
  committed: number
  /** Commands that reached the server again. */
  duplicateFrames: number
  lost: number
  duplicated: number
  misordered: number
  violations: number
  faults: number
  crashes: number
  /** By kind of fault, and by what was promised. */
  readonly byFault: Record<string, number>
  readonly byInvariant: Record<string, number>
}

export const createTally = (): Tally => ({
  runs: 0,
  ops: 0,
  events: 0,
  accepted: 0,
  committed: 0,
  duplicateFrames: 0,
  lost: 0,
  duplicated: 0,
  misordered: 0,
  violations: 0,
  faults: 0,
  crashes: 0,
  byFault: {},
  byInvariant: {}
})

/** The promises that the three words of the headline stand for. */
const LOST = ['I1', 'I11']
const DUPLICATED = ['I3', 'I4', 'I5']
const MISORDERED = ['I6', 'I7', 'I8']

export function count(tally: Tally, ops: number, history: History, violations: readonly Violation[]): void {
  tally.runs++
  tally.ops += ops
  tally.events += history.length
  const offered = new Set<string>()
  const accepted = new Set<string>()
  for (const event of history) {
    const { ev, cid = '' } = event
    if (ev === 'accept' && event.dev && event.op === undefined) accepted.add(cid)
    else if (ev === 'commit' && event.dev && event.seq && !event.dup) tally.committed++
    else if (ev === 'crash') tally.crashes++
    else if (ev === 'fault') {
      tally.faults++
      add(tally.byFault, String(event.kind))
    } else if (ev === 'wire' && event.node === 'srv' && event.dir === 'in') {
      const { t, cid } = (event.frame ?? {}) as { readonly t?: string; readonly cid?: string }
      if (t !== 'send' || !cid) continue
      if (offered.has(cid)) tally.duplicateFrames++
      offered.add(cid)
    }
  }
  tally.accepted += accepted.size
  for (const { id } of violations) {
    tally.violations++
    add(tally.byInvariant, id)
    if (LOST.includes(id)) tally.lost++
    if (DUPLICATED.includes(id)) tally.duplicated++
    if (MISORDERED.includes(id)) tally.misordered++
  }
}

export function addUp(total: Tally, more: Tally): void {
  for (const [name, value] of Object.entries(more) as [keyof Tally, number | Record<string, number>][]) {
    if (typeof value === 'number') (total[name] as number) += value
    else for (const [kind, n] of Object.entries(value)) add(total[name] as Record<string, number>, kind, n)
  }
}

function add(counts: Record<string, number>, name: string, n = 1) {
  counts[name] = (counts[name] ?? 0) + n
}
