import { setTimeout as pause } from 'node:timers/promises'
import { en } from '../../../src/ui/strings/en.ts'
import { arrived, type Cell, converse, hide, type Place, until } from '../cell.ts'

/** The network and the server let us down; see `delivery.md` 2.6. */
export const network: readonly Cell[] = [
  {
    name: 'half-open-idle',
    fault: 'nothing passes and nobody says so, nothing is under way: the link is given up after',
    bound: 35,
    patient: true,
    measure: place => halfOpen(place)
  },
  {
    name: 'half-open-sending',
    fault: 'the same, with a message under way (10 s for its answer, 5 s for a last question)',
    bound: 15,
    patient: true,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      place.wire.mode = 'held'
      await page.evaluate(() => hands.write(['two']))
      const took = await givenUp(place)
      place.wire.mode = 'open'
      await arrived(place, page, threadId, ['one', 'two'])
      return took
    }
  },
  {
    name: 'half-open-hidden',
    fault: 'the same, idle, in a tab that nobody looks at',
    bound: 95,
    patient: true,
    measure: place => halfOpen(place, true)
  },
  {
    name: 'half-open-wake',
    fault: 'the same in a hidden tab: given up after somebody looks at it again',
    bound: 5,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      await hide(page)
      place.wire.mode = 'held'
      await pause(1000)
      await page.bringToFront()
      const took = await givenUp(place)
      place.wire.mode = 'open'
      await page.evaluate(() => hands.write(['two']))
      await arrived(place, page, threadId, ['one', 'two'])
      return took
    }
  },
  {
    name: 'offline',
    fault: 'the browser says that it is offline: the visitor reads so after',
    bound: 5,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      await place.context.setOffline(true)
      const took = await until('the banner', 60, async () => {
        const banner = await page.evaluate(() => hands.banner())
        return banner.includes(en.waiting) || banner.includes(en.connecting)
      })
      await page.evaluate(() => hands.write(['two']))
      await place.context.setOffline(false)
      await arrived(place, page, threadId, ['one', 'two'])
      return took
    }
  },
  {
    name: 'online',
    fault: 'it is online again: what was written meanwhile has arrived after',
    bound: 2,
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'])
      await place.context.setOffline(true)
      await page.evaluate(() => hands.write(['two', 'three']))
      await pause(3000)
      await place.context.setOffline(false)
      return arrived(place, page, threadId, ['one', 'two', 'three'])
    }
  },
  {
    name: 'rst',
    fault: 'the connection breaks in the middle of sending (RST): connected again after',
    bound: 2.5,
    async measure(place) {
      const { wire } = place
      const { page, threadId } = await converse(place, ['one'])
      wire.delay = 100
      await page.evaluate(() => hands.write(['two', 'three', 'four']))
      const before = wire.links.length
      wire.reset()
      const took = await until('a new connection', 60, () => wire.links.length > before)
      wire.delay = 0
      await arrived(place, page, threadId, ['one', 'two', 'three', 'four'])
      return took
    }
  },
  {
    name: 'flapping',
    fault: 'the network comes and goes every 0.2 to 2 s for a minute: attempts to connect',
    bound: 1,
    unit: 'a second',
    patient: true,
    async measure(place) {
      const { wire } = place
      const { page, threadId } = await converse(place, ['one'])
      const texts = ['one']
      const before = await page.evaluate(() => seen.attempts)
      const begun = performance.now()
      while (performance.now() - begun < 60_000) {
        const text = `message ${texts.length + 1}`
        texts.push(text)
        await page.evaluate(list => hands.write(list), [text])
        wire.mode = 'refused'
        wire.reset()
        await pause(200 + Math.random() * 1800)
        wire.mode = 'open'
        await pause(200 + Math.random() * 1800)
      }
      const attempts = ((await page.evaluate(() => seen.attempts)) - before) / ((performance.now() - begun) / 1000)
      await arrived(place, page, threadId, texts)
      return attempts
    }
  },
  {
    name: 'restart',
    fault: 'the server restarts and says goodbye, in the middle of sending: all has arrived after it is back',
    bound: 45,
    measure: place => serverEnds(place, () => place.house.stop())
  },
  {
    name: 'sigkill',
    fault: 'the server is killed (SIGKILL) in the middle of sending: all has arrived after it is back',
    bound: 45,
    measure: place => serverEnds(place, () => place.house.kill())
  }
]

async function halfOpen(place: Place, hidden = false): Promise<number> {
  const { page, threadId } = await converse(place, ['one'])
  if (hidden) await hide(page)
  place.wire.mode = 'held'
  const took = await givenUp(place)
  place.wire.mode = 'open'
  await page.evaluate(() => hands.write(['two']))
  await arrived(place, page, threadId, ['one', 'two'])
  return took
}

/** Seconds until the browser lets go of the connection that it has. */
function givenUp({ wire }: Place): Promise<number> {
  const link = wire.links.at(-1)
  return until('the link to be given up', 200, () => link?.until !== undefined)
}

async function serverEnds(place: Place, end: () => Promise<void>): Promise<number> {
  const { wire, house } = place
  const { page, threadId } = await converse(place, ['one'])
  const texts = ['one', ...Array.from({ length: 15 }, (_, i) => `message ${i + 2}`)]
  wire.delay = 80
  const writing = page.evaluate(list => hands.write(list), texts.slice(1))
  await pause(Math.random() * 300)
  await end()
  await writing
  await house.start()
  return arrived(place, page, threadId, texts)
}
