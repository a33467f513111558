import { afterEach, describe, expect, it, vi } from 'vitest'
import { asText, type Divided, type Left, reconcile, type Stored } from '../../src/core/reconcile.ts'
import type { OutboxRow } from '../../src/core/rows.ts'
import { createThread, type Thread } from '../../src/model/thread.ts'
import { StorageError } from '../../src/storage/errors.ts'
import { applied } from '../../src/storage/memory.ts'
import type { Key } from '../../src/storage/storage.ts'

/** Rows by their keys, as `outbox,t,1`; `undefined`: dropped. */
type Rows = Readonly<Record<string, unknown>>

const keyOf = (id: string): Key => (id ? id.split(',').map(part => (/^\d+$/.test(part) ? Number(part) : part)) : [])
const rowsOf = (rows: Rows): Stored =>
  new Map(Object.entries(rows).map(([id, value]) => [id, { key: keyOf(id), value }]))
const onDisk = (rows: Rows) =>
  new Map(Object.entries(rows).map(([id, value]) => [JSON.stringify(keyOf(id)), { key: keyOf(id), value }]))

interface Given extends Partial<Pick<Divided, 'older' | 'left' | 'out' | 'apart' | 'ended'>> {
  readonly before?: Rows
  readonly held?: Rows
  /** Left out: nobody else has written. */
  readonly stored?: Rows
}

/** What is on the disk when a tab has given it what it held. */
function mend({ before = {}, held = {}, stored = before, ...rest }: Given) {
  const given = {
    older: new Set<string>(),
    left: new Set<string>(),
    out: new Map<string, Left>(),
    apart: false,
    ...rest
  }
  const { changes, ...said } = reconcile({
    before: rowsOf(before),
    held: rowsOf(held),
    stored: rowsOf(stored),
    ...given
  })
  const rows = applied(onDisk(stored), changes)
  return {
    disk: Object.fromEntries([...rows.values()].map(({ key, value }) => [String(key), value])),
    changes,
    ...said
  }
}

/** A message that waits in the lane of the thread `t`. */
const waits = (id: string, n: number, more: Partial<OutboxRow> = {}): OutboxRow => ({
  command: { id, n, type: 'message', threadId: 't', text: `text of ${id}`, attachments: [] },
  at: 1,
  acked: null,
  failed: null,
  ...more
})
/** The same, after it waited where the disk failed. */
const offered = (id: string, n: number, more: Partial<OutboxRow> = {}) => waits(id, n, { ...more, offered: true })
const voided = (id: string, n: number): OutboxRow => ({
  ...waits(id, n),
  command: { id, n, type: 'void', threadId: 't' }
})
const filesOnly = { ...waits('a', 1), command: { ...waits('a', 1).command, text: '' } }
const identified = { ...waits('a', 1), command: { id: 'a', n: 1, type: 'identify', name: 'Ada', email: '' } }
const acked = { acked: { position: 1, at: 1 } }
const failed = { failed: { reason: 'forbidden' } }
const message = (id: string, position: number) => ({ id, threadId: 't', position })
const thread = (last: number, more: Partial<Thread> = {}): Thread => ({ ...createThread('t', 1), last, ...more })

afterEach(() => {
  vi.useRealTimers()
})

/** Stories of one tab: what it knew, what it changed, what the disk has by then, and what it has after that. */
type Story = readonly [name: string, given: Given, disk: Rows]

const DEVICE = { device: 'd', life: 1 }
const THREADS = { 'thread,t': thread(0), 'thread,u': thread(0) }

describe('where nobody else has written', () => {
  it.each<Story>([
    [
      'writes what was changed, and leaves alone what was not',
      {
        before: { ...DEVICE, cursor: 'a', 'draft,t': 'half', 'choice,size': 'big' },
        held: { cursor: 'b', 'draft,t': 'half written', 'message,t,1': message('a', 1) }
      },
      { ...DEVICE, cursor: 'b', 'draft,t': 'half written', 'choice,size': 'big', 'message,t,1': message('a', 1) }
    ],
    [
      'drops what was dropped',
      {
        before: { ...DEVICE, 'draft,t': 'half', 'outbox,t,1': waits('a', 1) },
        held: { 'draft,t': undefined, 'outbox,t,1': undefined, 'message,u': undefined },
        stored: { ...DEVICE, 'draft,t': 'half', 'outbox,t,1': waits('a', 1), 'message,u,1': message('b', 1) }
      },
      DEVICE
    ],
    [
      'keeps the numbers that were given, and begins a thread that nobody knows',
      { held: { 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('b', 2, { at: 7 }), 'lane,t': 2 } },
      { 'outbox,t,1': offered('a', 1), 'outbox,t,2': offered('b', 2, { at: 7 }), 'lane,t': 2, 'thread,t': thread(0) }
    ],
    [
      'keeps a number behind those of what has left since',
      { before: { 'thread,t': thread(3), 'lane,t': 2 }, held: { 'outbox,t,4': waits('d', 4), 'lane,t': 4 } },
      { 'thread,t': thread(3), 'outbox,t,4': offered('d', 4), 'lane,t': 4 }
    ],
    [
      'remembers a number that was given to something which has left since',
      {
        before: { 'thread,t': thread(3), 'lane,t': 2 },
        held: { 'outbox,t,3': undefined, 'lane,t': 3 }
      },
      { 'thread,t': thread(3), 'lane,t': 3 }
    ],
    [
      'begins no thread for what tells of the visitor',
      { held: { 'outbox,visitor,1': identified, 'lane,visitor': 1 } },
      { 'outbox,visitor,1': { ...identified, offered: true }, 'lane,visitor': 1 }
    ],
    [
      'leaves a thread as it is told, in which something is said',
      { held: { 'thread,t': thread(0, { at: 9 }), 'outbox,t,1': waits('a', 1), 'lane,t': 1 } },
      { 'thread,t': thread(0, { at: 9 }), 'outbox,t,1': offered('a', 1), 'lane,t': 1 }
    ],
    [
      'stores that something was acknowledged or refused',
      {
        before: { 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('b', 2), 'lane,t': 2 },
        held: { 'outbox,t,1': waits('a', 1, acked), 'outbox,t,2': waits('b', 2, failed) }
      },
      { 'outbox,t,1': offered('a', 1, acked), 'outbox,t,2': offered('b', 2, failed), 'lane,t': 2 }
    ],
    [
      'stores where messages are missing, and where no longer',
      { before: { 'gap,t,5': true }, held: { 'gap,t,5': undefined, 'gap,t,9': true, 'message,t,9': message('i', 9) } },
      { 'gap,t,9': true, 'message,t,9': message('i', 9) }
    ],
    ['counts who led', { before: { term: 3 }, held: { term: 5 } }, { term: 5 }],
    ['counts who led for the first time', { held: { term: 1 } }, { term: 1 }]
  ])('%s', (_, given, disk) => {
    const after = mend(given)
    expect(after.disk).toEqual(disk)
    expect(after).toMatchObject({ whole: false, isOver: false, isOther: false })
  })

  it('leaves a message to be taken back for as long as that is possible', () => {
    vi.useFakeTimers()
    const at = Date.now()
    const can = waits('a', 1, { at, grace: 60_000 })
    const could = waits('b', 2, { at: at - 60_000, grace: 60_000 })
    // The clock was set back since.
    const soon = waits('c', 3, { at: at + 61_000, grace: 60_000 })
    const { disk } = mend({
      held: { 'outbox,t,1': can, 'outbox,t,2': could, 'outbox,t,3': soon, 'lane,t': 3, 'thread,t': thread(0) }
    })
    expect(disk).toMatchObject({ 'outbox,t,2': { offered: true }, 'outbox,t,3': { offered: true } })
    expect(disk['outbox,t,1']).toEqual(can)
  })
})

