/**
 * Changes the code that delivers, a little and in one place at a time, and looks whether a test notices, first one of the
 * file's own, then any: `npm run mutate`, or `npm run mutate -- --only link` for the files whose path contains `link`. Ends
 * with the changes that no test noticed, each with the reason why it may stay, and one line of JSON.
 */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
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
  .concat(['claim', 'idb', 'keys', 'late', 'leaving', 'memory', 'open'].map(name => `src/storage/${name}.ts`))

/** All tests of the delivery core that need no browser, no server and no real clock. */
const ALL = 'test/{core,journeys,model,storage}/**/*.test.ts'

interface Mutant {
  readonly fileName: string
  readonly mutatorName: string
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
const found: Mutant[] = []
for (const [i, of] of groups().entries()) {
  console.log(`\n${of.join(', ')} with the tests that know it best (${i + 1} of ${groups().length})`)
  found.push(...(await change(of, nearest(of))))
}
const doubtful = found.filter(isLeft)
if (doubtful.length) console.log(`\n${doubtful.length} changes that these did not notice, with all tests`)
const again = doubtful.length ? await change(doubtful.map(placeOf), ALL) : []
const noticed = new Set(again.filter(mutant => !isLeft(mutant)).map(nameOf))
const mutants = found.map(mutant => (noticed.has(nameOf(mutant)) ? { ...mutant, status: 'Killed' } : mutant))

const rows = files.map(file => {
  const own = mutants.filter(
    ({ fileName, status }) => fileName.endsWith(file) && !/Ignored|CompileError|RuntimeError/.test(status)
  )
  const noticed = own.filter(({ status }) => /Killed|Timeout/.test(status)).length
  return { file, all: own.length, noticed, left: own.filter(isLeft) }
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

/** The files one by one, and those of storages, which have their tests in common, together. */
function groups(): readonly (readonly string[])[] {
  const storages = files.filter(file => file.startsWith('src/storage/'))
  return [...files.filter(file => !storages.includes(file)).map(file => [file]), ...(storages.length ? [storages] : [])]
}

/** Nearly each change is noticed by these, and much sooner: most of the time goes into loading what tests are made of. */
function nearest(of: readonly string[]): string {
  const [, folder, name] = /^src\/(\w+)\/([\w-]+)/.exec(of[0]!)!
  return folder === 'core' ? `test/core/{${name},small}.test.ts` : 'test/storage/*.test.ts'
}

/** Makes every change to these files, or to these places in them, and runs the tests that meet this pattern. */
async function change(places: readonly string[], tests: string): Promise<readonly Mutant[]> {
  process.env.MUTATE_TESTS = tests
  const stryker = new Stryker({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    // There is none: it cannot read that of this TypeScript, and need not.
    tsconfigFile: 'no-such-file.json',
    coverageAnalysis: 'perTest',
    mutate: places,
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
  } as never)
  return (await stryker.runMutationTest()) as unknown as readonly Mutant[]
}

function isLeft({ status }: Mutant): boolean {
  return /Survived|NoCoverage/.test(status)
}

/** Where it is, as `mutate` of StrykerJS takes it: there columns count from 0. */
function placeOf({ fileName, location: { start, end } }: Mutant): string {
  return `${relative(root, fileName)}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`
}

function nameOf(mutant: Mutant): string {
  return `${placeOf(mutant)} ${mutant.mutatorName} ${mutant.replacement}`
}

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
