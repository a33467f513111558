import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type InboxParts, store } from '../../src/core/inbox.ts'
import { createOutbox } from '../../src/core/outbox.ts'
import { putRow } from '../../src/core/outbox-row.ts'
import { fetchOlder, gather } from '../../src/core/recovery.ts'
import { createRows, type OutboxRow, type Rows } from '../../src/core/rows.ts'
import { createThreads } from '../../src/core/threads.ts'
import type { ServerEvent } from '../../src/model/event.ts'
import type { Message } from '../../src/model/message.ts'
import { createThread, type Thread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import type { Connection, HistoryRequest } from '../../src/transport/transport.ts'

vi.mock('../../src/core/recovery.ts', { spy: true })

let disk: ChatStorage
let rows: Rows
let parts: InboxParts
beforeEach(async () => {
  vi.mocked(gather).mockClear()
  disk = memory()
  rows = createRows(disk, stillTabs()())
  const { $threads, get } = createThreads(rows, () => {})
  parts = { rows, outbox: createOutbox(rows), thread: get, threads: $threads.get, from: undefined }
  await rows.load()
})

const message = (position: number, more: Partial<Message> = {}): Message =>
  ({
    id: `m${position}`,
    threadId: 't',
    author: 'agent',
    by: null,
    text: `text ${position}`,
    content: null,
    attachments: [],
    at: 1000 + position,
    position,
    ...more
  }) as Message
const said = (position: number, more: Partial<Message> = {}): ServerEvent =>
  ({ type: 'message', message: message(position, more), cursor: `c${position}` }) as ServerEvent
const thread = (last: number, more: Partial<Thread> = {}): Thread => ({ ...createThread('t', 1000), last, ...more })
const reset = (...threads: readonly Thread[]): ServerEvent =>
  ({ type: 'reset', cursor: 'c-reset', threads }) as ServerEvent
const waiting = (id: string, more: Partial<OutboxRow> = {}, threadId = 't'): OutboxRow => ({
  command: {
    id,
    n: Number(/\d+/.exec(id)),
    type: 'message',
    threadId,
    text: id,
    content: null,
    attachments: []
  } as never,
  at: 5,
  acked: null,
  failed: null,
  ...more
})

/** A backend with a past, which counts how often it is asked. */
function backend(messages: readonly Message[] = [], capable = true) {
  const history = vi.fn(async ({ threadId, before, limit }: HistoryRequest) => {
    const all = messages.filter(one => one.threadId === threadId && (!before || one.position < before.position))
    return { messages: all.slice(-limit), more: all.length > limit }
  })
  return { history, connection: { capabilities: { history: capable }, history } as unknown as Connection }
}

const { signal } = new AbortController()
const hear = (events: readonly ServerEvent[], { connection } = backend()) => store(parts, events, connection, signal)
const kept = async (...prefix: readonly string[]) => (await disk.list(prefix)).map(({ key }) => key.slice(1).join(' '))
const value = async (...key: readonly (string | number)[]) => (await disk.list(key))[0]?.value

describe('what the backend says', () => {
  it('is stored in one commit with the cursor behind it', async () => {
    const commit = vi.spyOn(rows, 'commit')
    await hear([said(1), said(2)])
    expect(commit).toHaveBeenCalledTimes(1)
    expect(await kept('message')).toEqual(['t 1', 't 2'])
    expect(await value('cursor')).toBe('c2')
    expect(parts.thread('t')).toMatchObject({ last: 2, unread: 2, newest: { id: 'm2' }, at: 1002 })
    expect(await kept('gap')).toEqual([])
  })

  it('has a gap before what does not join what is known', async () => {
    await hear([said(1)])
    await hear([said(4)])
    await hear([said(5)])
    expect(await disk.list(['gap'])).toEqual([{ key: ['gap', 't', 4], value: true }])
  })

  it('takes the row of its own message away in the very same commit', async () => {
    await rows.commit([putRow(waiting('m1')), putRow(waiting('m9'))])
    await hear([said(1, { author: 'visitor' })])
    expect(parts.outbox.all().map(({ command }) => command.id)).toEqual(['m9'])
    expect(await kept('outbox')).toEqual(['t 9'])
  })

  it('moves marks, and shows sessions', async () => {
    await hear([said(1), said(2)])
    await hear([
      { type: 'receipt', threadId: 't', by: 'visitor', delivered: 2, read: 2, cursor: 'c3' } as ServerEvent,
      { type: 'session', session: { id: 's', threadId: 't', state: 'queued', version: 1 }, cursor: 'c4' } as never
    ])
    expect(parts.thread('t')).toMatchObject({ read: 2, unread: 0 })
    expect(await value('session', 't')).toMatchObject({ id: 's', state: 'queued' })
    expect(await value('cursor')).toBe('c4')
  })

  it('moves marks of a thread that is not known yet', async () => {
    await hear([{ type: 'receipt', threadId: 'new', by: 'agent', delivered: 1, read: 0, cursor: 'c1' } as ServerEvent])
    expect(parts.thread('new')).toMatchObject({ id: 'new', theirs: { delivered: 1, read: 0 } })
  })

  it('passes over what this version does not know, and keeps its place', async () => {
    await hear([{ type: 'reaction of the future', cursor: 'c7' } as never])
    expect(await disk.list([])).toEqual([{ key: ['cursor'], value: 'c7' }])
  })

  it('needs nothing more than is loaded for what is said every day', async () => {
    await hear([
      said(1),
      { type: 'receipt', threadId: 't', by: 'agent', delivered: 1, read: 1, cursor: 'c2' } as ServerEvent,
      { type: 'session', session: { id: 's', threadId: 't' }, cursor: 'c3' } as never
    ])
    expect(gather).not.toHaveBeenCalled()
    await hear([{ type: 'gap', threadId: 't', before: 6, cursor: 'c4' } as ServerEvent])
    expect(gather).toHaveBeenCalledTimes(1)
  })

  it('may be rare and of every day in one batch', async () => {
    await hear([said(1), { type: 'credentials', value: 'secret', cursor: 'c2' } as ServerEvent, said(2)])
    expect(await kept('message')).toEqual(['t 1', 't 2'])
    expect(await disk.list(['credentials'])).toEqual([{ key: ['credentials'], value: 'secret' }])
    expect(await value('cursor')).toBe('c2')
  })

  it('joins where the connection has come to, and nowhere else: what another tab has stored counts', async () => {
    const other = createRows(disk, stillTabs()())
    await other.load()
    await other.commit([
      { put: ['thread', 't'], value: thread(7) },
      { put: ['cursor'], value: 'c7' }
    ])
    await expect(hear([said(1)])).rejects.toThrow('another tab went on')
    expect(await kept('message')).toEqual([])
    expect(parts.thread('t')).toMatchObject({ last: 7 })
    expect(rows.cursor()).toBe('c7')
    parts.from = rows.cursor()
    await hear([said(8)])
    expect(parts.from).toBe('c8')
    await hear([said(9)])
    expect(await value('cursor')).toBe('c9')
  })

  it('leaves what was read in another tab read, of which this one has not heard yet', async () => {
    await hear([said(1), said(2)])
    const other = createRows(disk, stillTabs()())
    await other.load()
    await other.commit([
      { put: ['lane', 't'], value: 1 },
      { put: ['thread', 't'], value: thread(2, { read: 2 }) }
    ])
    await hear([said(3)])
    expect(await rows.get(['thread', 't'])).toMatchObject({ last: 3, read: 2, unread: 1 })
    expect(await rows.get(['cursor'])).toBe('c3')
  })

  it('leaves what is shown alone when the disk fails: nothing is known to have changed', async () => {
    const load = vi.spyOn(rows, 'load')
    vi.spyOn(rows, 'commit').mockRejectedValueOnce(new StorageError('full', 'no room'))
    await expect(hear([said(1)])).rejects.toMatchObject({ code: 'full' })
    expect([load.mock.calls.length, parts.from]).toEqual([0, undefined])
  })

  it('keeps gaps that the backend tells of, credentials, and what is said of threads', async () => {
    await hear([
      { type: 'gap', threadId: 't', before: 6, cursor: 'c1' } as ServerEvent,
      { type: 'credentials', value: 'secret', cursor: 'c2' } as ServerEvent,
      { type: 'thread', thread: thread(9, { state: 'closed' as never }), cursor: 'c3' } as ServerEvent
    ])
    expect(await kept('gap')).toEqual(['t 6'])
    expect(await value('credentials')).toBe('secret')
    expect(parts.thread('t')).toMatchObject({ last: 9, state: 'closed' })
  })

  it('is not stored when its turn comes after the connection is over', async () => {
    const end = new AbortController()
    const storing = store(parts, [said(1)], backend().connection, end.signal)
    end.abort(new Error('somebody else is here'))
    await expect(storing).rejects.toThrow('somebody else is here')
    expect(await disk.list([])).toEqual([])
  })

  it('is not stored while somebody signs out', async () => {
    await rows.hide()
    await hear([said(1)])
    expect((await disk.list([])).map(({ key }) => key)).toEqual([['leaving']])
  })
})

describe('a backend that cannot say what was missed', () => {
  const past = Array.from({ length: 120 }, (_, i) => message(i + 1))

  it('is asked for nothing where neither side has anything', async () => {
    const empty = backend()
    await hear([reset()], empty)
    // Nor where all that is here waits to be sent.
    await rows.commit([{ put: ['thread', 'u'], value: createThread('u', 1) }, putRow(waiting('m1', {}, 'u'))])
    parts.from = undefined
    await rows.commit([{ drop: ['cursor'] }])
    await hear([reset()], empty)
    expect([empty.history.mock.calls.length, vi.mocked(gather).mock.calls.length]).toEqual([0, 0])
    expect(await value('cursor')).toBe('c-reset')
    expect(parts.outbox.all()).toHaveLength(1)
  })

  it.each([
    ['it has come somewhere with it', async () => void (await hear([said(1)], backend()))],
    [
      'messages are here, of whatever past',
      () =>
        rows.commit([
          { put: ['thread', 'u'], value: createThread('u', 1) },
          { put: ['thread', 't'], value: thread(1) },
          { put: ['message', 't', 1], value: message(1) }
        ])
    ]
  ])('is believed that it has nothing, where %s', async (_, before) => {
    await before()
    await hear([reset()])
    expect(await disk.list(['message'])).toEqual([])
    expect(await kept('thread')).toEqual([])
  })

  it('is joined with on the first visit of a device that it knows', async () => {
    await hear([reset(thread(2))], backend(past.slice(0, 2)))
    expect(await kept('message')).toEqual(['t 1', 't 2'])
    expect(parts.thread('t')?.last).toBe(2)
  })

  it('gives the newest page, with a gap where it does not join', async () => {
    const server = backend(past)
    await hear([reset(thread(120, { newest: past[119] as never }))], server)
    expect(server.history).toHaveBeenCalledTimes(1)
    const positions = (await kept('message')).map(key => Number(key.split(' ')[1]))
    expect(positions.at(-1)).toBe(120)
    expect(await kept('gap')).toEqual([`t ${positions[0]}`])
    expect(parts.thread('t')?.last).toBe(120)
  })

  it.each([
    ['its log', { log: 'log' }, 'log'],
    ['its place, if it does not name a log', {}, 'c-reset']
  ])('is remembered by %s, so that tabs know whether they were told of the same past', async (_, named, past) => {
    await hear([{ ...reset(thread(0)), ...named } as ServerEvent])
    expect(await value('credentials', 'past')).toBe(past)
  })

  it('has no gap where the page joins what is here', async () => {
    await hear(past.slice(0, 110).map(({ position }) => said(position)))
    await hear([reset(thread(120))], backend(past))
    expect(await kept('message')).toHaveLength(120)
    expect(await kept('gap')).toEqual([])
  })

  it('is not asked for the messages of a thread that has none, nor one that keeps none', async () => {
    const server = backend(past)
    await hear([reset(thread(0))], server)
    const forgetful = backend(past, false)
    await hear([reset(thread(120))], forgetful)
    expect([server.history.mock.calls.length, forgetful.history.mock.calls.length]).toEqual([0, 0])
    expect(parts.thread('t')?.last).toBe(120)
  })

  it('forgets threads that it does not have, but not what waits in them', async () => {
    await hear([
      said(1),
      said(1, { threadId: 'u', id: 'u1' }),
      { type: 'session', session: { id: 's', threadId: 't' }, cursor: 'c2' } as never
    ])
    await hear([said(4)])
    await rows.commit([putRow(waiting('w1', {}, 'u'))])
    await hear([reset()])
    expect(await kept('message')).toEqual([])
    expect(await kept('gap')).toEqual([])
    expect(await kept('session')).toEqual([])
    expect(await kept('thread')).toEqual(['u'])
    expect(parts.thread('u')).toMatchObject({ last: 0, unread: 0 })
    expect(parts.outbox.all()).toHaveLength(1)
  })

  it('has what it says count, where it has less than is here', async () => {
    await hear([1, 2, 3, 4].map(position => said(position)))
    await hear([reset(thread(2, { unread: 1 }))], backend(past.slice(0, 2)))
    expect(await kept('message')).toEqual(['t 1', 't 2'])
    expect(parts.thread('t')).toMatchObject({ last: 2, unread: 1 })
  })

  it('leaves what is here where nothing is known of the past it is of', async () => {
    const long = Array.from({ length: 60 }, (_, i) => message(i + 1))
    await hear(long.map(({ position }) => said(position)))
    await hear([{ ...reset(thread(60)), log: 'another' } as ServerEvent], backend(long))
    expect(await kept('message')).toHaveLength(60)
  })

  it('offers again what was acknowledged in the past that it lost, and not what has come', async () => {
    await rows.commit([
      putRow(waiting('m2', { acked: { position: 2, at: 1 } })),
      putRow(waiting('m7', { acked: { position: 7, at: 1 } })),
      putRow(waiting('m8'))
    ])
    await hear([reset(thread(2))], backend(past.slice(0, 2)))
    expect(parts.outbox.all().map(({ command, acked }) => [command.id, acked])).toEqual([
      ['m7', null],
      ['m8', null]
    ])
  })
})

describe('older messages', () => {
  const past = Array.from({ length: 120 }, (_, i) => message(i + 1))
  const older = (before: Message | undefined, server = backend(past)) =>
    fetchOlder(parts, server.connection, 't', before ?? null)

  it('come in pages, and take the gap with them that they fill', async () => {
    await hear([reset(thread(120))], backend(past))
    const [first] = (await disk.list(['message', 't'])).map(({ value }) => value as Message)
    await older(first)
    const positions = (await kept('message')).map(key => Number(key.split(' ')[1]))
    expect(positions[0]).toBeLessThan(first!.position)
    expect(await kept('gap')).toEqual([`t ${positions[0]}`])
  })

  it('leave no gap at the very beginning', async () => {
    await rows.commit([{ put: ['gap', 't', 3], value: true }])
    await older(past[2])
    expect(await kept('message')).toEqual(['t 1', 't 2'])
    expect(await kept('gap')).toEqual([])
  })

  it('join what is stored before them', async () => {
    await hear([said(1)])
    await rows.commit([{ put: ['gap', 't', 120], value: true }])
    const server = {
      ...backend(),
      connection: {
        capabilities: { history: true },
        history: async () => ({ messages: [past[1]!, past[2]!], more: true })
      } as unknown as Connection
    }
    await older(past[3], server as never)
    expect(await kept('gap')).toEqual(['t 120'])
  })

  it('bring what waits here as well: it is not shown twice', async () => {
    await rows.commit([putRow(waiting('m119'))])
    await older(undefined)
    expect(parts.outbox.all()).toEqual([])
  })

  it('are not asked for where there are none', async () => {
    const server = backend(past, false)
    await older(past[50], server)
    expect(server.history).not.toHaveBeenCalled()
    expect(await kept('message')).toEqual([])
  })

  it('may be none', async () => {
    await rows.commit([{ put: ['gap', 't', 1], value: true }])
    await older(past[0], backend([]))
    expect(await disk.list(['message'])).toEqual([])
    expect(await kept('gap')).toEqual([])
  })
})
