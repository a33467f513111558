import { inTurns, median, type Spread, spreadOf } from './figures.ts'
import { type Stage, VISITORS } from './stage.ts'

/** What honest visitors notice of those who mean harm. */
export interface Abuse {
  /** So many of each kind. */
  readonly each: number
  /** 99th percentile of the wait for an answer in milliseconds, without them and beside them. */
  readonly p99Calm: number
  readonly p99: number
  readonly ratio: Spread
  readonly lost: number
}

const EACH = 10

export async function measureAbuse(
  { client, abuser, house }: Stage,
  { rate, seconds, rounds }: { readonly rate: number; readonly seconds: number; readonly rounds: number }
): Promise<Abuse> {
  const calm = () => client.ask('offer', { name: VISITORS, rate, seconds })
  const abused = async () => {
    await abuser.ask('start', { url: house.socketUrl, each: EACH })
    const waits = await calm()
    await abuser.ask('stop', null)
    return waits
  }
  const pairs = await inTurns(rounds, calm, abused)
  return {
    each: EACH,
    p99Calm: median(pairs.map(([{ p99 }]) => p99)),
    p99: median(pairs.map(([, { p99 }]) => p99)),
    ratio: spreadOf(pairs.map(([quiet, noisy]) => noisy.p99 / quiet.p99)),
    lost: pairs.reduce((sum, [quiet, noisy]) => sum + quiet.lost + noisy.lost, 0)
  }
}
