/** What runs in a process of its own, as one bundled file: histories, one after the other, as the parent asks for them. */
import { createHash } from 'node:crypto'
import { check, type Violation } from './checker.ts'
import { type HistoryEvent, toText } from './history.ts'
import { openDatabase } from './house/database.ts'
import { createPlan, type Plan } from './plan.ts'
import { play } from './play.ts'
import { shrink } from './shrink.ts'
import { count, createTally, type Tally } from './tally.ts'

export interface Task {
  /** The number of the first history, of all of them; each one is the seed of its history. */
  readonly first: number
  readonly step: number
  readonly end: number
  /** When to stop, in milliseconds since the epoch. */
  readonly until: number
  /** After so many histories that failed, no more. */
  readonly failures: number
  /** How often to try to make a history smaller that failed; 0: it is told as it is. */
  readonly tries: number
  /** Whether to tell what each history was, as a hash. */
  readonly hash: boolean
  /** Whether to tell the histories themselves. */
  readonly record: boolean
  /** One history of this plan instead. */
  readonly plan?: Plan
}

export type Report =
  /** This history begins. */
  | { readonly type: 'plays'; readonly seed: string }
  | { readonly type: 'tally'; readonly tally: Tally }
  | { readonly type: 'hash'; readonly seed: string; readonly hash: string }
  | { readonly type: 'history'; readonly history: readonly HistoryEvent[] }
  | { readonly type: 'failure'; readonly failure: Failure }

export interface Failure {
  /** How many histories this process had run by then, this one included. */
  readonly after: number
  readonly seed: string
  readonly violations: readonly Violation[]
  /** The smallest one that was found to break the same promise. */
  readonly plan: Plan
  readonly history: readonly HistoryEvent[]
}

const now = Date.now
const PROGRESS = 1000

async function run(task: Task) {
  const database = await openDatabase()
  let tally = createTally()
  let told = now()
  let failures = 0
  let runs = 0
  const flush = () => {
    say({ type: 'tally', tally })
    tally = createTally()
    told = now()
  }

  const tryOut = (plan: Plan) => {
    say({ type: 'plays', seed: plan.seed })
    return play(plan, database)
  }

  for (let seed = task.first; seed < task.end && now() < task.until && failures < task.failures; seed += task.step) {
    const plan = task.plan ?? createPlan(String(seed))
    const history = await tryOut(plan)
    const violations = check(history)
    runs++
    count(tally, plan.ops.length, history, violations)
    if (task.hash) {
      say({ type: 'hash', seed: plan.seed, hash: createHash('sha256').update(toText(history)).digest('hex') })
    }
    if (task.record) say({ type: 'history', history })
    if (violations.length) {
      failures++
      const { id } = violations[0]!
      const fails = async (smaller: Plan) => check(await tryOut(smaller)).some(found => found.id === id)
      const smallest = task.tries ? await shrink(plan, fails, task.tries) : plan
      const smallHistory = await tryOut(smallest)
      say({
        type: 'failure',
        failure: {
          after: runs,
          seed: plan.seed,
          violations: check(smallHistory),
          plan: smallest,
          history: smallHistory
        }
      })
    }
    if (now() - told > PROGRESS) flush()
  }
  flush()
}

function say(report: Report) {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

run(JSON.parse(process.argv[2]!) as Task).then(
  // A timer of the database's would keep the process alive.
  () => process.stdout.write('', () => process.exit(0)),
  error => {
    console.error(error)
    process.exit(1)
  }
)
