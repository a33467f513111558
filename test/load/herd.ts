import { peakOf, quantile } from './figures.ts'
import { type Stage, VISITORS } from './stage.ts'

/** What happens when the server dies under everybody. */
export interface Herd {
  readonly clients: number
  readonly resumed: number
  /** Events they had missed, and got. */
  readonly events: number
  readonly lost: number
  /** Told twice, then or at any time before. */
  readonly duplicated: number
  /** Refused for good, or in the wrong place, then or at any time before. */
  readonly wrong: number
  /** Milliseconds from the kill until a client had caught up. */
  readonly p50: number
  readonly p99: number
  /** Connects in the fullest tenth of a second, as a multiple of the mean. */
  readonly peak: number
}

const MISSED = 20
/** Milliseconds; who has not come back then does not. */
const WITHIN = 120_000

/**
 * Everybody misses some messages and has one under way; then the server is killed, and all come back as clients do. The
 * clients of the stage are of no use for anything else afterwards.
 */
export async function measureHerd({ client, house, clients }: Stage): Promise<Herd> {
  await client.ask('miss', { name: VISITORS, times: MISSED })
  let back: Promise<{ readonly took: readonly number[]; readonly attempts: readonly number[] }>
  await house.crash(() => {
    back = client.ask('comeBack', { name: VISITORS, url: house.socketUrl, within: WITHIN })
  })
  const { took, attempts } = await back!
  const account = await client.ask('account', { name: VISITORS })
  return {
    clients,
    resumed: took.length,
    events: account.resumed,
    lost: account.missing + account.owed,
    duplicated: account.duplicated,
    wrong: account.wrong,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    peak: peakOf(attempts, 100)
  }
}
