import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import type { Page } from 'playwright'
import { arrived, type Cell, converse, held, type Place, until, visit } from '../cell.ts'
import { killRenderer, rendererOf } from '../stage.ts'

const TABS = 8
const ROUNDS = 3
const NO_PROCESS = 'nothing tells which process runs which tab'
const NO_FREEZE = 'only the DevTools protocol of Chromium can freeze a tab'

/** Tabs come, go, and stand still; see `delivery.md` 2.8. */
export const tabs: readonly Cell[] = [
  {
    name: 'tab-closed',
    fault: `the one of ${TABS} tabs that holds the link is closed: another one holds it after`,
    bound: 2,
    measure: place => loses(place, async page => () => page.close())
  },
  {
    name: 'tab-killed',
    fault: 'its process is killed',
    bound: 2,
    impossible: { firefox: NO_PROCESS },
    measure: place =>
      loses(place, async page => {
        const renderer = await rendererOf(page)
        return async () => {
          await killRenderer(page, renderer)
          await page.close()
        }
      })
  },
  {
    name: 'tab-frozen',
    fault: 'the browser freezes it, as it does with tabs that nobody looks at for long',
    bound: 15,
    impossible: { firefox: NO_FREEZE },
    measure: place =>
      loses(place, async page => {
        const devtools = await place.context.newCDPSession(page)
        return async () => {
          await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
        }
      })
  },
  {
    name: 'tab-stopped',
    fault: 'its process stands still (SIGSTOP), and nobody tells it or anybody else',
    bound: 15,
    impossible: { firefox: NO_PROCESS },
    async measure(place) {
      const all = await openTabs(place)
      const renderer = await rendererOf(all[0]!)
      const before = place.wire.links.length
      process.kill(renderer, 'SIGSTOP')
      try {
        const took = await until('another tab to hold the link', 60, () => place.wire.links.length > before)
        process.kill(renderer, 'SIGCONT')
        await until('one link after the tab goes on', 2 + 15, () => held(place) === 1)
        return took
      } finally {
        process.kill(renderer, 'SIGCONT')
      }
    }
  },
  {
    name: 'tabs-at-random',
    fault: `${TABS} tabs are opened, closed and killed at random: longest time with not exactly one link`,
    bound: 2,
    impossible: { firefox: NO_PROCESS },
    measure: atRandom
  },
  {
    name: 'back-forward',
    fault: 'back and forward ten times, out of the browser’s cache: connected after at most',
    bound: 2,
    impossible: { firefox: 'it keeps no page that holds a Web Lock or a socket when it is left' },
    measure: backForward
  }
]

/** Tabs of one window, of which the first has the link and the last is looked at. */
async function openTabs(place: Place): Promise<Page[]> {
  const { page } = await converse(place)
  const all = [page]
  while (all.length < TABS) all.push(await visit(place))
  await until('one link', 10, () => held(place) === 1)
  return all
}

/**
 * Takes the link from the tab that holds it, several times; gives the longest time until another one is connected.
 *
 * @param prepare Gives what takes it.
 */
async function loses(place: Place, prepare: (page: Page) => Promise<() => Promise<void>>): Promise<number> {
  const all = await openTabs(place)
  let longest = 0
  for (let round = 0; round < ROUNDS; round++) {
    const leads = await leaderOf(all)
    all.splice(all.indexOf(leads), 1)
    const take = await prepare(leads)
    // Who has just got it is still busy with it.
    await pause(1000)
    const before = place.wire.links.length
    const from = performance.now()
    await take()
    await until('another tab to hold the link', 60, () => place.wire.links.length > before)
    longest = Math.max(longest, (place.wire.links[before]!.since - from) / 1000)
    await until('one link', 5, () => held(place) === 1)
  }
  const writer = all.at(-1)!
  await writer.bringToFront()
  const threadId = `after-${Math.random()}`
  await writer.evaluate(id => hands.open(id), threadId)
  await writer.evaluate(() => hands.write(['one', 'two']))
  await arrived(place, writer, threadId, ['one', 'two'])
  return longest
}

async function leaderOf(all: readonly Page[]): Promise<Page> {
  let found: Page | undefined
  await until('a tab with the link', 20, async () => {
    for (const page of all) if (await page.evaluate(() => hands.leads())) found = page
    return found
  })
  return found!
}

async function atRandom(place: Place): Promise<number> {
  const all = await openTabs(place)
  const steps = fc.sample(
    fc.noBias(fc.record({ what: fc.constantFrom('open', 'close', 'kill'), which: fc.nat(99) })),
    30
  )
  const begun = performance.now()
  for (const { what, which } of steps) {
    if (what === 'open' || all.length < 3) {
      if (all.length < TABS) all.push(await visit(place))
      continue
    }
    const [page] = all.splice(which % all.length, 1)
    if (what === 'kill') await killRenderer(page!, await rendererOf(page!))
    await page!.close()
  }
  await pause(2500)
  return longestWithout(place, begun, performance.now())
}

/** The longest time, in seconds, in which the browser did not hold exactly one link. */
function longestWithout({ wire }: Place, from: number, to: number): number {
  const changes = wire.links
    .flatMap(({ since, until = Number.POSITIVE_INFINITY }) => [
      { at: since, by: 1 },
      { at: until, by: -1 }
    ])
    .sort((a, b) => a.at - b.at)
  let open = 0
  let longest = 0
  let wrongSince: number | undefined
  for (const { at, by } of [...changes, { at: to, by: 0 }]) {
    if (at > to) break
    if (wrongSince !== undefined && at > from) longest = Math.max(longest, at - Math.max(wrongSince, from))
    open += by
    wrongSince = open === 1 ? undefined : (wrongSince ?? at)
  }
  return longest / 1000
}

async function backForward(place: Place): Promise<number> {
  const { page, threadId } = await converse(place, ['one'])
  const times = 10
  let longest = 0
  for (let i = 1; i <= times; i++) {
    await page.goto(`${place.wire.url}/quiet.html`)
    // What Playwright calls going back waits for a page to load, and this one is there already.
    page.evaluate(() => history.back()).catch(() => {})
    await until('the page to come back as it was', 10, () =>
      page
        .evaluate(n => globalThis.seen?.shown.filter(({ persisted }) => persisted).length === n, i)
        // Asked in the middle of it: one page is gone, the other not there yet.
        .catch(() => false)
    )
    await until('a new connection', 60, () => page.evaluate(n => seen.opened.length > n, i))
    longest = Math.max(longest, await page.evaluate(() => seen.opened.at(-1)! - seen.shown.at(-1)!.at))
  }
  await page.evaluate(() => hands.write(['two']))
  await arrived(place, page, threadId, ['one', 'two'])
  if (held(place) !== 1) throw new Error(`expected one link after ${times} times, got ${held(place)}`)
  return longest / 1000
}
