import { createPlayer, type Player } from '../player.ts'
import type { Bug } from './bugs.ts'
import type { Answer, Ask } from './worker.ts'

export const WORKER = 'test/sim/teeth/worker.ts'

/**
 * Plays the simulation with this bug in it; without one: as it is.
 *
 * @throws {Error} That names the bug, if the source does not say any more what it changes.
 */
export async function plant(bug?: Bug): Promise<Player<Ask, Answer>> {
  try {
    return await createPlayer(WORKER, bug?.patches)
  } catch (cause) {
    throw new Error(`cannot plant "${bug?.name}": ${(cause as Error).message}`, { cause })
  }
}
