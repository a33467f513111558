import type { Patch } from '../bundle.ts'
import { createPlayer, type Player } from '../player.ts'
import { type Crash, RECOVERIES } from './rehearse.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Answer, Ask } from './worker.ts'

export type CrashPlayer = Player<Ask, Answer>
const WORKER = 'test/sim/crash/worker.ts'

/** @param patches Changes to the source. */
export const createCrashPlayer = (patches: readonly Patch[] = []): Promise<CrashPlayer> => createPlayer(WORKER, patches)

/** One scenario with so many tabs, and the points at which somebody can die in it. */
export interface Act {
  readonly scenario: string
  readonly tabs: number
  readonly seed: number
  readonly points: readonly string[]
  /** What was wrong although nobody died. */
  readonly wrong: readonly string[]
}

/** One death. */
export interface Run {
  readonly act: Act
  readonly crash: Crash
}

/** What was wrong after a death, in words. */
export interface Result {
  readonly run: Run
  readonly accepted: number
  readonly violations: number
  readonly lost: number
  readonly duplicated: number
  readonly wrong: readonly string[]
}

/** With one tab in a browser, and with two. */
const TABS = [1, 2]

/** Lets each scenario happen with no death in it, and so finds all points there are. */
export async function rehearseAll(player: CrashPlayer, seed: number, only = ''): Promise<readonly Act[]> {
  const acts: Act[] = []
  for (const { name: scenario } of SCENARIOS.filter(({ name }) => name.startsWith(only))) {
    for (const tabs of TABS) {
      const answer = await player.play({ scenario, tabs, seed })
      acts.push({ scenario, tabs, seed, points: answer.points, wrong: inWords(answer) })
    }
  }
  return acts
}

/** Each death at each point, with each recovery that there can be: no other tab goes on where there is none. */
export function runsOf(act: Act): readonly Run[] {
  const recoveries = RECOVERIES.filter(recovery => act.tabs > 1 || recovery !== 'other tab')
  return act.points.flatMap((_, point) => recoveries.map(recovery => ({ act, crash: { point, recovery } })))
}

export async function die(player: CrashPlayer, run: Run): Promise<Result> {
  const { scenario, tabs, seed } = run.act
  const answer = await player.play({ scenario, tabs, seed, crash: run.crash })
  return {
    run,
    accepted: answer.accepted,
    violations: answer.violations.length,
    lost: answer.lost.length,
    duplicated: answer.duplicated.length,
    wrong: inWords(answer)
  }
}

function inWords({ violations, lost, duplicated }: Answer): readonly string[] {
  return [
    ...violations.map(({ id, says }) => `${id}: ${says}`),
    ...lost.map(cid => `${cid} was accepted, and is not there at the end`),
    ...duplicated.map(cid => `${cid} is there more than once at the end`)
  ]
}

/** The point as people call it, and which one of this name it is. */
export function nameOf({ act, crash: { point } }: Run): string {
  const name = act.points[point]!
  const same = act.points.slice(0, point + 1).filter(other => other === name).length
  return `${act.scenario}: ${name}${same > 1 ? ` (${same})` : ''}`
}
