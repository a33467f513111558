/**
 * What happened in a run, one event after the other: what the checker reads. HISTORY.md beside this file says what each
 * kind means. Histories may come from elsewhere, so everything but the first four members may be missing.
 */
export interface HistoryEvent {
  /** Number of the event: 0, 1, 2 … */
  readonly i: number
  /** Milliseconds since the beginning, by the clock of the world. */
  readonly t: number
  /** `dev3/tab2`, `srv`, `agent1`; `dev3` for what all tabs of a browser share, `world` for what nobody did. */
  readonly node: string
  readonly ev: string

  readonly cid?: string
  readonly dev?: string
  readonly thread?: string
  readonly seq?: number | null
  readonly cseq?: number
  readonly hash?: string
  /** Who the visitor is: `dev3#2` is the second one that used this browser. */
  readonly who?: string
  readonly [name: string]: unknown
}

export type History = readonly HistoryEvent[]

/** The part of an event that is the caller's; number and time are the recorder's. */
type Facts = { readonly [name: string]: unknown }

export interface Recorder {
  readonly events: HistoryEvent[]
  /** @returns The number of the event. */
  record(node: string, ev: string, facts?: Facts): number
}

export function createRecorder(now: () => number): Recorder {
  const events: HistoryEvent[] = []
  return {
    events,
    record(node, ev, facts) {
      const i = events.length
      events.push({ i, t: Math.round(now() * 1000) / 1000, node, ev, ...facts })
      return i
    }
  }
}

/** Words, short enough to compare and to read: the same for the same text. */
export function hashOf(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (b >>> 0).toString(16).padStart(8, '0') + (a >>> 0).toString(16).padStart(8, '0')
}

/** One event in a line of JSON. */
export function toText(history: History): string {
  return history.map(event => `${JSON.stringify(event)}\n`).join('')
}

/** @throws {Error} That names the line which is not an event. */
export function fromText(text: string): History {
  return text
    .split('\n')
    .map((line, at) => [line.trim(), at + 1] as const)
    .filter(([line]) => line)
    .map(([line, at], index) => {
      let event: Partial<HistoryEvent> | null
      try {
        event = JSON.parse(line) as Partial<HistoryEvent> | null
      } catch {
        throw new Error(`line ${at}: expected one event as JSON, got ${line.slice(0, 60)}`)
      }
      if (typeof event?.node !== 'string' || typeof event.ev !== 'string') {
        throw new Error(`line ${at}: expected an event with node and ev, got ${line.slice(0, 60)}`)
      }
      return { ...event, i: event.i ?? index, t: event.t ?? 0, node: event.node, ev: event.ev }
    })
}
