import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Rig, transportContract } from '../../src/testing/index.ts'
import { memoryRig } from '../support/memory-rig.ts'
import { websocketRigs } from '../support/websocket-rig.ts'

/** Every transport there is, the double included: a new adapter is a new line. */
const adapters: Readonly<Record<string, () => Promise<{ rig(): Promise<Rig>; close(): Promise<void> }>>> = {
  memory: async () => ({ rig: async () => memoryRig(), close: async () => {} }),
  websocket: websocketRigs
}

describe.each(Object.entries(adapters))('transport %s', (_, start) => {
  let rigs: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    rigs = await start()
  })
  afterAll(() => rigs.close())

  for (const [title, run] of transportContract) {
    it(title, async () => {
      const rig = await rigs.rig()
      try {
        await run(rig)
      } finally {
        await rig.close()
      }
    })
  }
})
