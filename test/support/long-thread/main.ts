/**
 * `npm run long-thread`: whether a conversation of 10,000 messages feels like one of 50. In a real browser with a real
 * database, one after the other and again, on a processor that is slowed down four times: how long opening takes, what a new message
 * costs, also when all others were scrolled through before, and what a letter typed costs. `-- --messages N` for another length.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright'
import { createProgress } from '../../reliability/progress.ts'
import { bundlePage } from '../bundle-page.ts'
import { ensureChromium } from '../chromium.ts'
import type { Times } from './page.ts'

const SHORT = 50
const ROUNDS = 3
/** How much slower than this machine the page's is. */
const SLOWER = 4
/** Answered by this program: nothing of it leaves the machine. */
const PAGE = 'http://localhost:1/'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000' } } })
if (!/^[1-9]\d{2,5}$/.test(values.messages)) {
  throw new TypeError(`--messages: expected a whole number from 100 to 999999, got ${JSON.stringify(values.messages)}`)
}
const long = Number(values.messages)

const progress = createProgress()
const code = readFileSync(await bundlePage(new URL('page.ts', import.meta.url), 'long-thread'), 'utf8')
const { executablePath, env } = ensureChromium()
const browser = await chromium.launch({
  executablePath,
  env: { ...process.env, ...env } as never,
  args: ['--no-sandbox']
})
const seen = new Map<number, Times[]>([
  [SHORT, []],
  [long, []]
])
try {
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [length, all] of seen) {
      progress.say(`${length} messages, round ${round} of ${ROUNDS}`)
      all.push(await measure(browser, length))
    }
  }
} finally {
  progress.end()
  await browser.close()
}
report()

async function measure(browser: Browser, length: number): Promise<Times> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.route(`${PAGE}**`, route =>
      route.fulfill(
        route.request().url().endsWith('.js')
          ? { contentType: 'text/javascript', body: code }
          : {
              contentType: 'text/html',
              body: '<!doctype html><title>Long</title><script type="module" src="page.js"></script>'
            }
      )
    )
    const session = await context.newCDPSession(page)
    await page.exposeFunction('slowDown', () => session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER }))
    await page.goto(PAGE)
    await page.waitForFunction('globalThis.measure')
    return (await page.evaluate(`measure(${length})`)) as Times
  } finally {
    await context.close()
  }
}

function report(): void {
  const best = (length: number, name: keyof Times) => Math.min(...seen.get(length)!.map(times => times[name]))
  const names = {
    open: 'open, ms',
    append: 'a new message, ms',
    appendToAll: 'the same with all of them loaded, ms',
    type: 'a letter, ms',
    rows: 'messages in the document'
  }
  console.log(`${''.padEnd(38)} ${String(SHORT).padStart(8)} ${String(long).padStart(8)}    ratio`)
  const figures = Object.entries(names).map(([key, name]) => {
    const [few, many] = [best(SHORT, key as keyof Times), best(long, key as keyof Times)]
    console.log(
      `${name.padEnd(38)} ${few.toFixed(1).padStart(8)} ${many.toFixed(1).padStart(8)} ${(many / few).toFixed(2).padStart(8)}`
    )
    return [key, { few: round(few), many: round(many), ratio: round(many / few) }]
  })
  console.log(JSON.stringify({ messages: long, slower: SLOWER, ...Object.fromEntries(figures) }))
}

function round(figure: number): number {
  return Number(figure.toFixed(2))
}
