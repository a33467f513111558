/**
 * `npm run sim:teeth`: plants one bug after the other in a copy of the widget and of the server, and plays histories
 * until the checker finds it. What the code without the bug does wrong, too, does not count.
 */
import { availableParallelism } from 'node:os'
import { createProgress } from '../../reliability/progress.ts'
import { record } from '../../support/reliability.ts'
import { readArguments } from '../arguments.ts'
import { type Bug, PLANTED, UNNAMED } from './bugs.ts'
import { type Catch, createInnocence, hunt } from './judge.ts'
import { plant } from './plant.ts'

const given = readArguments({
  /** The first history, for each bug. */
  seed: 1,
  /** How many histories a bug may take. */
  runs: 2000,
  /** How many bugs are looked for at the same time. */
  jobs: Math.min(2, availableParallelism()),
  /** Only bugs whose names begin like this. */
  only: ''
})

const bugs = [...PLANTED, ...UNNAMED].filter(({ name }) => name.startsWith(given.only))
if (!bugs.length) throw new TypeError(`--only: expected the beginning of a name, got ${given.only}`)
const progress = createProgress()
const results = await judge()
progress.end()
report()

/** Looks for all of them, some at the same time. */
async function judge(): Promise<ReadonlyMap<Bug, Catch | undefined>> {
  const found = new Map<Bug, Catch | undefined>()
  const plain = await plant()
  const isInnocent = createInnocence(plain)
  const left = [...bugs]
  const judgeNext = async () => {
    for (let bug = left.shift(); bug; bug = left.shift()) {
      const player = await plant(bug)
      try {
        const caught = await hunt(player, isInnocent, given.seed, given.runs, histories =>
          progress.say(`${found.size} of ${bugs.length} bugs; "${bug.name}" is in for ${histories} histories`)
        )
        found.set(bug, caught)
        progress.end()
        console.log(inWords(bug, caught))
      } finally {
        player.close()
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: given.jobs }, judgeNext))
  } finally {
    plain.close()
  }
  return found
}

function inWords({ name }: Bug, caught: Catch | undefined): string {
  if (!caught) return `${name}: missed in ${given.runs} histories`
  const { histories, invariants, seed, says } = caught
  return `${name}: ${invariants.join(', ')} after ${histories} histories (seed ${seed}): ${says}`
}

function report() {
  const width = Math.max(...bugs.map(({ name }) => name.length))
  console.log(`\n${'bug'.padEnd(width)}  histories  seed  broken`)
  for (const bug of bugs) {
    const caught = results.get(bug)
    const cells = caught
      ? [String(caught.histories).padStart(9), String(caught.seed).padStart(4), caught.invariants.join(' ')]
      : ['   missed']
    console.log([bug.name.padEnd(width), ...cells].join('  '))
  }
  const figures = { ...figuresOf(PLANTED), unnamed: figuresOf(UNNAMED) }
  if (figures.missed.length || figures.unnamed.missed.length) process.exitCode = 1
  if (bugs.length === PLANTED.length + UNNAMED.length) record('teeth', figures)
  console.log(JSON.stringify(figures))
}

/** Of those of a list that were looked for. */
function figuresOf(list: readonly Bug[]) {
  const planted = list.filter(bug => results.has(bug))
  const caught = planted.flatMap(({ name }, i) => {
    const found = results.get(planted[i]!)
    return found ? [{ name, ...found }] : []
  })
  return {
    planted: planted.length,
    caught: caught.length,
    histories: Object.fromEntries(caught.map(({ name, histories }) => [name, histories])),
    invariants: Object.fromEntries(caught.map(({ name, invariants }) => [name, invariants.join(' ')])),
    missed: planted.filter(bug => !results.get(bug)).map(({ name }) => name)
  }
}
