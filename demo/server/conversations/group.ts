/**
 * Work that is done for many at once: what comes while rounds are under way waits for the next one, so the busier it is,
 * the more share what a round costs.
 */
export interface Group<Item, Result> {
  add(item: Item): Promise<Result>
}

interface GroupParts<Item, Result> {
  /** Gives the results in the order of the items. */
  work(items: readonly Item[]): Promise<readonly Result[]>
  /** Two of the same key are never under way together, and keep their order. */
  keyOf(item: Item): string
  /** Items in a round. */
  readonly most: number
  /** Rounds at the same time. */
  readonly rounds: number
  /**
   * Milliseconds from the beginning of one round to that of the next, in which more may come: at most so many, and
   * no more than twice what the last round took, because where rounds are quick there is little to share.
   */
  readonly pace: number
}

interface Waiting<Item, Result> {
  readonly key: string
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

export function createGroup<Item, Result>(parts: GroupParts<Item, Result>): Group<Item, Result> {
  const { work, keyOf, most, rounds, pace } = parts
  const underWay = new Set<string>()
  let waiting: Waiting<Item, Result>[] = []
  let running = 0
  let begun = Number.NEGATIVE_INFINITY
  let took = Number.POSITIVE_INFINITY

  /** The first of each key that is not under way, as many as may go together. */
  function next(): readonly Waiting<Item, Result>[] {
    const round: Waiting<Item, Result>[] = []
    const later: Waiting<Item, Result>[] = []
    for (const one of waiting) {
      if (round.length === most || underWay.has(one.key)) later.push(one)
      else {
        underWay.add(one.key)
        round.push(one)
      }
    }
    waiting = later
    return round
  }

  async function run() {
    running++
    // Those that are asked for at once come along.
    await undefined
    while (waiting.some(({ key }) => !underWay.has(key))) {
      const wait = begun + Math.min(pace, 2 * took) - performance.now()
      if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
      const round = next()
      // What was there has gone along with another round meanwhile.
      if (!round.length) continue
      const beginning = performance.now()
      begun = beginning
      await attempt(round)
      took = performance.now() - beginning
      for (const { key } of round) underWay.delete(key)
    }
    running--
  }

  async function attempt(round: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await work(round.map(({ item }) => item))
      for (const [i, { resolve }] of round.entries()) resolve(results[i]!)
    } catch (error) {
      if (round.length === 1) return round[0]!.reject(error)
      // Whatever was wrong with one of them is not the others' fault.
      await Promise.all(round.map(one => attempt([one])))
    }
  }

  return {
    add: item =>
      new Promise((resolve, reject) => {
        waiting.push({ key: keyOf(item), item, resolve, reject })
        if (running < rounds) void run()
      })
  }
}
