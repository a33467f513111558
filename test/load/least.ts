/**
 * The least that keeps what it is sent before it says so: `ws`, and an INSERT and a commit for all that came meanwhile,
 * as often as the reference server begins one. It knows nobody, and looks at nothing.
 */
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { WebSocketServer } from 'ws'
import { createGroup } from '../../demo/server/conversations/group.ts'
import { defaultLimits } from '../../demo/server/limits.ts'
import { serve } from './child.ts'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL!, max: 2, idleTimeoutMillis: 0 })
await pool.query('CREATE TABLE least (id bigserial PRIMARY KEY, said text NOT NULL)')

const INSERT = { name: 'least', text: 'INSERT INTO least (said) SELECT * FROM unnest($1::text[])' }
let count = 0
const group = createGroup<string, undefined>({
  async work(said) {
    await pool.query({ ...INSERT, values: [said] })
    return said.map(() => undefined)
  },
  // Nobody waits for anybody.
  keyOf: () => String(++count),
  most: 200,
  rounds: 2,
  pace: defaultLimits.pace
})

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
sockets.on('connection', socket => {
  socket.on('message', async data => {
    const said = String(data)
    JSON.parse(said)
    await group.add(said)
    socket.send(said)
  })
})
await new Promise(resolve => sockets.once('listening', resolve))

const jobs = { address: (_: null) => `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}` }
export type LeastJobs = typeof jobs
serve(jobs)
