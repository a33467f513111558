/**
 * Changes the code that delivers, a little and in one place at a time, and looks whether a test notices:
 * `npm run mutate`, or `npm run mutate -- --only link` for the files whose path contains `link`. Ends with the changes that
 * no test noticed, each with the reason why it may stay, and one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { record } from '../support/reliability.ts'
import { REASONS } from './reasons.ts'

/** Which share of the changes has to be noticed, in percent. */
const BOUND = { most: 92, rest: 85 } as const
/** Where a word is kept or lost: what is bound to `most`. */
const MOST = /core\/(outbox|inbox|link|leader)\.ts|storage\//
const FILES = [
  ...[
    'backoff',
    'device',
    'holding',
    'inbox',
    'leader',
    'leaving',
    'link',
    'outbox',
    'reconcile',
    'recovery',
    'rows',
    'sending',
    'standby'
  ],
  ...['threads', 'waiting']
]
  .map(name => `src/core/${name}.ts`)
  .concat(['claim', 'idb', 'keys', 'memory', 'open'].map(name => `src/storage/${name}.ts`))

interface Mutant {
  readonly fileName: string
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}
interface Place {
  readonly line: number
  readonly column: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, jobs: { type: 'string', default: '2' } }
})
const files = FILES.filter(file => file.includes(values.only))
if (!files.length) throw new Error(`--only ${values.only}: expected a part of one of ${FILES.join(', ')}`)

process.chdir(root)
const mutants = (await new Stryker({
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  // There is none: it cannot read that of this TypeScript, and need not.
  tsconfigFile: 'no-such-file.json',
  coverageAnalysis: 'perTest',
  mutate: files,
  reporters: ['progress-append-only'],
  concurrency: Number(values.jobs),
  timeoutMS: 4000,
  tempDirName: 'node_modules/.cache/mutate',
  ignorePatterns: [
    '/dist',
    '/demo',
    '/test/demo',
    '/test/browser',
    '/test/sim',
    '/test/reliability',
    '/node_modules/.cache'
  ],
  allowConsoleColors: false
} as never).runMutationTest()) as unknown as readonly Mutant[]

const rows = files.map(file => {
  const own = mutants.filter(
    ({ fileName, status }) => fileName.endsWith(file) && !/Ignored|CompileError|RuntimeError/.test(status)
  )
  const noticed = own.filter(({ status }) => /Killed|Timeout/.test(status)).length
  return { file, all: own.length, noticed, left: own.filter(({ status }) => /Survived|NoCoverage/.test(status)) }
})

console.log('\nfile                     changes  noticed  score  bound')
for (const { file, all, noticed } of rows) {
  const figures = [String(all).padStart(7), String(noticed).padStart(7), score(noticed, all).toFixed(1).padStart(5)]
  console.log(`${file.padEnd(24)} ${figures.join('  ')}  ${boundOf(file)}`)
}
const left = rows.flatMap(row => row.left.map(mutant => ({ ...mutant, file: row.file })))
if (left.length) console.log('\nNot noticed:')
for (const mutant of left) {
  const { line } = mutant.location.start
  console.log(
    `${mutant.file}:${line}  ${original(mutant)}  →  ${oneLine(mutant.replacement ?? '')}\n    ${reason(mutant) ?? 'no reason yet'}`
  )
}

const sum = (of: readonly { readonly all: number; readonly noticed: number }[]) =>
  score(total(of, 'noticed'), total(of, 'all'))
const most = rows.filter(({ file }) => MOST.test(file))
const figures = {
  mutants: total(rows, 'all'),
  noticed: total(rows, 'noticed'),
  score: round(sum(rows)),
  most: round(sum(most)),
  withoutReason: left.filter(mutant => reason(mutant) === undefined).length,
  files: Object.fromEntries(rows.map(({ file, all, noticed }) => [file, round(score(noticed, all))]))
}
// A look at some files must not replace the figures of all.
if (files.length === FILES.length) record('mutate', figures)
console.log(JSON.stringify(figures))
if (sum(rows) < BOUND.rest || (most.length && sum(most) < BOUND.most)) process.exitCode = 1

function boundOf(file: string): number {
  return MOST.test(file) ? BOUND.most : BOUND.rest
}

function score(noticed: number, all: number): number {
  return all ? (noticed / all) * 100 : 100
}

function round(figure: number): number {
  return Math.round(figure * 10) / 10
}

function total(of: readonly { readonly all: number; readonly noticed: number }[], figure: 'all' | 'noticed'): number {
  return of.reduce((so, row) => so + row[figure], 0)
}

/** What stood where the change is. */
function original({ file, location: { start, end } }: Mutant & { readonly file: string }): string {
  const lines = readFileSync(root + file, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1)
  lines[0] = lines[0]!.slice(start.column - 1)
  return oneLine(lines.join(' '))
}

function reason(mutant: Mutant & { readonly file: string }): string | undefined {
  const [from, to] = [original(mutant), oneLine(mutant.replacement ?? '')]
  return REASONS.find(one => one.file === mutant.file && one.from === from && one.to === to)?.reason
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 90 ? `${line.slice(0, 87)}...` : line
}
