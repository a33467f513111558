import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

/** Two pages of a site, whose chat keeps what is allowed. */
async function site(context: BrowserContext, consent = '') {
  await context.route(/\/(first|next)\.html/, route =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>A site</title><input aria-label="Search" autofocus>
        <script async src="/porchlight/loader.js" data-app="pages" ${consent && `data-consent="${consent}"`}></script>`
    })
  )
  const page = await context.newPage()
  const go = async (name: 'first' | 'next') => {
    await page.goto(`${house.url}/${name}.html`)
    await expect(visitorOn(page).launcher).toBeVisible()
  }
  await go('first')
  return { ...visitorOn(page), go }
}
type Site = Awaited<ReturnType<typeof site>>

const visitors = (options: BrowserContextOptions = {}) => browser.newContext({ locale: 'en-GB', ...options })

async function say({ launcher, panel, write }: Site, text: string) {
  await launcher.click()
  await panel.getByRole('button', { name: 'Leave a message' }).click()
  await write(text)
  await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
}

/** Nothing more is about to happen on a page that has looked what an earlier one has left. */
const looked = ({ page }: Pick<Site, 'page'>) =>
  expect.poll(() => page.evaluate('performance.getEntriesByName(location.origin + "/api/availability").length')).toBe(1)

describe('on the next page', () => {
  it('nothing of the page fails because what its tab may keep is full', async () => {
    const visitor = await site(await visitors())
    const { page, panel, go } = visitor
    const thrown: string[] = []
    page.on('pageerror', error => thrown.push(error.message))
    await say(visitor, 'Is the Wren in stock?')
    await page.evaluate(() => {
      for (let size = 2 ** 22; size; size = size >> 1) {
        try {
          sessionStorage[`filler ${size}`] = 'x'.repeat(size)
        } catch {
          // Less fits.
        }
      }
      // An error is told while there is still a page to tell it.
      window.dispatchEvent(new PageTransitionEvent('pagehide'))
    })
    expect(await page.evaluate(() => 'porchlight:pages:open' in sessionStorage)).toBe(false)
    await go('next')
    await expect(panel).toBeHidden()
    expect(thrown).toEqual([])
  })

  it('the panel is open where it was left, and the focus is the page’s', async () => {
    const visitor = await site(await visitors())
    const { page, panel, texts, go } = visitor
    await say(visitor, 'Is the Wren in stock?')
    await go('next')
    await expect(panel).toBeVisible()
    await expect.poll(texts).toEqual(['Is the Wren in stock?'])
    await expect(page.getByLabel('Search')).toBeFocused()

    // Also on the first screen, and over as many pages as there are.
    await panel.getByRole('button', { name: 'Back' }).click()
    await page.reload()
    await expect(panel.getByRole('heading', { name: 'Your conversations' })).toBeVisible()
    await go('first')
    await expect(panel.getByRole('heading', { name: 'Your conversations' })).toBeVisible()
  })

  it('it stays closed once it was closed, and in another tab', async () => {
    const visitor = await site(await visitors())
    const { page, panel, go } = visitor
    await say(visitor, 'Is the Wren in stock?')
    await go('next')
    await expect(panel).toBeVisible()
    // A copy of all that this tab keeps.
    const opened = page.waitForEvent('popup')
    await page.evaluate("window.open('/first.html')")
    const other = visitorOn(await opened)
    await expect(other.launcher).toBeVisible()
    await looked(other)
    await expect(other.panel).toBeHidden()

    await panel.getByRole('button', { name: 'Close' }).click()
    await go('first')
    await looked(visitor)
    await expect(panel).toBeHidden()
    expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([])
  })

  it('it stays closed where nothing may be kept, and on a phone, where it would cover the page', async () => {
    const visitor = await site(await visitors(), 'none')
    await say(visitor, 'Is the Wren in stock?')
    await visitor.go('next')
    await looked(visitor)
    await expect(visitor.panel).toBeHidden()
    expect(await visitor.page.evaluate('Object.keys(sessionStorage)')).toEqual([])

    const mobile = await site(await visitors({ viewport: { width: 390, height: 780 } }))
    await say(mobile, 'Is the Wren in stock?')
    await mobile.go('next')
    await looked(mobile)
    await expect(mobile.panel).toBeHidden()
  })

  it('it is open on the first screen for whoever comes after somebody has signed out', async () => {
    const visitor = await site(await visitors())
    const { page, panel, composer, go } = visitor
    await say(visitor, 'Is the Wren in stock?')
    await page.evaluate("Porchlight('logout')")
    await expect(panel.getByRole('article')).toHaveCount(0)
    await go('next')
    await looked(visitor)
    await expect(composer).toBeHidden()
  })

  it('it is not open after consent was withdrawn', async () => {
    const visitor = await site(await visitors(), 'persistent')
    const { page, panel, go } = visitor
    await say(visitor, 'Is the Wren in stock?')
    await go('next')
    await expect(panel).toBeVisible()
    await page.evaluate("Porchlight('consent', 'none')")
    await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0)
    await page.reload()
    await looked(visitor)
    await expect(panel).toBeHidden()
  })
})
