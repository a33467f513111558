import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Tally } from './tally.ts'

/**
 * For how many seconds histories are made here, and how many at the most; `npm run sim` makes as many as it is asked for. With
 * the two that are compared, five minutes.
 */
const SECONDS = Number(process.env.SIM_SECONDS ?? 270)
const HISTORIES = 10_000

const folder = mkdtempSync(join(tmpdir(), 'sim-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Figures extends Tally {
  readonly seed: number
  readonly failedSeeds: readonly number[]
}

/** Runs the command as people do, and gives its last line. */
function sim(...args: readonly (string | number)[]): Promise<{ readonly figures: Figures; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('node', ['node_modules/tsx/dist/cli.mjs', 'test/sim/main.ts', ...args.map(String)])
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', data => {
        said += data
      })
    }
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve({ figures: JSON.parse(said.trim().split('\n').at(-1)!) as Figures, said })
      } catch {
        reject(new Error(`expected figures in the last line of:\n${said.slice(-2000)}`))
      }
    })
  })
}

/** The same at every run, so that one that fails is the change's doing, and not the day's. `npm run sim` makes others. */
const SEED = Number(process.env.SIM_SEED ?? 1)

it('keeps every promise, whatever goes wrong', { timeout: (SECONDS + 120) * 1000 }, async () => {
  console.log(`npm run sim -- --seed ${SEED} --runs ${HISTORIES} --seconds ${SECONDS}`)
  const { figures, said } = await sim('--seed', SEED, '--runs', HISTORIES, '--seconds', SECONDS, '--tries', 100)
  const { runs, accepted, duplicateFrames, violations } = figures
  console.log(JSON.stringify({ runs, accepted, duplicateFrames, violations }))
  expect(violations, said.slice(-20_000)).toBe(0)
  expect(duplicateFrames).toBeGreaterThan(0)
})

it('makes the same history of the same seed, byte for byte', { timeout: 120_000 }, async () => {
  const [one, two] = ['one.jsonl', 'two.jsonl'].map(name => join(folder, name)) as [string, string]
  await sim('--seed', 7, '--runs', 1, '--record', one)
  await sim('--seed', 7, '--runs', 1, '--record', two)
  const history = readFileSync(one, 'utf8')
  expect(history.split('\n').length).toBeGreaterThan(100)
  expect(readFileSync(two, 'utf8')).toBe(history)

  // And anybody can check it who has nothing but the file.
  const { figures } = await sim('--history', one)
  expect(figures).toMatchObject({ runs: 1, violations: 0 })
  expect(figures.events).toBe(history.trim().split('\n').length)
})

it.each([
  ['', '--history: expected a text'],
  ['nowhere.jsonl', 'nowhere.jsonl: expected a file with a history'],
  ['.', '.: expected a file with a history']
])('says what is wrong with "%s" instead of a history', { timeout: 60_000 }, async (file, words) => {
  await expect(sim('--history', file)).rejects.toThrow(words)
})
