/** The middle of some figures, and how far the middle half of them lies apart. */
export interface Spread {
  readonly median: number
  readonly iqr: number
}

export function spreadOf(figures: readonly number[]): Spread {
  return { median: quantile(figures, 0.5), iqr: quantile(figures, 0.75) - quantile(figures, 0.25) }
}

export const median = (figures: readonly number[]): number => quantile(figures, 0.5)

/** The value below which this share of the figures lies; between two of them in proportion. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** For people and for the record: three digits are more than these figures are worth. */
export const rounded = (figure: number): number => Number(figure.toPrecision(3))

/** How many fell into the fullest stretch of so many milliseconds, as a multiple of what falls into one on average. */
export function peakOf(times: readonly number[], stretch: number): number {
  const first = Math.min(...times)
  const buckets = new Map<number, number>()
  for (const time of times) {
    const bucket = Math.floor((time - first) / stretch)
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
  }
  const mean = times.length / (Math.max(...buckets.keys()) + 1)
  return Math.max(...buckets.values()) / mean
}

/** A then B then B then A, so many times: what drifts on this machine meanwhile drifts for both. */
export async function inTurns<Figure>(
  rounds: number,
  a: () => Promise<Figure>,
  b: () => Promise<Figure>
): Promise<readonly (readonly [a: Figure, b: Figure])[]> {
  const pairs: (readonly [Figure, Figure])[] = []
  for (let round = 0; round < rounds; round++) {
    const first = await a()
    pairs.push([first, await b()])
    const second = await b()
    pairs.push([await a(), second])
  }
  return pairs
}
