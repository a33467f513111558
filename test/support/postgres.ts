import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'

/** A PostgreSQL of our own, on a free port of this machine, gone when the tests are. */
export interface Postgres {
  /** Makes an empty database and gives its address. */
  database(): Promise<string>
  stop(): Promise<void>
}

/**
 * Starts one; `undefined`, with the reason printed, where that is not possible. On a build server that counts as a
 * failure, because there nobody reads what was skipped.
 *
 * @param durable Flushes to the disk what it commits, as one that is in use does; off by default, which is faster.
 */
export async function startPostgres({ durable = false } = {}): Promise<Postgres | undefined> {
  try {
    return await start(ensurePostgres(), durable)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    if (process.env.CI) throw new Error(`no PostgreSQL to test with: ${reason}`, { cause: error })
    console.warn(`skipped: no PostgreSQL to test with: ${reason}`)
    return undefined
  }
}

const asRoot = process.getuid?.() === 0

async function start(binaries: string, durable: boolean): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-postgres-'))
  const user = asRoot ? 'postgres' : userInfo().username
  // A server that root starts refuses to run, so it belongs to the user who came with the package.
  const run = (program: string, args: readonly string[]): [string, string[]] =>
    asRoot ? ['runuser', ['-u', user, '--', join(binaries, program), ...args]] : [join(binaries, program), [...args]]
  if (asRoot) chownSync(folder, Number(idOf(user, '-u')), Number(idOf(user, '-g')))

  const data = join(folder, 'data')
  execFileSync(...run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']), {
    stdio: 'pipe',
    cwd: folder
  })
  // Only now, or others have taken it by the time it is used.
  const port = await freePort()
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${folder}`
  ]
  const server = spawn(...run('postgres', [...args, '-c', `fsync=${durable ? 'on' : 'off'}`]), {
    cwd: folder,
    stdio: 'ignore'
  })
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  let count = 0

  async function command(sql: string) {
    const client = new pg.Client({ connectionString: url('postgres') })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }

  for (let attempt = 0; ; attempt++) {
    try {
      await command('SELECT 1')
      break
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }

  return {
    async database() {
      const name = `porchlight_${++count}`
      await command(`CREATE DATABASE ${name}`)
      return url(name)
    },
    async stop() {
      const gone = new Promise(resolve => server.once('exit', resolve))
      execFileSync(...run('pg_ctl', ['stop', '-D', data, '-m', 'immediate']), { stdio: 'pipe', cwd: folder })
      await gone
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Installs PostgreSQL if it is not there. @returns The folder of its programs. */
export const ensurePostgres = (): string => findBinaries() ?? install()

function findBinaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const places = [...(process.env.PATH ?? '').split(delimiter), ...versions.map(version => join(root, version, 'bin'))]
  return places.find(place => ['initdb', 'postgres', 'pg_ctl'].every(program => existsSync(join(place, program))))
}

/** Debian keeps the programs in a package of its own, which a build server may lack. */
function install(): string {
  if (!asRoot) throw new Error('install PostgreSQL, or run as root so that it can be installed')
  const options = {
    stdio: 'pipe',
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  } as const
  execFileSync('apt-get', ['update'], options)
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], options)
  const found = findBinaries()
  if (!found) throw new Error('the package was installed, but its programs are not where they should be')
  return found
}

const idOf = (user: string, flag: string) => execFileSync('id', [flag, user], { encoding: 'utf8' }).trim()

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
