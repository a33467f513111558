import { setTimeout as pause } from 'node:timers/promises'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { sitDown } from '../../demo/server/rig.ts'
import { type House, PASSWORD } from '../../support/world.ts'
import { arrived, type Cell, converse, hide, until, visit } from '../cell.ts'
import type { LogRow } from '../server.ts'

/** People: who comes after somebody else, agents who answer and who end a chat; see `delivery.md` 2.12. */
export const identity: readonly Cell[] = [
  {
    name: 'reset',
    fault: '`reset` in one tab: texts of the one before that are on the screen a moment later',
    bound: 0,
    unit: 'texts',
    async measure(place) {
      const { page } = await converse(place, ['mine', 'mine too'], 'chat.html')
      return page.evaluate(async () => {
        void chat.reset()
        await new Promise(requestAnimationFrame)
        return hands.shown().length
      })
    }
  },
  {
    name: 'reset-elsewhere',
    fault: 'the same: nothing is left in another tab or in the database after',
    bound: 1,
    async measure(place) {
      const { page, threadId } = await converse(place, ['mine', 'mine too'], 'chat.html')
      const other = await visit(place, 'chat.html')
      await other.evaluate(id => hands.open(id), threadId)
      await until('the other tab to show it', 10, () => other.evaluate(() => hands.shown().length === 2))
      void page.evaluate(() => chat.reset()).catch(() => {})
      return until('all of it to be gone', 60, async () => {
        const shown = await other.evaluate(() => hands.shown().length)
        const kept = JSON.stringify(await other.evaluate(() => hands.stored()))
        return !shown && !kept.includes('mine')
      })
    }
  },
  {
    name: 'reset-unsent',
    fault: '`reset` with ten messages unsent: those that are sent as somebody else',
    bound: 0,
    unit: 'messages',
    async measure(place) {
      const { page, threadId } = await converse(place, ['one'], 'chat.html')
      place.wire.mode = 'held'
      const unsent = Array.from({ length: 10 }, (_, i) => `unsent ${i}`)
      await page.evaluate(list => hands.write(list), unsent)
      await page.evaluate(() => chat.reset())
      place.wire.mode = 'open'
      place.wire.reset()
      const later = createId()
      await page.evaluate(id => hands.open(id), later)
      await page.evaluate(() => hands.write(['somebody else']))
      await arrived(place, page, later, ['somebody else'])
      return (await place.house.ask<readonly LogRow[]>(threadId)).length - 1
    }
  },
  {
    name: 'session-ended',
    fault: 'the agent ends the chat while ten messages are on their way: those that are refused',
    bound: 0,
    unit: 'messages',
    async measure(place) {
      const sam = await agent(place.house)
      const { page, threadId } = await converse(place, ['one'], 'chat.html')
      await page.evaluate(id => chat.start(id), threadId)
      await until('the chat to wait', 10, () =>
        page.evaluate(id => chat.$sessions.get()[id]?.state === 'queued', threadId)
      )
      await sam.act({ id: createId(), type: 'accept', threadId })
      await until('the chat to be live', 10, () =>
        page.evaluate(id => chat.$sessions.get()[id]?.state === 'active', threadId)
      )
      place.wire.delay = 60
      const texts = Array.from({ length: 10 }, (_, i) => `message ${i}`)
      const writing = page.evaluate(list => hands.write(list), texts)
      await pause(Math.random() * 400)
      await sam.act({ id: createId(), type: 'end', threadId })
      await writing
      await arrived(place, page, threadId, ['one', ...texts])
      sam.close()
      return page.evaluate(() => hands.failed())
    }
  },
  {
    name: 'background',
    fault: 'an agent answers a tab that was hidden for a minute and a half, with timers held back: shown after',
    bound: 1,
    impossible: { firefox: 'driven from outside it does not hold back the timers of hidden tabs' },
    patient: true,
    flags: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10'],
    async measure(place) {
      const sam = await agent(place.house)
      const { page, threadId } = await converse(place, ['one'])
      await hide(page)
      await page.evaluate(() => {
        Object.assign(globalThis, { ticks: 0 })
        setInterval(() => {
          ;(globalThis as unknown as { ticks: number }).ticks++
        }, 100)
      })
      await pause(90_000)
      const ticks = await page.evaluate(() => (globalThis as unknown as { ticks: number }).ticks)
      if (ticks > 200) throw new Error(`nothing held the timers of the hidden tab back: ${ticks} ticks in 90 s`)
      await sam.act({ id: createId(), type: 'reply', threadId, text: 'Here I am.' })
      const took = await until('the answer', 60, () => page.evaluate(() => hands.heard().includes('Here I am.')))
      sam.close()
      return took
    }
  }
]

/** An agent at the inbox, who speaks its protocol. */
function agent({ url }: House) {
  return sitDown({ url } as Server, { name: 'Sam', email: 'agent@example.com', password: PASSWORD })
}