describe('where another tab has written', () => {
  it.each<Story>([
    [
      'leaves what that has written in the same place',
      {
        before: { 'draft,t': 'half', 'choice,size': 'big' },
        held: { 'draft,t': 'half here', 'choice,size': undefined },
        stored: { 'draft,t': 'half there', 'choice,size': 'small' }
      },
      { 'draft,t': 'half there', 'choice,size': 'small' }
    ],
    [
      'leaves what that has dropped',
      { before: { 'draft,t': 'half', 'session,t': 'queued' }, held: { 'draft,t': 'half here' }, stored: {} },
      {}
    ],
    [
      'takes what this tab wrote itself for no word of another',
      {
        before: { 'draft,t': 'a' },
        held: { 'draft,t': 'c' },
        older: new Set([asText('draft,t', 'b')]),
        stored: { 'draft,t': 'b' }
      },
      { 'draft,t': 'c' }
    ],
    [
      'takes the same in another place for the word of another',
      {
        before: { 'draft,t': 'a' },
        held: { 'draft,t': 'c' },
        older: new Set([asText('draft,u', 'b')]),
        stored: { 'draft,t': 'b' }
      },
      { 'draft,t': 'b' }
    ],
    [
      'numbers what waits behind what was given a number there, in its order',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,3': waits('c', 3), 'outbox,t,2': waits('b', 2), 'lane,t': 3 },
        stored: { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,2': waits('theirs', 2) }
      },
      {
        'thread,t': thread(0),
        'lane,t': 4,
        'outbox,t,2': waits('theirs', 2),
        'outbox,t,3': offered('b', 3),
        'outbox,t,4': offered('c', 4)
      }
    ],
    [
      'gives no number twice, where one numbered anew left its place to the next, and another tab has noted there that it was offered',
      {
        before: { 'thread,t': thread(1), 'lane,t': 2, 'outbox,t,2': waits('a', 2) },
        held: { 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('b', 2), 'outbox,t,3': waits('c', 3), 'lane,t': 3 },
        stored: { 'thread,t': thread(1), 'lane,t': 2, 'outbox,t,2': offered('a', 2) }
      },
      {
        'thread,t': thread(1),
        'lane,t': 4,
        'outbox,t,1': offered('a', 1),
        'outbox,t,3': offered('b', 3),
        'outbox,t,4': offered('c', 4)
      }
    ],
    [
      'leaves nothing before what was said earlier and goes behind all there is, not even what is stored already',
      {
        before: { 'thread,t': thread(1), 'lane,t': 1 },
        held: { 'outbox,t,2': waits('b', 2), 'outbox,t,3': waits('c', 3), 'lane,t': 3 },
        stored: { 'thread,t': thread(1), 'lane,t': 3, 'outbox,t,2': waits('theirs', 2), 'outbox,t,3': waits('c', 3) }
      },
      {
        'thread,t': thread(1),
        'lane,t': 5,
        'outbox,t,2': waits('theirs', 2),
        'outbox,t,4': offered('b', 4),
        'outbox,t,5': offered('c', 5)
      }
    ],
    [
      'gives no number again that another tab has given to what has left since',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,2': waits('b', 2), 'lane,t': 2 },
        stored: { 'thread,t': thread(1), 'lane,t': 2, 'message,t,1': message('theirs', 1) }
      },
      { 'thread,t': thread(1), 'lane,t': 3, 'outbox,t,3': offered('b', 3), 'message,t,1': message('theirs', 1) }
    ],
    [
      'leaves what waits at the number that it has on the disk already',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,2': waits('b', 2), 'outbox,t,3': waits('c', 3), 'lane,t': 3 },
        stored: { 'thread,t': thread(0), 'lane,t': 3, 'outbox,t,2': waits('b', 2), 'outbox,t,3': waits('theirs', 3) }
      },
      {
        'thread,t': thread(0),
        'lane,t': 4,
        'outbox,t,2': offered('b', 2),
        'outbox,t,3': waits('theirs', 3),
        'outbox,t,4': offered('c', 4)
      }
    ],
    [
      'numbers each thread on its own',
      {
        before: { 'thread,t': thread(0), 'thread,u': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,2': waits('b', 2), 'lane,t': 2, 'outbox,u,1': waits('x', 1), 'lane,u': 1 },
        stored: { 'thread,t': thread(0), 'thread,u': thread(0), 'lane,t': 5 }
      },
      {
        'thread,t': thread(0),
        'thread,u': thread(0),
        'lane,t': 6,
        'outbox,t,6': offered('b', 6),
        'lane,u': 1,
        'outbox,u,1': offered('x', 1)
      }
    ],
    [
      'offers again what waited and has gone, if it has its place nowhere',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'thread,t': thread(0), 'lane,t': 1 }
      },
      { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': offered('a', 1) }
    ],
    [
      'does not offer again what has its place there',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'thread,t': thread(1), 'lane,t': 1, 'message,t,1': message('a', 1) }
      },
      { 'thread,t': thread(1), 'lane,t': 1, 'message,t,1': message('a', 1) }
    ],
    [
      'does not offer again what has left in another tab',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'thread,t': thread(0), 'lane,t': 1 },
        left: new Set(['a'])
      },
      { 'thread,t': thread(0), 'lane,t': 1 }
    ],
    [
      'does not offer again what was taken back in another tab, but for the rest',
      {
        before: { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('b', 2) },
        stored: { 'thread,t': thread(0), 'lane,t': 2, 'lane,t,1': 'a' }
      },
      { 'thread,t': thread(0), 'lane,t': 2, 'lane,t,1': 'a', 'outbox,t,2': offered('b', 2) }
    ],
    [
      'remembers what was taken back here, beside the counter of its lane',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': voided('v', 1), 'lane,t,1': 'a' }
      },
      { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': { ...voided('v', 1), offered: true }, 'lane,t,1': 'a' }
    ],
    [
      // For all that this tab knows it went with a database that was deleted and made anew.
      'puts back in its place what was acknowledged or refused, and has gone',
      {
        before: {
          'thread,t': thread(0),
          'lane,t': 2,
          'outbox,t,1': waits('a', 1, acked),
          'outbox,t,2': waits('b', 2, failed)
        },
        stored: { 'thread,t': thread(0), 'lane,t': 3 }
      },
      {
        'thread,t': thread(0),
        'lane,t': 3,
        'outbox,t,1': offered('a', 1, acked),
        'outbox,t,2': offered('b', 2, failed)
      }
    ],
    [
      'numbers anew what waits where another command has its number by now',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('theirs', 1) }
      },
      { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,1': waits('theirs', 1), 'outbox,t,2': offered('a', 2) }
    ],
    [
      'does not offer again what was taken back there, whose number is kept',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': voided('nothing', 1) }
      },
      { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': voided('nothing', 1) }
    ],
    [
      'stores that something was acknowledged, where that has only noted that it may have been offered',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': waits('a', 1, acked) },
        stored: { 'lane,t': 1, 'outbox,t,1': offered('a', 1) }
      },
      { 'lane,t': 1, 'outbox,t,1': offered('a', 1, acked) }
    ],
    [
      'leaves what waits where another tab has numbered it anew',
      {
        before: { 'lane,t': 2, 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('b', 2) },
        stored: { 'lane,t': 8, 'outbox,t,7': waits('a', 7), 'outbox,t,8': waits('b', 8) }
      },
      { 'lane,t': 8, 'outbox,t,7': waits('a', 7), 'outbox,t,8': waits('b', 8) }
    ],
    [
      'leaves what waits where another tab has numbered it anew, which has given its number to another command',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        stored: { 'lane,t': 2, 'outbox,t,1': waits('theirs', 1), 'outbox,t,2': waits('a', 2) }
      },
      { 'lane,t': 2, 'outbox,t,1': waits('theirs', 1), 'outbox,t,2': waits('a', 2) }
    ],
    [
      'leaves what waits before what was said there meanwhile, though it was numbered anew here, and what came here behind it',
      {
        before: { 'thread,t': thread(0), 'lane,t': 5, 'outbox,t,4': waits('a', 4), 'outbox,t,5': waits('b', 5) },
        held: {
          'outbox,t,4': waits('b', 4),
          'outbox,t,5': waits('c', 5),
          'outbox,t,3': waits('a', 3),
          'outbox,t,6': waits('d', 6),
          'lane,t': 6
        },
        stored: {
          'thread,t': thread(0),
          'lane,t': 6,
          'outbox,t,4': waits('a', 4),
          'outbox,t,5': waits('b', 5),
          'outbox,t,6': waits('theirs', 6)
        }
      },
      {
        'thread,t': thread(0),
        'lane,t': 8,
        'outbox,t,4': offered('a', 4),
        'outbox,t,5': offered('b', 5),
        'outbox,t,6': waits('theirs', 6),
        'outbox,t,7': offered('c', 7),
        'outbox,t,8': offered('d', 8)
      }
    ],
    [
      'leaves what was numbered anew here in a thread in which nothing was said there meanwhile',
      {
        before: {
          ...THREADS,
          'lane,t': 3,
          'lane,u': 3,
          'outbox,t,2': waits('a', 2),
          'outbox,u,2': waits('b', 2)
        },
        held: {
          'outbox,t,2': undefined,
          'outbox,t,1': waits('a', 1),
          'lane,t': 1,
          'outbox,u,2': undefined,
          'outbox,u,1': waits('b', 1),
          'lane,u': 1
        },
        stored: {
          ...THREADS,
          'lane,t': 3,
          'lane,u': 3,
          'outbox,t,2': waits('a', 2),
          'outbox,t,3': waits('theirs', 3),
          'outbox,u,2': waits('b', 2)
        }
      },
      {
        ...THREADS,
        'lane,t': 3,
        'lane,u': 3,
        'outbox,t,2': offered('a', 2),
        'outbox,t,3': waits('theirs', 3),
        'outbox,u,1': offered('b', 1)
      }
    ],
    [
      'leaves what waits before what was said there meanwhile, whatever is said in other threads',
      {
        before: { ...THREADS, 'lane,t': 2, 'outbox,t,2': waits('a', 2) },
        held: {
          'outbox,t,1': waits('a', 1),
          'outbox,t,2': waits('b', 2),
          'lane,t': 2,
          'outbox,u,7': waits('c', 7),
          'lane,u': 7
        },
        stored: {
          ...THREADS,
          'lane,t': 3,
          'lane,u': 9,
          'outbox,t,2': waits('a', 2),
          'outbox,t,3': waits('theirs', 3),
          'outbox,u,9': waits('also theirs', 9)
        }
      },
      {
        ...THREADS,
        'lane,t': 4,
        'lane,u': 10,
        'outbox,t,2': offered('a', 2),
        'outbox,t,3': waits('theirs', 3),
        'outbox,t,4': offered('b', 4),
        'outbox,u,9': waits('also theirs', 9),
        'outbox,u,10': offered('c', 10)
      }
    ],
    [
      'leaves what came here behind what was said there meanwhile in its order, whichever was stored first',
      {
        before: { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,2': waits('a', 2) },
        held: {
          'outbox,t,1': waits('a', 1),
          'outbox,t,3': waits('c', 3),
          'outbox,t,2': waits('b', 2),
          'lane,t': 3
        },
        stored: { 'thread,t': thread(0), 'lane,t': 3, 'outbox,t,2': waits('a', 2), 'outbox,t,3': waits('theirs', 3) }
      },
      {
        'thread,t': thread(0),
        'lane,t': 5,
        'outbox,t,2': offered('a', 2),
        'outbox,t,3': waits('theirs', 3),
        'outbox,t,4': offered('b', 4),
        'outbox,t,5': offered('c', 5)
      }
    ],
    [
      'does not put what was acknowledged here, and is done there, behind what was said there meanwhile',
      {
        before: { 'thread,t': thread(0), 'lane,t': 3, 'outbox,t,1': waits('a', 1), 'outbox,t,3': waits('b', 3) },
        held: {
          'outbox,t,1': waits('a', 1, acked),
          'outbox,t,3': undefined,
          'outbox,t,2': waits('b', 2),
          'lane,t': 2
        },
        stored: { 'thread,t': thread(0), 'lane,t': 4, 'outbox,t,3': waits('b', 3), 'outbox,t,4': waits('theirs', 4) }
      },
      { 'thread,t': thread(0), 'lane,t': 4, 'outbox,t,3': offered('b', 3), 'outbox,t,4': waits('theirs', 4) }
    ],
    [
      'stores that something was acknowledged, at its old number, where another one has that here by now',
      {
        before: { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,2': waits('a', 2) },
        held: { 'outbox,t,1': waits('a', 1, acked), 'outbox,t,2': waits('b', 2), 'lane,t': 2 },
        stored: { 'thread,t': thread(0), 'lane,t': 3, 'outbox,t,2': waits('a', 2), 'outbox,t,3': waits('theirs', 3) }
      },
      {
        'thread,t': thread(0),
        'lane,t': 4,
        'outbox,t,2': offered('a', 2, acked),
        'outbox,t,3': waits('theirs', 3),
        'outbox,t,4': offered('b', 4)
      }
    ],
    [
      'leaves what may have been offered there as it is, of which there is no answer here',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': waits('a', 1, { at: 9 }) },
        stored: { 'lane,t': 1, 'outbox,t,1': offered('a', 1) }
      },
      { 'lane,t': 1, 'outbox,t,1': offered('a', 1) }
    ],
    [
      'loses nothing that was numbered anew here, to the place of what was taken back meanwhile',
      {
        before: { 'thread,t': thread(0), 'lane,t': 5, 'outbox,t,4': waits('a', 4), 'outbox,t,5': waits('b', 5) },
        held: { 'outbox,t,4': waits('b', 4), 'outbox,t,5': undefined, 'outbox,t,3': voided('nothing', 3), 'lane,t': 4 },
        stored: {
          'thread,t': thread(0),
          'lane,t': 5,
          'outbox,t,4': voided('nothing', 4),
          'outbox,t,5': waits('b', 5)
        }
      },
      {
        'thread,t': thread(0),
        'lane,t': 5,
        'outbox,t,4': { ...voided('nothing', 4), offered: true },
        'outbox,t,5': offered('b', 5)
      }
    ],
    [
      'remembers the highest number that was given here or there',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'lane,u': 1 },
        held: { 'outbox,t,2': undefined, 'outbox,t,3': undefined, 'lane,t': 3, 'outbox,u,2': undefined, 'lane,u': 2 },
        stored: { 'thread,t': thread(0), 'lane,t': 2, 'lane,u': 3 }
      },
      { 'thread,t': thread(0), 'lane,t': 3, 'lane,u': 3 }
    ],
    [
      'drops what is done here, whatever was noted of it there',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': undefined },
        stored: { 'lane,t': 1, 'outbox,t,1': waits('a', 1, acked) }
      },
      { 'lane,t': 1 }
    ],
    [
      'drops nothing else that has the number of what is done here',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': undefined },
        stored: { 'lane,t': 1, 'outbox,t,1': waits('theirs', 1) }
      },
      { 'lane,t': 1, 'outbox,t,1': waits('theirs', 1) }
    ],
    [
      'leaves what another tab has given the number of something that came and went here',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,2': undefined, 'lane,t': 2 },
        stored: { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,2': waits('theirs', 2) }
      },
      { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,2': waits('theirs', 2) }
    ],
    [
      'keeps what was refused where another command has its number by now',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': waits('a', 1, failed) },
        stored: { 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('z', 1) }
      },
      { 'thread,t': thread(0), 'lane,t': 2, 'outbox,t,1': waits('z', 1), 'outbox,t,2': offered('a', 2, failed) }
    ],
    [
      'stays with what was refused here, which was put back there as waiting',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': waits('a', 1, failed) },
        stored: { 'lane,t': 1, 'outbox,t,1': waits('a', 1, { offered: true }) }
      },
      { 'lane,t': 1, 'outbox,t,1': offered('a', 1, failed) }
    ],
    [
      'leaves as acknowledged what was refused here',
      {
        before: { 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { 'outbox,t,1': waits('a', 1, failed) },
        stored: { 'lane,t': 1, 'outbox,t,1': waits('a', 1, acked) }
      },
      { 'lane,t': 1, 'outbox,t,1': waits('a', 1, acked) }
    ],
    [
      'leaves each command in one place, whatever number it was given there',
      {
        before: { 'thread,t': thread(0), 'lane,t': 1 },
        held: { 'outbox,t,2': waits('a', 2, failed), 'outbox,t,3': undefined, 'lane,t': 2 },
        stored: { 'thread,t': thread(0), 'lane,t': 3, 'outbox,t,3': waits('a', 3), 'outbox,u,1': waits('b', 1) }
      },
      { 'thread,t': thread(0), 'lane,t': 4, 'outbox,t,4': offered('a', 4, failed), 'outbox,u,1': waits('b', 1) }
    ],
    [
      'does not say that messages are missing that are there by now',
      { held: { 'gap,t,5': true, 'gap,t,9': true }, stored: { 'message,t,4': message('d', 4) } },
      { 'gap,t,9': true, 'message,t,4': message('d', 4) }
    ],
    [
      'says no more that messages are missing which came here and there',
      {
        before: { 'gap,t,5': true },
        held: { 'gap,t,5': undefined },
        stored: { 'gap,t,5': true, 'message,t,4': message('d', 4) }
      },
      { 'message,t,4': message('d', 4) }
    ],
    ['never counts back who led', { before: { term: 3 }, held: { term: 5 }, stored: { term: 4 } }, { term: 5 }],
    [
      'never counts back who led elsewhere',
      { before: { term: 3 }, held: { term: 5 }, stored: { term: 9 } },
      { term: 9 }
    ],
    [
      'joins what was learned of a thread here and there',
      {
        before: { 'thread,t': thread(4) },
        held: { 'thread,t': thread(4, { read: 4 }) },
        stored: { 'thread,t': thread(6, { read: 2, unread: 2 }) }
      },
      { 'thread,t': thread(6, { read: 4, unread: 2 }) }
    ],
    [
      'joins two threads that were begun at the same time',
      {
        held: { 'thread,t': thread(0, { state: 'closed' }), 'outbox,t,1': waits('a', 1), 'lane,t': 1 },
        stored: { 'thread,t': thread(2) }
      },
      { 'thread,t': thread(2, { state: 'closed' }), 'outbox,t,1': offered('a', 1), 'lane,t': 1 }
    ],
    [
      'leaves a thread that is still told of there, and was dropped here',
      { before: { 'thread,t': thread(4) }, held: { 'thread,t': undefined }, stored: { 'thread,t': thread(6) } },
      { 'thread,t': thread(6) }
    ],
    [
      'leaves a thread dropped that the backend has forgotten, as another tab was told',
      { before: { 'thread,t': thread(4) }, held: { 'thread,t': thread(4, { read: 4 }) }, stored: {} },
      {}
    ],
    [
      'puts no words back into a draft that wait to be sent or have just been written here',
      {
        before: { 'outbox,t,1': waits('a', 1), 'lane,t': 2 },
        held: { 'outbox,t,2': waits('b', 2) },
        stored: {
          'outbox,t,1': waits('a', 1),
          'lane,t': 2,
          'draft,t': ' text of a',
          'draft,u': 'text of a'
        }
      },
      {
        'outbox,t,1': offered('a', 1),
        'outbox,t,2': offered('b', 2),
        'lane,t': 2,
        'thread,t': thread(0),
        'draft,u': 'text of a'
      }
    ],
    [
      'leaves a draft that says again what waits, as it stood here before',
      { before: { 'outbox,t,1': waits('a', 1), 'draft,t': 'text of a' } },
      { 'outbox,t,1': offered('a', 1), 'draft,t': 'text of a' }
    ],
    [
      'leaves a draft of nothing beside a message of files alone',
      { before: { 'outbox,t,1': filesOnly }, stored: { 'outbox,t,1': filesOnly, 'draft,t': ' ' } },
      { 'outbox,t,1': { ...filesOnly, offered: true }, 'draft,t': ' ' }
    ]
  ])('%s', (_, given, disk) => {
    const after = mend(given)
    expect(after.disk).toEqual(disk)
    expect(after).toMatchObject({ whole: false, isOver: false, isOther: false })
  })

  it.each(['life', 'cursor', 'device', 'term', 'lane,t'])(
    'writes nothing if another tab changes its %s meanwhile',
    id => {
      const stored = { life: 1, cursor: 'a', device: 'd', term: 1, 'lane,t': 1 }
      const { changes } = mend({ before: stored, held: { 'outbox,t,2': waits('b', 2), 'lane,t': 2 } })
      expect(() => applied(onDisk({ ...stored, [id]: 9 }), changes)).toThrow(StorageError)
    }
  )

  it('writes nothing if another tab gives a number where a command is taken from', () => {
    const before = { 'lane,t': 1, 'lane,u': 1 }
    const stored = { ...before, 'outbox,u,1': waits('a', 1) }
    const { changes, disk } = mend({
      before,
      held: { 'outbox,t,2': waits('a', 2, failed), 'outbox,u,1': undefined },
      stored
    })
    expect(disk).not.toHaveProperty('outbox,u,1')
    expect(() => applied(onDisk({ ...stored, 'lane,u': 2 }), changes)).toThrow(StorageError)
  })
})

