import { expect, it } from 'vitest'
import { codeOf } from '../../src/model/code.ts'
import { createId } from '../../src/model/id.ts'

it('is the same for the same thread, and letters that are not mistaken for each other', () => {
  expect(codeOf('pBMbGrLNi7Gx8iH0ZcRrmg')).toBe(codeOf('pBMbGrLNi7Gx8iH0ZcRrmg'))
  expect(codeOf('pBMbGrLNi7Gx8iH0ZcRrmg')).toMatch(/^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/)
})

it('differs between threads, also between those that differ in one letter only', () => {
  const ids = Array.from({ length: 20_000 }, createId)
  const alike = [...'abcdefghijklmnop'].flatMap(a => [...'0123456789'].map(b => `thread-${a}${b}`))
  expect(new Set([...ids, ...alike].map(codeOf)).size).toBe(ids.length + alike.length)
})

it('uses all its letters at each place', () => {
  const codes = Array.from({ length: 5000 }, () => codeOf(createId()))
  for (const place of [0, 1, 2, 3, 5, 6, 7, 8]) expect(new Set(codes.map(code => code[place])).size).toBe(32)
})
