/**
 * Takes the pictures of the README: `npm run pictures`. Real pages, a real server, a real conversation. With
 * `-- --all FOLDER` it also takes one of every state that a look at the whole wants to see.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'
import { openBrowser, openHouse, sitDown, visit } from './world.ts'

const pictures = fileURLToPath(new URL('../../demo/pictures', import.meta.url))
const all = process.argv.includes('--all') ? process.argv.at(-1) : undefined
const taken: string[] = []

const browser = await openBrowser()
const house = await openHouse()
try {
  mkdirSync(pictures, { recursive: true })
  if (all) mkdirSync(all, { recursive: true })
  const settle = (page: Page) => page.waitForTimeout(900)
  const shoot = async (page: Page, name: string, always = false) => {
    if (!always && !all) return
    await settle(page)
    const path = join(always ? pictures : all!, `${name}.png`)
    await page.screenshot({ path })
    taken.push(name)
    console.log(path)
  }

  // Nobody home yet.
  const night = await visit(browser, house, { colorScheme: 'dark' })
  await shoot(night.page, 'away-launcher-dark')
  await night.open()
  await shoot(night.page, 'away-home-dark')
  await night.panel
    .getByRole('button', { name: /message/i })
    .first()
    .click()
  await night.write('Do you post to Norway?')
  await shoot(night.page, 'away-thread-dark')

  const { page: desk } = await sitDown(browser, house)
  await shoot(desk, 'inbox-start')
  const wide = await visit(browser, house, { viewport: { width: 1280, height: 800 } })
  const phone = await visit(browser, house, {
    viewport: { width: 390, height: 780 },
    hasTouch: true,
    deviceScaleFactor: 2
  })
  const arabic = await visit(browser, house, { locale: 'ar' })
  for (const [name, visitor] of Object.entries({ wide, phone, arabic })) {
    if (name === 'arabic') {
      await visitor.page.route('**/lantern.html', async route => {
        const body = await (await route.fetch()).text()
        await route.fulfill({
          contentType: 'text/html; charset=utf-8',
          body: body.replace('lang="en-GB"', 'lang="ar" dir="rtl"')
        })
      })
      await visitor.page.goto(`${house.url}/lantern.html`)
    }
    await shoot(visitor.page, `launcher-${name}`)
    await visitor.open()
    await shoot(visitor.page, `home-${name}`)
    await visitor.panel.locator('[data-start]').first().click()
    await shoot(visitor.page, `queue-${name}`)
  }
  await wide.write('Hello! Is the Wren bright enough for a front step?')
  await shoot(desk, 'inbox-waiting')
  await desk.getByRole('link', { name: /Wren bright enough/ }).click()
  await desk.getByRole('button', { name: 'Accept', exact: true }).click()
  const reply = desk.getByRole('textbox', { name: 'Reply' })
  await reply.fill('It is: 400 lumens, warm, and aimed at your feet rather than your eyes.')
  await reply.press('Enter')
  await wide.panel.getByText('400 lumens').waitFor()
  await wide.write('Lovely. And does it mind rain?')
  await desk.getByText('does it mind rain').last().waitFor()
  await reply.pressSequentially('Not at all')
  await shoot(wide.page, 'typing-wide')
  await reply.fill('Not at all. IP54, and we have one outside our own door since 2011.')
  await reply.press('Enter')
  await wide.panel.getByText('IP54').waitFor()
  await shoot(wide.page, 'widget', true)
  await shoot(desk, 'inbox', true)
  await wide.write(
    'https://fernhill.example/lamps/wren is the one, then. A very-long-word-without-a-break-'.concat('x'.repeat(60))
  )
  await shoot(wide.page, 'long-wide')
  await wide.context.setOffline(true)
  await wide.write('Am I still heard?')
  await wide.page.waitForTimeout(4000)
  await shoot(wide.page, 'offline-wide')
  await wide.context.setOffline(false)
  await wide.page.waitForTimeout(3000)
  await desk.getByRole('button', { name: 'End chat' }).click()
  await desk.getByRole('button', { name: 'Yes, end it' }).click()
  await shoot(wide.page, 'rating-wide')
  await wide.panel.getByText('Great', { exact: true }).click()
  await shoot(wide.page, 'rating-chosen-wide')
  await wide.panel.getByRole('button', { name: 'Back', exact: true }).click()
  await shoot(wide.page, 'threads-wide')
  await desk.setViewportSize({ width: 390, height: 780 })
  await shoot(desk, 'inbox-phone')
  await desk.emulateMedia({ colorScheme: 'dark' })
  await desk.setViewportSize({ width: 1440, height: 900 })
  await shoot(desk, 'inbox-dark')
} finally {
  await browser.close()
  await house.close()
}
console.log(JSON.stringify({ pictures: taken.length }))
