import { type Browser, createBrowser, type Tab } from '../browser/browser.ts'
import { createRecorder, type Recorder } from '../history.ts'
import type { Database } from '../house/database.ts'
import { createHouse, type House } from '../house/house.ts'
import type { Plan } from '../plan.ts'
import { type Call, createNetwork, type Network } from '../world/network.ts'
import { createWorld, type Owner, type World } from '../world/time.ts'
import { createWiretap } from '../world/wiretap.ts'
import { createTeam, type Team } from './team.ts'

/** Everything that a history happens on. */
export interface Stage {
  readonly seed: string
  readonly world: World
  readonly recorder: Recorder
  readonly house: House
  readonly network: Network
  readonly browsers: readonly Browser[]
  readonly team: Team
  /** Does what nobody in the history does. */
  readonly fate: Owner
  /** When the last page is gone that is left because its visitor has signed out. */
  goneBy: number
  /** The next number for words that nobody else says. */
  next(): number
  /** `who` dies at one of the next moments at which that makes a difference; 0 boundaries: does not. */
  doom(who: Tab | 'server', boundaries: number, down: number): void
  /** Ends the server, and starts it again after a while. `quiet`: so that nobody hears of it. */
  crashServer(quiet: boolean, down: number): void
  close(): void
}

/** What this server is told to bound, so that small histories meet the bounds. */
const LIMITS = { messages: { perMinute: 180, burst: 5 }, missed: 30, eventsPerFrame: 5, pace: 3 }

/** Tells of each boundary that is passed, so that somebody may die there. */
export type OnBoundary = (who: Tab | 'server', boundary: string) => void

export function createStage(plan: Plan, database: Database, onBoundary: OnBoundary = () => {}): Stage {
  const world = createWorld(plan.seed)
  const recorder = createRecorder(world.now)
  const { record } = recorder
  const fate = world.owner('fate')
  const house = createHouse({ world, recorder, database, limits: LIMITS })
  const tap = createWiretap(recorder, house)
  const passFrame = ({ node }: Call, ofTab: boolean, boundary: string) => {
    const tab = browsers.flatMap(({ tabs }) => tabs).find(one => one.node === node)
    if (!ofTab) onBoundary('server', boundary)
    else if (tab) onBoundary(tab, boundary)
  }
  const network = createNetwork(world, recorder, house.door, {
    ...tap,
    said(call, direction, frame) {
      tap.said(call, direction, frame)
      passFrame(call, direction === 'up', `${frame.t} going out`)
    },
    heard(call, direction, frame) {
      tap.heard(call, direction, frame)
      passFrame(call, direction === 'down', `${frame.t} come in`)
    }
  })
  const browsers = plan.browsers.map((_, i) => createBrowser(`dev${i + 1}`, { world, recorder, network, house }))
  const team = createTeam({ world, recorder, database, house })
  const dooms = new Map<Tab | 'server', { left: number; readonly down: number }>()
  let numbers = 0

  const uncaught = (error: unknown) => {
    record('world', 'error', { what: 'uncaught', reason: String((error as Error | undefined)?.stack ?? error) })
  }
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', uncaught)
  database.begin()

  const stage: Stage = {
    seed: plan.seed,
    world,
    recorder,
    house,
    network,
    browsers,
    team,
    fate,
    goneBy: 0,
    next: () => ++numbers,
    doom(who, left, down) {
      if (left) dooms.set(who, { left, down })
      else dooms.delete(who)
    },
    crashServer(quiet, down) {
      if (!house.running()) return
      house.crash()
      network.serverLost(quiet)
      world.plan(down, fate, house.start)
    },
    close() {
      database.end()
      world.close()
      process.off('uncaughtException', uncaught)
      process.off('unhandledRejection', uncaught)
    }
  }

  const pass = (who: Tab | 'server', boundary: string) => {
    onBoundary(who, boundary)
    const doom = dooms.get(who)
    if (!doom || --doom.left > 0) return
    dooms.delete(who)
    if (who !== 'server') return who.crash()
    record('world', 'fault', { kind: 'server crash' })
    stage.crashServer(false, doom.down)
  }
  house.at = boundary => pass('server', boundary)
  house.onStarted = team.onStarted
  for (const browser of browsers) browser.at = pass
  world.onSettled = () => {
    for (const browser of browsers) for (const tab of browser.tabs) tab.look()
  }
  return stage
}

/** Starts the server and opens the browsers. */
export async function raise({ world, house, browsers }: Stage, plan: Plan): Promise<void> {
  house.start()
  await world.pass(0)
  browsers.forEach((browser, i) => {
    for (let n = 0; n < plan.browsers[i]!; n++) browser.open()
  })
  await world.pass(50)
}
