import { createId } from '../../src/model/id.ts'
import { memoryTransport, type Rig } from '../../src/testing/index.ts'
import type { MemoryTransport } from '../../src/testing/memory.ts'

/** The contract's rig over the memory transport, which may be wrapped to break it. */
export function memoryRig(wrap: (transport: MemoryTransport) => MemoryTransport = transport => transport): Rig {
  const transport = wrap(memoryTransport({ capabilities: { upload: true } }))
  const device = createId()
  return {
    transport,
    device,
    async say(threadId, text) {
      transport.backend.say(device, threadId, text)
    },
    trim: async () => transport.backend.trim(device),
    stored: async threadId => transport.backend.history(device, threadId, undefined, 1000),
    drop: transport.drop,
    offline: transport.offline,
    loseAcks: transport.loseAcks,
    close() {}
  }
}
