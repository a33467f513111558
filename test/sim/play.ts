import type { History } from './history.ts'
import type { Database } from './house/database.ts'
import type { Plan } from './plan.ts'
import { perform } from './stage/deeds.ts'
import { settle } from './stage/settle.ts'
import { createStage, raise } from './stage/stage.ts'

/** Lets a planned history happen, and gives what was recorded of it. */
export async function play(plan: Plan, database: Database): Promise<History> {
  const stage = createStage(plan, database)
  try {
    await raise(stage, plan)
    for (const op of plan.ops) {
      perform(stage, op)
      await stage.world.pass(op.after)
    }
    await settle(stage)
    return stage.recorder.events
  } finally {
    stage.close()
  }
}
