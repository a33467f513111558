import { expect, it } from 'vitest'
import { choice, flag, list, nullable, object, optional, text, whole, word } from '../../src/model/shape.ts'

const person = object({ name: text(5, 1), age: whole(0, 150), tags: list(word('a', 'b'), 2), note: nullable(text(3)) })
const fine = { name: 'Ann', age: 3, tags: ['a'], note: null }

it('has nothing to say about what fits, and allows members it does not name', () => {
  expect(person(fine, 'who')).toBeUndefined()
  expect(person({ ...fine, more: true, note: 'abc' }, 'who')).toBeUndefined()
})

it.each([
  [{ ...fine, name: '' }, 'who.name: expected at least 1 character, got none'],
  [{ ...fine, name: 'Annabel' }, 'who.name: expected at most 5 characters, got 7'],
  [{ ...fine, name: { toString: (): string => 'Ann' } }, 'who.name: expected text, got object'],
  [{ ...fine, age: 1.5 }, 'who.age: expected a whole number from 0 to 150, got number 1.5'],
  [{ ...fine, age: '3' }, 'who.age: expected a whole number from 0 to 150, got string'],
  [{ ...fine, tags: ['a', 'c'] }, 'who.tags[1]: expected one of a, b, got string'],
  [{ ...fine, tags: ['a', 'a', 'a'] }, 'who.tags: expected at most 2 items, got 3'],
  [{ ...fine, tags: 'a' }, 'who.tags: expected a list, got string'],
  [{ ...fine, note: 4 }, 'who.note: expected text, got number'],
  [[fine], 'who: expected an object, got a list'],
  [null, 'who: expected an object, got null']
])('names the place, what came and what would be right: %#', (value, problem) => {
  expect(person(value, 'who')).toBe(problem)
})

it('picks the shape by a word', () => {
  const shape = choice('type', { on: object({ since: optional(whole()) }), off: object({ quiet: flag }) })
  expect(shape({ type: 'on' }, '')).toBeUndefined()
  expect(shape({ type: 'off' }, '')).toBe('quiet: expected true or false, got undefined')
  expect(shape({ type: 'toString' }, '')).toBe('type: expected one of on, off, got toString')
  expect(shape({}, 'it')).toBe('it.type: expected text, got undefined')
})
