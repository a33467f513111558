import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/recovery.ts'
import { createOutbox } from '../../src/core/outbox.ts'
import { putRow } from '../../src/core/outbox-row.ts'
import { createRows, type OutboxRow } from '../../src/core/rows.ts'
import { flush } from '../../src/core/sending.ts'
import type { Command } from '../../src/model/command.ts'
import { type StillPage, stillPage, stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import { TransportError } from '../../src/transport/errors.ts'
import type { Ack, Connection, SendOptions } from '../../src/transport/transport.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Offer {
  readonly id: string
  readonly n: number
  readonly again: boolean
  ack(ack: Omit<Ack, 'id'>): void
  refuse(error: unknown): void
}

const message = (n: number, threadId = 't'): Command =>
  ({ id: `${threadId}${n}`, n, type: 'message', threadId, text: `text ${n}`, content: null, attachments: [] }) as never
const row = (command: Command, more: Partial<OutboxRow> = {}): OutboxRow => ({
  command,
  at: Date.now(),
  acked: null,
  failed: null,
  ...more
})

/** An outbox, and a connection that answers when the test says so. */
function rig() {
  const disk = memory()
  const rows = createRows(disk, stillTabs()())
  const outbox = createOutbox(rows)
  const emit = vi.fn()
  const page = stillPage()
  const end = new AbortController()
  const offers: Offer[] = []
  const connection = {
    send: (command: Command, { again }: SendOptions) =>
      new Promise<Ack>((resolve, reject) => {
        offers.push({
          id: command.id,
          n: command.n,
          again,
          ack: ack => resolve({ id: command.id, ...ack }),
          refuse: reject
        })
      })
  } as unknown as Connection
  return {
    disk,
    rows,
    outbox,
    emit,
    page,
    end,
    offers,
    put: (...list: readonly OutboxRow[]) => rows.commit(list.map(putRow)),
    connect() {
      const over = flush({ rows, outbox, events: { emit }, page }, connection, end.signal).catch(
        (error: unknown) => error
      )
      return { over }
    },
    last: () => offers.at(-1)!,
    waiting: async () => (await disk.list(['outbox'])).map(({ value }) => value as OutboxRow)
  }
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

describe('sending', () => {
  it.each([
    ['its grace is over', undefined],
    ['nobody sees the page any more', (page: StillPage) => Object.assign(page, { visible: false })]
  ])('offers a message when %s, and what is behind it after it', async (_, act) => {
    const { put, connect, offers, page, last } = rig()
    await put({ ...row(message(1)), at: Date.now(), grace: 5000 }, row(message(2)))
    connect()
    await pass(4700)
    expect(offers).toEqual([])
    act?.(page)
    await pass(500)
    expect(offers.map(({ n }) => n)).toEqual([1])
    last().ack({ position: 1, at: 1 })
    await pass(500)
    expect(offers.map(({ n }) => n)).toEqual([1, 2])
  })

  it('holds what was written in another tab, in a page that is not seen any more', async () => {
    const { put, connect, offers, page, last } = rig()
    await put({ ...row(message(1)), at: Date.now(), grace: 5000 })
    connect()
    await pass(1000)
    page.visible = false
    await pass(1000)
    last().ack({ position: 1, at: 1 })
    await put({ ...row(message(2)), at: Date.now(), grace: 5000 })
    await pass(4700)
    expect(offers.map(({ n }) => n)).toEqual([1])
    await pass(500)
    expect(offers.map(({ n }) => n)).toEqual([1, 2])
  })

  it('offers the lowest number of a lane first, one at a time, and the next when it is answered', async () => {
    const { put, connect, offers, last } = rig()
    await put(row(message(3)), row(message(1)), row(message(2)))
    connect()
    await pass()
    expect(offers.map(({ id }) => id)).toEqual(['t1'])
    last().ack({ position: 1, at: 9 })
    await pass()
    expect(offers.map(({ id }) => id)).toEqual(['t1', 't2'])
  })

  it('keeps to the lane that it found first', async () => {
    const { put, connect, offers, last } = rig()
    await put(row(message(5, 'a')), row(message(2, 'b')), row(message(4, 'a')))
    connect()
    for (let i = 0; i < 3; i++) {
      await pass()
      last().ack({ position: i + 1, at: 9 })
    }
    await pass()
    expect(offers.map(({ id }) => id)).toEqual(['a4', 'a5', 'b2'])
  })

  it('keeps what was acknowledged until its event has come, and offers it once on each connection', async () => {
    const { put, connect, offers, last, waiting, end } = rig()
    await put(row(message(1)))
    connect()
    await pass()
    last().ack({ position: 4, at: 77 })
    await pass(60_000)
    expect(await waiting()).toMatchObject([{ acked: { position: 4, at: 77 } }])
    expect(offers).toHaveLength(1)
    end.abort()
    await pass()
    const next = rig()
    await next.put(...(await waiting()))
    next.connect()
    await pass()
    expect(next.offers.map(({ id }) => id)).toEqual(['t1'])
    next.last().ack({ position: 4, at: 77 })
    await pass(60_000)
    expect(next.offers).toHaveLength(1)
  })

  it('holds nothing back for longer than its grace when the clock is set back, nor when somebody signs out', async () => {
    const { put, connect, offers, rows, last } = rig()
    await put(row(message(1), { at: Date.now() + 3_600_000, grace: 5000 }))
    connect()
    await pass()
    expect(offers.map(({ n }) => n)).toEqual([1])
    last().ack({ position: 1, at: 1 })
    await put(row(message(2), { grace: 5000 }))
    await pass(1000)
    expect(offers).toHaveLength(1)
    void rows.hide()
    await pass(200)
    expect(offers.map(({ n }) => n)).toEqual([1, 2])
  })

  it('offers a message in the very moment in which its grace is over, and not before', async () => {
    const { put, connect, offers } = rig()
    await put(row(message(1), { grace: 400 }))
    connect()
    await pass(399)
    expect(offers).toEqual([])
    await pass(1)
    expect(offers).toHaveLength(1)
  })

  it('offers under its new number what another tab has numbered anew before its turn came', async () => {
    const { put, connect, offers, rows } = rig()
    await put(row(message(1)))
    const { id } = message(1)
    const renumbered = rows.commit(async () => {
      await new Promise(resolve => setTimeout(resolve, 50))
      return [{ drop: ['outbox', 't', 1] }, putRow(row({ ...message(4), id }))]
    })
    connect()
    await pass(50)
    await renumbered
    expect(offers).toEqual([])
    await pass(200)
    expect(offers).toMatchObject([{ id, n: 4, again: false }])
  })

  it('goes on with the next when a message is taken back before its turn came', async () => {
    const { put, connect, offers, rows } = rig()
    await put(row(message(1)), row(message(1, 'u')))
    const taken = rows.commit(async () => {
      await new Promise(resolve => setTimeout(resolve, 50))
      return [{ drop: ['outbox', 't', 1] }]
    })
    connect()
    await pass(50)
    await taken
    await pass(200)
    expect(offers.map(({ id }) => id)).toEqual(['u1'])
  })

  it('says that it may have been there before of what a tab had whose disk failed', async () => {
    const { put, connect, offers } = rig()
    await put(row(message(1), { offered: true }))
    connect()
    await pass()
    expect(offers).toMatchObject([{ id: 't1', again: true }])
  })

  it.each([
    ['was taken back', 'ack'],
    ['was taken back and is refused', 'refuse']
  ] as const)('brings nothing back that %s while it was under way', async (_, how) => {
    const { put, connect, rows, last, waiting, offers, emit } = rig()
    await put(row(message(1)), row(message(1, 'u')))
    connect()
    await pass()
    await rows.commit([{ drop: ['outbox', 't', 1] }])
    if (how === 'ack') last().ack({ position: 1, at: 1 })
    else last().refuse(new TransportError('rejected', 'no'))
    await pass()
    expect(await waiting()).toMatchObject([{ command: { id: 'u1' } }])
    expect(emit).not.toHaveBeenCalled()
    expect(offers.map(({ id }) => id)).toEqual(['t1', 'u1'])
  })

  it('stores no acknowledgement in a tab that slept while another one went on', async () => {
    const { put, connect, disk, last, waiting } = rig()
    await put(row(message(1)))
    const { over } = connect()
    await pass()
    await disk.commit([{ put: ['cursor'], value: 'of the tab that leads now' }])
    last().ack({ position: 1, at: 1 })
    expect(await over).toMatchObject({ code: 'taken' })
    expect(await waiting()).toMatchObject([{ acked: null }])
  })

  it('takes the row away at once when the event was faster', async () => {
    const { put, connect, last, waiting, rows } = rig()
    await put(row(message(1)), row(message(2)))
    await rows.commit([
      { put: ['message', 't', 4], value: { id: 't1', threadId: 't', position: 4 } },
      { put: ['message', 't', 5], value: { id: 'of somebody else', threadId: 't', position: 5 } }
    ])
    connect()
    await pass()
    last().ack({ position: 4, at: 1 })
    await pass()
    last().ack({ position: 5, at: 1 })
    await pass()
    expect(await waiting()).toMatchObject([{ command: { id: 't2' }, acked: { position: 5 } }])
  })

  it('takes away what has no place in a thread', async () => {
    const { put, connect, last, waiting } = rig()
    const identify = { id: 'i', n: 1, type: 'identify', name: 'Kim', email: '' } as unknown as Command
    await put(row(identify), row(message(1)))
    connect()
    await pass()
    last().ack({ position: 12, at: 1 })
    await pass()
    last().ack({ position: undefined, at: 1 })
    await pass()
    expect(await waiting()).toEqual([])
  })

  it('says of all but what was never offered that it may have been there before', async () => {
    const { put, connect, offers, last, outbox } = rig()
    await put(row(message(1)), row(message(2)))
    outbox.offered.add('t1')
    connect()
    await pass()
    last().ack({ position: 1, at: 1 })
    await pass()
    expect(offers.map(({ id, again }) => [id, again])).toEqual([
      ['t1', true],
      ['t2', false]
    ])
    expect(outbox.offered.has('t2')).toBe(true)
  })

  it('passes over what has failed', async () => {
    const { put, connect, offers } = rig()
    await put(row(message(1), { failed: { reason: 'too-long' } }), row(message(2)))
    connect()
    await pass()
    expect(offers.map(({ id }) => id)).toEqual(['t2'])
  })

  it('offers what is accepted while it waits', async () => {
    const { put, connect, offers } = rig()
    connect()
    await pass(10_000)
    await put(row(message(1)))
    await pass()
    expect(offers).toHaveLength(1)
  })

  it('ends with the link that broke, and leaves the row as it is', async () => {
    const { put, connect, last, waiting } = rig()
    await put(row(message(1)))
    const { over } = connect()
    await pass()
    const error = new TransportError('closed', 'cut')
    last().refuse(error)
    expect(await over).toBe(error)
    expect(await waiting()).toMatchObject([{ acked: null, failed: null }])
  })

  it('ends with its signal', async () => {
    const { connect, end } = rig()
    const { over } = connect()
    await pass()
    end.abort(new Error('enough'))
    expect(await over).toMatchObject({ message: 'enough' })
  })

  it('offers the same again when the backend is busy, after the time it asked for', async () => {
    const { put, connect, offers, last } = rig()
    await put(row(message(1)))
    connect()
    await pass()
    last().refuse(new TransportError('busy', 'slowly', { retryAfter: 5000 }))
    await pass(4999)
    expect(offers).toHaveLength(1)
    await pass(1)
    expect(offers).toHaveLength(2)
    last().refuse(new TransportError('busy', 'slowly'))
    await pass(999)
    expect(offers).toHaveLength(2)
    await pass(1)
    expect(offers).toHaveLength(3)
  })

  it('does not go on waiting for a busy backend when the connection is over', async () => {
    const { put, connect, last, end } = rig()
    await put(row(message(1)))
    const { over } = connect()
    await pass()
    last().refuse(new TransportError('busy', 'slowly', { retryAfter: 5000 }))
    await pass(10)
    end.abort(new Error('enough'))
    expect(await over).toMatchObject({ message: 'enough' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('shows as failed what the backend refused, with its reason, tells of it, and goes on with the next', async () => {
    const { put, connect, offers, last, waiting, emit } = rig()
    await put(row(message(1), { acked: { position: 1, at: 1 } }), row(message(2)), row(message(3)))
    connect()
    await pass()
    last().refuse(new TransportError('rejected', 'no', { reason: 'too-long' }))
    await pass()
    expect(await waiting()).toMatchObject([{ acked: null, failed: { reason: 'too-long' } }, {}, {}])
    expect(emit).toHaveBeenCalledExactlyOnceWith('failed', { id: 't1', threadId: 't' })
    last().refuse(new TransportError('forbidden', 'no'))
    await pass()
    expect(await waiting()).toMatchObject([{}, { failed: { reason: '' } }, { failed: null }])
    expect(offers.map(({ id }) => id)).toEqual(['t1', 't2', 't3'])
  })

  it('leaves the page alone where one command waits in two places', async () => {
    const { put, connect, offers, end } = rig()
    await put(row(message(1), { failed: { reason: '' } }), row({ ...message(2), id: 't1' }))
    const { over } = connect()
    // Would not come back, if it looked again and again without a pause.
    await pass()
    expect(offers).toEqual([])
    end.abort(new Error('enough'))
    expect(String(await over)).toContain('enough')
  })

  it.each([
    [
      'what was said as somebody else, whose conversation is not open to this device',
      message(1),
      { position: 1, at: 5 },
      'forbidden'
    ],
    ['what was only done, not said', { id: 'r', n: 1, type: 'read', threadId: 't', upTo: 3 }, null, 'rejected']
  ] as const)('does not show as failed %s', async (_, command, acked, code) => {
    const { put, connect, last, waiting, emit } = rig()
    await put(row(command as Command, { acked }))
    connect()
    await pass()
    last().refuse(new TransportError(code, 'no'))
    await pass()
    expect(await waiting()).toEqual([])
    expect(emit).not.toHaveBeenCalled()
  })

  it('does not ask for a chat that was wanted two minutes ago', async () => {
    const { put, connect, offers, waiting, last } = rig()
    const start = (n: number) => ({ id: `s${n}`, n, type: 'start', threadId: 't' }) as unknown as Command
    await put(row(start(1), { at: Date.now() - 120_001 }), row(start(2), { at: Date.now() - 120_000 }))
    connect()
    await pass()
    expect(offers).toMatchObject([{ n: 1 }])
    expect((await waiting())[0]?.command).toMatchObject({ type: 'void', n: 1, threadId: 't' })
    last().ack({ position: undefined, at: 1 })
    await pass()
    expect(last()).toMatchObject({ id: 's2', n: 2 })
  })

  it('numbers a lane anew where the backend counts from elsewhere, and leaves the others alone', async () => {
    const { put, connect, offers, last, waiting, rows } = rig()
    await put(
      row(message(4), { failed: { reason: 'too-long' } }),
      row(message(5), { failed: { reason: 'too-long' } }),
      row(message(8)),
      row(message(7)),
      row(message(3, 'z'), { failed: { reason: '' } })
    )
    await rows.commit([{ put: ['lane', 't'], value: 8 }])
    connect()
    await pass()
    expect(last().id).toBe('t7')
    last().refuse(new TransportError('rejected', 'no', { reason: 'expected:2' }))
    await pass(249)
    expect(offers).toHaveLength(1)
    const numbers = (await waiting()).map(({ command, failed }) => [command.id, command.n, failed !== null])
    expect(numbers).toEqual([
      ['t5', -1, true],
      ['t4', 0, true],
      ['t7', 2, false],
      ['t8', 3, false],
      ['z3', 3, true]
    ])
    expect(await rows.get(['lane', 't'])).toBe(3)
    await pass(1)
    expect(last()).toMatchObject({ id: 't7', n: 2 })
  })
})
