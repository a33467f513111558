import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright'
import { createId } from '../../../src/model/id.ts'
import { en } from '../../../src/ui/strings/en.ts'
import { enLimits } from '../../../src/ui/strings/en-limits.ts'
import { arrived, type Cell, converse, type Place, until, visit } from '../cell.ts'
import type { Wire } from '../wire.ts'

const ONLY_CHROMIUM = 'only the DevTools protocol of Chromium can do it'

/** How long a look into the database may take, in milliseconds. */
const LOOK = 200

const HOW = {
  missing: 'there is no IndexedDB',
  throws: 'opening the database throws',
  hangs: 'opening the database is never answered'
} as const

/** The browser's database lets us down; see `delivery.md` 2.10 and 2.11. */
export const storage: readonly Cell[] = [
  {
    name: 'quota',
    fault: 'no room is left: the visitor reads so after the message that finds none',
    bound: 3,
    impossible: { firefox: ONLY_CHROMIUM },
    measure: place => full(place)
  },
  {
    name: 'quota-offline',
    fault: 'the same, while nothing passes the network',
    bound: 3,
    impossible: { firefox: ONLY_CHROMIUM },
    measure: place => full(place, 'held')
  },
  {
    name: 'cleared',
    fault: 'the site’s data are cleared while two messages wait: they are stored again after',
    bound: 1,
    impossible: { firefox: ONLY_CHROMIUM },
    measure: place =>
      emptied(place, async (page, { context, wire }) => {
        const devtools = await context.newCDPSession(page)
        await devtools.send('Storage.clearDataForOrigin', { origin: wire.url, storageTypes: 'indexeddb' })
      })
  },
  {
    name: 'deleted',
    fault: 'another tab deletes the database while two messages wait: they are stored again after',
    bound: 1,
    measure: place => emptied(place, (_page, _place, other) => other.evaluate(() => hands.remove()))
  },
  {
    name: 'deleter',
    fault: 'the same: the other tab has to wait for',
    bound: 1,
    async measure(place) {
      await converse(place)
      const other = await visit(place, 'quiet.html')
      return (await other.evaluate(() => hands.remove())) / 1000
    }
  },
  ...(['missing', 'throws', 'hangs'] as const).map(
    (how): Cell => ({
      name: `database-${how}`,
      fault: `${HOW[how]}: the visitor reads that nothing is saved after`,
      bound: 3,
      async measure(place) {
        const page = await visit(place, `widget.html?database=${how}`)
        const threadId = createId()
        const opening = page.evaluate(id => hands.open(id), threadId)
        const took = await says(page, enLimits.volatile)
        await opening
        await page.evaluate(() => hands.write(['one', 'two']))
        await arrived(place, page, threadId, ['one', 'two'])
        return took
      }
    })
  ),
  {
    name: 'blocked',
    fault:
      'another tab blocks the database while it waits for an upgrade: the visitor reads that nothing is saved after',
    bound: 3,
    async measure(place) {
      const { took, page, threadId } = await blocked(place)
      await page.evaluate(() => hands.write(['one']))
      await arrived(place, page, threadId, ['one'])
      return took
    }
  },
  {
    name: 'unblocked',
    fault: 'the same, and it lets go: all is saved and the visitor reads nothing of it any more after',
    bound: 3,
    async measure(place) {
      const { page, threadId, free } = await blocked(place)
      await page.evaluate(() => hands.write(['one']))
      await arrived(place, page, threadId, ['one'])
      await free()
      const took = await until('what was written to be saved', 60, async () => {
        const { kept } = await page.evaluate(id => hands.quiet(id, 0), threadId)
        return kept.join() === 'one' && !(await page.evaluate(() => hands.banner()))
      })
      await page.evaluate(() => hands.write(['two']))
      await arrived(place, page, threadId, ['one', 'two'])
      return took
    }
  },
  {
    name: 'upgraded',
    fault: 'another tab brings a later version of the database: it has to wait for',
    bound: 1,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      const other = await visit(place, 'quiet.html')
      const took = (await other.evaluate(() => hands.upgrade(7))) / 1000
      await page.bringToFront()
      await page.evaluate(() => hands.write(['two']))
      await arrived(place, page, threadId, ['one', 'two'])
      await untouched(other)
      return took
    }
  },
  {
    name: 'downgrade',
    fault: 'the database is of a later version of the widget: one can write after',
    bound: 3,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      await page.goto(`${place.wire.url}/quiet.html`)
      await page.evaluate(() => hands.upgrade(7))
      // Or the panel, left open, is open before it is asked for.
      await page.evaluate(() => sessionStorage.clear())
      await page.goto(`${place.wire.url}/widget.html`)
      await page.waitForFunction('window.Porchlight')
      const begun = performance.now()
      await page.evaluate(id => hands.open(id), threadId)
      await page.evaluate(() => hands.write(['two']))
      const took = (performance.now() - begun) / 1000
      await arrived(place, page, threadId, ['one', 'two'])
      await untouched(page)
      return took
    }
  }
]

