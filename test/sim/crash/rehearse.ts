import type { Tab } from '../browser/browser.ts'
import type { History } from '../history.ts'
import type { Database } from '../house/database.ts'
import { perform } from '../stage/deeds.ts'
import { settle } from '../stage/settle.ts'
import { createStage, raise, type Stage } from '../stage/stage.ts'
import { FINE } from '../world/network.ts'
import { planOf, type Scenario } from './scenarios.ts'

/** What happens after somebody died: the same page is loaded again, another tab goes on, or the browser starts again. */
export const RECOVERIES = ['same tab', 'other tab', 'next boot'] as const
export type Recovery = (typeof RECOVERIES)[number]

/** Who dies, and how it goes on. */
export interface Crash {
  /** At which point, of those that a rehearsal without a crash has passed. */
  readonly point: number
  readonly recovery: Recovery
}

export interface Rehearsal {
  /** The boundaries that were passed, in order. At each somebody can die. */
  readonly points: readonly string[]
  readonly history: History
}

/** How long a server stays away, in milliseconds. */
const DOWN = 500
/** How long a browser stays away, and how long it has no network then, in milliseconds. */
const AWAY = 2000
const OFFLINE = 3000

/**
 * Lets a scenario happen in one browser with so many tabs, and somebody die in it. A tab that died does nothing any
 * more, so only what it does to the world tells one moment from another: what it asks of the disk, of the other tabs and
 * of the lock, and the frames it says. Those are the points, with the ends of its transactions and the frames that
 * arrive; and those of the server, at which it dies or the page that it talks to.
 */
export async function rehearse(
  scenario: Scenario,
  tabs: number,
  seed: number,
  database: Database,
  crash?: Crash
): Promise<Rehearsal> {
  const plan = planOf(scenario, tabs, seed)
  const points: string[] = []
  let listening = false
  /** The last thing that each tab did. */
  const last = new Map<Tab, string>()
  let speaker: Tab | undefined

  const reach = (name: string, die: () => void) => {
    const here = points.push(name) - 1
    if (crash?.point !== here) return
    listening = false
    die()
  }
  const stage = createStage(plan, database, (who, boundary) => {
    if (isNothing(boundary)) return
    if (who !== 'server') {
      if (/ going out$/.test(boundary)) speaker = who
      // Reading changes nothing, so one moment of it is like the next.
      const isSame = isReading(boundary) && isReading(last.get(who) ?? '')
      last.set(who, boundary)
      if (isSame) return
    }
    if (!listening) return
    if (who !== 'server') return reach(`${shortName(who)}: ${boundary}`, () => crashTab(stage, who, crash!.recovery))
    reach(`server: ${boundary}`, () => crashServer(stage, crash!.recovery))
    const page = speaker
    if (page && listening) {
      reach(`server: ${boundary}, ${shortName(page)} dies`, () => crashTab(stage, page, crash!.recovery))
    }
  })
  try {
    listening = scenario.boot ?? false
    await raise(stage, plan)
    for (const [i, op] of plan.ops.entries()) {
      if (i === scenario.before.length && !points.length) listening = true
      perform(stage, op)
      await stage.world.pass(op.after)
    }
    listening = false
    if (crash && crash.point >= points.length) throw new Error(`${scenario.name} has no point ${crash.point}`)
    await settle(stage)
    return { points, history: stage.recorder.events }
  } finally {
    stage.close()
  }
}

const isReading = (boundary: string) => boundary.startsWith('list ')
/** Frames that say no more than that somebody is there. */
const isNothing = (boundary: string) => /^p[io]ng /.test(boundary)

const shortName = ({ node }: Tab) => node.split('/')[1]

function crashTab(stage: Stage, tab: Tab, recovery: Recovery) {
  const browser = browserOf(stage)
  if (recovery === 'next boot') return bootLater(stage)
  tab.crash()
  if (recovery === 'same tab' || !browser.tabs.length) browser.open({ identity: tab.identity })
}

/** The server comes back; its visitors stay, or another tab goes on, or the whole browser starts again, too. */
function crashServer(stage: Stage, recovery: Recovery) {
  stage.crashServer(false, DOWN)
  if (recovery === 'next boot') bootLater(stage)
  if (recovery === 'other tab') browserOf(stage).tabs[0]?.crash()
}

/** The browser dies, and starts again later without a network, which comes back after a while. */
function bootLater(stage: Stage) {
  const { world, network, fate } = stage
  const browser = browserOf(stage)
  for (const tab of browser.tabs) tab.crash()
  world.plan(AWAY, fate, () => {
    network.setWeather(browser.name, { ...FINE, up: false })
    browser.open()
  })
  world.plan(AWAY + OFFLINE, fate, () => {
    network.setWeather(browser.name, FINE)
    for (const tab of browser.tabs) world.plan(0, tab.owner, () => tab.page.emit('online'))
  })
}

const browserOf = ({ browsers }: Stage) => browsers[0]!
