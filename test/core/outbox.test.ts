import { getEventListeners } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { createDevice } from '../../src/core/device.ts'
import { createOutbox, type Outbox } from '../../src/core/outbox.ts'
import { dropRow, findRow, putRow, voidRow } from '../../src/core/outbox-row.ts'
import { createRows, type OutboxRow, type Rows } from '../../src/core/rows.ts'
import { linked, until } from '../../src/core/waiting.ts'
import { MAX_WAITING } from '../../src/model/command.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'
import { eventually, rig } from '../support/rig.ts'

let disk: ChatStorage
let rows: Rows
let outbox: Outbox
beforeEach(() => {
  disk = memory()
  rows = createRows(disk, stillTabs()())
  outbox = createOutbox(rows)
})

const row = (n: number, more: Partial<OutboxRow> = {}): OutboxRow => ({
  command: { id: `m${n}`, n, type: 'message', threadId: 't', text: 'a', content: null, attachments: [] } as never,
  at: 5,
  acked: null,
  failed: null,
  ...more
})

describe('an outbox', () => {
  it('counts what is neither acknowledged nor failed', async () => {
    await rows.commit([
      putRow(row(1)),
      putRow(row(2)),
      putRow(row(3, { failed: { reason: '' } })),
      putRow(row(4, { acked: { position: 1, at: 1 } }))
    ])
    expect(outbox.$waiting.get()).toBe(2)
    expect(outbox.all().map(({ command }) => command.id)).toEqual(['m1', 'm2', 'm3', 'm4'])
    await rows.commit([dropRow(row(1)), putRow(row(2, { acked: { position: 2, at: 2 } }))])
    expect(outbox.$waiting.get()).toBe(0)
    expect(findRow(outbox, 'm1')).toBeUndefined()
    expect(findRow(outbox, 'm2')).toEqual(row(2, { acked: { position: 2, at: 2 } }))
  })

  it('says when something else waits, and stops waiting with its signal', async () => {
    const end = new AbortController()
    let settled = false
    const changed = outbox.changed(end.signal).then(() => {
      settled = true
    })
    await rows.commit([{ put: ['draft', 't'], value: 'no command' }])
    expect(settled).toBe(false)
    await rows.commit([putRow(row(1))])
    await changed
    const waiting = outbox.changed(end.signal)
    end.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('has what was stored before', async () => {
    await rows.commit([putRow(row(1))])
    const next = createRows(disk, stillTabs()())
    const later = createOutbox(next)
    expect(later.$waiting.get()).toBe(0)
    await next.load()
    expect(later.all()).toEqual([row(1)])
    expect(later.offered.size).toBe(0)
  })

  it('says nothing in the place of a command that is taken back, under a name of its own', () => {
    const before = row(7)
    const change = voidRow(before)
    expect(change).toMatchObject({
      put: ['outbox', 't', 7],
      value: { command: { n: 7, type: 'void', threadId: 't' }, at: 5, acked: null, failed: null }
    })
    expect((change as { value: OutboxRow }).value.command.id).not.toBe('m7')
    expect(dropRow(before)).toEqual({ drop: ['outbox', 't', 7] })
  })
})

describe('a device', () => {
  it('has one name in all tabs, and nothing is stored before somebody asks for it', async () => {
    const other = createDevice(createRows(disk, stillTabs()()))
    const device = createDevice(rows)
    expect(await disk.list([])).toEqual([])
    const [a, b] = await Promise.all([device.id(), other.id()])
    expect(a).toBe(b)
    expect(await device.id()).toBe(a)
  })

  it('never has the same term twice, whoever asks', async () => {
    const other = createDevice(createRows(disk, stillTabs()()))
    const device = createDevice(rows)
    expect(await device.nextTerm()).toBe(1)
    const terms = await Promise.all([device.nextTerm(), other.nextTerm(), device.nextTerm(), other.nextTerm()])
    expect([...terms].sort()).toEqual([2, 3, 4, 5])
  })

  it('has the credentials that came last', async () => {
    const device = createDevice(rows)
    expect(device.credentials()).toBeUndefined()
    await rows.commit([{ put: ['credentials'], value: 'first' }])
    await rows.commit([
      { put: ['credentials'], value: 'second' },
      { put: ['credentials'], value: 'third' }
    ])
    expect(device.credentials()).toBe('third')
  })
})

describe('waiting', () => {
  it('ends what it began, however it ended', async () => {
    const { signal } = new AbortController()
    const ended: string[] = []
    await until(signal, done => {
      done()
      return () => ended.push('done')
    })
    const stop = new AbortController()
    const waiting = until(stop.signal, () => () => ended.push('stopped'))
    stop.abort(new Error('no more'))
    await expect(waiting).rejects.toThrow('no more')
    await expect(until(stop.signal, () => () => ended.push('never begun'))).rejects.toThrow('no more')
    expect(ended).toEqual(['done', 'stopped'])
  })

  it('links a controller to a signal, and lets go of the signal when the controller ends first', () => {
    const parent = new AbortController()
    const child = linked(parent.signal)
    expect(child.signal.aborted).toBe(false)
    const done = linked(parent.signal)
    done.abort('itself')
    parent.abort('with its parent')
    expect([child.signal.reason, done.signal.reason]).toEqual(['with its parent', 'itself'])
    expect(linked(parent.signal).signal.reason).toBe('with its parent')
  })

  it('leaves nothing behind on a signal that lives as long as the page', async () => {
    const { signal } = new AbortController()
    const listeners = () => getEventListeners(signal, 'abort').length
    const child = linked(signal)
    expect(listeners()).toBe(1)
    child.abort()
    expect(listeners()).toBe(0)
    await until(signal, done => void queueMicrotask(done))
    const bug = new Error('could not begin')
    const begin = () => {
      throw bug
    }
    await expect(until(signal, begin)).rejects.toBe(bug)
    expect(listeners()).toBe(0)
  })
})

it('accepts no more messages while two hundred commands wait, and what else is done still', async () => {
  const { chat, transport } = await rig()
  transport.offline(true)
  const thread = chat.newThread()
  for (let i = 1; i <= MAX_WAITING; i++) await chat.send(thread, { text: `word ${i}` })
  await expect(chat.send(thread, { text: 'too many' })).rejects.toThrow('200 commands wait to be sent')
  await chat.start(thread)
  expect(chat.$status.get().waiting).toBe(MAX_WAITING + 1)
  transport.offline(false)
  chat.watch()
  chat.reconnect()
  await eventually('there is room again', () => chat.$status.get().waiting < MAX_WAITING, 8000)
  await chat.send(thread, { text: 'in its place' })
  chat.close()
})
