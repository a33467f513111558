import type { HistoryEvent } from './history.ts'

/** An event made by hand: the rest of it is added. */
export interface Loose {
  readonly node: string
  readonly ev: string
  readonly t?: number
  readonly [name: string]: unknown
}

/** A history of these events, ten milliseconds apart where they do not say when they were. */
export function history(...events: readonly (Loose | readonly Loose[])[]): readonly HistoryEvent[] {
  let t = 0
  return events.flat().map((event, i) => {
    t = event.t ?? t + 10
    return { ...event, node: event.node, ev: event.ev, i, t }
  })
}

export const TAB = 'dev1/tab1'
export const accept = (cid: string, cseq: number, more: object = {}): Loose => ({
  node: TAB,
  ev: 'accept',
  cid,
  thread: 't',
  cseq,
  hash: `#${cid}`,
  ...more
})
export const commit = (cid: string, seq: number, cseq: number, more: object = {}): Loose => ({
  node: 'srv',
  ev: 'commit',
  cid,
  dev: 'dev1',
  thread: 't',
  seq,
  cseq,
  hash: `#${cid}`,
  ...more
})
export const ack = (cid: string, seq: number): Loose => ({ node: 'srv', ev: 'ack', cid, dev: 'dev1', seq })
export const apply = (cid: string, seq: number, more: object = {}): Loose => ({
  node: TAB,
  ev: 'apply',
  thread: 't',
  seq,
  cid,
  hash: `#${cid}`,
  ...more
})
export const cursor = (contiguous: number, more: object = {}): Loose => ({
  node: TAB,
  ev: 'cursor',
  thread: 't',
  epoch: 'e1',
  contiguous,
  gaps: [],
  ...more
})
export const shows = (...entries: readonly string[]): Loose => renders(TAB, ...entries)
/** Entries as `m1:1:sent`, `m2::queued`; a `…` in front is a gap. */
export const renders = (node: string, ...entries: readonly string[]): Loose => ({
  node,
  ev: 'render',
  thread: 't',
  entries: entries.map(entry => {
    const [cid = '', seq, state] = entry.replace('…', '').split(':')
    return {
      cid,
      seq: seq ? Number(seq) : null,
      state,
      hash: `#${cid}`,
      ...(entry.startsWith('…') ? { gap: true } : {})
    }
  })
})
export const state = (cid: string, from: string, to: string, more: object = {}): Loose => ({
  node: TAB,
  ev: 'state',
  cid,
  from,
  to,
  ...more
})
export const fault = (kind: string, more: object = {}): Loose => ({ node: 'world', ev: 'fault', kind, ...more })
export const rollback = (to: number): Loose => fault('rollback', { to })
export const boot = (node: string, more: object = {}): Loose => ({ node, ev: 'boot', ...more })
export const lead = (node: string, epoch: number, what = 'gain'): Loose => ({ node, ev: 'lead', epoch, what })
export const ident = (from: string, to: string): Loose => ({ node: TAB, ev: 'ident', from, to })
export const quiesce = (more: object = {}): Loose => ({ node: 'world', ev: 'quiesce', ...more })

/** A message from the keyboard to everybody's disk. */
export const sent = (cid: string, seq: number, cseq = seq): readonly Loose[] => [
  accept(cid, cseq),
  commit(cid, seq, cseq),
  ack(cid, seq),
  apply(cid, seq),
  cursor(seq)
]
/** A message of an agent, as far as the log. */
export const reply = (cid: string, seq: number): readonly Loose[] => [
  { node: 'agent1', ev: 'accept', cid, thread: 't', hash: `#${cid}` },
  { node: 'srv', ev: 'commit', cid, thread: 't', seq, hash: `#${cid}`, author: 'agent' }
]
