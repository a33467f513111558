import type { Waits } from './client.ts'
import { inTurns, median } from './figures.ts'
import { ECHO, LEAST, type Stage, VISITORS } from './stage.ts'

/** How long a message waits for its answer at a steady rate; medians of all turns, in milliseconds. */
export interface Latency {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly p50Echo: number
  readonly p99Echo: number
  readonly p999Echo: number
  /** Of the least that keeps what it is sent, see `least.ts`; `undefined` where that was not measured. */
  readonly p99Least: number | undefined
  /** How late the server's event loop was, 99th percentile. */
  readonly lag: number
  readonly lost: number
}

/** How much longer than the echo one in a hundred may wait for an answer, in milliseconds. */
export const LONGER = 15

export const isPrompt = ({ p99, p99Echo }: Latency): boolean => p99 <= p99Echo + LONGER

/** Half the rate, and half of that, until few enough messages come for that goal, at least at a sixteenth: each of them. */
export async function measureSlower(
  stage: Stage,
  { rate, seconds, rounds }: { readonly rate: number; readonly seconds: number; readonly rounds: number }
): Promise<readonly Latency[]> {
  const tried: Latency[] = []
  for (let part = 2; part <= 16 && !tried.some(isPrompt); part *= 2) {
    const slow = { rate: Math.round(rate / part), seconds, rounds }
    tried.push(await measureLatency({ ...stage, least: undefined }, slow))
  }
  return tried
}

export async function measureLatency(
  { client, house, least }: Stage,
  { rate, seconds, rounds }: { readonly rate: number; readonly seconds: number; readonly rounds: number }
): Promise<Latency> {
  const lags: number[] = []
  const offer = async (name: string) => {
    await client.ask('clearUp', null)
    return await client.ask('offer', { name, rate, seconds })
  }
  const leasts: Waits[] = []
  const offerEcho = async () => {
    if (least) leasts.push(await offer(LEAST))
    return await offer(ECHO)
  }
  const offerVisitors = async () => {
    await house.server.ask('sample', null)
    const waits = await offer(VISITORS)
    lags.push((await house.server.ask('sample', null)).lag)
    return waits
  }
  // Before anything counts, as of ten minutes: most of these visitors have not been heard of for a while.
  await offerEcho()
  await offerVisitors()
  lags.length = 0
  leasts.length = 0
  const pairs = await inTurns(rounds, offerEcho, offerVisitors)
  const echo = pairs.map(([waits]) => waits)
  const ours = pairs.map(([, waits]) => waits)
  return {
    rate,
    p50: median(ours.map(({ p50 }) => p50)),
    p99: median(ours.map(({ p99 }) => p99)),
    p999: median(ours.map(({ p999 }) => p999)),
    p50Echo: median(echo.map(({ p50 }) => p50)),
    p99Echo: median(echo.map(({ p99 }) => p99)),
    p999Echo: median(echo.map(({ p999 }) => p999)),
    p99Least: leasts.length ? median(leasts.map(({ p99 }) => p99)) : undefined,
    lag: median(lags),
    lost: pairs.reduce((sum, [, { lost }]) => sum + lost, 0)
  }
}
