import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Limits } from '../../demo/server/limits.ts'
import type { Postgres } from '../support/postgres.ts'
import { type Child, startChild } from './child.ts'
import type { ServerJobs } from './server.ts'

/** The reference server in a process of its own, with data of its own. */
export interface House {
  readonly server: Child<ServerJobs>
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** Of the visitors' socket. */
  readonly socketUrl: string
  /** The address of the database, if there is a server for it. */
  readonly database: string | undefined
  /** Kills the server in the middle of what it does, and starts it anew at the same place. */
  crash(killed: () => void): Promise<void>
  close(): Promise<void>
}

export const AGENT = { email: 'agent@example.com', password: 'lantern' }

/** Raised as an operator could raise them: none of these visitors is a person who types. */
const RAISED: Partial<Limits> = { messages: { perMinute: 1e7, burst: 1e6 } }

const PACKAGE = new URL('../../package.json', import.meta.url)
const { start } = JSON.parse(readFileSync(PACKAGE, 'utf8')).scripts as { readonly start: string }
/** As `npm start` gives them. */
const FLAGS = start.match(/--\S+=\d+/g) ?? []

interface HouseParts {
  /** Where a database is made; without it the data lies in a folder, with PGlite. */
  readonly postgres: Postgres | undefined
  /** A folder for a profile of what the server does. */
  readonly profile?: string | undefined
  readonly limits?: Partial<Limits>
}

export async function openHouse({ postgres, profile, limits }: HouseParts): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-load-'))
  const database = await postgres?.database()
  const start = (port: number) =>
    startChild<ServerJobs>('server.ts', {
      node: [...FLAGS, '--expose-gc', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])],
      env: {
        PORT: String(port),
        DATA_DIR: folder,
        ALLOW_NO_ORIGIN: '1',
        // Everybody comes from an address of their own.
        TRUST_PROXY: '1',
        BOT: 'off',
        AGENT_EMAIL: AGENT.email,
        AGENT_PASSWORD: AGENT.password,
        LIMITS: JSON.stringify({ ...RAISED, ...limits }),
        ...(database ? { DATABASE_URL: database } : {})
      }
    })
  let server = await start(0)
  const port = await server.ask('port', null)

  return {
    get server() {
      return server
    },
    url: `http://127.0.0.1:${port}`,
    socketUrl: `ws://127.0.0.1:${port}/api/socket`,
    database,
    async crash(killed) {
      await server.kill()
      killed()
      server = await start(port)
    },
    async close() {
      await server.ask('close', null)
      await server.end()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
