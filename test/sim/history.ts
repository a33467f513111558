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

/** What a `lead` may say: in a member, or as the name of one. */
const LEADS = ['gain', 'lose', 'lost', 'fenced', 'release']

export function leadOf(event: HistoryEvent): string | undefined {
  return LEADS.find(word => event[word] || Object.values(event).includes(word))
}

/** One event in a line of JSON. */
export function toText(history: History): string {
  return history.map(event => `${JSON.stringify(event)}\n`).join('')
}

/** @throws {Error} That names the line which is not an event, and what would be right there. */
export function fromText(text: string): History {
  const events: HistoryEvent[] = []
  for (const [at, untrimmed] of text.split('\n').entries()) {
    const line = untrimmed.trim()
    if (!line) continue
    const expected = (what: string) => new Error(`line ${at + 1}: expected ${what}, got ${line.slice(0, 60)}`)
    let event: Loose | null
    try {
      event = JSON.parse(line) as Loose | null
    } catch {
      throw expected('one event as JSON')
    }
    if (typeof event?.node !== 'string' || !event.node || typeof event.ev !== 'string')
      throw expected('an event with node and ev')
    // Nothing, as others write it.
    for (const [name, value] of Object.entries(event)) if (value === null && name !== 'seq') delete event[name]
    const last = events.at(-1)
    const { i = last ? last.i + 1 : 0, t = last?.t ?? 0, node, ev } = event
    if (!Number.isSafeInteger(i) || i <= (last?.i ?? -1))
      throw expected(`i to be a whole number above ${last?.i ?? -1}`)
    if (!Number.isFinite(t) || t < (last?.t ?? 0)) throw expected(`t to be milliseconds, and not below ${last?.t ?? 0}`)
    const wrong = wrongIn({ ...event, i, t, node, ev })
    if (wrong) throw expected(wrong)
    events.push({ ...event, i, t, node, ev })
  }
  if (!events.length) throw new Error('expected one event as JSON in each line, got no event at all')
  return events
}

type Loose = { -readonly [Name in keyof HistoryEvent]?: HistoryEvent[Name] }

type Shape =
  | 'text'
  | 'delivery'
  | 'keeping'
  | 'number'
  | 'place'
  | 'gaps'
  | 'entries'
  | 'texts'
  | 'outbox'
  | 'heads'
  | 'frame'

/** What the check needs of each kind of event, beyond the four members that all have. */
const NEEDS: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  boot: {},
  accept: { cid: 'text', thread: 'text' },
  state: { cid: 'text', to: 'delivery' },
  commit: { cid: 'text', thread: 'text' },
  ack: { cid: 'text' },
  nack: { cid: 'text' },
  apply: { thread: 'text', seq: 'number' },
  forget: { thread: 'text', seq: 'number' },
  cursor: { thread: 'text', contiguous: 'number' },
  render: { thread: 'text' },
  read: { thread: 'text', id: 'text', seq: 'number' },
  draft: { thread: 'text', what: 'text' },
  edit: { cid: 'text', rev: 'number' },
  retry: { cid: 'text' },
  discard: { cid: 'text' },
  reset: {},
  renumber: { cid: 'text', cseq: 'number' },
  unsaved: {},
  ident: {},
  lead: {},
  storage: { state: 'keeping' },
  wire: { dir: 'text' },
  welcome: {},
  resume: {},
  fault: { kind: 'text' },
  wipe: {},
  crash: {},
  close: {},
  freeze: {},
  thaw: {},
  backup: {},
  log: { thread: 'text', entries: 'entries' },
  census: {},
  heal: {},
  quiesce: {},
  error: {}
}

/** What these are wherever they are. */
const SHAPES: Readonly<Record<string, Shape>> = {
  cid: 'text',
  dev: 'text',
  thread: 'text',
  hash: 'text',
  who: 'text',
  cseq: 'number',
  seq: 'place',
  gaps: 'gaps',
  entries: 'entries',
  tabs: 'texts',
  places: 'texts',
  stays: 'texts',
  outbox: 'outbox',
  heads: 'heads',
  frame: 'frame'
}

const DELIVERIES = 'saving queued sending sent delivered read failed cancelled'.split(' ')
const KEEPINGS = ['durable', 'degraded', 'volatile']

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown) => typeof value === 'string'
const isPlace = (value: unknown) => value === null || value === undefined || Number.isFinite(value)
const isListOf = (isOne: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(isOne)
const isMapOf = (isOne: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(isOne)

const FITS: Readonly<Record<Shape, (value: unknown) => boolean>> = {
  text: isText,
  delivery: value => DELIVERIES.includes(value as string),
  keeping: value => KEEPINGS.includes(value as string),
  number: Number.isFinite,
  place: isPlace,
  gaps: isListOf(gap => isObject(gap) && Number.isFinite(gap.from)),
  entries: isListOf(
    entry => isObject(entry) && ((entry.cid ?? undefined) === undefined || isText(entry.cid)) && isPlace(entry.seq)
  ),
  texts: isListOf(isText),
  outbox: isMapOf(isListOf(isText)),
  heads: isMapOf(Number.isFinite),
  frame: value => isText(value) || (isObject(value) && (value.events === undefined || isListOf(isObject)(value.events)))
}
const IN_WORDS: Readonly<Record<Shape, string>> = {
  text: 'a text',
  delivery: `one of ${DELIVERIES.join(', ')}`,
  keeping: `one of ${KEEPINGS.join(', ')}`,
  number: 'a number',
  place: 'a number or null',
  gaps: 'a list of {from, to}',
  entries: 'a list of {cid, seq, …}',
  texts: 'a list of texts',
  outbox: 'lists of ids by browser',
  heads: 'numbers by thread',
  frame: 'a text, or an object and its events a list of objects'
}

/** What would be right instead of what this event has. */
function wrongIn(event: HistoryEvent): string | undefined {
  const needs = Object.hasOwn(NEEDS, event.ev) ? NEEDS[event.ev] : undefined
  if (!needs) return `ev to be one of ${Object.keys(NEEDS).join(', ')}`
  for (const [name, shape] of Object.entries({ ...SHAPES, ...needs })) {
    const value = event[name]
    if ((value !== undefined || name in needs) && !FITS[shape](value))
      return `${event.ev} with ${name}, ${IN_WORDS[shape]}`
  }
  if (event.ev === 'lead' && !leadOf(event)) return `lead with what, one of ${LEADS.join(', ')}`
  const isNumbered = event.ev === 'welcome' || (event.ev === 'lead' && leadOf(event) === 'gain')
  if (isNumbered && !Number.isFinite(event.epoch ?? event.term)) return `${event.ev} with epoch, a number`
  const isRollback = event.ev === 'fault' && /roll.?back|restore|rewind/i.test(String(event.kind))
  if (isRollback && event.to !== undefined && !Number.isFinite(event.to)) return `${event.kind} with to, a number`
  const hasList = Object.values(event).some(Array.isArray)
  return event.ev === 'render' && !hasList ? `render with entries, ${IN_WORDS.entries}` : undefined
}
