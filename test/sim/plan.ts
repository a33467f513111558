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
  | { readonly do: 'retry' | 'discard' | 'intrude' | 'identify' | 'reset'; readonly dev: number; readonly tab: number }
  | {
      readonly do: 'open' | 'close' | 'reload' | 'crash' | 'freeze' | 'stop' | 'thaw' | 'hide' | 'show'
      readonly dev: number
      readonly tab: number
    }
  /** Dies at one of the next moments at which dying makes a difference. */
  | { readonly do: 'doom'; readonly dev: number; readonly tab: number; readonly boundaries: number }
  | { readonly do: 'crash browser' | 'offline' | 'online' | 'silence' | 'wipe'; readonly dev: number }
  | { readonly do: 'agent'; readonly agent: number; readonly deed: AgentDeed; readonly thread: number }
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
export type WeatherKind = 'fine' | 'slow' | 'lossy' | 'awful' | 'echo' | 'swapped' | 'damaged' | 'dead'

/** A whole history before it happens: data, so that it can be made smaller. */
export interface Plan {
  readonly seed: string
  /** Tabs that each browser has at first. */
  readonly browsers: readonly number[]
  readonly ops: readonly Op[]
}

/** What a history is mostly about. */
const THEMES = ['network', 'crashes', 'tabs', 'server', 'storage', 'chats', 'identity', 'clocks'] as const
type Theme = (typeof THEMES)[number]

export function createPlan(seed: string): Plan {
  const random = createRandom(`plan ${seed}`)
  const size = random.weighted({ small: 88, medium: 10, large: 2 })
  const browsers = {
    small: () => [1, random.weighted({ 1: 5, 2: 5, 3: 1 })],
    medium: () => Array.from({ length: random.whole(2, 4) }, () => random.whole(1, 4)),
    large: () => Array.from({ length: random.whole(2, 6) }, () => random.whole(1, 8))
  }
    [size]()
    .map(Number)
  const length = { small: random.whole(20, 32), medium: random.whole(33, 80), large: random.whole(81, 200) }[size]
  const themes = new Set<Theme>(THEMES.filter(() => random.chance(0.3)))
  themes.add(random.pick(THEMES))
  const ops = Array.from({ length }, () => createOp(random, themes, browsers.length))
  return { seed, browsers, ops }
}

function createOp(random: Random, themes: ReadonlySet<Theme>, devices: number): Op {
  const about = random.chance(0.5) ? 'talk' : random.pick([...themes])
  const place = { dev: random.whole(0, devices - 1), tab: random.whole(0, 7) }
  const thread = random.weighted({ 0: 8, 1: 2 }) === '1' ? 1 : 0
  const after = Math.round(pauseOf(random))
  const make: Record<Theme | 'talk', () => DistributiveOmit<Op, 'after'>> = {
    talk: () => {
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
      if (deed === 'reply') return agentDo(random, 'reply')
      if (deed === 'send') {
        const words = random.weighted({ plain: 20, wild: 3, long: 0.3 })
        return { do: 'send', ...place, thread, words, times: random.chance(0.15) ? random.whole(2, 5) : 1 }
      }
      return deed === 'retry' || deed === 'discard' || deed === 'intrude' || deed === 'identify'
        ? { do: deed, ...place }
        : { do: deed, ...place, thread }
    },
    network: () => {
      const deed = random.weighted({ weather: 6, cut: 4, silence: 2, offline: 1, online: 2 })
      if (deed === 'weather') {
        const kind = random.weighted({ fine: 3, slow: 2, lossy: 3, awful: 1, echo: 3, swapped: 2, damaged: 2, dead: 1 })
        return { do: 'weather', dev: place.dev, kind }
      }
      if (deed === 'cut')
        return { do: 'cut', dev: place.dev, code: random.pick([1001, 1006, 1006, 1006, 1008, 1009, 1011, 1012, 1013]) }
      return { do: deed, dev: place.dev }
    },
    crashes: () => {
      const deed = random.weighted({ crash: 3, doom: 6, 'crash browser': 1, reload: 2, open: 3 })
      if (deed === 'doom') return { do: 'doom', ...place, boundaries: random.whole(1, 25) }
      return deed === 'crash browser' ? { do: deed, dev: place.dev } : { do: deed, ...place }
    },
    tabs: () => {
      const deed = random.weighted({
        open: 5,
        close: 3,
        reload: 2,
        freeze: 2,
        stop: 2,
        thaw: 4,
        hide: 2,
        show: 3,
        crash: 1,
        notes: 2
      })
      if (deed === 'notes') return { do: 'notes', dev: place.dev, loss: 0, slow: random.pick([20, 200, 2000]) }
      return { do: deed, ...place }
    },
    server: () => {
      const deed = random.weighted({ server: 4, doom: 3, backup: 3 })
      const down = random.pick([1, 50, 500, 3000, 12_000])
      if (deed === 'server')
        return { do: 'server', how: random.weighted({ crash: 4, vanish: 1, restart: 3, restore: 4 }), down }
      return deed === 'doom' ? { do: 'doom server', boundaries: random.whole(1, 12), down } : { do: 'backup' }
    },
    storage: () =>
      random.chance(0.1)
        ? { do: 'wipe', dev: place.dev }
        : {
            do: 'disk',
            dev: place.dev,
            trouble: random.pick(['full', 'lost', 'hang'] as const),
            lasts: random.pick([1, 20, 500, 5000, 20_000])
          },
    chats: () => {
      const deed = random.weighted({ start: 4, leave: 2, end: 2, rate: 1, agent: 8 })
      if (deed === 'agent')
        return agentDo(
          random,
          random.weighted({ reply: 3, accept: 4, end: 3, read: 2, close: 1, online: 3, away: 2, delivered: 2 })
        )
      return { do: deed, ...place, thread }
    },
    identity: () => ({ do: random.weighted({ reset: 3, identify: 1 }), ...place }),
    clocks: () => ({
      do: 'clock',
      dev: random.whole(0, devices),
      ahead: random.pick([1, -1]) * random.pick([1000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000])
    })
  }
  return { ...make[about](), after } as Op
}

const agentDo = (random: Random, deed: AgentDeed) =>
  ({ do: 'agent', agent: random.whole(0, 1), deed, thread: random.whole(0, 9) }) as const

/** Mostly no time at all or a moment, now and then long enough for deadlines and heartbeats. */
function pauseOf(random: Random): number {
  return {
    none: () => 0,
    moment: () => random.next() * 60,
    while: () => random.next() * 1500,
    long: () => random.next() * 15_000,
    age: () => random.next() * 90_000
  }[random.weighted({ none: 5, moment: 8, while: 8, long: 3, age: 0.6 })]()
}

type DistributiveOmit<T, Name extends PropertyKey> = T extends unknown ? Omit<T, Name> : never
