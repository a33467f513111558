import { setTimeout as pause } from 'node:timers/promises'
import { arrived, type Cell, converse, type Place } from '../cell.ts'

const DAYS = 86_400_000

/** The visitor's clock jumps; see `delivery.md` 2.9. */
export const clock: readonly Cell[] = [30, -30].map(days => ({
  name: `clock-${days > 0 ? 'forward' : 'backward'}`,
  fault: `the clock jumps ${days} days while messages wait and while an attempt to connect is due: attempts`,
  bound: 1,
  unit: 'a second',
  patient: true,
  measure: place => jumps(place, days * DAYS)
}))

/** Attempts a second, in 20 seconds that begin with the jump. Order and number of the messages must not change. */
async function jumps(place: Place, milliseconds: number): Promise<number> {
  const { wire } = place
  const { page, threadId } = await converse(place, ['one', 'two'], 'widget.html?clock')
  wire.mode = 'refused'
  wire.reset()
  await page.evaluate(() => hands.write(['three']))
  const before = await page.evaluate(() => seen.attempts)
  await page.evaluate(ms => jump(ms), milliseconds)
  await page.evaluate(() => hands.write(['four']))
  await pause(10_000)
  wire.mode = 'open'
  await page.evaluate(ms => jump(-ms / 2), milliseconds)
  await page.evaluate(() => hands.write(['five']))
  await pause(10_000)
  const attempts = ((await page.evaluate(() => seen.attempts)) - before) / 20
  await arrived(place, page, threadId, ['one', 'two', 'three', 'four', 'five'])
  return attempts
}
