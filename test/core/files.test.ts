import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: a fake clock does not wait for a file.
import '../../src/core/files.ts'
import '../../src/core/recovery.ts'
import { createOutbox } from '../../src/core/outbox.ts'
import { findRow, putRow, voidRow } from '../../src/core/outbox-row.ts'
import { createRows, type OutboxRow } from '../../src/core/rows.ts'
import { flush } from '../../src/core/sending.ts'
import { attach } from '../../src/model/attach.ts'
import type { Command } from '../../src/model/command.ts'
import type { Attachment } from '../../src/model/message.ts'
import { stillPage, stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import { TransportError } from '../../src/transport/errors.ts'
import type { Ack, Connection, Upload } from '../../src/transport/transport.ts'
import { JPEG_WITH_PLACE, TRACE } from '../support/pictures-of.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

const file = (id: string): Attachment => ({
  id,
  name: `${id}.txt`,
  mime: 'text/plain',
  size: 5,
  url: '',
  blob: new Blob(['words'])
})

function row(n: number, threadId: string, ...attachments: readonly Attachment[]): OutboxRow {
  const command: Command = { id: `${threadId}${n}`, n, type: 'message', threadId, text: `text ${n}`, attachments }
  return { command, at: Date.now(), acked: null, failed: null }
}

interface Going extends Upload {
  readonly signal: AbortSignal
  done(): void
  fail(error: unknown): void
}

/** An outbox, and a connection that takes files when the test says so, and commands at once. */
function rig() {
  const disk = memory()
  const rows = createRows(disk, stillTabs()())
  const outbox = createOutbox(rows)
  const emit = vi.fn()
  const going: Going[] = []
  const sent: Command[] = []
  const connect = () => {
    const end = new AbortController()
    const connection = {
      async send(command: Command): Promise<Ack> {
        sent.push(command)
        return { id: command.id, position: undefined, at: 1 }
      },
      upload: (given: Upload, signal: AbortSignal) =>
        new Promise<Attachment>((resolve, reject) => {
          const { blob: _, ...known } = file(given.id)
          signal.addEventListener('abort', () => reject(signal.reason))
          going.push({ ...given, signal, done: () => resolve({ ...known, url: `at/${given.id}` }), fail: reject })
        })
    } as unknown as Connection
    const over = flush({ rows, outbox, events: { emit }, page: stillPage() }, connection, end.signal)
    over.catch(() => {})
    return end
  }
  return {
    rows,
    outbox,
    emit,
    going,
    connect,
    ids: () => sent.map(({ id }) => id),
    sent,
    put: (...list: readonly OutboxRow[]) => rows.commit(list.map(putRow)),
    last: () => going.at(-1)!
  }
}

const broken = () => new TransportError('offline', 'the upload broke off')

describe('files', () => {
  it('go before their message, which names where they lie, and hold up their lane alone', async () => {
    const { put, connect, going, sent, ids } = rig()
    await put(row(1, 'a', file('f')), row(2, 'a'), row(1, 'b'))
    connect()
    await pass()
    expect(ids()).toEqual(['b1'])
    expect(await going[0]!.file.text()).toBe('words')
    going[0]!.done()
    await pass()
    expect(ids()).toEqual(['b1', 'a1', 'a2'])
    expect((sent[1] as { attachments: readonly Attachment[] }).attachments).toMatchObject([{ url: 'at/f' }])
    expect(JSON.stringify(sent)).not.toContain('blob')
    expect(going).toHaveLength(1)
  })

  it('of one message go one after the other, and it goes when all are there', async () => {
    const { put, connect, going, sent, last } = rig()
    await put(row(1, 'a', file('f'), file('g')))
    connect()
    await pass()
    for (let i = 0; i < 2; i++) {
      expect(sent).toEqual([])
      last().done()
      await pass()
    }
    expect(going.map(({ id }) => id).sort()).toEqual(['f', 'g'])
    expect(sent).toHaveLength(1)
  })

  it('go on where they were on the next connection: what was uploaded is not uploaded again', async () => {
    const { put, connect, going, last, ids } = rig()
    await put(row(1, 'a', file('f'), file('g')))
    const end = connect()
    await pass()
    last().done()
    await pass()
    end.abort(broken())
    await pass()
    connect()
    await pass()
    expect(going.map(({ id }) => id)).toEqual([going[0]!.id, going[1]!.id, going[1]!.id])
    last().done()
    await pass()
    expect(ids()).toEqual(['a1'])
  })

  it('that are refused make their message a failed one with the reason, and let go what comes after', async () => {
    const { put, connect, last, ids, outbox, emit } = rig()
    await put(row(1, 'a', file('f')), row(2, 'a'))
    connect()
    await pass()
    last().fail(new TransportError('rejected', 'no', { reason: 'file-type' }))
    await pass()
    expect(findRow(outbox, 'a1')?.failed).toEqual({ reason: 'file-type' })
    expect(emit).toHaveBeenCalledWith('failed', { id: 'a1', threadId: 'a' })
    expect(ids()).toEqual(['a2'])
  })

  it('that the storage did not keep make their message a failed one, rather than going out empty', async () => {
    const { put, connect, going, ids, outbox } = rig()
    await put(row(1, 'a', { ...file('f'), blob: {} as Blob }), row(2, 'a'))
    connect()
    await pass()
    expect(findRow(outbox, 'a1')?.failed).toEqual({ reason: 'file-gone' })
    expect([going.length, ids()]).toEqual([0, ['a2']])
  })

  it('are tried again after a pause, and not for ever', async () => {
    const { put, connect, going, last, ids, outbox } = rig()
    await put(row(1, 'a', file('f')), row(2, 'a'))
    connect()
    await pass()
    last().fail(new TransportError('busy', 'slower', { retryAfter: 7000 }))
    await pass(6999)
    expect(going).toHaveLength(1)
    await pass(1)
    expect(going).toHaveLength(2)
    for (let tries = 0; tries < 5; tries++) {
      expect(ids()).toEqual([])
      last().fail(broken())
      await pass(60_000)
    }
    expect(findRow(outbox, 'a1')?.failed).toEqual({ reason: 'file-lost' })
    expect(ids()).toEqual(['a2'])
  })

  it('end when their message is taken back', async () => {
    const { put, connect, going, rows, ids } = rig()
    await put(row(1, 'a', file('f')))
    connect()
    await pass()
    await rows.commit([voidRow(row(1, 'a'))])
    await pass()
    expect(going[0]!.signal.aborted).toBe(true)
    expect(ids()).toHaveLength(1)
    expect(ids()).not.toContain('a1')
  })

  it('go two at a time, the first ones first', async () => {
    const { put, connect, going } = rig()
    await put(row(3, 'a', file('h')), row(1, 'a', file('f')), row(2, 'a', file('g')))
    connect()
    await pass()
    expect(going.map(({ id }) => id)).toEqual(['f', 'g'])
    going[1]!.done()
    await pass()
    expect(going.map(({ id }) => id)).toEqual(['f', 'g', 'h'])
  })

  it('are told of while they go', async () => {
    const { put, connect, last, emit } = rig()
    await put(row(1, 'a', file('f')))
    connect()
    await pass()
    last().onProgress(0.5)
    expect(emit).toHaveBeenCalledWith('upload', { id: 'a1', file: 'f', share: 0.5 })
  })
})

describe('what is attached', () => {
  it('is read whole, without the place it was taken at, and knows how large it is shown', async () => {
    const [photo] = await attach([new File([new Uint8Array(JPEG_WITH_PLACE)], 'porch.jpg', { type: 'image/jpeg' })])
    expect(photo).toMatchObject({ name: 'porch.jpg', mime: 'image/jpeg', width: 2, height: 4, url: '' })
    const bytes = Buffer.from(await photo!.blob!.arrayBuffer())
    expect(bytes.includes(TRACE)).toBe(false)
    expect(photo!.size).toBe(bytes.length)
  })

  it('has a name in any case, and its end where it is too long', async () => {
    const [blob, long] = await attach([new Blob(['x']), new File(['x'], `${'x'.repeat(300)}.pdf`)])
    expect(blob!.name).toBe('file')
    expect(long!.name).toHaveLength(200)
    expect(long!.name).toMatch(/\.pdf$/)
  })
})
