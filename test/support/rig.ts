import { afterEach, beforeEach, vi } from 'vitest'
import type { Chat } from '../../src/core/chat.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import { type StillPage, stillPage, stillTabs } from '../../src/page/still.ts'
import type { Tabs } from '../../src/page/tabs.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { type MemoryTransport, memoryTransport } from '../../src/testing/memory.ts'

export interface ChatRig {
  readonly chat: Chat
  readonly transport: MemoryTransport
  readonly storage: ChatStorage
  readonly page: StillPage
  /** The chat in another tab of the same browser. */
  tab(): Promise<ChatRig>
  /** The same browser after a reload: what was stored, a new page. */
  reload(): Promise<ChatRig>
  /** Who this browser is to the backend. */
  device(): Promise<string>
}

interface RigParts {
  readonly transport?: MemoryTransport
  readonly storage?: ChatStorage
  readonly tabs?: () => Tabs
}

/** A chat over the memory transport, memory storage and a still page, in one call. */
export async function rig({
  transport = memoryTransport(),
  storage = memory(),
  tabs = stillTabs()
}: RigParts = {}): Promise<ChatRig> {
  const page = stillPage()
  // A storage that outlives the chat: closing the chat must not close it.
  const lasting: ChatStorage = {
    ...storage,
    set onLost(listener: () => void) {
      storage.onLost = listener
    },
    close() {}
  }
  const chat = talk(await startStandby({ options: { app: 'test', transport }, storage: lasting, page, tabs: tabs() }))
  return {
    chat,
    transport,
    storage,
    page,
    tab: () => rig({ transport, storage, tabs }),
    async reload() {
      chat.close()
      return rig({ transport, storage })
    },
    async device() {
      const [row] = await storage.list(['device'])
      if (!row) throw new Error('this browser has no device yet')
      return String(row.value)
    }
  }
}

/** Settles when the condition holds; fails with what was waited for when it does not come true soon. Moves a fake clock. */
export async function eventually(what: string, holds: () => boolean, ms = 2000): Promise<void> {
  const end = performance.now() + ms
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`)
    await pass(2)
  }
}

/** Settles when so many milliseconds have passed, on a fake clock at once. */
export async function pass(ms: number): Promise<void> {
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(ms)
  else await new Promise(resolve => setTimeout(resolve, ms))
}

/** Rigs under a clock that only {@link pass} moves; those in `open` are closed after each test. */
export function rigs() {
  const open: ChatRig[] = []
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    for (const { chat } of open.splice(0)) chat.close()
    vi.useRealTimers()
  })
  return {
    open,
    async make(...parts: Parameters<typeof rig>) {
      const made = await rig(...parts)
      open.push(made)
      return made
    }
  }
}
