import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { record } from './reliability.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

it('keeps what other commands wrote, in an order of its own', () => {
  const file = join(folder, 'reliability.json')
  record('sim', { runs: 3, lost: 0 }, file)
  record('kill', { killed: [{ by: 'SIGKILL', after: 7 }] }, file)
  record('sim', { runs: 4, lost: 0 }, file)
  const text = readFileSync(file, 'utf8')
  expect(JSON.parse(text)).toEqual({
    kill: { killed: [{ after: 7, by: 'SIGKILL' }] },
    sim: { lost: 0, runs: 4 }
  })
  expect(text.indexOf('kill')).toBeLessThan(text.indexOf('sim'))
  expect(text.indexOf('after')).toBeLessThan(text.indexOf('by'))
})
