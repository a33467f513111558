/**
 * Makes one fault after the other in real browsers, and holds what happens against its bound: `npm run faults`,
 * `-- --times 30`, `-- --only quota` (or the beginning of several names), `-- --browser firefox`.
 */
import { parseArgs } from 'node:util'
import { bundlePage } from '../support/bundle-page.ts'
import { record } from '../support/reliability.ts'
import { openHouse } from '../support/world.ts'
import { createBrowsers } from './browsers.ts'
import type { BrowserName, Cell, Place } from './cell.ts'
import { clock } from './cells/clock.ts'
import { identity } from './cells/identity.ts'
import { network } from './cells/network.ts'
import { storage } from './cells/storage.ts'
import { tabs } from './cells/tabs.ts'
import { createProgress } from './progress.ts'
import { openWire } from './wire.ts'
import { within } from './within.ts'

const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox']
const CELLS: readonly Cell[] = [...network, ...storage, ...clock, ...tabs, ...identity]
/** A cell is made at least so often, or its figures are not recorded. */
const TIMES = 3
/** Within this a fault is over, or something hangs that should not; milliseconds. */
const DEADLINE = 300_000

/** What came of a cell in one browser. */
interface Result {
  readonly cell: Cell
  readonly browser: BrowserName
  readonly measured: readonly number[]
  /** Why it could not be made. */
  readonly impossible: string | undefined
  /** What went wrong, besides the measure. */
  readonly errors: readonly string[]
}

const { times, cells, browserNames, whole } = readOptions()
const progress = createProgress()
await bundlePage(new URL('chat-page.ts', import.meta.url), 'reliability')
const browsers = createBrowsers()
const house = await openHouse({ QUEUE_SECONDS: '600' }, 'test/reliability/server.ts')
const results: Result[] = []
try {
  for (const cell of cells) for (const browser of browserNames) results.push(await tryCell(cell, browser))
} finally {
  progress.end()
  await browsers.close()
  await house.close()
}
report()

function readOptions() {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: String(TIMES) },
      only: { type: 'string' },
      browser: { type: 'string' }
    }
  })
  if (!/^[1-9]\d{0,3}$/.test(values.times)) {
    throw new TypeError(`--times: expected a whole number from 1, got ${JSON.stringify(values.times)}`)
  }
  const { only, browser } = values
  const exact = CELLS.filter(({ name }) => name === only)
  const cells = exact.length ? exact : CELLS.filter(({ name }) => only === undefined || name.startsWith(only))
  if (!cells.length) {
    throw new TypeError(`--only: expected one of ${CELLS.map(({ name }) => name).join(', ')}, got ${only}`)
  }
  const browserNames = BROWSERS.filter(name => browser === undefined || name === browser)
  if (!browserNames.length) throw new TypeError(`--browser: expected one of ${BROWSERS.join(', ')}, got ${browser}`)
  const whole = only === undefined && browser === undefined && Number(values.times) >= TIMES
  return { times: Number(values.times), cells, browserNames, whole }
}

async function tryCell(cell: Cell, browser: BrowserName): Promise<Result> {
  const impossible = cell.impossible?.[browser] ?? (await browsers.missing(browser))
  const measured: number[] = []
  const errors: string[] = []
  if (impossible === undefined) {
    const once = async () => {
      try {
        measured.push(await measure(cell, browser))
      } catch (error) {
        errors.push(String(error instanceof Error ? error.message : error).split('\n', 1)[0]!)
      }
      progress.say(`${cell.name} in ${browser}: ${measured.length + errors.length} of ${times}`)
    }
    if (cell.patient) await Promise.all(Array.from({ length: times }, once))
    else for (let i = 0; i < times; i++) await once()
  }
  return { cell, browser, measured, impossible, errors }
}

async function measure(cell: Cell, browser: BrowserName): Promise<number> {
  const { context, close } = await browsers.fresh(browser, cell.flags)
  const wire = await openWire(Number(new URL(house.url).port))
  const place: Place = { browser, context, house, wire }
  try {
    return await within(DEADLINE, cell.measure(place))
  } finally {
    await close()
    await wire.close()
  }
}

function isOk({ cell, measured, errors, impossible }: Result): boolean {
  return impossible === undefined && !errors.length && measured.every(figure => figure <= cell.bound)
}

function report(): void {
  const round = (figure: number) => Number(figure.toFixed(2))
  const rows = results.map(result => {
    const { cell, browser, measured, impossible, errors } = result
    return {
      cell: cell.name,
      browser,
      bound: `${cell.bound} ${cell.unit ?? 's'}`,
      measured: measured.length ? String(round(Math.max(...measured))) : '',
      times: measured.length + errors.length,
      ok: impossible !== undefined ? 'not possible' : isOk(result) ? 'ok' : 'FAILED',
      why: impossible ?? errors[0] ?? cell.fault
    }
  })
  table(rows)
  const figures = {
    cells: results.length,
    ok: results.filter(isOk).length,
    failed: results.filter(result => result.impossible === undefined && !isOk(result)).length,
    notPossible: results.filter(({ impossible }) => impossible !== undefined).length,
    times,
    matrix: results.map(({ cell, browser, measured, impossible, errors }) => ({
      cell: cell.name,
      browser,
      bound: cell.bound,
      measured: measured.map(round),
      errors,
      impossible: impossible ?? ''
    }))
  }
  // A quick look must not replace the figures of a whole run.
  if (whole) record('faults', figures)
  console.log(JSON.stringify(figures))
  process.exitCode = figures.failed ? 1 : 0
}

/** Prints rows under the names of their members, each column as wide as it needs to be. */
function table(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map(row => names.map(name => String(row[name])))]
  const widths = names.map((_, i) => Math.max(...lines.map(line => line[i]!.length)))
  for (const line of lines)
    console.log(
      line
        .map((text, i) => text.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()
    )
}
