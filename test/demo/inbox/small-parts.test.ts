// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ago, day, timeIn, wait } from '../../../demo/inbox/clock.ts'
import { initials, nameOf } from '../../../demo/inbox/context/visitor-name.ts'
import { createDrafts } from '../../../demo/inbox/conversation/drafts.ts'
import { wordsOf } from '../../../demo/inbox/conversation/notices.ts'
import { createTyping } from '../../../demo/inbox/conversation/typing.ts'
import { createNotes } from '../../../demo/inbox/notes.ts'
import { hashOf, readRoute } from '../../../demo/inbox/route.ts'
import { createShelf } from '../../../demo/inbox/shelf.ts'
import { memoryShelf, message } from './house.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 4, 20, 12) }))
afterEach(() => void vi.useRealTimers())

describe('drafts', () => {
  test('are there at once, and stored after a moment', () => {
    const shelf = memoryShelf()
    const drafts = createDrafts(shelf)
    drafts.put('a', 'half')
    expect(drafts.get('a')).toBe('half')
    expect(shelf.values.size).toBe(0)
    vi.advanceTimersByTime(400)
    expect(createDrafts(shelf).get('a')).toBe('half')
  })

  test('are stored when the page is left, and gone at once when emptied', () => {
    const shelf = memoryShelf()
    const drafts = createDrafts(shelf)
    drafts.put('a', 'half')
    window.dispatchEvent(new Event('pagehide'))
    expect(shelf.values.size).toBe(1)
    drafts.put('a', '')
    expect(shelf.values.size).toBe(0)
  })
})

describe('typing', () => {
  test('is told every three seconds, not at every key', () => {
    const tell = vi.fn()
    const typing = createTyping(tell)
    for (let i = 0; i < 35; i++) {
      typing.ours('a', true)
      vi.advanceTimersByTime(100)
    }
    expect(tell.mock.calls).toEqual([
      ['a', true],
      ['a', true]
    ])
    typing.ours('a', false)
    typing.ours('a', false)
    expect(tell).toHaveBeenCalledTimes(3)
  })

  test('of a visitor is believed for six seconds', () => {
    const typing = createTyping(() => undefined)
    typing.theirs('a', true)
    vi.advanceTimersByTime(5000)
    expect(typing.$typing.get().has('a')).toBe(true)
    vi.advanceTimersByTime(1500)
    expect(typing.$typing.get().has('a')).toBe(false)
  })
})

describe('notes', () => {
  test('speak a burst as one', () => {
    const notes = createNotes()
    notes.speak('one')
    notes.speak('two')
    vi.advanceTimersByTime(200)
    expect(notes.$spoken.get()).toBe('one. two')
  })

  test('go by themselves', () => {
    const notes = createNotes()
    notes.say('Saved.')
    expect(notes.$notes.get()).toHaveLength(1)
    vi.advanceTimersByTime(9000)
    expect(notes.$notes.get()).toEqual([])
  })
})

describe('names', () => {
  const nobody = { id: 'v1', name: '', email: '' }

  test('are what the visitor said, else made up and always the same', () => {
    expect(nameOf({ ...nobody, name: ' Maya ', email: 'm@x.y' })).toBe('Maya')
    expect(nameOf({ ...nobody, email: 'm@x.y' })).toBe('m@x.y')
    expect(nameOf(nobody)).toMatch(/^Visitor [A-Z][a-z]+ \d\d$/)
    expect(nameOf(nobody)).toBe(nameOf({ ...nobody }))
  })

  test('have initials', () => {
    expect(initials('Maya van der Berg')).toBe('MB')
    expect(initials('maya@example.org')).toBe('M')
    expect(initials('Visitor Heron 27')).toBe('H2')
    expect(initials('👍')).toBe('')
  })
})

describe('times', () => {
  const now = new Date(2026, 4, 20, 12).getTime()

  test('count a wait, never below zero', () => {
    expect(wait(now + 5000, now)).toBe('0:00')
    expect(wait(now - 127_000, now)).toBe('2:07')
    expect(wait(now - 3_900_000, now)).toBe('1 h 05 min')
    expect(wait(now - 200_000_000, now)).toBe('2 days')
  })

  test('are short in a list and plain between messages', () => {
    expect(ago(now - 4 * 60_000, now)).toBe('4 min')
    expect(ago(now - 3 * 3_600_000, now)).toBe('3 h')
    expect(day(now - 3_600_000, now)).toBe('Today')
    expect(day(now - 86_400_000, now)).toBe('Yesterday')
  })

  test('elsewhere are left out where the zone is not known', () => {
    expect(timeIn('Mars/Olympus', now)).toBeUndefined()
    expect(timeIn('', now)).toBeUndefined()
    expect(timeIn('Asia/Tokyo', now)).toContain(':')
  })
})

test('a notice that is not known says what came with it', () => {
  const later = message('a', 1, {
    text: 'Moved to Billing',
    content: { type: 'notice', code: 'moved' as never, name: '' }
  })
  expect(wordsOf(later, 'Maya')).toBe('Moved to Billing')
})

test('a list shows the words of the team without their marks, and those of a visitor as they are', () => {
  const text = 'Yes, **three**:\n- a `Wren`\n- a [Finch](https://a.example)'
  expect(wordsOf(message('a', 1, { author: 'agent', text }), 'Maya')).toBe('Yes, three:\na Wren\na Finch')
  expect(wordsOf(message('a', 1, { author: 'visitor', text }), 'Maya')).toBe(text)
})

test('an address survives there and back', () => {
  const route = { view: 'mine', threadId: 'a/b c' } as const
  expect(readRoute(hashOf(route))).toEqual(route)
  expect(readRoute('#/nonsense')).toEqual({ view: 'waiting', threadId: undefined })
  expect(readRoute('#/open/%E0%A4%A')).toEqual({ view: 'open', threadId: undefined })
})

test('a shelf that the browser refuses is empty, and says so', () => {
  const shelf = createShelf(() => {
    throw new DOMException('denied', 'SecurityError')
  }, 'x/')
  expect(shelf.put('a', 1)).toBe(false)
  expect(shelf.get('a')).toBeUndefined()
  expect(shelf.list('')).toEqual([])
})
