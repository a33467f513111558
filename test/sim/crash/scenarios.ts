import type { Op, Plan } from '../plan.ts'

/** Something that must survive a death at any moment. */
export interface Scenario {
  readonly name: string
  /** What happens first, and is not interrupted. */
  readonly before: readonly Op[]
  /** What is interrupted; the pages that are open reach each of its boundaries. `boot`: their start belongs to it. */
  readonly during: readonly Op[]
  readonly boot?: boolean
}

const FIRST = { dev: 0, tab: 0 }
/** The other tab where there are two; else the same one. */
const SECOND = { dev: 0, tab: 1 }

const say = (after: number, where = FIRST, thread = 0, times = 1): Op => ({
  do: 'send',
  ...where,
  thread,
  words: 'plain',
  times,
  after
})
const reply = (after: number): Op => ({ do: 'agent', agent: 0, deed: 'reply', thread: 0, after })

export const SCENARIOS: readonly Scenario[] = [
  // The very first message, and then one from each tab at the same time.
  { name: 'send', boot: true, before: [], during: [say(1500), say(0, FIRST), say(2000, SECOND)] },
  {
    name: 'receive',
    before: [say(2000)],
    during: [
      reply(300),
      { do: 'offline', dev: 0, after: 500 },
      reply(10),
      reply(500),
      { do: 'online', dev: 0, after: 2500 },
      { do: 'read', ...FIRST, thread: 0, after: 1000 }
    ]
  },
  {
    // More than one page: what is between is fetched when somebody scrolls there.
    name: 'catch up',
    before: [say(2000), { do: 'offline', dev: 0, after: 100 }, { do: 'flood', thread: 0, times: 55, after: 2000 }],
    during: [
      { do: 'online', dev: 0, after: 2500 },
      { do: 'older', ...FIRST, thread: 0, after: 2000 }
    ]
  },
  {
    // With a message that is just being sent, and one of whoever comes next.
    name: 'logout',
    before: [say(2000), reply(500)],
    during: [say(0), { do: 'reset', ...FIRST, after: 5000 }, say(2000)]
  },
  {
    // With a message that cannot be sent, and has to be given up.
    name: 'logout without a network',
    before: [say(2000), { do: 'offline', dev: 0, after: 100 }, say(500)],
    during: [{ do: 'reset', ...FIRST, after: 5000 }, { do: 'online', dev: 0, after: 2500 }, say(2000)]
  },
  {
    // The site comes to know who wrote, while a message waits.
    name: 'migrate',
    before: [
      say(2000),
      reply(500),
      { do: 'offline', dev: 0, after: 100 },
      say(100),
      { do: 'online', dev: 0, after: 0 }
    ],
    during: [
      { do: 'sign in', dev: 0, tab: 0, who: 'ada', all: true, after: 2500 },
      say(100, FIRST, 2),
      say(2000, SECOND)
    ]
  },
  {
    // And then to sign out in another page, which knew them already.
    name: 'migrate and logout',
    before: [
      { do: 'open', ...FIRST, after: 500 },
      { do: 'sign in', ...FIRST, who: 'ada', all: false, after: 1000 },
      say(2000),
      { do: 'offline', dev: 0, after: 100 },
      say(100)
    ],
    during: [
      { do: 'sign in', ...FIRST, who: 'ada', all: false, after: 1000 },
      { do: 'reset', ...SECOND, after: 5000 },
      { do: 'open', ...FIRST, after: 1000 },
      { do: 'online', dev: 0, after: 2500 },
      say(2000, SECOND)
    ]
  }
]

/** The scenario as a plan for one browser with so many tabs. */
export function planOf({ name, before, during }: Scenario, tabs: number, seed: number): Plan {
  return { seed: `${name.replaceAll(' ', '-')}${seed}`, browsers: [tabs], ops: [...before, ...during] }
}
