/**
 * The server as `npm start` runs it, with a clock that stands still right before `OPENS_AT`, in milliseconds since the
 * epoch, until it is asked for anything.
 */
import { openStore, readEnvironment } from '../../demo/server/environment.ts'
import { createServer } from '../../demo/server/server.ts'

const opensAt = Number(process.env.OPENS_AT)
let releasedAt: number | undefined
Date.now = () => Math.floor(releasedAt === undefined ? opensAt - 100 : opensAt + performance.now() - releasedAt)

const { options, where } = readEnvironment(process.env)
const server = await createServer({ ...options, store: await openStore(where) })

process.on('message', ({ id }: { readonly id: number }) => {
  releasedAt ??= performance.now()
  process.send?.({ id, answer: Date.now() })
})
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', () => server.close().then(() => process.exit(0)))
console.log(`ready ${server.url}`)