/** Seconds until the banner says this. */
function says(page: Page, words: string): Promise<number> {
  return until(`“${words}”`, 30, async () => (await page.evaluate(() => hands.banner())).includes(words))
}

/** No room is left while one message waits; gives the seconds until the visitor reads so. */
async function full(place: Place, mode: Wire['mode'] = 'open'): Promise<number> {
  const { context, wire } = place
  const origin = wire.url
  const other = await visit(place, 'quiet.html')
  const devtools = await context.newCDPSession(other)
  // Before the first use: Chromium remembers for half a minute how much room there was.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 200_000 })
  const { page, threadId } = await converse(place, ['one'])
  wire.mode = mode
  wire.delay = 300
  await page.evaluate(() => hands.write(['two']))
  await other.evaluate(() => hands.fill())
  const long = `three${' and more'.repeat(500)}`
  // Whether it is accepted is not looked at here: where it is not, that shows when all has to be there.
  page.evaluate(text => hands.write([text]), long).catch(() => {})
  const took = await says(page, en.degraded)
  wire.mode = 'open'
  wire.delay = 0
  if (mode === 'held') wire.reset()
  await arrived(place, page, threadId, ['one', 'two', long])
  await devtools.send('Storage.overrideQuotaForOrigin', { origin })
  await page.evaluate(() => hands.write(['four']))
  await arrived(place, page, threadId, ['one', 'two', long, 'four'])
  await until('saving to work again', 10, async () => !(await page.evaluate(() => hands.banner())))
  return took
}

/** The database goes while two messages wait in it; gives the seconds until they are in it again. */
async function emptied(
  place: Place,
  empty: (page: Page, place: Place, other: Page) => Promise<unknown>
): Promise<number> {
  const { page, threadId } = await converse(place, ['one'])
  const other = await visit(place, 'quiet.html')
  await page.bringToFront()
  place.wire.mode = 'held'
  await page.evaluate(() => hands.write(['two', 'three']))
  await empty(page, place, other)
  const took = await until('what waits to be stored again', 60, async () => {
    // Chromium has no answer at all for who looks in the very moment in which it clears: looked at again.
    const waiting = await Promise.race([page.evaluate(() => hands.waiting()), pause(LOOK, [])])
    return waiting.join() === 'two,three'
  })
  place.wire.mode = 'open'
  place.wire.reset()
  await arrived(place, page, threadId, ['one', 'two', 'three'])
  return took
}

/** A tab that holds the database and one that wants to upgrade it come first; gives what happens to the third one. */
async function blocked(place: Place) {
  const holder = await visit(place, 'quiet.html')
  await holder.evaluate(() => hands.hold())
  const upgrader = await visit(place, 'quiet.html')
  const upgrading = upgrader.evaluate(() => hands.upgrade(7))
  upgrading.catch(() => {})
  const page = await visit(place)
  const threadId = createId()
  const opening = page.evaluate(id => hands.open(id), threadId)
  const took = await says(page, enLimits.volatile)
  await opening
  return {
    page,
    threadId,
    took,
    async free() {
      await holder.evaluate(() => release())
      await upgrading
    }
  }
}

/** What a later version has stored is not ours to touch. */
async function untouched(page: Page): Promise<void> {
  const kept = await page.evaluate(() => hands.stored('of-a-later-version'))
  if (JSON.stringify(kept) !== '[{"from":"later"}]') {
    throw new Error(`expected the row of a later version to be as it was, got ${JSON.stringify(kept)}`)
  }
}
