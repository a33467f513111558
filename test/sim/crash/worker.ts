/** What runs in a process of its own: lets each scenario happen that a line asks for, and answers with what came of it. */
import { createInterface } from 'node:readline'
import { openDatabase } from '../house/database.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { type Crash, rehearse } from './rehearse.ts'
import { SCENARIOS } from './scenarios.ts'

export interface Ask {
  readonly scenario: string
  readonly tabs: number
  readonly seed: number
  /** Missing: nobody dies. */
  readonly crash?: Crash
  /** Whether to tell the whole history. */
  readonly tell?: boolean
}

export interface Answer extends Outcome {
  readonly points: readonly string[]
  readonly history?: Awaited<ReturnType<typeof rehearse>>['history']
}

async function run() {
  const database = await openDatabase()
  for await (const line of createInterface({ input: process.stdin })) {
    const { scenario, tabs, seed, crash, tell } = JSON.parse(line) as Ask
    const { points, history } = await rehearse(
      SCENARIOS.find(({ name }) => name === scenario)!,
      tabs,
      seed,
      database,
      crash
    )
    const answer: Answer = { points, ...outcomeOf(history), ...(tell ? { history } : {}) }
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
