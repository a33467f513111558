import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Chat } from '../../src/core/chat.ts'
// Loaded beforehand: the clock of these histories does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import '../../src/core/sending.ts'
import { startStandby } from '../../src/core/standby.ts'
import { talk } from '../../src/core/talk.ts'
import type { Message } from '../../src/model/message.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { type MemoryTransport, memoryTransport } from '../../src/testing/memory.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const THREAD = 'thread'

type Step =
  | {
      readonly do:
        | 'send'
        | 'say'
        | 'drop'
        | 'offline'
        | 'online'
        | 'lose'
        | 'find'
        | 'trim'
        | 'reload'
        | 'tab'
        | 'close'
    }
  | { readonly do: 'crash'; readonly after: number }
  | { readonly do: 'wait'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ do: 'send' }, { do: 'say' }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<Step>(
      ...(['drop', 'offline', 'online', 'lose', 'find', 'trim', 'reload', 'tab', 'close'] as const).map(name => ({
        do: name
      }))
    )
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.nat(6) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }) }
)

/** A storage that a crash cuts off after some more commits: what was not written by then never is. */
function mortal(storage: ChatStorage) {
  let left = Number.POSITIVE_INFINITY
  const dead = () => new Promise<never>(() => {})
  return {
    die(after: number) {
      left = Math.min(left, after)
    },
    storage: {
      ...storage,
      list: (...args: Parameters<ChatStorage['list']>) => (left > 0 ? storage.list(...args) : dead()),
      commit: async (changes: Parameters<ChatStorage['commit']>[0]) => {
        if (left-- <= 0) return dead()
        await storage.commit(changes)
      },
      close() {}
    } satisfies ChatStorage
  }
}

/** One browser with tabs, one backend, and what the visitor was told was accepted. */
async function play(steps: readonly Step[]) {
  const transport: MemoryTransport = memoryTransport({ delay: 3 })
  const disk = memory()
  let tabsOf = stillTabs()
  let open: { readonly chat: Chat; readonly wrote: string[]; die(after: number): void }[] = []
  const accepted: string[] = []
  /** What each tab wrote, in its order. Between two tabs that write at once there is none. */
  const wrote: string[][] = []
  let written = 0

  const boot = async () => {
    const { storage, die } = mortal(disk)
    const chat = talk(
      await startStandby({ options: { app: 'test', transport }, storage, page: stillPage(), tabs: tabsOf() })
    )
    await chat.load(THREAD)
    chat.watch()
    const own: string[] = []
    wrote.push(own)
    open.push({ chat, wrote: own, die })
  }
  const device = async () => (await disk.list(['device']))[0]?.value as string | undefined

  await boot()
  for (const one of steps) {
    const tab = open[written % Math.max(1, open.length)]
    switch (one.do) {
      case 'send': {
        const text = `v${written++}`
        tab?.wrote.push(text)
        // Not waited for: a crash may come first, and then nothing was promised.
        tab?.chat.send(THREAD, { text }).then(
          () => accepted.push(text),
          () => {}
        )
        break
      }
      case 'say': {
        const id = await device()
        if (id) transport.backend.say(id, THREAD, `a${written++}`)
        break
      }
      case 'drop':
        transport.drop()
        break
      case 'offline':
      case 'online':
        transport.offline(one.do === 'offline')
        break
      case 'lose':
      case 'find':
        transport.loseAcks(one.do === 'lose')
        break
      case 'trim': {
        const id = await device()
        if (id) transport.backend.trim(id)
        break
      }
      case 'tab':
        if (open.length < 3) await boot()
        break
      case 'close':
        if (open.length > 1) open.shift()?.chat.close()
        break
      case 'crash':
      case 'reload':
        for (const { chat, die } of open) {
          die(one.do === 'crash' ? one.after : 0)
          if (one.do === 'reload') chat.close()
        }
        await vi.advanceTimersByTimeAsync(one.do === 'crash' ? 20 : 0)
        for (const { chat } of open) chat.close()
        open = []
        tabsOf = stillTabs()
        await boot()
        break
      case 'wait':
        await vi.advanceTimersByTimeAsync(one.ms)
    }
    await vi.advanceTimersByTimeAsync(1)
    await cursorIsHonest(disk, transport, await device())
  }

  transport.offline(false)
  transport.loseAcks(false)
  for (const { chat } of open) chat.reconnect()
  await vi.advanceTimersByTimeAsync(120_000)
  const id = await device()
  const stored = id ? transport.backend.history(id, THREAD, undefined, 10_000) : []
  const views = open.map(({ chat }) => chat)
  for (let i = 0; i < 5; i++) {
    const asked = Promise.all(views.map(chat => chat.older(THREAD)))
    await vi.advanceTimersByTimeAsync(11_000)
    await asked
  }
  const result = { stored, accepted, wrote, views: views.map(shown), rows: await disk.list(['outbox']) }
  for (const { chat } of open) chat.close()
  await boot()
  const next = shown(open.at(-1)!.chat)
  open.at(-1)!.chat.close()
  return { ...result, next }
}

const shown = (chat: Chat) => (chat.$messages.get()[THREAD]?.entries ?? []).map(({ message }) => message.text)
const texts = (messages: readonly Message[]) => messages.map(({ text }) => text)

/** Whatever came before the stored cursor is stored, unless a gap says that it is not. */
async function cursorIsHonest(disk: ChatStorage, transport: MemoryTransport, device: string | undefined) {
  const cursor = (await disk.list(['cursor']))[0]?.value as string | undefined
  if (!device || !cursor) return
  const missing = transport.backend.since(device, cursor)
  if (!missing) return
  const ahead = new Set(missing.flatMap(event => (event.type === 'message' ? [event.message.id] : [])))
  const rows = (await disk.list(['message', THREAD])).map(({ value }) => value as Message)
  const gaps = (await disk.list(['gap', THREAD])).length
  const before = transport.backend.history(device, THREAD, undefined, 10_000).filter(({ id }) => !ahead.has(id))
  if (!gaps) expect(texts(rows.filter(({ id }) => !ahead.has(id)))).toEqual(texts(before))
}

it('ends with what the backend holds, each message once and in order, whatever happened on the way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      const { stored, accepted, wrote, views, next, rows } = await play(steps)
      const ours = stored.filter(({ author }) => author === 'visitor').map(({ text }) => text)
      // Each accepted message once; one that a crash cut off may be there as well, but only once.
      expect(new Set(ours).size).toBe(ours.length)
      expect(ours.filter(text => accepted.includes(text)).length).toBe(accepted.length)
      for (const own of wrote)
        expect(ours.filter(text => own.includes(text))).toEqual(own.filter(text => ours.includes(text)))
      for (const view of views) expect(view).toEqual(texts(stored))
      expect(next).toEqual(texts(stored).slice(-next.length))
      expect(rows).toEqual([])
    }),
    { numRuns: Number(process.env.HISTORIES ?? 1000), seed: Number(process.env.SEED ?? Date.now() % 1e9) }
  )
}, 300_000)
