import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/holding.ts'
import '../../src/core/inbox.ts'
import '../../src/core/leaving.ts'
import '../../src/core/recovery.ts'
import { putRow } from '../../src/core/outbox-row.ts'
import { flush } from '../../src/core/sending.ts'
import { type Standby, startStandby } from '../../src/core/standby.ts'
import type { Availability } from '../../src/model/availability.ts'
import type { Command, Hint } from '../../src/model/command.ts'
import type { ServerEvent } from '../../src/model/event.ts'
import type { Message } from '../../src/model/message.ts'
import { createThread, withMessage } from '../../src/model/thread.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import type { TabNote, Tabs } from '../../src/page/tabs.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { Change, ChatStorage } from '../../src/storage/storage.ts'
import { memoryTransport } from '../../src/testing/memory.ts'
import { TransportError } from '../../src/transport/errors.ts'
import { createQueue } from '../../src/transport/queue.ts'
import type { Capabilities, ConnectRequest, Transport } from '../../src/transport/transport.ts'

// It does what it does; a test sees whether it was fetched.
vi.mock('../../src/core/sending.ts', { spy: true })

beforeEach(() => {
  vi.useFakeTimers()
  // The first attempt after a loss is made a tenth of a second later.
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
const open: Standby[] = []
afterEach(() => {
  for (const standby of open.splice(0)) standby.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** One connection, seen from the backend. */
interface Line {
  readonly request: ConnectRequest
  readonly sent: Command[]
  readonly hints: Hint[]
  readonly calls: string[]
  say(...events: readonly ServerEvent[]): void
  fail(error: unknown): void
  /** Ends what comes in as no transport should. */
  end(): void
}

const CAPABILITIES: Capabilities = { history: true, upload: false, typing: true, receipts: true, sessions: true }

/** A backend that says nothing by itself, and answers no command. */
function wire() {
  const lines: Line[] = []
  const transport: Transport = {
    name: 'wire',
    async connect(request) {
      const queue = createQueue<ServerEvent>()
      let over = false
      const line = { request, sent: [], hints: [], calls: [] } as unknown as Line
      request.signal.addEventListener('abort', () => queue.fail(request.signal.reason))
      lines.push(
        Object.assign(line, {
          say: queue.push,
          fail: queue.fail,
          end() {
            over = true
            queue.push({ type: 'caught-up' })
          }
        })
      )
      return {
        capabilities: CAPABILITIES,
        incoming: {
          async *[Symbol.asyncIterator]() {
            for await (const batch of queue) {
              yield batch
              if (over) return
            }
          }
        },
        send(command) {
          line.sent.push(command)
          return new Promise<never>((_, reject) =>
            request.signal.addEventListener('abort', () => reject(request.signal.reason))
          )
        },
        hint: hint => line.hints.push(hint),
        probe: () => line.calls.push('probe'),
        forget: () => line.calls.push('forget'),
        async history({ threadId, before }) {
          line.calls.push(`history ${threadId} ${before?.position}`)
          return { messages: [message(threadId, 3)], more: false }
        }
      }
    }
  }
  return { transport, lines, last: () => lines.at(-1)! }
}

interface Parts {
  readonly backend?: ReturnType<typeof wire>
  readonly storage?: ChatStorage
  readonly tabs?: () => Tabs
  readonly token?: () => string
}

/** A launcher in one tab. */
async function rig({ backend = wire(), storage = memory(), tabs = stillTabs(), token }: Parts = {}) {
  const page = stillPage()
  // It outlives the page.
  const lasting: ChatStorage = { ...storage, close() {} }
  const standby = await startStandby({
    options: { app: 'test', transport: backend.transport, ...(token && { token }) },
    storage: lasting,
    page,
    tabs: tabs()
  })
  open.push(standby)
  const { duties, rows } = standby.wires
  const watch = (active = true, look = 'somebody') => duties.watch(look, active)
  return {
    ...backend,
    backend,
    standby,
    page,
    storage,
    lasting,
    tabs,
    rows,
    duties,
    watch,
    state: () => standby.$link.get().state,
    /** Somebody looks, and the backend has said all there is. */
    async online() {
      watch()
      await pass()
      backend.last().say({ type: 'reset', cursor: 'c0', threads: [] }, { type: 'caught-up' })
      await pass()
    },
    heard(name: 'alert' | 'ephemeral') {
      const list: unknown[] = []
      ;(standby.wires.events.on as (name: string, hear: (event: unknown) => void) => void)(name, event =>
        list.push(event)
      )
      return list
    }
  }
}

/** Another tab of the same browser that only listens, and says what a test has it say. */
function bystander(tabs: () => Tabs) {
  const tab = tabs()
  const notes: TabNote[] = []
  tab.listen(note => notes.push(note))
  return { ...tab, notes, of: (type: TabNote['type']) => notes.filter(note => note.type === type) }
}

function message(threadId: string, position: number, more: Partial<Message> = {}): Message {
  return {
    id: `${threadId}${position}`,
    threadId,
    author: 'agent',
    by: null,
    text: `text ${position}`,
    content: null,
    attachments: [],
    at: position,
    position,
    ...more
  }
}

const said = (cursor: string, ...args: Parameters<typeof message>): ServerEvent => ({
  type: 'message',
  cursor,
  message: message(...args)
})

const row = (n: number, threadId = 't'): Change =>
  putRow({
    command: { id: `${threadId}${n}`, n, type: 'message', threadId, text: 'hello', attachments: [] },
    at: 1,
    acked: null,
    failed: null
  })

const thread = (id: string): Change => ({
  put: ['thread', id],
  value: withMessage(createThread(id, 1), message(id, 1))
})

const HOME: Availability = { open: true, people: [], replyAfter: 1, wait: null, assistant: false }

describe('standing by', () => {
  it('opens no connection while nobody looks, nothing waits and nobody may answer', async () => {
    const { lines, state, standby } = await rig()
    await pass(60_000)
    expect([lines.length, state(), standby.$availability.get()]).toEqual([0, 'idle', undefined])
  })

  it('is online for as long as somebody looks, and a while longer: a click that closes and opens again costs nothing', async () => {
    const { lines, watch, online, last, state } = await rig()
    await online()
    expect(state()).toBe('online')
    watch(false)
    await pass(14_000)
    watch()
    await pass(60_000)
    watch(true, 'somebody else')
    watch(false)
    await pass(60_000)
    expect([lines.length, last().request.signal.aborted]).toEqual([1, false])
    watch(false, 'somebody else')
    await pass(14_999)
    expect(last().request.signal.aborted).toBe(false)
    await pass(1)
    expect([last().request.signal.aborted, state()]).toEqual([true, 'idle'])
  })

  it.each([
    ['somebody may answer in a thread', thread('t')],
    ['something waits to be said', row(1)]
  ])('stays online without anybody looking when %s', async (_, change) => {
    const { lines, rows } = await rig()
    await rows.commit([change])
    await pass(60_000)
    expect(lines).toMatchObject([{ request: { signal: { aborted: false } } }])
    const { backend } = await rig({ storage: await stored(change) })
    await pass()
    expect(backend.lines).toHaveLength(1)
  })

  it('lets the link go when the last thread has gone', async () => {
    const { rows, last } = await rig()
    await rows.commit([thread('t')])
    await pass()
    await rows.commit([{ drop: ['thread', 't'] }])
    await pass(15_000)
    expect(last().request.signal.aborted).toBe(true)
  })

  it('says who the visitor is and where it left off, at each attempt anew', async () => {
    let count = 0
    const { online, last, lines } = await rig({ token: () => `token ${++count}` })
    await online()
    expect(last().request).toMatchObject({ token: 'token 1', cursor: undefined, term: 1 })
    last().say(said('c7', 't', 1))
    await pass()
    last().fail(new TransportError('closed', 'cut'))
    await pass(100)
    expect(lines).toHaveLength(2)
    expect(last().request).toMatchObject({ token: 'token 2', cursor: 'c7', device: lines[0]!.request.device })
  })

  it('stores what is said after what it has heard on this connection, not after where an earlier one ended', async () => {
    const { online, last, storage } = await rig()
    await online()
    last().say(said('c1', 't', 1))
    await pass()
    last().fail(new TransportError('closed', 'cut'))
    await pass(100)
    last().say(said('c2', 't', 2), { type: 'caught-up' })
    await pass()
    last().say(said('c3', 't', 3))
    await pass()
    expect((await storage.list(['cursor'])).map(({ value }) => value)).toEqual(['c3'])
    expect((await storage.list(['message'])).map(({ key }) => key[2])).toEqual([1, 2, 3])
  })

  it('looks up to date only when all that was missed has been stored', async () => {
    const { watch, last, state, standby } = await rig()
    watch()
    await pass()
    last().say({ type: 'reset', cursor: 'c0', threads: [] }, said('c1', 't', 1))
    await pass()
    expect(state()).toBe('catching-up')
    last().say(said('c2', 't', 2), { type: 'caught-up' })
    await pass()
    expect(state()).toBe('online')
    expect(standby.$unread.get()).toBe(2)
  })

  it('offers nothing before the first word of the backend is stored: it may have begun anew', async () => {
    const { rows, last } = await rig()
    await rows.commit([row(1)])
    await pass(5000)
    expect(last().sent).toEqual([])
    last().say({ type: 'reset', cursor: 'c0', threads: [] })
    await pass()
    expect(last().sent).toMatchObject([{ id: 't1' }])
  })

  it('fetches what sends only when something is to be sent, and offers that at once', async () => {
    const { online, rows, last } = await rig()
    vi.mocked(flush).mockClear()
    await online()
    await pass(5000)
    expect(flush).not.toHaveBeenCalled()
    await rows.commit([row(1)])
    await pass()
    expect(last().sent).toMatchObject([{ id: 't1' }])
  })

  it('connects at once for what is said while it waits for its next attempt', async () => {
    const { online, rows, last, lines } = await rig()
    await online()
    last().fail(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    await pass(5000)
    expect(lines).toHaveLength(1)
    await rows.commit([row(1)])
    await pass()
    expect(lines).toHaveLength(2)
    // What has gone is nothing to hurry for.
    last().fail(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    await pass(5000)
    await rows.commit([{ drop: ['outbox', 't', 1] }])
    await pass(5000)
    expect(lines).toHaveLength(2)
  })

  it.each(['online', 'show'] as const)('does not wait for its next attempt on the page’s “%s”', async event => {
    const { online, page, last, lines, state } = await rig()
    await online()
    last().fail(new TransportError('busy', 'later', { retryAfter: 60_000 }))
    await pass(5000)
    expect([lines.length, state()]).toEqual([1, 'waiting'])
    page.emit(event)
    await pass()
    expect(lines).toHaveLength(2)
  })

  it('offers nothing on a connection of which it cannot hear any more', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { online, rows, last, lines, page } = await rig()
    await online()
    // The next wish to connect at once is one too many.
    page.emit('show')
    vi.spyOn(Math, 'random').mockReturnValue(1)
    last().end()
    await pass(10)
    await rows.commit([row(1)])
    await pass(1000)
    expect(lines).toMatchObject([{ sent: [] }])
    await pass(1000)
    expect(lines).toHaveLength(2)
  })

  it('does without what a transport cannot do, and says what is worthless later to nobody while it has no link', async () => {
    const transport = memoryTransport()
    const { duties, watch, state } = await rig({ backend: { ...wire(), transport } })
    duties.hint({ type: 'typing', threadId: 't', active: true })
    watch()
    await pass()
    expect(state()).toBe('online')
    duties.wake()
    duties.forget(undefined)
    await pass()
    expect(state()).toBe('online')
  })

  it('drops a connection whose network has gone, however open it looks', async () => {
    const { online, page, last, state } = await rig()
    await online()
    page.emit('offline')
    await pass()
    expect([last().request.signal.aborted, state()]).toEqual([true, 'waiting'])
  })

  it('connects again when a transport stops speaking without saying why, and tells developers', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { online, last, lines, state } = await rig()
    await online()
    last().end()
    await pass()
    expect(state()).toBe('waiting')
    expect(warn).toHaveBeenCalledExactlyOnceWith('porchlight:', new Error('incoming ended'))
    await pass(100)
    expect(lines).toHaveLength(2)
  })

  it('lets go of a connection on which something could not be stored, so that it is said again', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { online, last, lines, lasting } = await rig()
    await online()
    await lasting.commit([{ put: ['cursor'], value: 'of another tab' }])
    last().say(said('c2', 't', 1))
    await pass(100)
    expect(lines[0]!.request.signal.aborted).toBe(true)
    expect(lines[1]?.request.cursor).toBe('of another tab')
  })
})

describe('what is only shown', () => {
  const typing: ServerEvent = { type: 'typing', threadId: 't', active: true, by: null }
  const availability: ServerEvent = { type: 'availability', availability: HOME }

  it('is told in every tab and stored in none', async () => {
    const first = await rig()
    const second = await rig(first)
    const heard = [first.heard('ephemeral'), second.heard('ephemeral')]
    await first.online()
    const before = await first.storage.list([])
    first.last().say(typing, availability)
    await pass()
    expect(heard).toEqual([[typing], [typing]])
    expect([first, second].map(({ standby }) => standby.$availability.get())).toEqual([HOME, HOME])
    expect(await first.storage.list([])).toEqual(before)
  })

  it('comes with what is stored and with the end of catching up, each in its own way', async () => {
    const { online, last, heard, tabs, state, storage } = await rig()
    const { of } = bystander(tabs)
    const shown = heard('ephemeral')
    await online()
    // No tab has to be told what there is to show, if there is nothing.
    expect([shown, of('ephemeral')]).toEqual([[], []])
    last().say(typing, said('c1', 't', 1), { type: 'caught-up' })
    await pass()
    expect([shown, of('ephemeral')]).toEqual([[typing], [{ type: 'ephemeral', events: [typing] }]])
    expect(state()).toBe('online')
    expect(await storage.list(['message'])).toHaveLength(1)
  })
})

describe('news', () => {
  it('is what others say from now on, not what was stored before, nor what the visitor wrote', async () => {
    const first = await rig({ storage: await stored(thread('old'), { put: ['cursor'], value: 'c0' }) })
    const news = first.heard('alert')
    const own = message('new', 1, { author: 'visitor' })
    await pass()
    expect(first.standby.$unread.get()).toBe(1)
    first.last().say({ type: 'message', cursor: 'c1', message: own }, said('c2', 'new', 2), said('c3', 'old', 2))
    await pass()
    expect(news).toEqual([
      { threadId: 'new', message: message('new', 2) },
      { threadId: 'old', message: message('old', 2) }
    ])
  })

  it('is not what the visitor wrote, in a tab that hears at once of that and of what came before it', async () => {
    const first = await rig()
    const second = await rig(first)
    const news = [first.heard('alert'), second.heard('alert')]
    await first.online()
    first.last().say(said('c1', 't', 1), said('c2', 't', 2, { author: 'visitor' }))
    await pass()
    expect(second.standby.$unread.get()).toBe(1)
    expect(news).toEqual([[{ threadId: 't', message: message('t', 1) }], []])
  })

  it('is told when all of it is shown: whoever hears of it may count', async () => {
    const { online, last, standby } = await rig()
    const counts: number[] = []
    standby.on('alert', () => counts.push(standby.$unread.get()))
    await online()
    last().say(said('c1', 'a', 1), said('c2', 'b', 1))
    await pass()
    expect(counts).toEqual([2, 2])
  })
})

describe('somebody else', () => {
  it('is who connects when somebody signed out, here or in another tab', async () => {
    const first = await rig()
    await first.online()
    const { device } = first.last().request
    await first.rows.commit([{ drop: [] }, { put: ['life'], value: 1 }])
    await pass(100)
    expect(first.lines).toHaveLength(2)
    expect(first.lines[0]!.request.signal.aborted).toBe(true)
    expect(first.last().request.device).not.toBe(device)
    expect(first.last().request.cursor).toBeUndefined()
  })

  it('takes no name that another tab gave in the life before', async () => {
    const tabs = stillTabs()
    const first = bystander(tabs)
    const end = new AbortController()
    await first.lead(end.signal, () => {})
    const { rows, watch, lines } = await rig({ tabs })
    first.tell(link({ device: 'of the life before' }))
    await rows.commit([{ drop: [] }, { put: ['life'], value: 1 }])
    watch()
    end.abort()
    await pass()
    expect(lines).toHaveLength(1)
    expect(lines[0]?.request.device).not.toBe('of the life before')
  })

  it('asks the backend for everything when the database was lost', async () => {
    const { online, last, lines, rows, storage } = await rig()
    await online()
    await storage.commit([{ drop: [] }])
    await rows.load()
    await pass(100)
    expect(lines).toHaveLength(2)
    expect(lines[0]!.request.signal.aborted).toBe(true)
    expect(last().request.cursor).toBeUndefined()
    // What goes on is not lost.
    last().say({ type: 'reset', cursor: 'c9', threads: [] })
    await pass(5000)
    expect([lines.length, last().request.signal.aborted]).toEqual([2, false])
  })

  it('begins where signing out was begun and not ended, and nothing goes on as whoever left', async () => {
    const storage = await stored(
      thread('t'),
      { put: ['leaving'], value: true },
      { put: ['cursor'], value: 'c0' },
      { put: ['device'], value: 'of whoever left' }
    )
    const starting = rig({
      storage: {
        ...storage,
        // Long enough for a link to be made meanwhile.
        async list(prefix, page) {
          if (prefix[0] === 'leaving') await new Promise(resolve => setTimeout(resolve, 50))
          return storage.list(prefix, page)
        }
      }
    })
    await pass(500)
    const { standby, watch, lines } = await starting
    expect((await storage.list([])).map(({ key }) => key[0])).not.toContain('leaving')
    expect((await storage.list(['life'])).map(({ value }) => value)).toEqual([1])
    expect(standby.$threads.get()).toEqual([])
    watch()
    await pass(5000)
    const [{ request }, ...others] = lines.filter(line => !line.request.signal.aborted) as [Line, ...Line[]]
    expect([request.device === 'of whoever left', request.cursor, others]).toEqual([false, undefined, []])
  })

  it('begins where the backend says that this device signed out', async () => {
    const { backend, storage, online, standby } = await rig()
    const { last, lines } = backend
    await online()
    last().say(said('c1', 't', 1))
    await pass()
    last().fail(new TransportError('forbidden', 'signed out', { reason: 'forgotten' }))
    await pass()
    expect(standby.$threads.get()).toEqual([])
    expect(await storage.list(['life'])).toEqual([{ key: ['life'], value: 1 }])
    await pass(100)
    expect(lines).toHaveLength(2)
    expect(last().request.device).not.toBe(lines[0]!.request.device)
  })

  it.each([
    ['in this life', undefined, 0],
    ['in another one', 4, 1]
  ])('hides what is here when another tab signs out %s', async (_, life, left) => {
    const { tabs, standby } = await rig({ storage: await stored(thread('t')) })
    bystander(tabs).tell({ type: 'reset', life })
    expect(standby.$threads.get()).toHaveLength(left)
  })

  it('is here at the latest 40 seconds after a tab died while it signed out', async () => {
    const { tabs, storage } = await rig({ storage: await stored(thread('t')) })
    bystander(tabs).tell({ type: 'reset', life: undefined })
    await pass(39_999)
    expect(await storage.list(['life'])).toEqual([])
    await pass(1)
    expect(await storage.list([])).toContainEqual({ key: ['life'], value: 1 })
  })

  it('is told to the backend, unless the next one is here already', async () => {
    const { online, duties, last, rows } = await rig()
    // Nobody to tell.
    duties.forget(undefined)
    await online()
    duties.forget(3)
    expect(last().calls).not.toContain('forget')
    duties.forget(rows.life())
    expect(last().calls).toContain('forget')
  })
})

const link = (more: Partial<Extract<TabNote, { type: 'link' }>> = {}): TabNote => ({
  type: 'link',
  link: { state: 'online' },
  hidden: false,
  availability: undefined,
  device: undefined,
  life: undefined,
  ...more
})

describe('a tab among others', () => {
  it('leads or follows, and shows the link of whoever leads', async () => {
    const first = await rig()
    const second = await rig(first)
    expect([first, second].map(({ standby }) => standby.wires.leads())).toEqual([true, false])
    await first.online()
    expect(second.state()).toBe('online')
    await first.rows.commit([row(1)])
    expect(second.state()).toBe('online')
    first.last().fail(new TransportError('closed', 'cut'))
    await pass()
    expect(second.standby.$link.get()).toEqual(first.standby.$link.get())
    expect(second.state()).toBe('waiting')
  })

  it('hears how things are as soon as somebody looks in it', async () => {
    const first = await rig()
    await first.online()
    first.last().say({ type: 'availability', availability: HOME })
    await pass()
    const second = await rig(first)
    expect(second.standby.$availability.get()).toBeUndefined()
    second.tabs().tell({ type: 'ask', name: 'watch', args: ['second', true] })
    expect(second.state()).toBe('online')
    expect(second.standby.$availability.get()).toEqual(HOME)
  })

  it('tells others that it leads, whether it is seen, and how this browser is called in this life', async () => {
    const { tabs, page, online, duties, last } = await rig()
    const { of, notes } = bystander(tabs)
    await online()
    notes.splice(0)
    duties.beat()
    page.visible = false
    duties.beat()
    const { device } = last().request
    expect(of('link')).toMatchObject([
      { hidden: false, device, life: undefined, link: { state: 'online' } },
      { hidden: true, device }
    ])
    expect(device).toMatch(/./)
  })

  it('says nothing of a link that it does not hold', async () => {
    const first = await rig()
    const second = await rig(first)
    const { notes } = bystander(first.tabs)
    second.duties.beat()
    expect(notes).toEqual([])
  })

  it('keeps to its own link while it leads, whatever a tab says that led before', async () => {
    const { online, tabs, state, standby } = await rig()
    await online()
    bystander(tabs).tell(link({ link: { state: 'waiting' }, availability: HOME }))
    expect([state(), standby.$availability.get()]).toEqual(['online', undefined])
  })

  it('uses the name that another tab has given this browser, in this life, though no disk has it', async () => {
    const connectsAs = async (life: number | undefined) => {
      const tabs = stillTabs()
      const first = bystander(tabs)
      const end = new AbortController()
      await first.lead(end.signal, () => {})
      const { watch, lines } = await rig({ tabs })
      first.tell(link({ device: 'the same', life }))
      watch()
      end.abort()
      await pass()
      return lines[0]?.request.device
    }
    expect(await connectsAs(undefined)).toBe('the same')
    expect(await connectsAs(5)).not.toBe('the same')
  })

  it('asks whoever leads, and does not know, to be online for those who look in it', async () => {
    const tabs = stillTabs()
    const first = bystander(tabs)
    const end = new AbortController()
    await first.lead(end.signal, () => {})
    const { watch } = await rig({ tabs })
    watch(true, 'one')
    watch(true, 'two')
    watch(false, 'two')
    first.notes.splice(0)
    first.tell(link({ link: { state: 'online' } }))
    expect(first.of('ask')).toEqual([])
    first.tell(link({ link: { state: 'idle' } }))
    expect(first.of('ask')).toEqual([{ type: 'ask', name: 'watch', args: ['one', true] }])
  })

  it('does for others what only it can do, while it leads, and nothing else that is asked', async () => {
    const first = await rig()
    const second = await rig(first)
    await first.online()
    const { tell } = bystander(first.tabs)
    const hint: Hint = { type: 'typing', threadId: 't', active: true }
    tell({ type: 'ask', name: 'hint', args: [hint] })
    tell({ type: 'ask', name: 'wake', args: [] })
    tell({ type: 'ask', name: 'older', args: ['t', { id: 't9', position: 9 }] })
    tell({ type: 'ask', name: 'older', args: ['t', null] })
    tell({ type: 'ask', name: 'hasOwnProperty', args: [] })
    tell({ type: 'ask', name: 'no such duty', args: [] })
    await pass()
    expect(first.last().hints).toEqual([hint])
    expect(first.last().calls).toEqual(['probe', 'history t 9', 'history t undefined'])
    expect((await first.storage.list(['message'])).map(({ key }) => key)).toEqual([['message', 't', 3]])
    expect(second.lines).toHaveLength(1)
  })

  it('takes back for another tab what that one may not: it knows what was offered', async () => {
    const first = await rig()
    await rig(first)
    await first.online()
    await first.rows.commit([row(1), row(2)])
    await pass()
    expect(first.last().sent).toMatchObject([{ id: 't1' }])
    const { tell } = bystander(first.tabs)
    for (const id of ['t1', 't2']) tell({ type: 'ask', name: 'discard', args: [id, true] })
    await pass()
    const left = (await first.storage.list(['outbox'])).map(({ value }) => (value as { command: Command }).command.type)
    expect(left).toEqual(['message', 'void'])
    expect(await first.storage.list(['draft'])).toEqual([{ key: ['draft', 't'], value: 'hello' }])
  })

  it('takes for offered what waited when it came to lead: another tab may have', async () => {
    const { last, storage, duties } = await rig({ storage: await stored(row(1), row(2)) })
    await pass()
    expect(last().sent).toEqual([])
    await duties.discard('t2')
    expect(await storage.list(['outbox'])).toHaveLength(2)
    expect(await storage.list(['outbox', 't', 2])).toMatchObject([{ value: { command: { type: 'message' } } }])
  })

  it('leads from the moment on that its disk fails: what only it holds, only it can send', async () => {
    const tabs = stillTabs()
    const first = bystander(tabs)
    const end = new AbortController()
    await first.lead(end.signal, () => {})
    const disk = memory()
    let full = false
    const storage: ChatStorage = {
      ...disk,
      durable: true,
      async commit(changes) {
        if (full) throw new StorageError('full', 'no room')
        await disk.commit(changes)
      }
    }
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { rows, standby, page } = await rig({ tabs, storage })
    await rows.commit([thread('t')])
    expect(standby.wires.leads()).toBe(false)
    full = true
    await rows.commit([row(1)])
    await pass(5000)
    expect(rows.$storage.get()).toBe('degraded')
    expect(standby.wires.leads()).toBe(true)
    // With a disk that is well again it has no reason to.
    page.visible = false
    await first.lead(end.signal, () => {}, true)
    full = false
    await pass(60_000)
    expect(rows.$storage.get()).toBe('durable')
    expect(standby.wires.leads()).toBe(false)
  })
})

describe('a page', () => {
  it('finds every 20 seconds what another tab stored without a word', async () => {
    const { storage, standby } = await rig()
    await pass()
    await storage.commit([thread('t')])
    await pass(19_999)
    expect(standby.$threads.get()).toEqual([])
    await pass(1)
    expect(standby.$threads.get()).toHaveLength(1)
  })

  it('touches no storage while it is frozen, and looks at it at once when it is back', async () => {
    const { storage, lasting, page, standby } = await rig()
    page.visible = false
    page.emit('leave')
    await pass()
    const list = vi.spyOn(lasting, 'list')
    await storage.commit([thread('t')])
    await pass(60_000)
    expect([list.mock.calls.length, standby.$threads.get().length]).toEqual([0, 0])
    page.emit('return')
    await pass()
    expect(standby.$threads.get()).toHaveLength(1)
    await storage.commit([thread('u')])
    await pass(20_000)
    expect(standby.$threads.get()).toHaveLength(2)
  })

  it('outlives a disk that cannot be read for a moment', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const { lasting, storage, page, standby } = await rig()
    lasting.list = () => Promise.reject(new StorageError('taken', 'not now'))
    page.emit('return')
    await pass(20_000)
    lasting.list = storage.list
    await storage.commit([thread('t')])
    await pass(20_000)
    expect(standby.$threads.get()).toHaveLength(1)
  })
})

describe('closing', () => {
  it('leaves nothing behind: no link, no timer, no listener, no lead', async () => {
    const first = await rig()
    const second = await rig(first)
    await first.online()
    first.watch(false)
    const closed = vi.fn()
    first.standby.wires.events.on('close', closed)
    const close = vi.spyOn(first.lasting, 'close')
    open.splice(open.indexOf(first.standby), 1)
    first.standby.close()
    await pass()
    expect(closed).toHaveBeenCalledOnce()
    expect(close).toHaveBeenCalledOnce()
    expect(first.lines[0]!.request.signal.aborted).toBe(true)
    expect(second.standby.wires.leads()).toBe(true)
    open.splice(open.indexOf(second.standby), 1)
    second.standby.close()
    await pass()
    expect(vi.getTimerCount()).toBe(0)
    const [linked, available] = [vi.fn(), vi.fn()]
    first.standby.$link.listen(linked)
    first.standby.$availability.listen(available)
    bystander(first.tabs).tell({ type: 'ephemeral', events: [{ type: 'availability', availability: HOME }] })
    bystander(first.tabs).tell(link())
    for (const event of ['online', 'offline', 'show', 'leave', 'return'] as const) first.page.emit(event)
    await pass(60_000)
    expect([linked.mock.calls.length, available.mock.calls.length, first.rows.asleep, vi.getTimerCount()]).toEqual([
      0,
      0,
      false,
      0
    ])
  })
})

/** A disk with these rows. */
async function stored(...changes: readonly Change[]): Promise<ChatStorage> {
  const storage = memory()
  await storage.commit(changes)
  return storage
}

it('is not online by what was stored when the connection was lost already', async () => {
  let release = () => {}
  let isSlow = false
  const disk = memory()
  const storage: ChatStorage = {
    ...disk,
    async commit(changes) {
      if (isSlow)
        await new Promise<void>(resolve => {
          release = resolve
        })
      await disk.commit(changes)
    }
  }
  vi.spyOn(Math, 'random').mockReturnValue(0.9)
  const { last, lines, page, state, watch } = await rig({ storage })
  watch()
  await pass()
  last().say({ type: 'reset', cursor: 'c0', threads: [] })
  await pass()
  isSlow = true
  last().say(said('c1', 't', 1), { type: 'caught-up' })
  await pass()
  page.emit('offline')
  await pass()
  expect(state()).toBe('waiting')
  isSlow = false
  release()
  await pass()
  expect([state(), lines.length]).toEqual(['waiting', 1])
})

it('leaves the lead to another tab whose disk has failed as well, where nothing waits here', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const tabs = stillTabs()
  const storage = (): ChatStorage => ({
    ...memory(),
    durable: true,
    commit: () => Promise.reject(new StorageError('full', 'no room'))
  })
  const first = await rig({ tabs, storage: storage() })
  const second = await rig({ tabs, storage: storage() })
  for (const { rows } of [first, second]) {
    await rows.commit([thread('t')])
    await pass(5000)
  }
  const before = first.lines.length
  await pass(120_000)
  expect(first.lines.length).toBe(before)
})

it('sends what only it holds, though another tab whose disk has failed as well has led since', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const tabs = stillTabs()
  const full = (disk: ChatStorage): ChatStorage => ({
    ...disk,
    durable: true,
    commit: () => Promise.reject(new StorageError('full', 'no room'))
  })
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  const transport = memoryTransport()
  const disk = memory()
  const parts = { tabs, storage: full(disk), backend: { ...wire(), transport } }
  const first = await rig(parts)
  const second = await rig(parts)
  await first.rows.commit([thread('t'), row(1)])
  await pass(5000)
  await second.rows.commit([thread('u'), row(1, 'u')])
  await pass(5000)
  await first.rows.commit([row(2)])
  await pass(60_000)
  expect(first.rows.$storage.get()).toBe('degraded')
  const device = String(first.rows.known('device'))
  expect(transport.backend.history(device, 't', undefined, 9).map(({ id }) => id)).toEqual(['t1', 't2'])
})
