import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import type { Rig } from '../../src/testing/index.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { createRig, sitDown, type TestAgent } from '../demo/server/rig.ts'
import { type Network, openNetwork } from './network.ts'

/** Short enough that a contract need not wait for silence to be noticed. */
const LIMITS = { heartbeat: 400 }
/** Nobody answers there: copies are offered, and none is asked for. */
const MAIL = { url: 'smtp://127.0.0.1:1', from: { name: '', address: 'chat@shop.example' } }

/** Makes the transport under test, to the API at this address, over this network. */
export type Adapter = (api: string, network: Network) => Transport

/** The reference server over a store in memory, and rigs over it: one new device each. */
export interface ServerRigs {
  rig(adapter: Adapter): Promise<Rig>
  close(): Promise<void>
}

export async function serverRigs(): Promise<ServerRigs> {
  const house = await createRig()
  let server: Server = await house.start({ mail: MAIL }, LIMITS)
  let agent: TestAgent = await sitDown(server)

  const restart = async () => {
    const { port } = server
    server = await house.start({ port, mail: MAIL }, LIMITS)
    agent = await sitDown(server)
  }

  return {
    async rig(adapter) {
      const network = openNetwork(() => server.url)
      return {
        transport: adapter(`${server.url}/api`, network),
        device: createId(),
        async say(threadId, text) {
          const answer = await agent.act({ type: 'reply', id: createId(), threadId, text })
          if (answer.t !== 'ack') throw new Error(answer.message)
        },
        async trim() {
          // As after a backup was put back: the log is another one, and says so.
          network.drop()
          await house.stop()
          await house.store.query(`UPDATE meta SET value = $1 WHERE name = 'epoch'`, [createId()])
          await restart()
        },
        async stored(threadId) {
          agent.say({ t: 'history', q: 1, threadId, before: null, limit: 100 })
          const seen = agent.frames.length
          const page = await agent.until(frame => frame.t === 'page' && agent.frames.indexOf(frame) >= seen)
          return page.t === 'page' ? page.messages : []
        },
        drop: network.drop,
        offline: network.offline,
        loseAcks: network.loseAcks,
        silence: network.silence,
        babble: network.babble,
        close: network.drop
      }
    },
    async close() {
      agent.close()
      await house.close()
    }
  }
}
