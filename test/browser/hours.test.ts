import type { Browser } from 'playwright'
import { afterAll, beforeAll, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { openBrowser, openHouse, sitDown, visit } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

const MINUTE = 60_000

it('a house that is closed says when it opens, takes a message, and opens by itself', async () => {
  const opensAt = Math.ceil((Date.now() + 2 * MINUTE) / MINUTE) * MINUTE
  // Where it is noon: an answer has to be due before the day, and with it all there are of hours, is over.
  const ahead = 12 - new Date(opensAt).getUTCHours()
  const zone = `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
  const local = new Date(opensAt + ahead * 60 * MINUTE).toISOString()
  const hours = { zone, week: {}, holidays: { [local.slice(0, 10)]: [`${local.slice(11, 16)}-24:00`] } }
  const house = await openHouse(
    { HOURS: JSON.stringify(hours), OPENS_AT: String(opensAt) },
    'test/browser/clocked-server.ts'
  )
  try {
    const sam = await sitDown(browser, house)
    await expect(sam.page.getByText(/^Outside your hours, which begin .*at \d\d:\d\d\. Visitors leave/)).toBeVisible()

    // Where no clock ever shows what the house's does: there, the widget would not say whose time it is.
    const visitor = await visit(browser, house, { timezoneId: 'Asia/Kathmandu' })
    await expect(visitor.launcher).toHaveAccessibleName(/Leave us a message/)
    await visitor.open()
    await expect(visitor.panel.getByText(/^Back (tomorrow )?at \d\d:\d\d \(your time, GMT\+5:45\)$/)).toBeVisible()
    await expect(visitor.panel.getByRole('button', { name: 'Chat now' })).toHaveCount(0)
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Is the Wren in stock?')
    await expect(visitor.panel.getByText(/^Nobody is here just now\. You can expect an answer by .+\d/)).toBeVisible()

    await house.ask('to go on')
    await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
    await expect(visitor.panel.getByText('You are next')).toBeVisible()
    await expect(sam.page.getByText('Visitors can start a live chat.')).toBeVisible()
    expect(visitor.complaints).toEqual([])
  } finally {
    await house.close()
    for (const context of browser.contexts()) await context.close()
  }
})
