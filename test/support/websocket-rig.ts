import { WebSocket } from 'ws'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import type { Rig } from '../../src/testing/index.ts'
import { websocket } from '../../src/transport/websocket.ts'
import { createRig, sitDown, type TestAgent } from '../demo/server/rig.ts'

/** Short enough that a contract need not wait for silence to be noticed. */
const LIMITS = { heartbeat: 400 }

/** The reference server over a store in memory, and rigs over it: one new device each. */
export async function websocketRigs(): Promise<{ rig(): Promise<Rig>; close(): Promise<void> }> {
  const house = await createRig()
  let server: Server = await house.start({}, LIMITS)
  let agent: TestAgent = await sitDown(server)

  const restart = async () => {
    const { port } = server
    server = await house.start({ port }, LIMITS)
    agent = await sitDown(server)
  }

  return {
    async rig() {
      const net = network(() => server.url)
      return {
        transport: websocket(`${server.url}/api/socket`, { WebSocket: net.WebSocket, deadline: 3000 }),
        device: createId(),
        async say(threadId, text) {
          const answer = await agent.act({ type: 'reply', id: createId(), threadId, text })
          if (answer.t !== 'ack') throw new Error(answer.message)
        },
        async trim() {
          // As after a backup was put back: the log is another one, and says so.
          net.drop()
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
        drop: net.drop,
        offline: net.offline,
        loseAcks: net.loseAcks,
        silence: net.silence,
        babble: net.babble,
        close: net.drop
      }
    },
    async close() {
      agent.close()
      await house.close()
    }
  }
}

/** Sockets of one device whose network can be made bad. */
function network(origin: () => string) {
  const open = new Set<WebSocket>()
  let offline = false
  let acksLost = false
  let silent = false

  class BadSocket extends WebSocket {
    constructor(url: string) {
      super(offline ? 'ws://127.0.0.1:1' : url, { origin: origin() })
      open.add(this)
      this.on('close', () => open.delete(this))
      this.on('error', () => {
        /* a close follows */
      })
      Object.defineProperty(this, 'onmessage', { set: listener => this.#hear(listener) })
    }

    #hear(listener: ((event: { readonly data: string }) => void) | null) {
      this.removeAllListeners('message')
      if (!listener) return
      this.on('message', data => {
        if (silent) return
        if (acksLost && /"t":"n?ack"/.test(String(data))) this.terminate()
        else listener({ data: String(data) })
      })
    }
  }

  const drop = () => {
    for (const socket of open) socket.terminate()
  }
  return {
    // The one of `ws` differs from the browser's in types only.
    WebSocket: BadSocket as unknown as typeof globalThis.WebSocket,
    drop,
    offline(is: boolean) {
      offline = is
      if (is) drop()
    },
    loseAcks(is: boolean) {
      acksLost = is
    },
    silence() {
      silent = true
    },
    babble() {
      for (const socket of open) socket.emit('message', Buffer.from('<!doctype html><title>Sign in</title>'), false)
    }
  }
}
