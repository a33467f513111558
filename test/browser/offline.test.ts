import type { Browser, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, sitDown, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

/** A page with the script tag and these attributes. */
async function arrive(attributes: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  const tag = `<script async src="/porchlight/loader.js" data-app="offline" ${attributes}></script>`
  await page.route('**/bare.html', route =>
    route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>A page</title>${tag}` })
  )
  await page.goto(`${house.url}/bare.html`)
  return page
}

describe('while nobody is home, by the choice of the site', () => {
  it('a note goes through a form, and the team finds words and address', async () => {
    const visitor = visitorOn(await arrive('data-offline="form"'))
    const { panel } = visitor
    await visitor.open()
    await panel.getByRole('button', { name: 'Leave a message' }).click()
    const form = panel.getByRole('form', { name: 'Leave a message' })
    await form.getByLabel('Your name').fill('Ada')
    await form.getByLabel('E-mail').fill('ada@example.com')
    await form.getByLabel('Your message').fill('Is the Wren in stock?')
    await form.getByRole('button', { name: 'Send message' }).click()
    await expect(panel.getByRole('article', { name: /^You/ })).toContainText('Is the Wren in stock?')
    await expect(visitor.composer).toBeVisible()

    const { page } = await sitDown(browser, house)
    await page.getByText('Is the Wren in stock?').first().click()
    await expect(page.getByText('ada@example.com').first()).toBeVisible()
  })

  it('other ways stand in place of a message, until somebody is home', async () => {
    const ways = '{"whatsapp":"+47 912 34 567","email":"hello@shop.example"}'
    const page = await arrive(`data-offline="channels" data-channels='${ways}'`)
    // Whoever sat here before has left; the light goes out a moment later.
    await expect
      .poll(async () => (await (await page.request.get(`${house.url}/api/availability`)).json()).open)
      .toBe(false)
    const visitor = visitorOn(page)
    await visitor.open()
    await expect(visitor.panel.getByRole('link', { name: 'WhatsApp' })).toBeFocused()
    await expect(visitor.panel.getByRole('link', { name: 'E-mail' })).toHaveAttribute('href', /^mailto:hello@shop/)
    await expect(visitor.panel.getByRole('button', { name: 'Leave a message' })).toHaveCount(0)
    await sitDown(browser, house)
    await expect(visitor.panel.getByRole('button', { name: 'Chat now' })).toBeVisible()
    await expect(visitor.panel.getByRole('button', { name: 'Leave a message' })).toBeVisible()
  })
})