describe('where another tab has gone on with the backend', () => {
  const stored = { cursor: 'theirs', 'message,t,1': message('a', 1) }

  it.each<Story>([
    [
      'leaves the cursor, adds the messages that came here, and drops none',
      {
        before: { cursor: 'before' },
        held: { cursor: 'ours', 'message,t': undefined, 'message,t,2': message('b', 2) },
        stored
      },
      { ...stored, 'message,t,2': message('b', 2) }
    ],
    [
      'is told of another past than that, of which no message is added',
      {
        before: { cursor: 'before', 'thread,t': thread(0) },
        held: {
          cursor: 'ours',
          'message,t,2': message('b', 2),
          'thread,t': thread(9, { read: 9, theirs: { delivered: 9, read: 8 }, state: 'closed' })
        },
        stored: { ...stored, 'credentials,past': 'theirs', 'thread,t': thread(3) }
      },
      {
        'message,t,1': message('a', 1),
        cursor: 'theirs',
        'credentials,past': 'theirs',
        'thread,t': thread(3, { read: 3, theirs: { delivered: 3, read: 3 } })
      }
    ],
    [
      'is told of another past than that, in which what was acknowledged here still waits',
      {
        before: { cursor: 'before', 'lane,t': 1, 'outbox,t,1': waits('b', 1) },
        held: { cursor: 'ours', 'outbox,t,1': waits('b', 1, acked) },
        stored: { ...stored, 'credentials,past': 'theirs', 'lane,t': 1, 'outbox,t,1': offered('b', 1) }
      },
      {
        'message,t,1': message('a', 1),
        cursor: 'theirs',
        'credentials,past': 'theirs',
        'lane,t': 1,
        'outbox,t,1': offered('b', 1)
      }
    ],
    [
      'is of the same past as that, if both were told of it',
      {
        before: { cursor: 'before' },
        held: { cursor: 'ours', 'credentials,past': 'same', 'message,t,2': message('b', 2) },
        stored: { ...stored, 'credentials,past': 'same' }
      },
      { ...stored, 'credentials,past': 'same', 'message,t,2': message('b', 2) }
    ],
    [
      'is of the same past as that, if it was told of it before',
      {
        before: { cursor: 'before', 'credentials,past': 'same' },
        held: { cursor: 'ours', 'message,t,2': message('b', 2) },
        stored: { ...stored, 'credentials,past': 'same' }
      },
      { ...stored, 'credentials,past': 'same', 'message,t,2': message('b', 2) }
    ],
    [
      'drops the cursor if it was told of a later past itself, so that all is asked for again',
      {
        before: { cursor: 'before' },
        held: { cursor: 'ours', 'credentials,past': 'ours', 'message,t,2': message('b', 2), 'draft,t': 'half' },
        stored: { ...stored, 'draft,t': 'half there' }
      },
      {
        'message,t,1': message('a', 1),
        'message,t,2': message('b', 2),
        'credentials,past': 'ours',
        'draft,t': 'half there'
      }
    ]
  ])('%s', (_, given, disk) => {
    const after = mend(given)
    expect(after.disk).toEqual(disk)
    expect(after).toMatchObject({ whole: true, isOver: false, isOther: false })
  })

  it('begins anew where it was told to, while nobody else has written', () => {
    const { disk, whole } = mend({
      before: { cursor: 'before', 'credentials,past': 'before' },
      held: { cursor: 'ours', 'credentials,past': 'ours' }
    })
    expect(disk).toEqual({ cursor: 'ours', 'credentials,past': 'ours' })
    expect(whole).toBe(false)
  })

  it('takes the past of another tab for its own where that alone was told of one', () => {
    const given = { held: { 'message,t,2': message('b', 2) }, stored: { 'credentials,past': 'theirs' } }
    expect(mend(given)).toMatchObject({ disk: { 'credentials,past': 'theirs' }, whole: true })
  })

  it('begins a conversation anew that another tab was told to drop, and in which something waits here', () => {
    const { disk } = mend({
      before: { ...DEVICE, cursor: 'a', 'lane,t': 1, 'thread,t': thread(5, { read: 5 }) },
      held: { 'lane,t': 2, 'outbox,t,2': waits('b', 2) },
      stored: { ...DEVICE, cursor: 'b', 'lane,t': 1 }
    })
    expect(disk['thread,t']).toEqual(createThread('t', 1))
    expect(disk).toHaveProperty('outbox,t,2')
  })

  it('keeps the marks of a conversation of which only this tab was told, and in which something waits here', () => {
    const { disk } = mend({
      before: { ...DEVICE, cursor: 'a' },
      held: {
        cursor: 'c',
        'lane,t': 1,
        'message,t,1': message('a', 1),
        'thread,t': thread(1, { theirs: { delivered: 1, read: 1 } }),
        'outbox,t,1': waits('b', 1)
      },
      stored: { ...DEVICE, cursor: 'b' }
    })
    expect(disk).toMatchObject({
      'message,t,1': message('a', 1),
      'thread,t': thread(1, { theirs: { delivered: 1, read: 1 } })
    })
  })
})

