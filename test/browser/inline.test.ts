import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import type { House } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

/** A page with a place for the chat, below what is seen first. */
async function site(options: BrowserContextOptions, more = '') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const requests: string[] = []
  const said: string[] = []
  page.on('request', request => requests.push(new URL(request.url()).pathname))
  page.on('console', message => said.push(message.text()))
  await page.route('**/help.html', route =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Help</title>
        <main><h1>Help</h1><p style="height: 2000px">Words.</p><div id="chat" style="height: 560px"></div></main>
        <script async src="/porchlight/loader.js" data-app="inside" data-target="#chat"></script>${more}`
    })
  )
  await page.goto(`${house.url}/help.html`)
  const host = page.locator('#chat > porchlight-chat')
  const panel = host.getByRole('dialog', { name: 'Chat with us' })
  const composer = panel.getByRole('textbox', { name: 'Write a message' })
  return { page, host, panel, composer, requests, said }
}

describe('inside the page', () => {
  it.each([
    { what: 'a wide page', size: { width: 1280, height: 800 }, width: 900 },
    { what: 'a phone', size: { width: 390, height: 780 }, width: 330 }
  ])('is open once it is about to be seen, as large as its place on $what, and stays', async ({ size, width }) => {
    const { page, host, panel, composer, requests } = await site({ viewport: size })
    await expect.poll(() => requests.some(path => path.endsWith('/inline.js'))).toBe(true)
    expect(requests.filter(path => /\/panel\.js|socket/.test(path))).toEqual([])
    await expect(host.locator('.launcher')).toBeHidden()

    await page.locator('#chat').scrollIntoViewIfNeeded()
    await expect(panel).toBeVisible()
    expect(await page.evaluate('document.activeElement.localName')).toBe('body')
    const box = (await panel.boundingBox())!
    expect(box.height).toBeCloseTo(560, 1)
    expect(box.width).toBeGreaterThan(width)
    await expect(panel.getByRole('button', { name: 'Close' })).toBeHidden()

    await panel.getByRole('button', { name: 'Leave a message' }).click()
    await composer.fill('Is the Wren in stock?')
    await composer.press('Enter')
    await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    expect((await panel.boundingBox())!.height).toBeCloseTo(560, 1)
    await composer.press('Escape')
    await expect(panel).toBeVisible()
    await expect(panel.getByRole('button', { name: 'Close' })).toBeHidden()
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(size.width)

    await page.addScriptTag({ content: readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8') })
    const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string }[] }
    expect(violations.map(({ id }) => id)).toEqual([])
    await page.evaluate("Porchlight('destroy')")
    expect(await page.evaluate("document.querySelector('#chat').innerHTML")).toBe('')
  })

  it('shares the page with another one, in the corner', async () => {
    const { page, panel } = await site(
      {},
      '<script async src="/porchlight/loader.js" data-app="corner" data-global="Corner"></script>'
    )
    const inCorner = page.locator('body > porchlight-chat')
    await inCorner.locator('.launcher').click()
    await expect(inCorner.getByRole('dialog')).toBeVisible()
    await page.locator('#chat').scrollIntoViewIfNeeded()
    await expect(panel).toBeVisible()
    await page.evaluate("Corner('destroy')")
    await expect(inCorner).toHaveCount(0)
    await expect(panel).toBeVisible()
  })

  it('is the same with a chat of one’s own: mount(chat, { target })', async () => {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
    await page.goto(`${house.url}/gallery.html?state=in-page-home`)
    const host = page.locator('.place > porchlight-chat')
    const panel = host.getByRole('dialog')
    await expect(panel.getByRole('button', { name: 'Chat now' })).toBeVisible()
    const place = await page.locator('.place').evaluate(element => {
      const { width, height } = getComputedStyle(element)
      return { width: Number.parseFloat(width), height: Number.parseFloat(height) }
    })
    await expect.poll(() => panel.boundingBox()).toMatchObject(place)
    await expect(host.locator('.launcher')).toBeHidden()
  })

  it('says what is wrong where there is no such place', async () => {
    const { page, said } = await site({}, '<script>document.querySelector("#chat").remove()</script>')
    await expect
      .poll(() => said.join())
      .toContain('option target must be an element of the page, or a selector of one, got "#chat"')
    await expect(page.locator('porchlight-chat')).toHaveCount(0)
  })

  it('says what is wrong where that is no selector', async () => {
    const { said } = await site({}, '<script>document.querySelector("[data-target]").dataset.target = "#"</script>')
    await expect.poll(() => said.join()).toContain('option target must be an element of the page, or a selector of one')
  })
})
