import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundle } from '../bundle.ts'
import type { Bug } from './bugs.ts'
import { createPlayer, type Player } from './player.ts'

const WORKER = 'test/sim/teeth/worker.ts'

let planted = 0

/**
 * A player of the simulation with this bug in it; without one: as it is.
 *
 * @throws {Error} That names the bug, if the source does not say any more what it changes.
 */
export async function plant({ name, patches }: Bug = { name: 'nothing', patches: [] }): Promise<Player> {
  // Of its own: other players may live at the same time, those of other processes included.
  const folder = `teeth-${process.pid}-${++planted}`
  try {
    const file = await bundle(folder, WORKER, patches)
    const player = createPlayer(file)
    return {
      ...player,
      close() {
        player.close()
        rmSync(dirname(file), { recursive: true, force: true })
      }
    }
  } catch (cause) {
    throw new Error(`cannot plant "${name}": ${(cause as Error).message}`, { cause })
  }
}
