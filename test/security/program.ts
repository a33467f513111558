import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Server } from '../../demo/server/server.ts'
import { eventually } from '../demo/server/rig.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The real server in a process of its own, so that what an attack costs it can be seen from outside. */
export interface Program {
  readonly server: Pick<Server, 'url' | 'port'> & Server
  /** Everything it wrote, on both streams. */
  said(): string
  readonly running: boolean
  /** Bytes that it holds in memory when it has given back what it could, without the database. */
  memory(): Promise<number>
  /** Sockets that it holds open. */
  sockets(): number
  stop(): Promise<void>
}

/**
 * Collects garbage when it is told to, and says what is left. Not what the system says of the process: the database in it
 * gives back hundreds of megabytes at a time of its own.
 */
const TIDY = `data:text/javascript,${encodeURIComponent(`
  process.on('SIGUSR2', () => {
    gc()
    const { heapUsed, external } = process.memoryUsage()
    process.stderr.write('held ' + (heapUsed + external) + '\\n')
  })`)}`

export async function startProgram(env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-program-'))
  const child = spawn(process.execPath, ['--expose-gc', '--import', TIDY, '--import', 'tsx', 'demo/server/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      DATA_DIR: folder,
      BOT: 'off',
      SOCKETS_PER_ADDRESS: '100000',
      ...env
    }
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', data => {
      said += data
    })
  }
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const running = () => child.exitCode === null && child.signalCode === null
  await eventually(() => /^ready /m.test(said) || !running(), 60_000)
  const [, url, port] = /^ready (http:\/\/localhost:(\d+))$/m.exec(said) ?? []
  if (!url) throw new Error(`the server did not start: ${said}`)
  return {
    server: { url, port: Number(port) } as Server,
    said: () => said,
    get running() {
      return running()
    },
    async memory() {
      const held = () => [...said.matchAll(/^held (\d+)$/gm)]
      // Twice: what the first one ends may be what the second one frees.
      for (let i = 0; i < 2; i++) {
        const before = held().length
        child.kill('SIGUSR2')
        await eventually(() => held().length > before, 30_000)
      }
      return Number(held().at(-1)![1])
    },
    sockets: () => readdirSync(`/proc/${child.pid}/fd`).filter(fd => isSocket(`/proc/${child.pid}/fd/${fd}`)).length,
    async stop() {
      child.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:')
  } catch {
    // Closed since it was listed.
    return false
  }
}
