import type { History, HistoryEvent } from './history.ts'

/** A history for people: a line for each event, but for those that only say that a connection lives. */
export function tell(history: History): string {
  return history
    .filter(({ frame }) => !/^p[io]ng$/.test(String((frame as { readonly t?: string } | undefined)?.t)))
    .map(tellOne)
    .join('\n')
}

function tellOne(event: HistoryEvent): string {
  const { i, t, node, ev, ...facts } = event
  return `${String(i).padStart(5)} ${t.toFixed(1).padStart(9)}  ${node.padEnd(10)} ${ev.padEnd(8)} ${wordsOf(ev, facts)}`
}

function wordsOf(ev: string, facts: Readonly<Record<string, unknown>>): string {
  if (ev === 'render') {
    const { thread, entries } = facts as { readonly thread: string; readonly entries: readonly Entry[] }
    return `${thread}: ${entries.map(({ cid, seq, state, gap }) => `${gap ? '…' : ''}${seq ?? '-'}:${short(cid)} ${state}`).join(', ')}`
  }
  if (ev === 'wire' && typeof facts.frame === 'object') {
    const { frame, ...line } = facts as { readonly frame: { readonly events?: readonly object[] } }
    const { events = [], ...rest } = frame
    return [line, rest, ...events].map(namesAndValues).join(' | ')
  }
  return namesAndValues(facts)
}

interface Entry {
  readonly cid: string
  readonly seq: number | null
  readonly state: string
  readonly gap?: boolean
}

const namesAndValues = (facts: object): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(' ')

const shown = (value: unknown) => (typeof value === 'string' ? short(value) : JSON.stringify(value).slice(0, 100))

/** Enough of an id to tell it from the others. */
const short = (text: string) => (/^[\w-]{16,22}$/.test(text) ? text.slice(0, 5) : text)