describe('where the backend has undone what was done', () => {
  const before = { 'thread,t': thread(1), 'lane,t': 1, 'outbox,t,1': waits('a', 1) }
  const held = { 'message,t': undefined, 'outbox,t,1': undefined }
  const left = (instead: OutboxRow | null, isFailed: boolean) => new Map([['a', ['a', instead, isFailed] as const]])

  it('offers again what the disk still has', () => {
    const { disk } = mend({ before, held, out: left(null, false) })
    expect(disk).toEqual({ ...before, 'outbox,t,1': offered('a', 1) })
  })

  it.each<readonly [string, Given]>([
    ['messages are still there', { held: { 'outbox,t,1': undefined } }],
    ['it was taken back', { out: left(voided('nothing', 1), false) }],
    ['it had failed, and was dismissed', { out: left(null, true) }],
    ['it has its place again', { held: { ...held, 'message,t,1': message('a', 1) } }],
    [
      'it has its place on the disk',
      { stored: { ...before, 'message,t,1': message('a', 1) }, held: { ...held, 'message,t,2': message('b', 2) } }
    ],
    [
      'it is no message',
      {
        before: {
          ...before,
          'outbox,t,1': { ...waits('a', 1), command: { id: 'a', n: 1, type: 'read', threadId: 't', upTo: 1 } }
        }
      }
    ]
  ])('does not offer it again if %s', (_, given) => {
    expect(mend({ before, held, ...given }).disk).not.toHaveProperty('outbox,t,1')
  })

  it('offers it once if it was numbered anew', () => {
    const { disk } = mend({
      before: { 'thread,t': thread(1), 'lane,t': 5, 'outbox,t,5': waits('a', 5) },
      held: { 'message,t': undefined, 'outbox,t,5': undefined, 'outbox,t,4': waits('a', 4), 'lane,t': 4 }
    })
    expect(disk).toEqual({ 'thread,t': thread(1), 'lane,t': 5, 'outbox,t,4': offered('a', 4) })
  })
})

