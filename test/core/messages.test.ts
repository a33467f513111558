import { expect, it } from 'vitest'
import { createMessages, PAGE } from '../../src/core/messages.ts'
import { putRow } from '../../src/core/outbox-row.ts'
import { createRows, type OutboxRow } from '../../src/core/rows.ts'
import type { Message } from '../../src/model/message.ts'
import { createThread } from '../../src/model/thread.ts'
import { stillTabs } from '../../src/page/still.ts'
import { memory } from '../../src/storage/memory.ts'

const message = (position: number) =>
  ({ id: `m${position}`, threadId: 't', author: 'agent', text: `text ${position}`, at: position, position }) as Message

/** Acknowledged, while its event has not come. */
const acked = (position: number) =>
  ({
    command: { id: 'ours', n: 1, type: 'message', threadId: 't', text: 'ours', attachments: [] } as never,
    at: 5,
    acked: { position, at: 5 },
    failed: null
  }) as OutboxRow

async function loaded(stored: readonly number[], row: OutboxRow, last = stored.at(-1)!) {
  const rows = createRows(memory(), stillTabs()())
  await rows.commit([
    ...stored.map(position => ({ put: ['message', 't', position], value: message(position) })),
    putRow(row)
  ])
  const messages = createMessages(rows, () => ({ ...createThread('t', 1), last }))
  await messages.load('t')
  const shown = () =>
    messages.$messages.get().t!.entries.map(({ message, gap }) => `${gap ? '…' : ''}${message.position}`)
  return { messages, shown }
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

it('shows that there is more between a message of ours that has its place far above, and what is loaded', async () => {
  const { messages, shown } = await loaded(upTo(2, 100), acked(1))
  expect(shown()).toEqual(['1', `…${101 - PAGE}`, ...upTo(102 - PAGE, 100).map(String)])
  expect(await messages.older('t')).toBeUndefined()
  expect(shown()).toEqual(upTo(1, 100).map(String))
})

it('shows none where a message of ours has the place between two others', async () => {
  const { shown } = await loaded([1, 2, 4], acked(3))
  expect(shown()).toEqual(['1', '2', '3', '4'])
})

it('shows none before what was acknowledged ahead of what comes before it', async () => {
  const { shown } = await loaded([1, 2], acked(4))
  expect(shown()).toEqual(['1', '2', '4'])
})

it.each([
  { what: 'all are here', stored: [1, 2], more: false },
  { what: 'some are missing before the first', stored: [2, 3], more: true },
  { what: 'some are missing between two', stored: [1, 4], more: true },
  { what: 'the newest have not come yet', stored: [1, 2], last: 4, more: false },
  { what: 'none is here', stored: [], last: 4, more: true },
  { what: 'nothing was said', stored: [], last: 0, more: false },
  { what: 'one of ours has the place between two', stored: [1, 2, 4], ours: 3, more: false }
])('says whether there are more to ask for, where $what', async ({ stored, last = stored.at(-1), ours = 9, more }) => {
  const { messages } = await loaded(stored, acked(ours), last)
  expect(messages.$messages.get().t!.more).toBe(more)
})
