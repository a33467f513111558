import type { History, HistoryEvent } from '../history.ts'

/** What is wrong with a history: which promise was broken, where, and in a sentence how. */
export interface Violation {
  /** `I1` to `I26`, as HISTORY.md lists them; `I0`: something broke that never should. */
  readonly id: string
  /** Numbers of the events that show it. */
  readonly events: readonly number[]
  readonly says: string
}

/** One promise: looks for where a history breaks it. */
export type Check = (story: Story) => Iterable<Omit<Violation, 'id'>>

/** A history with what most checks ask of it. */
export interface Story {
  readonly all: History
  /** The events of these kinds, in order. */
  of(...kinds: readonly string[]): History
  /** Everything a server made durable: commands that were accepted, and messages of agents and of the server itself. */
  readonly commits: History
  /** Whether a commit was undone by going back to an older state, and by which event. */
  undoneAt(commit: HistoryEvent): number | undefined
  /** Going back to an older state. */
  readonly rollbacks: History
  /** The first event that accepted a message or command. */
  accept(cid: string): HistoryEvent | undefined
  /** When the last fault was over, in milliseconds. */
  readonly calm: number
  /** The last time at which everything was quiet; missing in a history that was cut short. */
  readonly quiesce: HistoryEvent | undefined
  /** Whether what was accepted here is only kept in memory. */
  isVolatile(accept: HistoryEvent): boolean
  /**
   * Whether the browser knows that the first was accepted before the second. Two tabs of which one can only keep things
   * in memory do not know of each other.
   */
  cameBefore(first: HistoryEvent, second: HistoryEvent): boolean
  /**
   * Whether the browser in which this was accepted was emptied before that happened: then it is what pages still know
   * that comes back, as soon as they are awake, and nobody knows what came before it.
   */
  wasEmptied(accept: HistoryEvent, before: HistoryEvent): boolean
  /** Who the visitor at this node is at this moment. */
  who(event: HistoryEvent): string
  /** The same, where the history says so. */
  knownWho(event: HistoryEvent): string | undefined
  /** Who this visitor is in the end: another one, if they have signed in and brought along what they said before. */
  same(who: string): string
}

/** What a screen showed of one message. */
export interface Shown {
  readonly cid: string
  readonly seq: number | null
  readonly state: string
  readonly hash: string | undefined
  readonly gap: boolean
}

export function createStory(history: History): Story {
  const all = history.map(event =>
    /^(freeze|thaw)$/.test(event.ev) ? { ...event, ev: 'fault', kind: event.ev } : event
  )
  const kinds = new Map<string, HistoryEvent[]>()
  for (const event of all) {
    const list = kinds.get(event.ev)
    if (list) list.push(event)
    else kinds.set(event.ev, [event])
  }
  const of = (...names: readonly string[]) =>
    names.length === 1
      ? (kinds.get(names[0]!) ?? [])
      : names.flatMap(name => kinds.get(name) ?? []).sort((a, b) => a.i - b.i)

  const commits = of('commit')
  const rollbacks = of('fault').filter(isRollback)
  const undone = undoneCommits(commits, rollbacks)

  const accepts = new Map<string, HistoryEvent>()
  for (const event of of('accept')) if (event.cid && !accepts.has(event.cid)) accepts.set(event.cid, event)

  const heal = of('heal').at(-1)
  const faults = of('fault', 'crash')
  const identities = of('ident')
  const storages = of('storage')
  const named = of('boot').filter(({ who }) => who !== undefined)
  // Whoever signed in has brought along what they said before; and whose browser was emptied has not signed out.
  const heirs = new Map(
    identities.flatMap(({ from, joined, still = joined }) => {
      const to = joined === true ? undefined : still
      return to && to !== from ? [[String(from), String(to)] as const] : []
    })
  )

  const story: Story = {
    all,
    of,
    commits,
    rollbacks,
    undoneAt: commit => undone.get(commit),
    accept: cid => accepts.get(cid),
    calm: heal?.t ?? faults.at(-1)?.t ?? 0,
    quiesce: of('quiesce').at(-1),
    isVolatile({ i, node, volatile }) {
      if (volatile !== undefined) return Boolean(volatile)
      const said = storages.findLast(event => event.node === node && event.i < i)
      return said !== undefined && said.state !== 'durable'
    },
    cameBefore: (first, second) =>
      first.i < second.i && (first.node === second.node || !(story.isVolatile(first) || story.isVolatile(second))),
    wasEmptied: (accept, before) =>
      story.of('wipe').some(wipe => wipe.i > accept.i && wipe.i < before.i && devOf(wipe) === devOf(accept)),
    who: event => story.knownWho(event) ?? devOf(event),
    knownWho(event) {
      if (event.who !== undefined) return event.who
      const dev = devOf(event)
      const last = identities.findLast(one => one.i < event.i && (one.node === event.node || devOf(one) === dev))
      const boot = named.findLast(one => one.i < event.i && one.node === event.node)
      if (boot && boot.i > (last?.i ?? -1)) return boot.who
      if (last) return String(last.to)
      const first = identities.find(one => one.node === event.node || devOf(one) === dev)
      return first && String(first.from)
    },
    same(who) {
      const seen = new Set([who])
      for (let next = heirs.get(who); next !== undefined && !seen.has(next); next = heirs.get(who)) {
        seen.add(next)
        who = next
      }
      return who
    }
  }
  return story
}

