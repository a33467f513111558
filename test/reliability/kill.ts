/**
 * Kills the page's process, the whole browser or the server at a random moment while somebody writes, starts it again,
 * and looks at the screen, the browser's database and the server's: `npm run kill -- --renderer 150 --browser 60
 * --server 60 --seed 7`. A seed gives the same moments to kill at; what else happens in them is the machine's.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import type { Page } from 'playwright'
import { createId } from '../../src/model/id.ts'
import { record } from '../support/reliability.ts'
import { visitorOn } from '../support/world.ts'
import { counts } from './counts.ts'
import './hands.ts'
import { createProgress } from './progress.ts'
import { killRenderer, openStage, rendererOf } from './stage.ts'
import { isClean, judge, type Verdict, type Views } from './verdict.ts'
import { within } from './within.ts'

const VICTIMS = ['renderer', 'browser', 'server'] as const
type Victim = (typeof VICTIMS)[number]

/** Messages that are written in one run, before and after the kill. */
const MESSAGES = 17
/** So many of them are written when the server is back: who writes is connected at once. */
const LAST = 2
/** Until when everything has to be there, in milliseconds. */
const QUIET = 45_000
/** Until when a run has to be over, in milliseconds. */
const DEADLINE = 120_000
/** So many runs share a profile: who has a thousand conversations is slow, and not what is looked for here. */
const PER_PROFILE = 50
/** This share of the runs has to leave something unsent, or the kills come at the wrong moments. */
const BITE = 0.5
/** How long a kill waits for a command to be on its way, in milliseconds. */
const UNDER_WAY = 2000

const EVIDENCE = fileURLToPath(new URL('../../node_modules/.cache/kill', import.meta.url))

/** When and how one run kills. */
const plans = fc.noBias(
  fc.record({
    /** Through the browser's keyboard, or through events in the page, which is faster. */
    byKeyboard: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
    /** How many messages are accepted before the kill, and how many milliseconds after that it comes. */
    after: fc.nat(MESSAGES - LAST - 2),
    pause: fc.nat(40),
    /** How long an answer of the server takes: most of the time one is due, so that most kills make a frame come again. */
    delay: fc.integer({ min: 60, max: 240 }),
    /**
     * After so many messages nothing passes the wire any more. From the beginning: then what is sent gets lost on its way
     * and has to be sent again, which is rare else, because the server says first what it has.
     */
    cutAfter: fc.option(fc.oneof(fc.constant(0), fc.nat(MESSAGES)), { freq: 2 }),
    /** How long the server is down, besides the time that its start takes. */
    down: fc.nat(300)
  })
)
type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never

interface Run {
  readonly threadId: string
  readonly tried: readonly string[]
  readonly accepted: string[]
  /** What waited to be sent when the victim had died. */
  readonly left: readonly string[]
  readonly verdict: Verdict
}

/** A browser that was killed came back without what the test itself had stored beside the widget: nothing can be said. */
class Emptied extends Error {
  override readonly name = 'Emptied'
}

const NOTHING: Verdict = { lost: [], duplicated: [], misordered: [], other: [] }

const defaults = { renderer: 150, browser: 60, server: 60, seed: Math.floor(Math.random() * 1_000_000_000) }
const wanted = counts(defaults)
const progress = createProgress()
const stage = await openStage()
const totals = { accepted: 0, lost: 0, duplicated: 0, misordered: 0, other: 0, nonEmptyOutbox: 0, emptied: 0 }
const runs: Run[] = []
let page: Page | undefined

try {
  for (const victim of VICTIMS) await killMany(victim, wanted[victim])
  totals.lost += await missingOnDisk()
  finish()
} catch (error) {
  console.error(`seed ${wanted.seed}, run ${runs.length + 1}: ${error instanceof Error ? error.stack : error}`)
  process.exitCode = 1
} finally {
  progress.end()
  await stage.close()
}

async function killMany(victim: Victim, times: number): Promise<void> {
  const begun = performance.now()
  const sample = fc.sample(plans, { seed: wanted.seed, numRuns: Math.max(1, times) }).slice(0, times)
  for (const [number, plan] of sample.entries()) {
    if (number % PER_PROFILE === 0) {
      await stage.forget()
      page = undefined
    }
    const run = await attempt(victim, number, plan)
    runs.push(run)
    count(run)
    const pace = (performance.now() - begun) / (number + 1) / 1000
    progress.say(
      `${victim} ${number + 1}/${times}, ${pace.toFixed(2)} s each: ${totals.accepted} accepted, ` +
        `${stage.wire.duplicateFrames} sent again, ${bad()} wrong`
    )
  }
}