describe('where the database was deleted', () => {
  it.each<Story>([
    [
      'puts back all that is known, but for the cursor',
      {
        before: {
          ...DEVICE,
          cursor: 'a',
          term: 3,
          'draft,t': 'half',
          'thread,t': thread(4),
          'lane,t': 2,
          'outbox,t,1': waits('a', 1, acked),
          'outbox,t,2': waits('b', 2)
        },
        held: { 'draft,t': 'half written', 'message,t,4': message('d', 4) },
        stored: {}
      },
      {
        ...DEVICE,
        term: 3,
        'draft,t': 'half written',
        'message,t,4': message('d', 4),
        'thread,t': thread(4),
        'lane,t': 2,
        'outbox,t,1': offered('a', 1, acked),
        'outbox,t,2': offered('b', 2)
      }
    ],
    ['puts back that somebody signed out, if there is no device yet', { before: { life: 3 }, stored: {} }, { life: 3 }],
    [
      'puts back the device that has signed out never yet',
      { before: { device: 'd', cursor: 'a' }, stored: {} },
      { device: 'd' }
    ]
  ])('%s', (_, given, disk) => {
    const after = mend(given)
    expect(after.disk).toEqual(disk)
    expect(after).toMatchObject({ whole: true, isOver: false, isOther: false })
  })

  it('leaves what waits in another place where another tab put the same back, though this one had tried to as well', () => {
    const put = { 'outbox,t,1': offered('a', 1), 'outbox,t,2': offered('c', 2), 'outbox,t,3': offered('d', 3) }
    const stored = { ...DEVICE, 'thread,t': thread(1), 'message,t,1': message('b', 1), 'lane,t': 4, ...put }
    const before = {
      ...DEVICE,
      'thread,t': thread(0),
      'lane,t': 4,
      'outbox,t,1': waits('a', 1),
      'outbox,t,2': waits('b', 2),
      'outbox,t,3': waits('c', 3),
      'outbox,t,4': waits('d', 4)
    }
    const after = mend({ before, stored, older: new Set(Object.entries(put).map(([id, row]) => asText(id, row))) })
    expect(after.disk).toEqual(stored)
  })

  it('gives what waits another number where another message had that one since, and was taken back', () => {
    const stored = { ...DEVICE, 'thread,t': thread(0), 'lane,t': 1, 'lane,t,1': 'b', 'outbox,t,1': voided('v', 1) }
    const before = { ...DEVICE, 'thread,t': thread(0), 'lane,t': 1, 'outbox,t,1': waits('a', 1) }
    const older = new Set([asText('outbox,t,1', offered('a', 1))])
    expect(mend({ before, stored, older }).disk).toEqual({ ...stored, 'lane,t': 2, 'outbox,t,2': offered('a', 2) })
    const own = { ...stored, 'lane,t,1': 'a' }
    expect(mend({ before, stored: own, older }).disk).toEqual(own)
  })

  it('leaves what little there was dropped, if there never was a device', () => {
    const after = mend({ before: { 'draft,t': 'half', cursor: 'a' }, stored: {} })
    expect(after.disk).toEqual({})
  })
})

