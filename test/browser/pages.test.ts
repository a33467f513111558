import { expect } from '@playwright/test'
import type { Browser, BrowserContext } from 'playwright'
import { describe, it } from 'vitest'
import { type House, sitDown, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

/** A page of a site, whose sockets are listened to. */
async function site(context: BrowserContext, attributes: string, path: string) {
  const page = await context.newPage()
  /** What it said of where the visitor is: `path title` of each. */
  const told: string[] = []
  page.on('websocket', socket =>
    socket.on('framesent', ({ payload }) => {
      const { hint } = JSON.parse(String(payload)) as { hint?: { type: string; url: string; title: string } }
      if (hint?.type === 'visit') told.push(`${hint.url.replace(house.url, '')} ${hint.title}`)
    })
  )
  await page.route(/\/lamps\//, route =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: `<!doctype html><title>Wren</title><p>Words.</p><script async src="/porchlight/loader.js" data-app="seen" ${attributes}></script>`
    })
  )
  await page.goto(house.url + path)
  const visitor = visitorOn(page)
  await expect(visitor.launcher).toBeVisible()
  return {
    ...visitor,
    told,
    async say(text: string) {
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write(text)
      await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered|Read/ })).toBeVisible()
    }
  }
}

describe('the pages of a visit', () => {
  it('are seen by agents, with the time at which each began, and without what may be a secret', async () => {
    const { page: inbox } = await sitDown(browser, house)
    const context = await browser.newContext()
    const { page, told, say } = await site(context, 'data-pages="on"', '/lamps/wren?coupon=SECRET#SECRET')
    await say('Is it dimmable?')
    await expect.poll(() => told).toEqual(['/lamps/wren Wren'])
    await page.evaluate(() => {
      history.pushState(null, '', '/lamps/heron?coupon=SECRET')
      document.title = 'Heron'
    })
    await expect.poll(() => told.at(-1)).toBe('/lamps/heron Heron')
    await inbox.getByRole('link', { name: /Is it dimmable/ }).click()
    const details = inbox.getByRole('region', { name: 'Details' })
    await expect(details.getByRole('link', { name: 'Heron' })).toHaveAttribute('href', `${house.url}/lamps/heron`)
    await expect(details.getByText('/lamps/heron, just now')).toBeVisible()
    await expect(details.getByRole('listitem').filter({ hasText: '/lamps/wren' })).toBeVisible()
    await expect(inbox.getByText('on “Heron”')).toBeVisible()
    expect(JSON.stringify(told)).not.toContain('SECRET')

    // A page load is a new connection, and the same visit.
    await page.goto(`${house.url}/lamps/tern`)
    await expect(details.getByText('/lamps/tern, just now')).toBeVisible()
    await expect(details.getByRole('listitem').filter({ hasText: '/lamps/heron' })).toBeVisible()
  })

  it.each([
    ['the site has not asked for them', ''],
    ['the site has said off', 'data-pages="off"'],
    ['nothing may be kept', 'data-pages="on" data-consent="none"']
  ])('are told to nobody where %s', async (_, attributes) => {
    const { page, told, say } = await site(await browser.newContext(), attributes, '/lamps/wren')
    await say('Hello')
    await page.evaluate(() => {
      history.pushState(null, '', '/lamps/heron')
    })
    // Longer than it takes where it is told.
    await page.waitForTimeout(3000)
    expect(told).toEqual([])
  })

  it('are told from the moment on at which something may be kept', async () => {
    const { page, told, say } = await site(
      await browser.newContext(),
      'data-pages="on" data-consent="none"',
      '/lamps/wren'
    )
    await say('Hello')
    await page.evaluate("Porchlight('consent', 'session')")
    await expect.poll(() => told).toEqual(['/lamps/wren Wren'])
    await page.evaluate("Porchlight('consent', 'none')")
    await expect(page.locator('porchlight-chat').getByText('All is lost when you close this page.')).toBeVisible()
    await page.evaluate("history.pushState(null, '', '/lamps/heron')")
    await page.waitForTimeout(3000)
    expect(told).toHaveLength(1)
  })
})