/** `server restore` is that somebody tries to; whether it was done says another one. */
const isRollback = ({ kind }: HistoryEvent) =>
  /roll.?back|restore|rewind/i.test(String(kind)) && kind !== 'server restore'

/** Which commits a return to an older state undid: those after the event it names, or those whose place is taken anew. */
function undoneCommits(commits: History, rollbacks: History): ReadonlyMap<HistoryEvent, number> {
  const undone = new Map<HistoryEvent, number>()
  for (const back of rollbacks) {
    const heads = back.heads as Readonly<Record<string, number>> | undefined
    for (const commit of commits) {
      if (commit.i > back.i || undone.has(commit)) continue
      const gone =
        typeof back.to === 'number'
          ? commit.i > back.to
          : heads
            ? (commit.seq ?? 0) > (heads[commit.thread ?? ''] ?? 0)
            : commits.some(
                later =>
                  later.i > back.i &&
                  !later.dup &&
                  later.thread === commit.thread &&
                  typeof later.seq === 'number' &&
                  later.seq <= (commit.seq ?? 0)
              )
      if (gone) undone.set(commit, back.i)
    }
  }
  return undone
}

/** The browser an event is about: `dev3` of `dev3/tab2`. */
export function devOf({ dev, node }: HistoryEvent): string {
  return dev ?? node.split('/')[0]!
}

/** Which of the devices that a browser has been an event is about, where it says so. */
export function deviceOf(event: HistoryEvent): string {
  return typeof event.device === 'string' ? event.device : devOf(event)
}

/** Where the rows of a node lie: one disk for all tabs of a browser, unless the event says otherwise. */
export function diskOf(event: HistoryEvent): string {
  return typeof event.disk === 'string' ? event.disk : devOf(event)
}

export const isMessage = ({ op }: HistoryEvent) => op === undefined || op === 'message'

/** Whether a commit holds, or may hold, something that a visitor's browser accepted. */
export const isVisitors = ({ dev, author }: HistoryEvent) =>
  author === undefined ? dev !== undefined : author === 'visitor'

/** The list of a `render`, whatever it is called. */
export function shownIn(event: HistoryEvent): readonly Shown[] {
  const list = (event.entries ?? Object.values(event).find(isListOfEntries) ?? []) as readonly Partial<Shown>[]
  return list
    .filter(entry => typeof entry === 'object' && entry !== null)
    .map(({ cid, seq, state, hash, gap }) => ({
      cid: String(cid ?? ''),
      seq: typeof seq === 'number' ? seq : null,
      state: String(state ?? ''),
      hash: hash ?? undefined,
      gap: Boolean(gap)
    }))
}

const isListOfEntries = (value: unknown) =>
  Array.isArray(value) && value.some(entry => typeof entry === 'object' && entry !== null && 'cid' in entry)

/** States of a message that the server has made durable. */
export const isPlaced = ({ state, seq }: Shown) =>
  ['sent', 'delivered', 'read', 'received'].includes(state) || (state === '' && seq !== null)
