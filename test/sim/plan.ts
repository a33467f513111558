import type { Trouble } from './browser/disk.ts'
import { createRandom, type Random } from './world/random.ts'

/** One thing that happens in a history. Places are numbers that count round: tab 5 of two tabs is the second one. */
export type Op = { readonly after: number } & (
  | {
      readonly do: 'send'
      readonly dev: number
      readonly tab: number
      readonly thread: number
      readonly words: Words
      readonly times: number
    }
  | {
      readonly do: 'draft' | 'read' | 'start' | 'leave' | 'end' | 'rate' | 'older' | 'typing'
      readonly dev: number
      readonly tab: number
      readonly thread: number
    }
  | {
      readonly do: 'retry' | 'discard' | 'intrude' | 'identify' | 'reset' | 'sign out'
      readonly dev: number
      readonly tab: number
    }
  /** The site knows who the visitor is from now on: pages are loaded anew, one or all of them. */
  | { readonly do: 'sign in'; readonly dev: number; readonly tab: number; readonly who: string; readonly all: boolean }
  | {
      readonly do: 'open' | 'close' | 'reload' | 'crash' | 'freeze' | 'stop' | 'thaw' | 'hide' | 'show'
      readonly dev: number
      readonly tab: number
    }
  /** Dies at one of the next moments at which dying makes a difference. */
  | { readonly do: 'doom'; readonly dev: number; readonly tab: number; readonly boundaries: number }
  | { readonly do: 'crash browser' | 'offline' | 'online' | 'silence' | 'wipe'; readonly dev: number }
  | { readonly do: 'agent'; readonly agent: number; readonly deed: AgentDeed; readonly thread: number }
  /** An agent says a great deal. */
  | { readonly do: 'flood'; readonly thread: number; readonly times: number }
  | { readonly do: 'weather'; readonly dev: number; readonly kind: WeatherKind }
  | { readonly do: 'cut'; readonly dev: number; readonly code: number }
  | { readonly do: 'server'; readonly how: 'crash' | 'vanish' | 'restart' | 'restore'; readonly down: number }
  | { readonly do: 'doom server'; readonly boundaries: number; readonly down: number }
  | { readonly do: 'backup' }
  | { readonly do: 'disk'; readonly dev: number; readonly trouble: Trouble; readonly lasts: number }
  | { readonly do: 'notes'; readonly dev: number; readonly loss: number; readonly slow: number }
  | { readonly do: 'clock'; readonly dev: number; readonly ahead: number }
)

export type Words = 'plain' | 'wild' | 'long'
export type AgentDeed = 'reply' | 'accept' | 'end' | 'read' | 'close' | 'online' | 'away' | 'delivered'
export type WeatherKind = 'fine' | 'slow' | 'lossy' | 'awful' | 'echo' | 'swapped' | 'damaged' | 'deaf' | 'dead'

/** A whole history before it happens: data, so that it can be made smaller. */
export interface Plan {
  readonly seed: string
  /** Tabs that each browser has at first. */
  readonly browsers: readonly number[]
  readonly ops: readonly Op[]
}

/** An op before it is known how long nothing happens after it. */
type Draft = Op extends infer One ? (One extends Op ? Omit<One, 'after'> : never) : never
type Maker = (random: Random, devices: number) => Draft

const tabOf = (random: Random, devices: number) => ({ dev: random.whole(0, devices - 1), tab: random.whole(0, 7) })
const threadOf = (random: Random) => Number(random.weighted({ 0: 8, 1: 2, 2: 2 }))
const agentDo = (random: Random, deed: AgentDeed): Draft => ({
  do: 'agent',
  agent: random.whole(0, 1),
  deed,
  thread: random.whole(0, 9)
})

/** What everybody does all the time. */
const talk: Maker = (random, devices) => {
  const place = tabOf(random, devices)
  const thread = threadOf(random)
  const deed = random.weighted({
    send: 16,
    reply: 8,
    read: 2,
    draft: 1,
    older: 1,
    typing: 1,
    retry: 1,
    discard: 1,
    intrude: 0.3,
    identify: 0.5
  })
  switch (deed) {
    case 'reply':
      return agentDo(random, 'reply')
    case 'send': {
      const words = random.weighted({ plain: 20, wild: 3, long: 0.3 })
      return { do: 'send', ...place, thread, words, times: random.chance(0.15) ? random.whole(2, 5) : 1 }
    }
    case 'retry':
    case 'discard':
    case 'intrude':
    case 'identify':
      return { do: deed, ...place }
    default:
      return { do: deed, ...place, thread }
  }
}

