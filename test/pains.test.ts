import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pains } from './pains.ts'

describe('what people suffer from', () => {
  it.each(pains)('is shown not to happen by tests that are there: $suffers', ({ tests }) => {
    for (const test of tests) {
      const [file, ...name] = test.split(': ')
      expect(readFileSync(new URL(file!, import.meta.url), 'utf8'), test).toContain(`'${name.join(': ')}'`)
    }
  })
})