/** A run, whose evidence is kept if something is wrong. What breaks it off is wrong, too; then the next begins anew. */
async function attempt(victim: Victim, number: number, plan: Plan): Promise<Run> {
  const name = `${victim}-${number}`
  const begun: Run = { threadId: createId(), tried: messages(victim, number), accepted: [], left: [], verdict: NOTHING }
  try {
    const run = await within(DEADLINE, runOnce(victim, plan, begun))
    if (!isClean(run.verdict)) await keepEvidence(name, plan, run)
    return run
  } catch (error) {
    const verdict = { ...NOTHING, other: [error instanceof Error ? error.message : String(error)] }
    const isEmptied = error instanceof Emptied
    if (isEmptied) totals.emptied++
    await keepEvidence(name, plan, { ...begun, verdict })
    stage.wire.mode = 'open'
    await stage.forget()
    page = undefined
    await stage.house.kill()
    await stage.house.start()
    // What had been accepted went with the profile.
    return { ...begun, accepted: [], verdict: isEmptied ? NOTHING : verdict }
  }
}

function messages(victim: Victim, number: number): readonly string[] {
  return Array.from({ length: MESSAGES }, (_, i) => `${victim} ${number}, message ${i + 1}${'.'.repeat(i * 7)}`)
}

/** Writes, kills in the middle of it, brings back what died, writes on, and waits until all is quiet. */
async function runOnce(victim: Victim, plan: Plan, { threadId, tried, accepted }: Run): Promise<Run> {
  const { wire } = stage
  let heard = () => {}
  let killed = false
  stage.onAccepted(text => {
    accepted.push(text)
    if (accepted.length === plan.cutAfter && !killed) wire.mode = 'held'
    heard()
  })
  wire.delay = plan.delay
  page ??= await visit(true)
  await page.evaluate(async id => {
    await hands.mark(id)
    await hands.open(id)
  }, threadId)
  const renderer = victim === 'renderer' ? await rendererOf(page) : undefined

  if (plan.cutAfter === 0) wire.mode = 'held'
  const sentBefore = wire.sendFrames
  const first = victim === 'server' ? tried.slice(0, -LAST) : tried
  const writing = write(page, first, plan.byKeyboard)
  // It ends when the page does.
  writing.catch(() => {})
  await Promise.race([
    writing,
    new Promise<void>(resolve => {
      heard = () => accepted.length > plan.after && resolve()
    })
  ])
  for (const end = Date.now() + UNDER_WAY; wire.sendFrames === sentBefore && Date.now() < end; ) await pause(5)
  await pause(plan.pause)
  killed = true

  let left: readonly string[]
  if (victim === 'server') {
    await stage.house.kill()
    wire.reset()
    left = await page.evaluate(() => hands.waiting())
    await pause(plan.down)
    wire.mode = 'open'
    wire.delay = 0
    await stage.house.start()
    await writing
    await write(page, tried.slice(-LAST), plan.byKeyboard)
  } else {
    await (renderer ? killRenderer(page, renderer) : stage.killBrowser())
    // What was held answers nobody any more, and a browser that lives on may have kept it for the next page.
    wire.reset()
    wire.mode = 'open'
    wire.delay = 0
    const known = accepted.length
    page = await visit(false)
    left = await waitingIn(page)
    if (!(await page.evaluate(id => hands.marked(id), threadId))) throw new Emptied('the browser lost its databases')
    await page.goto(`${wire.url}/widget.html`)
    await page.waitForFunction('window.Porchlight')
    await page.evaluate(id => hands.open(id), threadId)
    // The one after the last accepted was on its way when the page died: whether it got through is anybody's guess.
    await write(page, tried.slice(known + 1), plan.byKeyboard)
  }
  const { kept, shown } = await page.evaluate(([id, patience]) => hands.quiet(id, patience), [threadId, QUIET] as const)
  const log = await stage.log(threadId)
  const views: Views = { screen: shown, database: kept, server: log.map(({ text }) => text) }
  const verdict = judge(
    { tried, accepted },
    views,
    log.map(({ position }) => position)
  )
  return { threadId, tried, accepted, left, verdict }
}

