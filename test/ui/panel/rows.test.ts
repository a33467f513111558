import { expect, test } from 'vitest'
import type { Entry } from '../../../src/core/chat.ts'
import type { Author, Delivery } from '../../../src/model/message.ts'
import { type Row, rowsOf } from '../../../src/ui/panel/rows.ts'

const NOON = new Date(2026, 4, 5, 12).getTime()
const MINUTE = 60_000

function entry(position: number, author: Author, minutes: number, delivery?: Delivery, gap = false): Entry {
  return {
    message: {
      id: `m${position}`,
      threadId: 't',
      author,
      by: null,
      text: 'x',
      content: null,
      attachments: [],
      at: NOON + minutes * MINUTE,
      position
    },
    delivery: author === 'visitor' ? (delivery ?? 'sent') : undefined,
    reason: '',
    gap
  }
}

const draw = (rows: readonly Row[]) =>
  rows.flatMap(({ entry, day, unread, first, last, state }) => [
    ...(entry.gap ? ['gap'] : []),
    ...(day ? ['day'] : []),
    ...(unread ? ['unread'] : []),
    `${first ? '[' : ''}${entry.message.id}${state ? '*' : ''}${last ? ']' : ''}`
  ])

test('one author within five minutes is one group', () => {
  const rows = rowsOf([entry(1, 'agent', 0), entry(2, 'agent', 4), entry(3, 'agent', 10)], undefined)
  expect(draw(rows)).toEqual(['day', '[m1', 'm2*]', '[m3*]'])
})

test('a day, a gap and the unread line begin a new group', () => {
  expect(draw(rowsOf([entry(1, 'agent', 0), entry(2, 'agent', 1440)], undefined))).toEqual([
    'day',
    '[m1*]',
    'day',
    '[m2*]'
  ])
  expect(draw(rowsOf([entry(1, 'agent', 0), entry(2, 'agent', 1, undefined, true)], undefined))).toEqual([
    'day',
    '[m1*]',
    'gap',
    '[m2*]'
  ])
  expect(draw(rowsOf([entry(1, 'agent', 0), entry(2, 'agent', 1)], 1))).toEqual(['day', '[m1*]', 'unread', '[m2*]'])
})

test('a state is shown where it changes, and where it failed', () => {
  const rows = rowsOf(
    [entry(1, 'visitor', 0, 'read'), entry(2, 'visitor', 0, 'read'), entry(3, 'visitor', 0, 'sent')],
    undefined
  )
  expect(draw(rows)).toEqual(['day', '[m1', 'm2*', 'm3*]'])
})

test('a notice ends a group', () => {
  const rows = rowsOf([entry(1, 'agent', 0), entry(2, 'system', 0), entry(3, 'agent', 0)], undefined)
  expect(draw(rows)).toEqual(['day', '[m1*]', '[m2*]', '[m3*]'])
})

test('the unread line stands above the first message of somebody else, only where all before it was read', () => {
  const entries = [entry(4, 'agent', 0), entry(5, 'visitor', 0), entry(6, 'agent', 0), entry(7, 'agent', 0)]
  const lines = (unreadAfter: number) => rowsOf(entries, unreadAfter).map(({ unread }) => unread)
  expect(lines(4)).toEqual([false, false, true, false])
  expect(lines(3)).toEqual([true, false, false, false])
  expect(lines(2)).toEqual([false, false, false, false])
})
