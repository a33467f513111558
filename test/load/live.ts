import type { Stage } from './stage.ts'

/** One agent with many live chats: how long a new message takes to the inbox, in milliseconds. */
export interface Live {
  readonly threads: number
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly lost: number
}

const CHATS = 'chats'
/** How many wait at a time: whenever one of them is taken, all the others are told. */
const AT_ONCE = 20

export async function measureLive(
  { client, desk, house }: Stage,
  { threads, rate, seconds }: { readonly threads: number; readonly rate: number; readonly seconds: number }
): Promise<Live> {
  await client.ask('open', { name: CHATS, kind: 'visitor', url: house.socketUrl, count: threads })
  for (let from = 0; from < threads; from += AT_ONCE) {
    const to = Math.min(threads, from + AT_ONCE)
    await client.ask('start', { name: CHATS, from, to })
    const taken = await desk.ask('taken', { count: to })
    if (taken < to) throw new Error(`expected ${to} live chats to be taken, got ${taken}`)
  }
  await desk.ask('waits', null)
  const { messages } = await desk.ask('until', { count: 0 })
  const { count } = await client.ask('offer', { name: CHATS, rate, seconds })
  const seen = await desk.ask('until', { count: messages + count })
  const { p50, p99 } = await desk.ask('waits', null)
  await client.ask('close', { name: CHATS })
  return { threads, rate, p50, p99, lost: messages + count - seen.messages }
}
