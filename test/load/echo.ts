/** What everything is compared with: `ws` and nothing else. */
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { serve } from './child.ts'
import { createProbe } from './probe.ts'

const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
sockets.on('connection', socket => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
await new Promise(resolve => sockets.once('listening', resolve))

const jobs = {
  address: (_: null) => `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
  sample: (_: null) => probe.sample(),
  memory: (_: null) => probe.memory()
}
const probe = createProbe()
export type EchoJobs = typeof jobs
serve(jobs)