describe('where somebody signed out here', () => {
  it.each<Story>([
    [
      'drops all there is, of whatever tab, and counts it',
      {
        before: { ...DEVICE, 'draft,t': 'half', 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
        held: { '': undefined, life: 2 },
        stored: { ...DEVICE, cursor: 'b', 'draft,u': 'of another tab', 'outbox,t,1': waits('a', 1), 'lane,t': 2 }
      },
      { life: 2 }
    ],
    ['counts it where nobody ever has', { before: { device: 'd' }, held: { '': undefined, life: 1 } }, { life: 1 }],
    [
      'stores what is said after that, which begins with its own numbers',
      {
        before: { ...DEVICE, 'lane,t': 4, 'outbox,t,4': waits('a', 4), cursor: 'a', 'thread,t': thread(4) },
        held: {
          '': undefined,
          life: 2,
          device: 'e',
          cursor: 'b',
          'lane,t': 1,
          'outbox,t,1': waits('b', 1),
          'thread,t': thread(0, { at: 5 })
        }
      },
      {
        life: 2,
        device: 'e',
        cursor: 'b',
        'lane,t': 1,
        'outbox,t,1': offered('b', 1),
        'thread,t': thread(0, { at: 5 })
      }
    ]
  ])('%s', (_, given, disk) => {
    const after = mend(given)
    expect(after.disk).toEqual(disk)
    expect(after).toMatchObject({ whole: false, isOver: false, isOther: false })
  })

  it('numbers what is said after that as it was here, whatever else the disk has', () => {
    const { disk } = mend({
      before: { ...DEVICE, 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
      held: { '': undefined, life: 2, 'outbox,t,2': waits('a', 2), 'lane,t': 2 },
      stored: { ...DEVICE, 'lane,t': 2, 'outbox,t,1': waits('a', 1), 'outbox,t,2': waits('theirs', 2) }
    })
    expect(disk).toEqual({ life: 2, 'outbox,t,2': offered('a', 2), 'lane,t': 2, 'thread,t': thread(0) })
  })

  it('drops nothing of the next one, if another tab has signed out as well and was faster', () => {
    const stored = { life: 2, cursor: 'theirs', 'draft,t': 'of the next one' }
    const after = mend({
      before: { ...DEVICE, cursor: 'a' },
      held: { '': undefined, life: 2, 'lane,u': 1, 'outbox,u,1': waits('b', 1), 'thread,u': thread(0) },
      stored
    })
    expect(after.disk).toEqual({ ...stored, 'lane,u': 1, 'outbox,u,1': offered('b', 1), 'thread,u': thread(0) })
    expect(after).toMatchObject({ isOver: false, isOther: false, whole: true })
  })

  it('is another device than the next one, if that has got a name in another tab', () => {
    const stored = { life: 2, device: 'theirs' }
    const after = mend({
      before: DEVICE,
      held: { '': undefined, life: 2, device: 'ours', 'draft,u': 'half', 'lane,u': 1, 'outbox,u,1': waits('b', 1) },
      stored
    })
    expect(after.disk).toEqual({ ...stored, 'lane,u': 1, 'outbox,u,1': offered('b', 1) })
    expect(after).toMatchObject({ isOver: false, isOther: true, whole: true })
  })

  it('is no other device than the one on the disk, which the next one has not taken yet', () => {
    expect(mend({ before: DEVICE, held: { '': undefined, life: 2, device: 'e' } })).toMatchObject({
      disk: { life: 2, device: 'e' },
      isOther: false
    })
  })

  it('writes nothing of a life that is over, if somebody has signed out twice elsewhere', () => {
    const stored = { life: 3, device: 'theirs' }
    const held = { '': undefined, life: 2, 'draft,t': 'of the one in between' }
    const after = mend({ before: DEVICE, held, stored })
    expect(after.disk).toEqual(stored)
    expect(after).toMatchObject({ isOver: true, whole: true })
  })
})

describe('where somebody signed out elsewhere', () => {
  it('writes nothing of the life that is over', () => {
    const stored = { life: 2 }
    const after = mend({
      before: DEVICE,
      held: { 'draft,t': 'half', 'lane,t': 1, 'outbox,t,1': waits('a', 1) },
      stored
    })
    expect(after.disk).toEqual(stored)
    expect(after).toMatchObject({ isOver: true, isOther: false, whole: true })
  })

  it('still writes only if that stays so until then', () => {
    const stored = { life: 2, cursor: 'a' }
    const { changes } = mend({ before: DEVICE, stored })
    expect(() => applied(onDisk({ ...stored, life: 3 }), changes)).toThrow(StorageError)
  })

  it('says that the next one has another device', () => {
    expect(mend({ before: DEVICE, stored: { life: 2, device: 'e' } })).toMatchObject({ isOver: true, isOther: true })
  })

  it('keeps what was written apart, before there was a disk to tell whose life it was', () => {
    const after = mend({ held: { 'draft,t': 'half' }, stored: { life: 2 }, apart: true })
    expect(after.disk).toEqual({ life: 2, 'draft,t': 'half' })
    expect(after.isOver).toBe(false)
  })
})

describe('where the database is that of another device', () => {
  const before = { device: 'ours', cursor: 'a', 'thread,t': thread(4, { at: 3 }), 'lane,t': 4 }

  it('has what waits done by that, and keeps all else to itself', () => {
    const stored = { device: 'theirs', cursor: 'b' }
    const after = mend({
      before: { ...before, 'outbox,t,3': waits('c', 3, acked), 'outbox,t,4': waits('d', 4) },
      held: {
        'outbox,t,5': waits('e', 5),
        'lane,t': 5,
        'draft,t': 'half',
        'message,t,4': message('x', 4),
        cursor: 'c'
      },
      stored
    })
    expect(after.disk).toEqual({
      ...stored,
      'thread,t': thread(0, { at: 3 }),
      'lane,t': 2,
      'outbox,t,1': offered('d', 1),
      'outbox,t,2': offered('e', 2)
    })
    expect(after).toMatchObject({ isOther: true, isOver: false, whole: true })
  })

  it('numbers it behind what waits there, in a thread that is there', () => {
    const stored = { device: 'theirs', 'thread,t': thread(1), 'lane,t': 4 }
    const { disk } = mend({ before: { ...before, 'outbox,t,4': waits('d', 4) }, stored })
    expect(disk).toEqual({ ...stored, 'lane,t': 5, 'outbox,t,5': offered('d', 5) })
  })

  it('says nothing there that only kept a number of the device before', () => {
    const stored = { device: 'theirs', 'thread,t': thread(1), 'lane,t': 4 }
    const { disk } = mend({ before: { ...before, 'outbox,t,4': voided('d', 4) }, stored })
    expect(disk).toEqual(stored)
  })

  it('begins no thread for what belongs to none', () => {
    const { disk } = mend({ before: { device: 'ours', 'outbox,t,1': waits('d', 1) }, stored: { device: 'theirs' } })
    expect(Object.keys(disk)).toEqual(['device', 'outbox,t,1', 'lane,t'])
  })

  it('takes away what was done as the device before, and nothing else in its place', () => {
    const acknowledged = { 'outbox,t,3': waits('c', 3, acked) }
    const done = { 'outbox,t,4': waits('d', 4) }
    const { disk } = mend({
      before: { ...before, ...acknowledged, ...done, 'outbox,t,5': waits('e', 5) },
      held: { 'outbox,t,4': undefined, 'outbox,t,5': undefined },
      stored: { device: 'theirs', ...acknowledged, ...done, 'outbox,t,5': waits('f', 5) }
    })
    expect(disk).toEqual({ device: 'theirs', 'outbox,t,5': waits('f', 5) })
  })

  it('joins in where it has had no name yet', () => {
    const { disk, isOther } = mend({ held: { 'draft,t': 'half' }, stored: { device: 'theirs' } })
    expect(disk).toEqual({ device: 'theirs', 'draft,t': 'half' })
    expect(isOther).toBe(false)
  })

  it('is its own again where that has no name yet', () => {
    expect(mend({ before: { device: 'ours' }, stored: { life: 0 }, held: { 'draft,t': 'half' } }).isOther).toBe(false)
  })

  it('refuses to mix with a conversation that was begun without a disk', () => {
    const given = { before: {}, held: { device: 'ours', 'draft,t': 'half' }, apart: true }
    expect(() => mend({ ...given, stored: { device: 'theirs' } })).toThrow(
      expect.objectContaining({ name: 'StorageError', code: 'lost' })
    )
    expect(mend({ ...given, stored: { device: 'ours' } }).disk).toEqual({ device: 'ours', 'draft,t': 'half' })
  })
})

describe('where somebody signed out, and another device is there', () => {
  const out = { '': undefined, life: 1 }
  const next = { device: 'theirs', 'draft,t': 'half' }

  it('leaves it alone: it was begun anew meanwhile', () => {
    expect(mend({ before: { device: 'ours' }, held: out, stored: next }).disk).toEqual(next)
  })

  it('ends it where this one had no name: it is the same', () => {
    expect(mend({ held: out, stored: next }).disk).toEqual({ life: 1 })
  })

  it('ends it where this one was begun without a disk', () => {
    expect(mend({ before: { device: 'ours' }, held: out, stored: next, apart: true }).disk).toEqual({ life: 1 })
  })

  it('ends what is there of none', () => {
    expect(mend({ before: { device: 'ours' }, held: out, stored: { 'draft,t': 'half' } }).disk).toEqual({ life: 1 })
  })
})

describe('where somebody signed out before the disk was seen', () => {
  const out = { '': undefined, life: 1 }
  const next = { life: 2, device: 'theirs', 'draft,t': 'half' }

  it('ends whatever is there, if nothing tells whose it is', () => {
    expect(mend({ held: out, stored: next, apart: true }).disk).toEqual({ life: 3 })
  })

  it.each([
    ['that life', 2, { life: 3 }],
    ['none that came after it', 1, next],
    ['none that came two lives later', 0, next]
  ])('ends %s', (_, ended, disk) => {
    expect(mend({ held: out, stored: next, apart: true, ended }).disk).toEqual(disk)
  })

  it('adds what was said here since to what the next one has there', () => {
    const { device: _, ...unnamed } = next
    const held = { ...out, 'draft,u': 'more', 'lane,t': 1, 'outbox,t,1': waits('a', 1) }
    expect(mend({ held, stored: { ...unnamed, 'lane,t': 1 }, apart: true, ended: 1 }).disk).toEqual({
      ...unnamed,
      'draft,u': 'more',
      'lane,t': 2,
      'outbox,t,2': offered('a', 2),
      'thread,t': expect.anything()
    })
  })

  it.each([
    ['begins no end of the next one', 1, true],
    ['ends theirs while it is theirs', 2, false]
  ])('%s, where it is not over yet', (_, ended, isOver) => {
    const { device: __, ...unnamed } = next
    const { disk, ...said } = mend({ held: { leaving: true }, stored: unnamed, apart: true, ended })
    expect(disk).toEqual(isOver ? unnamed : { ...unnamed, leaving: true })
    expect(said.isOver).toBe(isOver)
  })

  it('is over though the next one has another device', () => {
    const held = { leaving: true, device: 'ours' }
    expect(mend({ held, stored: next, apart: true, ended: 1 })).toMatchObject({
      isOver: true,
      isOther: true,
      disk: next
    })
    expect(() => mend({ held, stored: next, apart: true, ended: 2 })).toThrow(StorageError)
  })

  it('is forgotten once the disk has been seen', () => {
    const before = { life: 2, device: 'ours' }
    expect(mend({ before, held: { leaving: true }, ended: 0 }).disk).toEqual({ ...before, leaving: true })
  })
})
