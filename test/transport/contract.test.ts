import { describe, it } from 'vitest'
import { transportContract } from '../../src/testing/index.ts'
import { memoryRig } from '../support/memory-rig.ts'

/** Every transport there is, the double included: a new adapter is a new line. */
const rigs = { memory: memoryRig }

describe.each(Object.entries(rigs))('transport %s', (_, rig) => {
  for (const [title, run] of transportContract) {
    it(title, async () => {
      const one = rig()
      try {
        await run(one)
      } finally {
        await one.close()
      }
    })
  }
})
