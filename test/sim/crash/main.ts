/**
 * `npm run crash`: lets somebody die at each moment of sending, receiving, catching up, signing out and signing in, one
 * after the other, and go on in three ways; looks each time whether everything that was promised holds, and whether each
 * message that was accepted is there exactly once in the end.
 */
import { availableParallelism } from 'node:os'
import { createProgress } from '../../reliability/progress.ts'
import { read } from '../../support/promises.ts'
import { record } from '../../support/reliability.ts'
import { readArguments } from '../arguments.ts'
import { tell } from '../tell.ts'
import {
  type Act,
  type CrashPlayer,
  createCrashPlayer,
  die,
  nameOf,
  type Result,
  type Run,
  rehearseAll,
  runsOf
} from './crashes.ts'
import { RECOVERIES } from './rehearse.ts'
import { SCENARIOS } from './scenarios.ts'

/** Figures that are kept are of this one, so that they can be compared. */
const SEED = 1

const given = readArguments({
  /** Decides how long everything takes. */
  seed: SEED,
  jobs: Math.min(2, availableParallelism()),
  /** Only scenarios whose name begins like this. */
  only: '',
  /** Only with so many tabs; 0: with one, and with two. */
  tabs: 0,
  /** Only at the point with this number, and tells the whole history. */
  point: '',
  /** Only with this recovery. */
  recovery: ''
})

if (given.recovery && !RECOVERIES.some(recovery => recovery === given.recovery)) {
  throw new TypeError(`--recovery: expected one of ${RECOVERIES.join(', ')}, got ${given.recovery}`)
}
const isWhole = given.seed === SEED && !given.only && !given.tabs && !given.point && !given.recovery
const progress = createProgress()
const players = await Promise.all(Array.from({ length: given.jobs }, () => createCrashPlayer()))
try {
  const acts = (await rehearseAll(players[0]!, given.seed, given.only)).filter(
    ({ tabs }) => !given.tabs || tabs === given.tabs
  )
  if (!acts.length) throw new TypeError(`--only: expected one of ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  if (!given.point) for (const act of acts) list(act)
  const runs = acts.flatMap(runsOf).filter(isWanted)
  const results = await crashAll(runs)
  progress.end()
  if (given.point) await tellAll(runs)
  report(acts, results)
} finally {
  for (const player of players) player.close()
}

function isWanted({ crash: { point, recovery } }: Run): boolean {
  return (!given.point || point === Number(given.point)) && (!given.recovery || recovery === given.recovery)
}

/** Says what the points are, those of one name in one line. */
function list({ scenario, tabs, points, wrong }: Act) {
  console.log(`\n${scenario}, ${tabs === 1 ? 'one tab' : 'two tabs'}: ${points.length} points`)
  const counts = new Map<string, number>()
  for (const name of points) counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const [name, count] of counts) console.log(`  ${name}${count > 1 ? ` ×${count}` : ''}`)
  for (const one of wrong) console.log(`  wrong although nobody died: ${one}`)
}

/** All of them, each player one after the other; in the order of `runs`, whoever was faster. */
async function crashAll(runs: readonly Run[]): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = [...runs.entries()]
  let done = 0
  const work = async (player: CrashPlayer) => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [i, run] = next
      const result = await die(player, run)
      results[i] = result
      progress.say(`${++done} of ${runs.length} deaths, now in ${nameOf(run)}`)
      if (result.wrong.length) explain(result)
    }
  }
  await Promise.all(players.map(work))
  return results
}

function explain({ run, wrong }: Result) {
  const { act, crash } = run
  progress.end()
  console.log(`\n${nameOf(run)}, ${act.tabs === 1 ? 'one tab' : 'two tabs'}, ${crash.recovery}:`)
  for (const one of new Set(wrong)) console.log(`  ${one}`)
  const seed = act.seed === 1 ? '' : ` --seed ${act.seed}`
  const where = `--only "${act.scenario}" --tabs ${act.tabs} --point ${crash.point} --recovery "${crash.recovery}"`
  console.log(`  npm run crash -- ${where}${seed}`)
}

async function tellAll(runs: readonly Run[]) {
  for (const { act, crash } of runs) {
    const { scenario, tabs, seed } = act
    const { history = [] } = await players[0]!.play({ scenario, tabs, seed, crash, tell: true })
    console.log(tell(history))
  }
}

function report(acts: readonly Act[], results: readonly Result[]) {
  const sum = (list: readonly Result[], name: 'accepted' | 'violations' | 'lost' | 'duplicated') =>
    list.reduce((total, result) => total + result[name], 0)
  const figuresOf = (acts: readonly Act[], results: readonly Result[]) => ({
    points: acts.reduce((total, { points }) => total + points.length, 0),
    runs: results.length,
    accepted: sum(results, 'accepted'),
    violations: sum(results, 'violations') + acts.reduce((total, { wrong }) => total + wrong.length, 0),
    lost: sum(results, 'lost'),
    duplicated: sum(results, 'duplicated')
  })
  const names = [...new Set(acts.map(({ scenario }) => scenario))]
  const byScenario = Object.fromEntries(
    names.map(name => [
      name,
      figuresOf(
        acts.filter(({ scenario }) => scenario === name),
        results.filter(({ run }) => run.act.scenario === name)
      )
    ])
  )
  const figures = { recoveries: RECOVERIES.length, ...figuresOf(acts, results), byScenario }
  const columns = ['points', 'runs', 'accepted', 'violations', 'lost', 'duplicated'] as const
  const width = Math.max(...names.map(name => name.length), 8)
  console.log(`\n${'scenario'.padEnd(width)}  ${columns.map(name => name.padStart(12)).join('')}`)
  for (const [name, row] of [...Object.entries(byScenario), ['all', figures] as const]) {
    console.log(`${name.padEnd(width)}  ${columns.map(column => String(row[column]).padStart(12)).join('')}`)
  }
  if (figures.violations || figures.lost || figures.duplicated || !figures.runs) process.exitCode = 1
  if (isWhole) {
    compare(figures.points)
    record('crash', figures)
  }
  console.log(JSON.stringify(figures))
}

/** Points that are gone may be code that is gone, or deaths that nobody looks at any more: somebody has to know. */
function compare(points: number) {
  const { crash } = JSON.parse(read('reliability.json')) as { readonly crash?: { readonly points: number } }
  if (!crash || points >= crash.points) return
  console.log(`only ${points} points are left of ${crash.points} that there were`)
  process.exitCode = 1
}
