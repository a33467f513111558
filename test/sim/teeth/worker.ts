/** What runs in a process of its own: plays the history that each line asks for, and answers with what is wrong in it. */
import { createInterface } from 'node:readline'
import { check, type Violation } from '../checker.ts'
import { openDatabase } from '../house/database.ts'
import { createPlan } from '../plan.ts'
import { play } from '../play.ts'

export interface Ask {
  /** Of which seed the plan is. */
  readonly seed: number
  /** 0: chance goes as the seed says; other numbers: the same plan, with other chances. */
  readonly chance: number
}

export type Answer = readonly Pick<Violation, 'id' | 'says'>[]

async function run() {
  const database = await openDatabase()
  for await (const line of createInterface({ input: process.stdin })) {
    const { seed, chance } = JSON.parse(line) as Ask
    const plan = createPlan(String(seed))
    const history = await play(chance ? { ...plan, seed: `${seed}~${chance}` } : plan, database)
    const answer: Answer = check(history).map(({ id, says }) => ({ id, says }))
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  }
}

run().then(
  // A timer of the database's would keep the process alive.
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  }
)
