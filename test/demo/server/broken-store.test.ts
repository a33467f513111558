import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openPostgres } from '../../../demo/server/store/postgres.ts'
import type { Store } from '../../../demo/server/store/store.ts'
import { type Postgres, startPostgres } from '../../support/postgres.ts'
import { pause } from './rig.ts'

/** What stands between a server and its database, and may swallow what goes through. */
interface Wire {
  readonly url: string
  swallows: boolean
  close(): void
}

async function wire(url: string): Promise<Wire> {
  const { port } = new URL(url)
  const sockets = new Set<Socket>()
  const self: Wire & { url: string } = {
    url: '',
    swallows: false,
    close() {
      proxy.close()
      for (const socket of sockets) socket.destroy()
    }
  }
  const proxy: Server = createServer(near => {
    const far = connect(Number(port), '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => self.swallows || to.write(bytes))
      from.on('close', () => to.destroy())
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const own = new URL(url)
  own.port = String((proxy.address() as { readonly port: number }).port)
  self.url = own.href
  return self
}

describe('a database that is lost in the middle of a transaction', () => {
  let postgres: Postgres | undefined
  let url: string

  beforeAll(async () => {
    postgres = await startPostgres()
    url = (await postgres?.database()) ?? ''
  }, 120_000)
  afterAll(() => postgres?.stop())
  beforeEach(context => {
    if (!postgres) context.skip()
  })

  async function open(address: string, onError: (error: Error) => void = () => {}): Promise<Store> {
    const store = await openPostgres(address, onError)
    onTestFinished(() => store.close())
    return store
  }

  it('is an error of that transaction, and not the end of the process', async () => {
    const lost: Error[] = []
    const thrown: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', error => thrown.push(error))
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException')
      for (const other of others) process.on('uncaughtException', other)
    })
    const [store, admin] = [await open(url, error => lost.push(error)), await open(url)]
    for (const wait of ['0', '5']) {
      const doomed = store.transaction(async tx => {
        const [row] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
        void admin.query('SELECT pg_sleep(0.2), pg_terminate_backend($1)', [row!.pid])
        // While it works on a statement, and while it waits for one.
        await tx.query('SELECT pg_sleep($1::float)', [wait])
        await pause(600)
        await tx.query('SELECT 1')
      })
      await expect(doomed).rejects.toThrow()
    }
    expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    await pause(100)
    expect(thrown).toEqual([])
    expect(lost.length).toBeGreaterThan(0)
  })

  it('is noticed though nobody says so', async () => {
    const between = await wire(url)
    const store = await open(between.url)
    onTestFinished(() => between.close())
    let outcome = 'waits'
    await store.query('SELECT 1')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    between.swallows = true
    store
      .transaction(tx => tx.query('SELECT 2'))
      .then(
        () => {
          outcome = 'done'
        },
        () => {
          outcome = 'failed'
        }
      )
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(1000)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(outcome).toBe('failed')
    between.swallows = false
    vi.useRealTimers()
    expect(await store.transaction(tx => tx.query('SELECT 1 AS one'))).toEqual([{ one: 1 }])
  })
})
