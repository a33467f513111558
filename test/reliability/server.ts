/**
 * The server as `npm start` runs it, for tests that write faster than people do: nothing limits how fast, its pages are
 * the tests' own, and it tells what its database holds.
 */
import { fileURLToPath } from 'node:url'
import { openStore, readEnvironment } from '../../demo/server/environment.ts'
import { createServer } from '../../demo/server/server.ts'

/** A row of the log: `house.ask(threadId)` gives those of a thread, in the order of their positions. */
export interface LogRow {
  readonly id: string
  readonly position: number
  readonly author: 'visitor' | 'agent' | 'bot' | 'system'
  readonly text: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { options, where } = readEnvironment(process.env)
const store = await openStore(where)
const plenty = { perMinute: 1_000_000, burst: 1_000_000 }
const server = await createServer({
  ...options,
  store,
  folders: { shop: here('pages'), built: here('../../node_modules/.cache/reliability') },
  limits: { ...options.limits, messages: plenty, frames: plenty, socketsPerDevice: 100, socketsPerAddress: 1000 }
})

process.on('message', async ({ id, question }: { readonly id: number; readonly question: string }) => {
  const answer = await store.query<LogRow>(
    'SELECT id, position, author, text FROM messages WHERE thread_id = $1 ORDER BY position',
    [question]
  )
  process.send?.({ id, answer })
})
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => server.close().then(() => process.exit(0)))
console.log(`ready ${server.url}`)
