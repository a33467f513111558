import type { Postgres } from '../support/postgres.ts'
import type { AbuserJobs } from './abuser.ts'
import { type Child, startChild } from './child.ts'
import type { ClientJobs } from './client.ts'
import type { DeskJobs } from './desk.ts'
import type { EchoJobs } from './echo.ts'
import { AGENT, type House, openHouse } from './house.ts'

/** The reference server, the bare echo server, and those who talk to them, each in a process of its own. */
export interface Stage {
  readonly house: House
  readonly echo: Child<EchoJobs>
  readonly client: Child<ClientJobs>
  readonly desk: Child<DeskJobs>
  readonly abuser: Child<AbuserJobs>
  /** How many visitors, and how many lines to the echo server, are connected. */
  readonly clients: number
  close(): Promise<void>
}

/** Names of the groups of clients. */
export const ECHO = 'echo'
export const VISITORS = 'visitors'

interface StageParts {
  readonly postgres: Postgres | undefined
  readonly profile: string | undefined
  readonly clients: number
}

/** Settles when an agent sits at the desk, and everybody is connected and has said a first message. */
export async function setUp({ postgres, profile, clients }: StageParts): Promise<Stage> {
  const house = await openHouse({ postgres, profile })
  const [echo, client, desk, abuser] = await Promise.all([
    startChild<EchoJobs>('echo.ts'),
    // Its own pauses would count as waits.
    startChild<ClientJobs>('client.ts', { node: ['--heap-growing-percent=400'] }),
    startChild<DeskJobs>('desk.ts'),
    startChild<AbuserJobs>('abuser.ts')
  ])
  await desk.ask('signIn', { url: house.url, ...AGENT })
  await client.ask('open', { name: ECHO, kind: 'echo', url: await echo.ask('address', null), count: clients })
  await client.ask('open', { name: VISITORS, kind: 'visitor', url: house.socketUrl, count: clients })
  for (const name of [ECHO, VISITORS]) await client.ask('sayAll', { name, times: 1 })
  return {
    house,
    echo,
    client,
    desk,
    abuser,
    clients,
    async close() {
      await Promise.all([client.end(), desk.end(), abuser.end(), echo.end()])
      await house.close()
    }
  }
}