/** A tab on a page with the widget, or on one of the same site where nothing of it runs. */
async function visit(widget: boolean): Promise<Page> {
  const tab = await stage.tab()
  await tab.goto(`${stage.wire.url}/${widget ? 'widget' : 'quiet'}.html`)
  if (widget) await tab.waitForFunction('window.Porchlight')
  return tab
}

/** What waits to be sent. A database whose browser was killed may need more than one try until it opens. */
async function waitingIn(tab: Page, tries = 10): Promise<readonly string[]> {
  try {
    return await tab.evaluate(() => hands.waiting())
  } catch (error) {
    if (tries <= 1) throw error
    await pause(500)
    return waitingIn(tab, tries - 1)
  }
}

async function write(tab: Page, texts: readonly string[], byKeyboard: boolean): Promise<void> {
  if (!byKeyboard) return tab.evaluate(list => hands.write(list), texts)
  const { composer } = visitorOn(tab)
  const watching = tab.evaluate(list => hands.watch(list), texts)
  watching.catch(() => {})
  for (const text of texts) {
    await composer.fill(text)
    await composer.press('Enter')
    await tab.waitForFunction(
      () => document.querySelector('porchlight-chat')?.shadowRoot?.querySelector('textarea')?.value === ''
    )
  }
  await watching
}

function count({ accepted, left, verdict }: Run): void {
  totals.accepted += accepted.length
  if (left.length) totals.nonEmptyOutbox++
  for (const kind of ['lost', 'duplicated', 'misordered', 'other'] as const) totals[kind] += verdict[kind].length
}

function bad(): number {
  return totals.lost + totals.duplicated + totals.misordered + totals.other
}

/** How much of everything is missing after one more kill, as a fresh process reads it from the server's disk. */
async function missingOnDisk(): Promise<number> {
  await stage.house.kill()
  await stage.house.start()
  let missing = 0
  for (const { threadId, accepted } of runs) {
    const texts = new Set((await stage.log(threadId)).map(({ text }) => text))
    missing += accepted.filter(text => !texts.has(text)).length
  }
  return missing
}

async function keepEvidence(name: string, plan: Plan, run: Run): Promise<void> {
  const folder = join(EVIDENCE, `${wanted.seed}-${name}`)
  mkdirSync(folder, { recursive: true })
  // Either may be what is broken.
  const log = await stage.log(run.threadId).catch(String)
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ plan, ...run, log }, null, 2))
  await page?.screenshot({ path: join(folder, 'screen.png'), timeout: 5000 }).catch(() => {})
  progress.end()
  console.error(`seed ${wanted.seed}, ${name}: ${JSON.stringify(run.verdict)}\n  kept in ${folder}`)
}

function finish(): void {
  const { duplicateFrames } = stage.wire
  progress.end()
  const share = runs.length ? totals.nonEmptyOutbox / runs.length : 0
  const figures = {
    renderer: wanted.renderer,
    browser: wanted.browser,
    server: wanted.server,
    accepted: totals.accepted,
    duplicateFrames,
    lost: totals.lost,
    duplicated: totals.duplicated,
    misordered: totals.misordered,
    other: totals.other,
    emptied: totals.emptied,
    nonEmptyOutbox: Number(share.toFixed(3)),
    seed: wanted.seed
  }
  console.log(
    `${runs.length} kills, ${totals.accepted} messages accepted, ${duplicateFrames} commands sent more than once`
  )
  console.log(`${Math.round(share * 100)} % of the kills left something unsent`)
  console.log(
    `lost ${figures.lost}, duplicated ${figures.duplicated}, out of order ${figures.misordered}, other ${figures.other}`
  )
  if (figures.emptied) {
    console.log(`${figures.emptied} times the browser came back without any of its databases, and nothing was judged`)
  }
  const vacuous = !duplicateFrames || share < BITE
  if (!duplicateFrames) console.error('nothing was sent twice: these kills prove nothing')
  if (share < BITE) console.error(`fewer than ${BITE * 100} % of the kills left something unsent: they came too late`)
  // A quick look must not replace the figures of a whole run.
  if (VICTIMS.every(victim => wanted[victim] >= defaults[victim])) record('kill', figures)
  console.log(JSON.stringify(figures))
  process.exitCode = vacuous || bad() ? 1 : 0
}