/** What a history is mostly about, besides. */
const THEMES: Readonly<Record<string, Maker>> = {
  network(random, devices) {
    const { dev } = tabOf(random, devices)
    const deed = random.weighted({ weather: 6, cut: 4, silence: 2, offline: 1, online: 2 })
    if (deed === 'weather') {
      const kinds = { fine: 3, slow: 2, lossy: 3, awful: 1, echo: 3, swapped: 2, damaged: 2, deaf: 2, dead: 1 }
      return { do: 'weather', dev, kind: random.weighted(kinds) }
    }
    if (deed !== 'cut') return { do: deed, dev }
    return { do: 'cut', dev, code: random.pick([1001, 1006, 1006, 1006, 1008, 1009, 1011, 1012, 1013]) }
  },
  crashes(random, devices) {
    const place = tabOf(random, devices)
    const deed = random.weighted({ crash: 3, doom: 6, 'crash browser': 1, reload: 2, open: 3 })
    if (deed === 'doom') return { do: 'doom', ...place, boundaries: random.whole(1, 25) }
    return deed === 'crash browser' ? { do: deed, dev: place.dev } : { do: deed, ...place }
  },
  tabs(random, devices) {
    const place = tabOf(random, devices)
    const deeds = { open: 5, close: 3, reload: 2, freeze: 2, stop: 3, thaw: 3, hide: 2, show: 3, crash: 1, notes: 2 }
    const deed = random.weighted(deeds)
    if (deed !== 'notes') return { do: deed, ...place }
    return { do: 'notes', dev: place.dev, loss: random.pick([0, 0, 0.1, 0.5]), slow: random.pick([20, 200, 2000]) }
  },
  server(random) {
    const deed = random.weighted({ server: 4, doom: 3, backup: 3 })
    const down = random.pick([1, 50, 500, 3000, 12_000])
    const how = random.weighted({ crash: 4, vanish: 1, restart: 3, restore: 4 })
    if (deed === 'server') return { do: 'server', how, down }
    return deed === 'doom' ? { do: 'doom server', boundaries: random.whole(1, 12), down } : { do: 'backup' }
  },
  storage(random, devices) {
    const { dev } = tabOf(random, devices)
    if (random.chance(0.1)) return { do: 'wipe', dev }
    const trouble = random.pick(['full', 'lost', 'hang'] as const)
    return { do: 'disk', dev, trouble, lasts: random.pick([1, 20, 500, 5000, 20_000]) }
  },
  chats(random, devices) {
    const deed = random.weighted({ start: 4, leave: 2, end: 2, rate: 1, agent: 8 })
    if (deed !== 'agent') return { do: deed, ...tabOf(random, devices), thread: threadOf(random) }
    const deeds = { reply: 3, accept: 4, end: 3, read: 2, close: 1, online: 3, away: 2, delivered: 2 }
    return agentDo(random, random.weighted(deeds))
  },
  identity(random, devices) {
    const place = tabOf(random, devices)
    const deed = random.weighted({ reset: 3, 'sign in': 4, 'sign out': 2, identify: 1 })
    if (deed !== 'sign in') return { do: deed, ...place }
    return { do: 'sign in', ...place, who: random.pick(['ada', 'ada', 'bob']), all: random.chance(0.7) }
  },
  clocks(random, devices) {
    const ahead = random.pick([1, -1]) * random.pick([1000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000])
    return { do: 'clock', dev: random.whole(0, devices), ahead }
  },
  gaps(random, devices) {
    const place = tabOf(random, devices)
    const deed = random.weighted({ flood: 1, offline: 3, online: 3, older: 3 })
    if (deed === 'flood') return { do: 'flood', thread: random.whole(0, 3), times: random.whole(51, 60) }
    return deed === 'older' ? { do: 'older', ...place, thread: 0 } : { do: deed, dev: place.dev }
  }
}

/** How often a history has each theme. */
const SHARE: Readonly<Record<string, number>> = { gaps: 0.03 }

/** Mostly small histories: most of what goes wrong needs little, and is found sooner by many. */
const SIZES: Readonly<
  Record<'small' | 'medium' | 'large', (random: Random) => Pick<Plan, 'browsers'> & { length: number }>
> = {
  small: random => ({
    browsers: [1, Number(random.weighted({ 1: 5, 2: 5, 3: 1 }))],
    length: random.whole(20, 32)
  }),
  medium: random => ({
    browsers: Array.from({ length: random.whole(2, 4) }, () => random.whole(1, 4)),
    length: random.whole(33, 80)
  }),
  large: random => ({
    browsers: Array.from({ length: random.whole(2, 6) }, () => random.whole(1, 8)),
    length: random.whole(81, 200)
  })
}

/** The plan of a seed: always the same one. */
export function createPlan(seed: string): Plan {
  const random = createRandom(`plan ${seed}`)
  const { browsers, length } = SIZES[random.weighted({ small: 88, medium: 10, large: 2 })](random)
  const names = Object.keys(THEMES)
  const themes = names.filter(name => random.chance(SHARE[name] ?? 0.3))
  if (!themes.length) themes.push(random.pick(names.filter(name => !SHARE[name])))
  const ops = Array.from({ length }, (): Op => {
    const make = random.chance(0.5) ? talk : THEMES[random.pick(themes)]!
    return { ...make(random, browsers.length), after: Math.round(pause(random)) }
  })
  return { seed, browsers, ops }
}

/** Mostly no time at all or a moment, now and then long enough for deadlines and heartbeats. */
function pause(random: Random): number {
  const most = { none: 0, moment: 60, while: 1500, long: 15_000, age: 90_000 }
  return random.next() * most[random.weighted({ none: 5, moment: 8, while: 8, long: 3, age: 0.6 })]
}
