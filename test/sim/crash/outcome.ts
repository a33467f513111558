import { check, type Violation } from '../checker.ts'
import type { History, HistoryEvent } from '../history.ts'

/** What became of what visitors said. */
export interface Outcome {
  readonly violations: readonly Pick<Violation, 'id' | 'says'>[]
  readonly accepted: number
  /** Accepted, and neither in the log nor shown as not sent. */
  readonly lost: readonly string[]
  /** In the log more than once. */
  readonly duplicated: readonly string[]
}

/**
 * What a history without lies must end with: each message that was accepted is in the log exactly once, or was said to
 * have failed. Asked of the log and of the composer alone, beside all that the checker looks at.
 */
export function outcomeOf(history: History): Outcome {
  const accepted = new Map<string, HistoryEvent>()
  const ended = new Set<string>()
  const logs = new Map<string, readonly { readonly cid: string; readonly hash: string }[]>()
  for (const event of history) {
    const { ev, cid = '', thread = '' } = event
    if (ev === 'accept' && event.dev && event.op === undefined) accepted.set(cid, event)
    else if (ev === 'state' && event.to !== 'queued' && event.reason) ended.add(cid)
    else if (ev === 'log') logs.set(thread, event.entries as readonly { readonly cid: string; readonly hash: string }[])
  }
  const entries = [...logs.values()].flat()
  const times = (cid: string) => entries.filter(entry => entry.cid === cid).length
  // The same words under another name are there twice as well: nobody says the same twice in these scenarios.
  const saidAgain = ({ cid, hash }: HistoryEvent) => entries.some(entry => entry.hash === hash && entry.cid !== cid)
  const all = [...accepted]
  return {
    violations: check(history).map(({ id, says }) => ({ id, says })),
    accepted: all.length,
    lost: all.flatMap(([cid]) => (!times(cid) && !ended.has(cid) ? [cid] : [])),
    duplicated: all.flatMap(([cid, accept]) => (times(cid) > 1 || (times(cid) && saidAgain(accept)) ? [cid] : []))
  }
}
