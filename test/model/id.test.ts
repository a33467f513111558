import { expect, it } from 'vitest'
import { createId } from '../../src/model/id.ts'

it('makes ids of 128 random bits in characters that are safe everywhere', () => {
  const ids = Array.from({ length: 10_000 }, createId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
})
