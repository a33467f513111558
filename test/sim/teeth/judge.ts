import type { Player } from '../player.ts'
import type { Answer, Ask } from './worker.ts'

/** How a planted bug was found. */
export interface Catch {
  /** How many histories it took. */
  readonly histories: number
  readonly seed: number
  /** Which promises were broken, and in a sentence how the first of them. */
  readonly invariants: readonly string[]
  readonly says: string
}

/** How often the code without the bug plays a plan, with other chances each time, before it counts as clean. */
const CHANCES = 10

/**
 * Whether the code without the bug breaks this promise, too, when the same is done to it. Not only with the same
 * chances: a bug that is never noticed still moves them, and must not be found by what was there without it.
 */
export type IsInnocent = (seed: number, invariant: string) => Promise<boolean>

export function createInnocence(plain: Player<Ask, Answer>): IsInnocent {
  const known = new Map<string, Promise<Answer>>()
  const play = (seed: number, chance: number) => {
    const key = `${seed} ${chance}`
    const answer = known.get(key) ?? plain.play({ seed, chance })
    known.set(key, answer)
    return answer
  }
  return async (seed, invariant) => {
    for (let chance = 0; chance <= CHANCES; chance++) {
      const answer = await play(seed, chance)
      if (answer.some(({ id }) => id === invariant)) return false
    }
    return true
  }
}

/**
 * Plays history after history with the bug in it, until a promise is broken that holds without it.
 *
 * @param first The seed of the first one.
 * @param most How many at the most.
 * @returns How it was found; `undefined`: it was not.
 */
export async function hunt(
  player: Player<Ask, Answer>,
  isInnocent: IsInnocent,
  first: number,
  most: number,
  onHistory: (histories: number) => void = () => {}
): Promise<Catch | undefined> {
  for (let histories = 1; histories <= most; histories++) {
    const seed = first + histories - 1
    const answer = await player.play({ seed, chance: 0 })
    onHistory(histories)
    const invariants: string[] = []
    for (const id of new Set(answer.map(violation => violation.id))) {
      if (await isInnocent(seed, id)) invariants.push(id)
    }
    const found = answer.find(({ id }) => id === invariants[0])
    if (found) return { histories, seed, invariants, says: found.says }
  }
  return undefined
}
