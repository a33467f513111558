import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import type { Transport } from '../../src/transport/transport.ts'

beforeEach(() => {
  vi.useFakeTimers()
  // The same in each run.
  let seed = 1
  vi.spyOn(Math, 'random').mockImplementation(() => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed / 2_147_483_647
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it.each([2000, 5000, 8000, 10_000, 12_000, 15_000])(
  'both send in the end, though each takes a while, where they began %i ms apart',
  async apart => {
    const inner = memoryTransport()
    const transport: Transport = {
      ...inner,
      async connect(request) {
        const connection = await inner.connect(request)
        return {
          ...connection,
          async send(command, options) {
            if (command.type === 'message') await new Promise(resolve => setTimeout(resolve, 13_000))
            return connection.send(command, options)
          }
        }
      }
    }
    const disk = memory()
    const full: ChatStorage = {
      ...disk,
      durable: true,
      commit: () => Promise.reject(new StorageError('full', 'no room')),
      close() {}
    }
    const tabs = stillTabs()
    const make = async () =>
      talk(await startStandby({ options: { app: 'x', transport }, storage: full, page: stillPage(), tabs: tabs() }))
    const first = await make()
    await pass(apart)
    const second = await make()
    await pass(1000)
    void first.send('t', { text: 'one' })
    await pass(1000)
    void second.send('u', { text: 'two' })
    await pass(300_000)
    expect([first.$status.get().waiting, second.$status.get().waiting]).toEqual([0, 0])
    first.close()
    second.close()
  }
)
