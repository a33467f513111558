import type { Postgres } from '../support/postgres.ts'
import type { AbuserJobs } from './abuser.ts'
import { type Child, startChild } from './child.ts'
import type { ClientJobs } from './client.ts'
import type { DeskJobs } from './desk.ts'
import type { EchoJobs } from './echo.ts'
import { AGENT, type House, openHouse } from './house.ts'
import type { LeastJobs } from './least.ts'

/** The reference server, what it is compared with, and those who talk to them, each in a process of its own. */
export interface Stage {
  readonly house: House
  readonly echo: Child<EchoJobs>
  /** Where there is a database with a server of its own, which it shares with the reference server. */
  readonly least: Child<LeastJobs> | undefined
  readonly client: Child<ClientJobs>
  readonly desk: Child<DeskJobs>
  readonly abuser: Child<AbuserJobs>
  /** How many visitors, and how many lines to the echo server, are connected. */
  readonly clients: number
  close(): Promise<void>
}

/** Names of the groups of clients. */
export const ECHO = 'echo'
export const LEAST = 'least'
export const VISITORS = 'visitors'

/** Lines to the least server; so many are enough for its rounds to be full. */
const LEAST_LINES = 500

interface StageParts {
  readonly postgres: Postgres | undefined
  readonly profile: string | undefined
  readonly clients: number
}

/** Settles when an agent sits at the desk, and everybody is connected and has said a first message. */
export async function setUp({ postgres, profile, clients }: StageParts): Promise<Stage> {
  const house = await openHouse({ postgres, profile })
  const [echo, least, client, desk, abuser] = await Promise.all([
    startChild<EchoJobs>('echo.ts'),
    house.database ? startChild<LeastJobs>('least.ts', { env: { DATABASE_URL: house.database } }) : undefined,
    // Its own pauses would count as waits, so they are few, or short.
    startChild<ClientJobs>('client.ts', {
      node: ['--heap-growing-percent=400', '--max-semi-space-size=2', '--expose-gc']
    }),
    startChild<DeskJobs>('desk.ts'),
    startChild<AbuserJobs>('abuser.ts')
  ])
  await desk.ask('signIn', { url: house.url, ...AGENT })
  await client.ask('open', { name: ECHO, kind: 'echo', url: await echo.ask('address', null), count: clients })
  if (least) {
    const url = await least.ask('address', null)
    await client.ask('open', { name: LEAST, kind: 'echo', url, count: Math.min(LEAST_LINES, clients) })
  }
  await client.ask('open', { name: VISITORS, kind: 'visitor', url: house.socketUrl, count: clients })
  for (const name of [ECHO, VISITORS]) await client.ask('sayAll', { name, times: 1 })
  return {
    house,
    echo,
    least,
    client,
    desk,
    abuser,
    clients,
    async close() {
      await Promise.all([client.end(), desk.end(), abuser.end(), echo.end(), least?.end()])
      await house.close()
    }
  }
}
