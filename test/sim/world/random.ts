import { createHash } from 'node:crypto'

/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Random {
  /** From 0 to just under 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  pick<Item>(list: readonly Item[]): Item
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  fill(bytes: Uint8Array): void
  /** Another one, which depends on this seed and the name, not on what was drawn before. */
  fork(name: string): Random
}

/** The generator sfc32, seeded with the hash of a text. */
export function createRandom(seed: string): Random {
  const hash = createHash('sha256').update(seed).digest()
  let a = hash.readInt32LE(0)
  let b = hash.readInt32LE(4)
  let c = hash.readInt32LE(8)
  let count = hash.readInt32LE(12)

  const bits = () => {
    const sum = (((a + b) | 0) + count) | 0
    count = (count + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  const random: Random = {
    next: () => bits() / 2 ** 32,
    whole: (least, most) => least + Math.floor(random.next() * (most - least + 1)),
    chance: probability => random.next() < probability,
    pick: list => list[random.whole(0, list.length - 1)]!,
    weighted(weights) {
      const all = Object.entries(weights) as [keyof typeof weights, number][]
      let at = random.next() * all.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of all) {
        at -= weight
        if (at < 0) return name
      }
      return all.at(-1)![0]
    },
    fill(bytes) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = bits() & 255
    },
    fork: name => createRandom(`${seed}/${name}`)
  }
  return random
}
