import type { Browser, BrowserContext } from 'playwright'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { SECRET, signFor } from '../support/visitor-tokens.ts'
import { type House, openBrowser, openHouse, sitDown, type Visitor, visitorOn } from '../support/world.ts'

let browser: Browser
let house: House
beforeAll(async () => {
  browser = await openBrowser()
  house = await openHouse({ VISITOR_SECRET: SECRET })
})
afterAll(async () => {
  await browser.close()
  await house.close()
})

/** A page of the site on which this account is signed in, or nobody (`''`). */
async function open(context: BrowserContext, account: string): Promise<Omit<Visitor, 'context' | 'complaints'>> {
  const page = await context.newPage()
  await page.route('**/signed-in.html', route =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: '<!doctype html><html lang="en"><title>Shop</title><script src="/porchlight/loader.js"></script>'
    })
  )
  await page.exposeFunction('fetchToken', () => (account ? signFor(account) : undefined))
  await page.goto(`${house.url}/signed-in.html`)
  await page.evaluate(
    `Porchlight('init', { app: 'shop', identity: '${account}', token: ${account ? 'fetchToken' : 'undefined'} })`
  )
  const visitor = visitorOn(page)
  await visitor.launcher.waitFor()
  await visitor.open()
  return visitor
}

/** Everything in the databases of this page, as text. */
const stored = (visitor: Pick<Visitor, 'page'>) =>
  visitor.page.evaluate(async () => {
    const texts = (await indexedDB.databases()).map(
      ({ name }) =>
        new Promise<string>((resolve, reject) => {
          const request = indexedDB.open(name!)
          request.onerror = () => reject(request.error)
          request.onsuccess = () => {
            const rows = request.result.transaction('rows').objectStore('rows').getAll()
            rows.onsuccess = () => {
              request.result.close()
              resolve(JSON.stringify(rows.result))
            }
          }
        })
    )
    return (await Promise.all(texts)).join()
  })

describe('who the visitor is', () => {
  it('takes along what was written before signing in, and leaves nothing of it when signing out, in all tabs', async () => {
    const sam = await sitDown(browser, house)
    const context = await browser.newContext({ locale: 'en-GB' })
    const before = await open(context, '')
    await before.panel
      .getByRole('button', { name: /message/i })
      .first()
      .click()
    await before.write('Written before signing in')
    await expect(before.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(1)
    await before.page.close()

    const mara = await open(context, 'mara-42')
    await mara.panel.getByRole('button', { name: /Written before/ }).click()
    await mara.write('And this one after it')
    await expect(mara.panel.getByRole('article', { name: /Sent|Delivered|Read/ })).toHaveCount(2, { timeout: 15_000 })
    expect(await mara.texts()).toEqual(['Written before signing in', 'And this one after it'])
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await expect(sam.page.getByRole('link', { name: /And this one after it/ })).toHaveCount(1)

    const other = await open(context, 'mara-42')
    await expect(other.panel.getByRole('button', { name: /And this one/ })).toBeVisible()
    // The page goes on saying that this is Mara: with a network all would come again, as to any new device of hers.
    await context.setOffline(true)
    await mara.page.evaluate(`Porchlight('logout')`)
    await expect(other.panel.getByRole('button', { name: /And this one/ })).toHaveCount(0)
    await expect(mara.panel.locator('.bubble')).toHaveCount(0)
    await expect.poll(() => stored(mara), { timeout: 10_000 }).not.toMatch(/before signing in|after it|mara-42/)
    await context.close()
  })

  it('goes on as somebody else where a page stays open in which nobody has signed in', async () => {
    const context = await browser.newContext({ locale: 'en-GB' })
    const before = await open(context, '')
    const begin = () =>
      before.panel
        .getByRole('button', { name: /message/i })
        .first()
        .click()
    await begin()
    await before.write('Written before signing in')
    await expect(before.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(1)

    const mara = await open(context, 'mara-44')
    await expect(mara.panel.getByRole('button', { name: /Written before/ })).toBeVisible()
    await expect(before.panel.getByText('Written before')).toHaveCount(0)
    await begin()
    await before.write('By whoever is here now')
    await expect(before.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(1)
    expect(await before.texts()).toEqual(['By whoever is here now'])
    const again = await open(context, 'mara-44')
    await expect(again.panel.getByRole('button', { name: /Written before/ })).toBeVisible()
    await expect(again.panel.getByText('By whoever is here now')).toHaveCount(0)
    await context.close()
  })

  it('shows somebody else nothing of it', async () => {
    const context = await browser.newContext({ locale: 'en-GB' })
    const mara = await open(context, 'mara-43')
    await mara.panel
      .getByRole('button', { name: /message/i })
      .first()
      .click()
    await mara.write('For the eyes of Mara')
    await expect(mara.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(1)
    for (const account of ['omar-7', '']) {
      const next = await open(context, account)
      await expect(next.panel.getByRole('button', { name: /message|chat/i }).first()).toBeVisible()
      await expect(next.panel.getByText('For the eyes of Mara')).toHaveCount(0)
    }
    await context.close()
  })
})
