import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { read, saidIn, sentences } from './promises.ts'
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

it('is what README.md says', () => {
  expect(saidIn(read('README.md'))).toBe(sentences(JSON.parse(read('reliability.json'))))
})

it('is said as it is, good or bad', () => {
  const kill = {
    renderer: 1500,
    browser: 2,
    server: 3,
    accepted: 12_345,
    duplicateFrames: 6,
    lost: 7,
    duplicated: 8,
    misordered: 9
  }
  expect(sentences({ kill })).toContain('1,500 times the page')
  expect(sentences({ kill })).toContain('7 lost, 8 duplicated, 9 out of order')
  expect(sentences({})).toBe('')
})
