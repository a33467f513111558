import { randomBytes } from 'node:crypto'
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Server } from '../../../demo/server/server.ts'
import { polling } from '../../../src/transport/polling.ts'
import { sse } from '../../../src/transport/sse.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { websocket } from '../../../src/transport/websocket.ts'
import { createRig, eventually, pause, type Rig } from './rig.ts'

let rig: Rig
let server: Server
beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  server = await rig.start({ allowNoOrigin: true })
})

/** Requests that take a moment to get away, as where a connection has to be made first. */
const slow: typeof fetch = async (url, init) => {
  await pause(50)
  init?.signal?.throwIfAborted()
  return fetch(url, init)
}

const ways: Readonly<Record<string, () => Transport>> = {
  websocket: () => websocket(`${server.url}/api/socket`, { WebSocket: WebSocket as never }),
  sse: () => sse(`${server.url}/api/link`, { fetch: slow, EventSource: EventSource as never }),
  polling: () => polling(`${server.url}/api/link`, { fetch: slow })
}

describe.each(Object.entries(ways))('over %s', (_, way) => {
  it.each([
    ['and leaves at once', false],
    ['while something else is on its way', true]
  ])('who signs out %s has signed out', async (_, isBusy) => {
    const end = new AbortController()
    const connection = await way().connect({
      device: randomBytes(16).toString('base64url'),
      term: 1,
      token: undefined,
      credentials: undefined,
      cursor: undefined,
      signal: end.signal
    })
    if (isBusy) {
      connection.hint({ type: 'visit', url: 'https://shop.example/', title: 'Shop' })
      await pause(5)
    }
    connection.forget?.()
    await pause(5)
    end.abort()
    await eventually(async () => {
      const [row] = await rig.store.query<{ forgotten_at: number | null }>('SELECT forgotten_at FROM devices')
      return row!.forgotten_at !== null
    }, 2000)
  })
})
