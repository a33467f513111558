import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type InboxParts, store } from '../../src/core/inbox.ts'
import { PAGE } from '../../src/core/messages.ts'
import { createOutbox, type Outbox } from '../../src/core/outbox.ts'
import { findRow, putRow } from '../../src/core/outbox-row.ts'
import { discard, erase, fetchOlder, older, refused, retry } from '../../src/core/recovery.ts'
import { createRows, type OutboxRow, type Rows } from '../../src/core/rows.ts'
import { createThreads } from '../../src/core/threads.ts'
import type { Command, Deed } from '../../src/model/command.ts'
import type { ServerEvent } from '../../src/model/event.ts'
import type { Message } from '../../src/model/message.ts'
import { createThread, type Thread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import type { Change, ChatStorage } from '../../src/storage/storage.ts'
import { TransportError, type TransportErrorCode, type TransportErrorDetails } from '../../src/transport/errors.ts'
import type { Connection, HistoryRequest } from '../../src/transport/transport.ts'

let disk: ChatStorage
let rows: Rows
let outbox: Outbox
let emit: ReturnType<typeof vi.fn>
beforeEach(() => {
  disk = memory()
  rows = createRows(disk, stillTabs()())
  outbox = createOutbox(rows)
  emit = vi.fn()
})

const row = (n: number, more: Partial<OutboxRow> = {}, deed: Partial<Deed> = {}): OutboxRow => ({
  command: { id: `m${n}`, n, type: 'message', threadId: 't', text: `text ${n}`, attachments: [], ...deed } as Command,
  at: 5,
  acked: null,
  failed: null,
  ...more
})
const erasing = (): OutboxRow => ({ ...row(1), command: { id: 'm1', n: 1, type: 'erase' } })
const put = (...list: readonly OutboxRow[]) => rows.commit(list.map(putRow))
const waiting = async (): Promise<readonly (readonly [id: string, n: number])[]> =>
  (await disk.list(['outbox'])).map(({ key, value }) => [(value as OutboxRow).command.id, Number(key[2])])
const lane = async (name = 't') => (await disk.list(['lane', name]))[0]?.value
const draft = async () => (await disk.list(['draft']))[0]?.value

/** The backend's refusal, for this row. */
const refuse = (
  one: OutboxRow,
  details: TransportErrorDetails = {},
  on = { rows, outbox },
  code: TransportErrorCode = 'rejected'
) =>
  refused(new TransportError(code, 'no', details), one, {
    ...on,
    events: { emit: emit as never },
    change: make =>
      on.rows.commit(() => {
        const now = findRow(on.outbox, one.command.id)
        return now ? make(now) : []
      })
  })

describe('a refused command', () => {
  it('is numbered behind all that is known, with those behind it, where another one has its number', async () => {
    await put(row(4), row(5))
    await rows.commit([{ put: ['lane', 't'], value: 12 }])
    expect(await refuse(row(4), { reason: 'seq-reuse' })).toBe(250)
    expect(await waiting()).toEqual([
      ['m4', 13],
      ['m5', 14]
    ])
    expect(await lane()).toBe(14)
    expect(emit).not.toHaveBeenCalled()
  })

  it('is the first of a lane of which nothing is known', async () => {
    await put(row(4))
    await refuse(row(4), { reason: 'seq-reuse' })
    expect(await waiting()).toEqual([['m4', 1]])
    expect(await lane()).toBe(1)
  })

  it('is numbered as the backend counts, also beyond nine', async () => {
    await put(row(400))
    await refuse(row(400), { reason: 'expected:120' })
    expect(await waiting()).toEqual([['m400', 120]])
  })

  it.each(['expected:9007199254740992', 'expected:5', 'expected:4'])(
    'waits where "%s" names no hole before it, damaged on its way',
    async reason => {
      await put(row(4))
      await rows.commit([{ put: ['lane', 't'], value: 4 }])
      expect(await refuse(row(4), { reason }, undefined, 'busy')).toBe(1000)
      expect(await waiting()).toEqual([['m4', 4]])
      expect(await lane()).toBe(4)
    }
  )

  it.each(['not expected:2', 'expected:2 words'])('fails for the reason "%s", which is no number', async reason => {
    await put(row(4))
    await refuse(row(4), { reason })
    expect(await disk.list(['outbox'])).toMatchObject([{ key: ['outbox', 't', 4], value: { failed: { reason } } }])
  })

  it('changes nothing on the disk where its numbers are right already', async () => {
    await put(row(2), row(3), row(1, { failed: { reason: 'too-long' } }))
    await rows.commit([{ put: ['lane', 't'], value: 3 }])
    const commit = vi.spyOn(disk, 'commit')
    // As it was sent, before it was given its number.
    const sent = { ...row(2).command, n: 5 } as Command
    expect(await refuse({ ...row(2), command: sent }, { reason: 'expected:2' })).toBe(250)
    expect(commit).not.toHaveBeenCalled()
  })

  it('keeps its place before what was acknowledged behind it in a past that the backend has lost', async () => {
    const acked = { position: 1, at: 1 }
    await put(row(3, { acked }), row(4, { acked }), row(5))
    await refuse(row(3, { acked }), { reason: 'expected:1' })
    expect(await waiting()).toEqual([
      ['m3', 1],
      ['m4', 2],
      ['m5', 3]
    ])
  })

  it('closes up with one before it that has the right number', async () => {
    await put(row(2), row(4))
    await refuse(row(4), { reason: 'expected:2' })
    expect(await waiting()).toEqual([
      ['m2', 2],
      ['m4', 3]
    ])
  })

  it('is numbered together with what another tab has stored, of which nobody was told', async () => {
    await put(row(7))
    const other = createRows(disk, stillTabs()())
    await other.commit([putRow(row(8)), { put: ['lane', 't'], value: 8 }])
    await refuse(row(7), { reason: 'expected:5' })
    expect(await waiting()).toEqual([
      ['m7', 5],
      ['m8', 6]
    ])
  })

  it('leaves the number that another tab gives away in the same moment, and counts on from there', async () => {
    await put(row(1))
    await rows.commit([{ put: ['lane', 't'], value: 1 }])
    const other = createRows(disk, stillTabs()())
    let isFaster = true
    const raced = createRows(
      {
        ...disk,
        async commit(changes) {
          if (isFaster) await other.commit([putRow(row(2)), { put: ['lane', 't'], value: 2 }])
          isFaster = false
          await disk.commit(changes)
        }
      },
      stillTabs()()
    )
    const known = createOutbox(raced)
    await raced.load()
    await refuse(row(1), { reason: 'seq-reuse' }, { rows: raced, outbox: known })
    expect(await waiting()).toEqual([
      ['m1', 3],
      ['m2', 4]
    ])
    expect(await lane()).toBe(4)
  })

  it('is not told of as failed when it has left meanwhile', async () => {
    await refuse(row(1), { reason: 'too-long' })
    expect(emit).not.toHaveBeenCalled()
    expect(await waiting()).toEqual([])
  })

  it('stays, without a word to the visitor, if it is that everything be erased: who asked for it looks', async () => {
    await put(erasing())
    expect(await refuse(erasing())).toBe(0)
    expect(findRow(outbox, 'm1')).toMatchObject({ failed: { reason: '' } })
    expect(emit).not.toHaveBeenCalled()
  })

  it('is not waited for, unlike a backend that is busy', async () => {
    await put(row(1))
    expect(await refuse(row(1), { reason: 'too-long', retryAfter: 5000 })).toBe(0)
    expect(emit).toHaveBeenCalledExactlyOnceWith('failed', { id: 'm1', threadId: 't' })
  })
})

describe('erasing', () => {
  const end = new AbortController()
  const accept = async ({ type }: Deed, also: () => readonly Change[]) => {
    expect(type).toBe('erase')
    await rows.commit([putRow(erasing()), ...also()])
    return 'm1'
  }
  const asked = () => {
    const said: string[] = []
    const over = erase(accept, outbox, rows, end.signal).then(
      id => said.push(`done: ${id}`),
      error => said.push(String(error))
    )
    return { said, over }
  }

  it('is done when its command has left, and not before', async () => {
    const { said, over } = asked()
    await vi.waitUntil(() => findRow(outbox, 'm1'), { interval: 1 })
    await put(row(2))
    expect(said).toEqual([])
    await rows.commit([{ drop: ['outbox', 'visitor', 1] }])
    await over
    expect(said).toEqual(['done: m1'])
  })

  it('is done at once where the backend was faster than the page', async () => {
    expect(await erase(async () => 'long gone', outbox, rows, end.signal)).toBe('long gone')
  })

  it('says why the backend does not do it, and leaves nothing waiting', async () => {
    const { said, over } = asked()
    await vi.waitUntil(() => findRow(outbox, 'm1'), { interval: 1 })
    await refuse(erasing(), { reason: 'not here' })
    await over
    expect(said).toEqual(['Error: the backend does not erase: not here'])
    expect(await waiting()).toEqual([])
  })

  it('is not said to be done when somebody has signed out: nobody knows whether the backend heard of it', async () => {
    const { said, over } = asked()
    await vi.waitUntil(() => findRow(outbox, 'm1'), { interval: 1 })
    await rows.commit([{ drop: [] }, { put: ['life'], value: 1 }])
    await over
    expect(said).toEqual(['Error: signed out before it was done'])
  })

  it('lets go of the outbox when it is over', async () => {
    const unbind = vi.fn()
    const on = vi.spyOn(rows, 'on').mockReturnValue(unbind)
    await erase(async () => 'long gone', outbox, rows, end.signal)
    expect(on).toHaveBeenCalledTimes(1)
    expect(unbind).toHaveBeenCalledTimes(1)
  })
})

describe('trying again', () => {
  it('says the same words under a new name, in one commit with what failed', async () => {
    const accept = vi.fn(async (_: Deed, also: () => readonly Change[]) => rows.commit(also()))
    await put(row(1, { failed: { reason: 'too-long' } }))
    await retry('m1', outbox, accept)
    expect(accept.mock.calls[0]![0]).toEqual({ type: 'message', threadId: 't', text: 'text 1', attachments: [] })
    expect(await waiting()).toEqual([])
  })

  it('may be asked for again where that could not be stored', async () => {
    const accept = vi.fn(async (_: Deed, also: () => readonly Change[]) => rows.commit(also()))
    accept.mockRejectedValueOnce(new Error('no room'))
    await put(row(1, { failed: { reason: 'too-long' } }))
    await expect(retry('m1', outbox, accept)).rejects.toThrow('no room')
    await retry('m1', outbox, accept)
    expect(await waiting()).toEqual([])
  })

  it('is not for what still waits, or has gone', async () => {
    const accept = vi.fn()
    await put(row(1))
    await retry('m1', outbox, accept)
    await retry('m2', outbox, accept)
    expect(accept).not.toHaveBeenCalled()
  })
})

describe('taking back', () => {
  const isVoid = async () => {
    const [stored] = await disk.list(['outbox'])
    return (stored!.value as OutboxRow).command.type === 'void'
  }

  it('removes what has failed, whose number nobody waits for', async () => {
    await put(row(1, { failed: { reason: 'too-long' } }))
    await discard('m1', outbox, rows, true)
    expect(await waiting()).toEqual([])
    expect(await draft()).toBeUndefined()
  })

  it('keeps the words as a draft where that is asked for, above what was written since', async () => {
    await put(row(1, { grace: 60_000 }))
    await discard('m1', outbox, rows, true)
    expect(await draft()).toBe('text 1')
    await put(row(2))
    await discard('m2', outbox, rows, true)
    expect(await draft()).toBe('text 2\ntext 1')
  })

  it('leaves the draft alone where nobody asks for the words, and keeps nothing waiting', async () => {
    await put(row(1, { grace: 60_000 }))
    await rows.commit([{ put: ['draft', 't'], value: 'half' }])
    await discard('m1', outbox, rows)
    expect(await draft()).toBe('half')
    expect(await disk.list(['outbox'])).toMatchObject([{ value: { grace: 0, command: { type: 'void', n: 1 } } }])
  })

  it('remembers beside the counter of its lane what was taken back, of two hundred the last', async () => {
    for (const n of [3, 202, 203]) {
      await put(row(n, { grace: 60_000 }))
      await discard(`m${n}`, outbox, rows)
    }
    expect(await disk.list(['lane', 't'])).toEqual([
      { key: ['lane', 't', 2], value: 'm202' },
      { key: ['lane', 't', 3], value: 'm203' }
    ])
  })

  it.each([
    ['files without a word', { text: '' }],
    ['the answers to a form', { answers: { to: null, values: {} } }]
  ] as const)('makes no draft of %s', async (_, deed) => {
    await put(row(1, {}, deed as Partial<Deed>))
    await discard('m1', outbox, rows, true)
    expect(await isVoid()).toBe(true)
    expect(await disk.list(['draft'])).toEqual([])
  })

  it.each([
    ['was offered on this page', () => outbox.offered.add('m1'), {}, {}],
    ['may have been offered while a disk failed', () => {}, { offered: true }, {}],
    ['is not a message', () => {}, {}, { type: 'start' }]
  ] as const)('does nothing to what %s', async (_, act, more, deed) => {
    await put(row(1, more, deed as Partial<Deed>))
    act()
    await discard('m1', outbox, rows, true)
    expect(await isVoid()).toBe(false)
    expect(await draft()).toBeUndefined()
  })

  it('does nothing to another command that gets its number in the same moment', async () => {
    const other = createRows(disk, stillTabs()())
    let isFaster = true
    const slow = createRows(
      {
        ...disk,
        async commit(changes) {
          if (isFaster)
            await other.commit([
              putRow({ ...row(0, { failed: { reason: 'file-lost' } }), command: { ...row(1).command, n: 0 } }),
              putRow({ ...row(1), command: { ...row(2).command, n: 1 } }),
              { drop: ['outbox', 't', 2] },
              { put: ['lane', 't'], value: 1 }
            ])
          isFaster = false
          await disk.commit(changes)
        }
      },
      stillTabs()()
    )
    await put(row(1, { failed: { reason: 'file-lost' } }), row(2))
    await rows.commit([{ put: ['lane', 't'], value: 2 }])
    await slow.load()
    const waits = createOutbox(slow)
    await discard('m1', waits, slow)
    expect(await waiting()).toEqual([['m2', 1]])
  })

  it('finds what another tab has given another number, of which this one was not told', async () => {
    await put(row(1), row(2))
    await rows.commit([{ put: ['lane', 't'], value: 2 }])
    await disk.commit([
      { drop: ['outbox'] },
      putRow({ ...row(1), command: { ...row(1).command, n: 5 } }),
      putRow({ ...row(2), command: { ...row(2).command, n: 6 } }),
      { put: ['lane', 't'], value: 6 }
    ])
    await discard('m2', outbox, rows)
    const waits = (await disk.list(['outbox'])).map(({ key, value }) => [key[2], (value as OutboxRow).command.type])
    expect(waits).toEqual([
      [5, 'message'],
      [6, 'void']
    ])
  })

  it('does nothing to another command that has got its number since, and nothing where it is not known', async () => {
    await put(row(1))
    await disk.commit([putRow(row(1, {}, { id: 'another' } as never))])
    await discard('m1', outbox, rows, true)
    await discard('m9', outbox, rows, true)
    expect(await waiting()).toEqual([['another', 1]])
    expect(await draft()).toBeUndefined()
  })
})

describe('waiting for older messages that another tab fetches', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const was = { entries: [] } as never
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
  /** The timelines that are shown, and whether the waiting for a change of that of `t` is over. */
  async function rig() {
    let tell = (_: object) => {}
    const unbind = vi.fn()
    const listen = (listener: typeof tell) => {
      tell = listener
      return unbind
    }
    const end = new AbortController()
    let isOver = false
    const messages = { $messages: { get: () => ({ t: was }), listen }, load: async () => {}, older: async () => null }
    const over = older('t', messages as never, async () => true, end.signal).then(() => {
      isOver = true
    })
    await pass()
    return { end, over, unbind, tell: (now: object) => tell(now), isOver: () => isOver }
  }

  it('ends when something else of that thread is shown, and leaves nothing behind', async () => {
    const { tell, isOver, unbind } = await rig()
    tell({ t: was, another: {} })
    await pass()
    expect(isOver()).toBe(false)
    tell({ t: {} })
    await pass()
    expect(isOver()).toBe(true)
    expect(unbind).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('asks for what is missing among those that are shown, and shows what is stored beyond where nothing comes', async () => {
    const at = (position: number, gap: boolean) => ({ gap, message: { id: `m${position}`, position } })
    let entries = [at(3, true), at(9, true), at(10, false)]
    const shown = vi.fn(async () => {})
    const messages = { $messages: { get: () => ({ t: { entries } }) }, load: async () => {}, older: shown }
    const ask = vi.fn(async () => false)
    const { signal } = new AbortController()
    await older('t', messages as never, ask, signal)
    expect(ask).toHaveBeenCalledExactlyOnceWith('older', 't', { id: 'm9', position: 9 })
    expect(shown).toHaveBeenCalledTimes(1)
    ask.mockImplementationOnce(async () => {
      entries = [at(3, true), at(8, false), at(9, false), at(10, false)]
      return false
    })
    await older('t', messages as never, ask, signal)
    expect(shown).toHaveBeenCalledTimes(1)
  })

  it('asks for none where there are none before', async () => {
    const messages = { $messages: { get: () => ({}), listen: vi.fn() }, load: async () => {}, older: async () => {} }
    const ask = vi.fn(async () => true)
    await older('t', messages as never, ask, new AbortController().signal)
    expect(ask).not.toHaveBeenCalled()
  })

  it('ends after ten seconds', async () => {
    const { isOver, unbind } = await rig()
    await pass(9999)
    expect(isOver()).toBe(false)
    await pass(1)
    expect(isOver()).toBe(true)
    expect(unbind).toHaveBeenCalledTimes(1)
  })

  it('is no error where the chat is closed meanwhile', async () => {
    const { end, over } = await rig()
    end.abort(new Error('closed'))
    await expect(over).resolves.toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a past that does not join', () => {
  let parts: InboxParts
  beforeEach(() => {
    const { $threads, get } = createThreads(rows, () => {})
    parts = { rows, outbox, thread: get, threads: $threads.get, from: undefined }
  })

  const { signal } = new AbortController()
  const message = (position: number, threadId = 't') =>
    ({
      id: `${threadId}-${position}`,
      threadId,
      author: 'agent',
      text: `text ${position}`,
      at: position,
      position
    }) as Message
  const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i))
  /** A backend with these messages, which counts how often it is asked. */
  function backend(messages: readonly Message[], capable = true) {
    const history = vi.fn(async ({ threadId, before, limit }: HistoryRequest, _signal?: AbortSignal) => {
      const all = messages.filter(one => one.threadId === threadId && (!before || one.position < before.position))
      return { messages: all.slice(-limit), more: all.length > limit }
    })
    return { history, connection: { capabilities: { history: capable }, history } as unknown as Connection }
  }
  const thread = (last: number, more: Partial<Thread> = {}): Thread => ({ ...createThread('t', 1000), last, ...more })
  const reset = (threads: readonly Thread[], { connection }: ReturnType<typeof backend>, before: ServerEvent[] = []) =>
    store(parts, [...before, { type: 'reset', cursor: 'c', threads } as ServerEvent], connection, signal)
  const hear = (...messages: readonly Message[]) =>
    store(
      parts,
      messages.map(one => ({ type: 'message', message: one, cursor: `c${one.position}` }) as ServerEvent),
      backend([]).connection,
      signal
    )
  const stored = async () => (await disk.list(['message', 't'])).map(({ key }) => Number(key[2]))
  const gaps = async () => (await disk.list(['gap'])).map(({ key, value }) => [key[1], key[2], value])

  it('is asked for thread by thread, one page of each that has any, for as long as the connection lives', async () => {
    const server = backend([...upTo(1, 120), message(1, 'u')])
    await reset([thread(120), { ...thread(0), id: 'none' }, { ...thread(1), id: 'u' }], server)
    expect(server.history.mock.calls).toEqual([
      [{ threadId: 't', before: undefined, limit: PAGE }, signal],
      [{ threadId: 'u', before: undefined, limit: PAGE }, signal]
    ])
    expect(await disk.list(['message', 'u'])).toHaveLength(1)
    expect(await gaps()).toEqual([['t', 71, true]])
  })

  it('is joined with what was said right before, in one commit', async () => {
    const said = { type: 'gap', threadId: 't', before: 6, cursor: 'b' } as ServerEvent
    await reset([thread(2)], backend(upTo(1, 2)), [said])
    expect(await stored()).toEqual([1, 2])
    expect(await gaps()).toEqual([['t', 6, true]])
  })

  it('leaves what is here where it ends where this ends', async () => {
    await hear(...upTo(1, 110))
    await reset([thread(110)], backend(upTo(1, 110)))
    expect(await stored()).toHaveLength(110)
    expect(await gaps()).toEqual([])
  })

  it('has no gap where its page begins right behind what is here, and one where a single message is missing', async () => {
    await hear(...upTo(1, 70))
    await reset([thread(120)], backend(upTo(1, 120)))
    expect(await gaps()).toEqual([])
    await reset([thread(171)], backend(upTo(1, 171)))
    expect(await gaps()).toEqual([['t', 122, true]])
  })

  it('is joined with what is stored, not with what is known: messages may have gone with a database', async () => {
    await hear(...upTo(1, 100))
    await disk.commit([{ drop: ['message'] }])
    await reset([thread(120)], backend(upTo(1, 120)))
    expect(await gaps()).toEqual([['t', 71, true]])
  })

  describe('of a backend that has gone back to a time before', () => {
    const begin = (log: string | undefined, last: number, server: ReturnType<typeof backend>) =>
      store(
        parts,
        [{ type: 'reset', cursor: 'c', log, threads: [thread(last)] } as ServerEvent],
        server.connection,
        signal
      )
    const here = async (log: string | undefined, last: number) => {
      await begin(log, 0, backend([]))
      await hear(...upTo(1, last))
    }

    it.each([
      ['does not join what is here', 2, 59, 10, ['t', 10, true]],
      ['does not join it where it reaches into that', 20, 59, 10, ['t', 10, true]],
      ['is all there is where it begins with the first', 20, 40, 1, undefined]
    ])('%s', async (_, last, now, first, gap) => {
      await here('one', last)
      await begin('another', now, backend(upTo(1, now)))
      expect(await stored()).toEqual(upTo(first, now).map(({ position }) => position))
      expect(await gaps()).toEqual(gap ? [gap] : [])
    })

    it.each([
      ['the same log', 'one', 'one'],
      ['one that names none', 'one', undefined]
    ])('joins it in %s', async (_, before, log) => {
      await here(before, 20)
      await begin(log, 59, backend(upTo(1, 59)))
      expect(await stored()).toHaveLength(59)
      expect(await gaps()).toEqual([])
    })

    it('leaves what is here where nobody can ask it for what it has', async () => {
      await here('one', 20)
      await begin('another', 59, backend([], false))
      expect(await stored()).toHaveLength(20)
    })
  })

  it('takes no mark back that this browser has set, unless it ends before what is here', async () => {
    await hear(...upTo(1, 4))
    await rows.commit([{ put: ['thread', 't'], value: { ...parts.thread('t')!, read: 4, unread: 0 } }])
    await reset([thread(5, { read: 1, unread: 4 })], backend(upTo(1, 5)))
    expect(parts.thread('t')).toMatchObject({ last: 5, read: 4 })
    await reset([thread(3, { read: 1, unread: 2 })], backend(upTo(1, 3)))
    expect(parts.thread('t')).toMatchObject({ last: 3, read: 1, unread: 2 })
  })

  it('that ends earlier replaces what is here, with a gap above its newest page', async () => {
    await hear(...upTo(1, 130))
    await rows.commit([{ put: ['gap', 't', 9], value: true }])
    await reset([thread(120)], backend(upTo(1, 120)))
    expect(await stored()).toEqual(upTo(71, 120).map(({ position }) => position))
    expect(await gaps()).toEqual([['t', 71, true]])
  })

  it('that ends earlier and cannot be asked for leaves what is here to read, unless nothing was said in it', async () => {
    await hear(...upTo(1, 4))
    const forgetful = backend([], false)
    await reset([thread(3)], forgetful)
    expect(await stored()).toHaveLength(4)
    await reset([thread(0)], forgetful)
    expect(await stored()).toEqual([])
  })

  it('without a thread takes its gaps along, and leaves those of the others', async () => {
    await hear(message(1), message(1, 'u'))
    await hear(message(4), message(4, 'u'))
    await rows.commit([{ put: ['session', 'u'], value: { id: 's' } }])
    await reset([{ ...parts.thread('u')! }], backend([], false))
    expect(await gaps()).toEqual([['u', 4, true]])
    expect((await disk.list(['thread'])).map(({ key }) => key[1])).toEqual(['u'])
    expect(await disk.list(['session'])).toHaveLength(1)
  })

  it.each([0, 1])('without a thread in which %i was said leaves what is half written there', async last => {
    await rows.commit([
      { put: ['thread', 't'], value: { ...createThread('t', 3), last } },
      { put: ['draft', 't'], value: 'half' }
    ])
    await reset([{ ...thread(0), id: 'u' }], backend([]))
    expect(await draft()).toBe('half')
    expect(parts.thread('t')).toEqual(createThread('t', 3))
  })

  it('without a thread in which something waits begins that anew, at the time when it was begun, with its draft', async () => {
    await hear(message(1))
    await put(row(1))
    await rows.commit([{ put: ['draft', 't'], value: 'half' }])
    const { at } = parts.thread('t')!
    await reset([], backend([]))
    expect(parts.thread('t')).toEqual(createThread('t', at))
    expect(await draft()).toBe('half')
    expect(await stored()).toEqual([])
  })

  it('has only that offered again which was acknowledged where the new page is, or behind it', async () => {
    const place = (position: number) => ({ acked: { position, at: 1 } })
    await put(row(1, place(70)), row(2, place(71)), row(3, place(400)), row(4, { failed: { reason: 'no' } }))
    await reset([thread(120)], backend(upTo(1, 120)))
    expect(outbox.all().map(({ acked }) => acked?.position ?? null)).toEqual([70, null, null, null])
    expect(outbox.all().map(({ failed }) => failed?.reason)).toEqual([undefined, undefined, undefined, 'no'])
  })

  it('has that offered again which was acknowledged in a thread of which it has nothing', async () => {
    await hear(message(1, 'u'))
    await put(row(1, { acked: { position: 3, at: 1 } }))
    await reset([], backend([]))
    expect(outbox.all()).toMatchObject([{ acked: null }])
  })

  it('may have nothing left of a thread in which something was said', async () => {
    await put(row(1, { acked: { position: 3, at: 1 } }))
    await reset([thread(3)], backend([]))
    expect(parts.thread('t')?.last).toBe(3)
    expect(await gaps()).toEqual([])
    expect(outbox.all()).toMatchObject([{ acked: null }])
  })

  it('does not have that offered again which it has', async () => {
    await put(row(1, { acked: { position: 2, at: 1 } }, { id: 't-2' } as never))
    await reset([thread(2)], backend(upTo(1, 2)))
    expect(outbox.all()).toEqual([])
  })

  describe('when scrolled to', () => {
    const older = (before: number | undefined, server: ReturnType<typeof backend>) =>
      fetchOlder(parts, server.connection, 't', before === undefined ? null : message(before))

    it('comes one page before what is shown, which fills the gap there and no other', async () => {
      const server = backend(upTo(1, 120))
      await rows.commit([
        { put: ['gap', 't', 100], value: true },
        { put: ['gap', 't', 115], value: true },
        { put: ['gap', 'u', 100], value: true }
      ])
      await older(100, server)
      expect(server.history).toHaveBeenCalledExactlyOnceWith({ threadId: 't', before: message(100), limit: PAGE })
      expect(await stored()).toEqual(upTo(50, 99).map(({ position }) => position))
      expect(await gaps()).toEqual([
        ['t', 50, true],
        ['t', 115, true],
        ['u', 100, true]
      ])
    })

    it('has no gap where it ends, wherever the backend lets it begin', async () => {
      await older(10, backend(upTo(7, 20)))
      expect(await stored()).toEqual([7, 8, 9])
      expect(await gaps()).toEqual([])
    })

    it('has a gap where there is more between it and what is stored before', async () => {
      await hear(message(1), message(2))
      await older(120, backend(upTo(1, 130)))
      expect(await gaps()).toEqual([['t', 70, true]])
    })

    it('joins what is stored right before it', async () => {
      await disk.commit([1, 69, 125].map(one => ({ put: ['message', 't', one], value: message(one) })))
      await older(120, backend(upTo(1, 130)))
      expect(await gaps()).toEqual([])
    })

    it('does not join what is stored of another thread', async () => {
      await disk.commit([{ put: ['message', 'another', 69], value: message(69, 'another') }])
      await older(120, backend(upTo(1, 130)))
      expect(await gaps()).toEqual([['t', 70, true]])
    })

    it('is not stored where whoever said all that has signed out meanwhile', async () => {
      const server = backend(upTo(1, 20))
      server.history.mockImplementationOnce(async () => {
        await rows.commit([{ drop: [] }, { put: ['life'], value: 1 }])
        return { messages: upTo(1, 9), more: false }
      })
      await older(10, server)
      expect(await disk.list([])).toEqual([{ key: ['life'], value: 1 }])
    })

    it('is not there without a connection', async () => {
      await expect(fetchOlder(parts, undefined, 't', message(5))).resolves.toBeUndefined()
      expect(await disk.list([])).toEqual([])
    })

    it('leaves all gaps where the newest page was asked for', async () => {
      await rows.commit([{ put: ['gap', 't', 2], value: true }])
      await older(undefined, backend(upTo(1, 3)))
      expect(await gaps()).toEqual([['t', 2, true]])
    })
  })
})
