/**
 * `npm run sim -- --runs 1000 --seed 1`: histories of browsers, a network and a server, all of them simulated but for the
 * code of the widget and of the server, each checked against every promise.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { record } from '../support/reliability.ts'
import { readArguments } from './arguments.ts'
import { bundle } from './bundle.ts'
import { check, type Violation } from './checker.ts'
import { shares, work } from './crew.ts'
import { fromText, type History, toText } from './history.ts'
import type { Plan } from './plan.ts'
import { addUp, count, createTally, type Tally } from './tally.ts'
import { tell } from './tell.ts'
import type { Failure, Task } from './worker.ts'

const given = readArguments({
  runs: 1000,
  seed: 1,
  /** Stops after so long, however many runs are left; 0: when all are done. */
  seconds: 0,
  jobs: Math.min(4, availableParallelism()),
  /** Checks the history in this file, instead of making any. */
  history: '',
  /** Runs the plan in this file, as a failure has printed it. */
  plan: '',
  /** Where to keep the last history. */
  record: '',
  /** Where to write the last line as well. */
  json: '',
  /** How often to try to make a history smaller that failed. */
  tries: 300,
  /** After how many histories that failed each process stops. */
  failures: 3,
  /** Tells what the histories were, as one hash. */
  hash: false
})

function checkFile(file: string) {
  let history: History
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? true)
      throw new Error('expected a file with a history, as --record writes it')
    history = fromText(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`)
    process.exitCode = 1
    return
  }
  const violations = check(history)
  const tally = createTally()
  count(tally, 0, history, violations)
  for (const violation of violations) console.log(inWords(violation))
  console.log(`${history.length} events, ${violations.length} violations`)
  finish(tally, {})
}

async function simulate() {
  const began = Date.now()
  // In a folder of its own: another run may begin meanwhile.
  const file = await bundle(`run-${process.pid}`, 'test/sim/worker.ts')
  process.once('exit', () => rmSync(dirname(file), { recursive: true, force: true }))
  const plan = given.plan ? (JSON.parse(readFileSync(given.plan, 'utf8')) as Plan) : undefined
  const task: Task = {
    first: given.seed,
    step: 1,
    end: given.seed + (plan ? 1 : given.runs),
    until: given.seconds ? Date.now() + given.seconds * 1000 : Number.MAX_SAFE_INTEGER,
    failures: given.failures,
    tries: plan ? 0 : given.tries,
    hash: given.hash,
    record: given.record !== '',
    ...(plan ? { plan } : {})
  }
  const total = createTally()
  const hashes = new Map<string, string>()
  const failures: Failure[] = []
  let told = Date.now()
  await Promise.all(
    shares(task, plan || given.record ? 1 : given.jobs).map(share =>
      work(file, share, report => {
        if (report.type === 'history') writeFileSync(given.record, toText(report.history))
        else if (report.type === 'hash') hashes.set(report.seed, report.hash)
        else if (report.type === 'failure') {
          failures.push(report.failure)
          explain(report.failure)
        } else addUp(total, report.tally)
        if (Date.now() - told < 2000) return
        told = Date.now()
        console.log(
          `${total.runs} histories, ${total.accepted} messages accepted, ${total.faults} faults, ${total.violations} violations`
        )
      })
    )
  )
  const seconds = (Date.now() - began) / 1000
  const all = [...hashes].sort(([a], [b]) => Number(a) - Number(b))
  const hash = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16)
  finish(total, {
    seed: given.seed,
    seconds: Math.round(seconds),
    perSecond: Math.round((total.runs / seconds) * 10) / 10,
    failedSeeds: failures.map(({ seed }) => Number(seed)),
    ...(given.hash ? { hash } : {})
  })
}

/** Says what went wrong, in the smallest history that was found for it, and keeps that. */
function explain({ seed, violations, plan, history }: Failure) {
  const folder = 'node_modules/.cache/porchlight-sim'
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/failed-${seed}.json`, `${JSON.stringify(plan, null, 1)}\n`)
  writeFileSync(`${folder}/failed-${seed}.jsonl`, toText(history))
  console.log(`\nseed ${seed} fails; the smallest plan that was found (${folder}/failed-${seed}.json):`)
  console.log(`  browsers with ${plan.browsers.join(', ')} tabs`)
  for (const op of plan.ops) console.log(`  ${JSON.stringify(op)}`)
  console.log(`its history (${folder}/failed-${seed}.jsonl):`)
  console.log(tell(history))
  for (const violation of violations) console.log(inWords(violation))
  console.log('')
}

function inWords({ id, events, says }: Violation): string {
  return `${id}: ${says} [events ${events.join(', ')}]`
}

/** Figures of fewer histories say nothing that is worth keeping. */
const ENOUGH = 20_000

function finish(tally: Tally, more: Readonly<Record<string, string | number | readonly number[]>>) {
  const figures = { ...tally, ...more }
  // Where nothing went wrong nothing was shown: no faults, or nothing that had to be told from what was there already.
  const isVacuous = !given.history && !given.plan && tally.runs >= 100 && (!tally.faults || !tally.duplicateFrames)
  if (isVacuous) console.log('nothing was put to the test: no faults, or no frame that came twice')
  if (tally.violations || isVacuous || !tally.runs) process.exitCode = 1
  if (tally.runs >= ENOUGH) record('sim', figures)
  const line = JSON.stringify(figures)
  if (given.json) writeFileSync(given.json, `${line}\n`)
  console.log(line)
}

await (given.history ? checkFile(given.history) : simulate())
