import { expect, test } from 'vitest'
import { createTimelines } from '../../../demo/inbox/conversation/timelines.ts'
import type { LinkEvents } from '../../../demo/inbox/link.ts'
import type { AgentClientFrame } from '../../../demo/server/wire/agent-frames.ts'
import { createEmitter } from '../../../src/core/emitter.ts'
import { message } from './house.ts'

function setUp() {
  const { on, emit } = createEmitter<LinkEvents>()
  const asked: Extract<AgentClientFrame, { t: 'history' }>[] = []
  const timelines = createTimelines({
    on,
    send(frame) {
      if (frame.t === 'history') asked.push(frame)
      return true
    }
  })
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message('a', from + i))
  return {
    timelines,
    asked,
    emit,
    page: (from: number, to: number, more = from > 1) =>
      emit('frame', { t: 'page', q: asked.at(-1)!.q, messages: range(from, to), more }),
    positions: () => timelines.$timelines.get().a?.messages.map(({ position }) => position),
    state: () => timelines.$timelines.get().a?.state
  }
}

test('loads the newest page, once', () => {
  const { timelines, asked, page, positions } = setUp()
  timelines.open('a')
  page(3, 5)
  timelines.open('a')
  expect(asked).toMatchObject([{ threadId: 'a', before: null }])
  expect(positions()).toEqual([3, 4, 5])
})

test('puts older messages before what is there', () => {
  const { timelines, asked, page, positions } = setUp()
  timelines.open('a')
  page(3, 5)
  timelines.older('a')
  timelines.older('a')
  expect(asked).toHaveLength(2)
  expect(asked[1]).toMatchObject({ before: 3 })
  page(1, 2)
  expect(positions()).toEqual([1, 2, 3, 4, 5])
  timelines.older('a')
  expect(asked).toHaveLength(2)
})

test('keeps a message that came before the page it belongs to', () => {
  const { timelines, page, positions } = setUp()
  timelines.open('a')
  timelines.message(message('a', 6))
  page(3, 5)
  expect(positions()).toEqual([3, 4, 5, 6])
})

test('asks again rather than showing a hole', () => {
  const { timelines, asked, page, positions } = setUp()
  timelines.open('a')
  page(1, 2)
  timelines.message(message('a', 9))
  expect(asked).toHaveLength(2)
  page(7, 9)
  expect(positions()).toEqual([7, 8, 9])
})

test('replaces a message that changed', () => {
  const { timelines, page } = setUp()
  timelines.open('a')
  page(1, 2)
  timelines.message(message('a', 1, { text: 'changed' }))
  expect(timelines.$timelines.get().a?.messages.map(({ text }) => text)).toEqual(['changed', 'message 2'])
})

test('catches up with the open conversation after a lost link', () => {
  const { timelines, asked, emit, page, positions } = setUp()
  timelines.open('a')
  page(1, 3)
  emit('online', undefined)
  expect(positions()).toEqual([1, 2, 3])
  page(2, 6, true)
  expect(positions()).toEqual([1, 2, 3, 4, 5, 6])
  expect(timelines.$timelines.get().a?.more).toBe(false)
  expect(asked).toHaveLength(2)
})

test('shows nothing that was erased while the link was lost, however far back it was loaded', () => {
  const { timelines, asked, emit, page, positions } = setUp()
  timelines.open('a')
  page(51, 100)
  timelines.older('a')
  page(1, 50)
  expect(positions()).toHaveLength(100)
  emit('online', undefined)
  const gone = Array.from({ length: 49 }, (_, i) => message('a', 52 + i, { text: '', content: { type: 'erased' } }))
  const notice = message('a', 101, { author: 'system', content: { type: 'notice', code: 'erased', name: '' } })
  emit('frame', { t: 'page', q: asked.at(-1)!.q, messages: [...gone, notice], more: true })
  expect(positions()).toEqual(Array.from({ length: 50 }, (_, i) => 52 + i))
  expect(timelines.$timelines.get().a?.more).toBe(true)
})

test('says when it could not load, and tries again', () => {
  const { timelines, asked, emit, state, page } = setUp()
  timelines.open('a')
  emit('frame', { t: 'error', code: 'not-found', message: 'no such thread', q: asked[0]!.q })
  expect(state()).toBe('failed')
  timelines.open('a')
  page(1, 1)
  expect(state()).toBe('ready')
})
