import type { Postgres } from '../support/postgres.ts'
import { type Child, startChild } from './child.ts'
import type { ClientJobs } from './client.ts'
import { pause } from './clock.ts'
import type { EchoJobs } from './echo.ts'
import { openHouse } from './house.ts'

/** What connections cost on which nothing happens. */
export interface Idle {
  readonly clients: number
  /** Bytes of resident memory that a visitor takes who has a cursor, and a bare socket. */
  readonly memory: number
  readonly memoryEcho: number
  readonly memoryRatio: number
  /** The share of a core that pings take, if every client is asked as often as usual. */
  readonly heartbeats: number
}

/** How much more often than usual they are asked here, so that what it costs can be seen within seconds. */
const OFTEN = 10
const HEARTBEAT = 25_000 / OFTEN
/** Connected and gone before anything counts: what a process takes for itself when it first works is not theirs. */
const FIRST = 200

export async function measureIdle(
  postgres: Postgres | undefined,
  { clients, seconds }: { readonly clients: number; readonly seconds: number }
): Promise<Idle> {
  const house = await openHouse({ postgres, limits: { heartbeat: HEARTBEAT } })
  const echo = await startChild<EchoJobs>('echo.ts', { node: ['--expose-gc'] })
  const client = await startChild<ClientJobs>('client.ts')
  try {
    const bare = { name: 'echo', kind: 'echo', url: await echo.ask('address', null) } as const
    const visitors = { name: 'visitors', kind: 'visitor', url: house.socketUrl } as const
    const memoryEcho = await memoryOf(client, bare, clients, () => echo.ask('memory', null))
    const memory = await memoryOf(client, visitors, clients, () => house.server.ask('memory', null))
    const before = await house.server.ask('sample', null)
    // Whole rounds of pings, so that each client counts as often as any other.
    const watched = Math.max(1, Math.round((seconds * 1000) / HEARTBEAT)) * HEARTBEAT
    await pause(watched)
    const after = await house.server.ask('sample', null)
    return {
      clients,
      memory,
      memoryEcho,
      memoryRatio: memory / memoryEcho,
      heartbeats: (after.cpu - before.cpu) / watched / OFTEN
    }
  } finally {
    await Promise.all([client.end(), echo.end(), house.close()])
  }
}

async function memoryOf(
  client: Child<ClientJobs>,
  group: { readonly name: string; readonly kind: 'echo' | 'visitor'; readonly url: string },
  count: number,
  held: () => Promise<number>
): Promise<number> {
  await client.ask('open', { ...group, name: 'first', count: FIRST })
  await client.ask('sayAll', { name: 'first', times: 5 })
  await client.ask('close', { name: 'first' })
  await pause(500)
  const before = await held()
  await client.ask('open', { ...group, count })
  await client.ask('sayAll', { name: group.name, times: 1 })
  await pause(500)
  const after = await held()
  return (after - before) / count
}
