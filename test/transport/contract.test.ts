import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Rig, scenario, transportContract } from '../../src/testing/index.ts'
import { eager } from '../../src/transport/eager.ts'
import { fallback } from '../../src/transport/fallback.ts'
import { polling } from '../../src/transport/polling.ts'
import { sse } from '../../src/transport/sse.ts'
import { websocket } from '../../src/transport/websocket.ts'
import { memoryRig } from '../support/memory-rig.ts'
import { type Adapter, type ServerRigs, serverRigs } from '../support/server-rig.ts'

const all: Adapter = (api, network) => {
  const options = { ...network, deadline: 3000 }
  const ways = [
    websocket(`${api}/socket`, options),
    sse(`${api}/link`, options),
    polling(`${api}/link`, options)
  ] as const
  return fallback(ways, { patience: 300 })
}

/** Every transport there is, over the reference server: a new adapter is a new line. */
const adapters: Readonly<Record<string, Adapter>> = {
  websocket: (api, network) => websocket(`${api}/socket`, { ...network, deadline: 3000 }),
  sse: (api, network) => sse(`${api}/link`, { ...network, deadline: 3000 }),
  polling: (api, network) => polling(`${api}/link`, { ...network, deadline: 3000 }),
  'fallback, with a socket': all,
  'fallback, without sockets': (api, network) => {
    network.block('sockets', 'refuse')
    return all(api, network)
  },
  'fallback, where sockets and streams are swallowed': (api, network) => {
    network.block('sockets', 'swallow')
    network.block('streams', 'swallow')
    return all(api, network)
  },
  'eager, without sockets': (api, network) => {
    network.block('sockets', 'refuse')
    const socket = websocket(`${api}/socket`, network)
    return eager(socket, async () => all(api, network))
  }
}

function holds(rig: () => Promise<Rig>) {
  for (const [title, run] of transportContract) {
    it(title, async () => {
      const made = await rig()
      try {
        await run(made)
      } finally {
        await made.close()
      }
    })
  }
}

describe('transport memory, the double', () => holds(async () => memoryRig()))

describe('transport scenario, of an empty script', () => holds(async () => memoryRig(() => scenario([]))))

describe('over the reference server', () => {
  let rigs: ServerRigs
  beforeAll(async () => {
    rigs = await serverRigs()
  })
  afterAll(() => rigs.close())

  describe.each(Object.entries(adapters))('transport %s', (_, adapter) => holds(() => rigs.rig(adapter)))
})
