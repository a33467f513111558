import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { states } from '../../demo/shop/gallery/states.ts'
import { LOOKS, photograph, violationsIn } from '../support/gallery.ts'
import { type House, openBrowser, openHouse } from '../support/world.ts'

let house: House
let browser: Browser

beforeAll(async () => {
  house = await openHouse()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await house?.close()
})

const named = (...names: readonly string[]) => states.filter(({ name }) => names.includes(name))

describe('the gallery', () => {
  it('lists every state, and shows the one that is chosen', async () => {
    const page = await browser.newPage()
    await page.goto(`${house.url}/gallery.html?locale=ar`)
    const links = page.getByRole('navigation').getByRole('listitem').getByRole('link')
    expect(await links.count()).toBe(states.length)
    expect(states.length).toBeGreaterThanOrEqual(60)
    await page.getByRole('link', { name: 'Away', exact: true }).click()
    const widget = page.frameLocator('iframe').locator('porchlight-chat')
    await widget.getByRole('dialog').waitFor()
    expect(await widget.locator('.frame').getAttribute('dir')).toBe('rtl')
    await page.close()
  })

  it('shows states in every look, and axe finds nothing in them', { timeout: 180_000 }, async () => {
    const some = named('launcher-failed', 'home-unread', 'carousel', 'streaming', 'queue-third', 'back')
    const { pictures, missing } = await photograph(browser, house.url, some)
    expect(missing).toEqual([])
    expect(pictures.map(({ state, look }) => `${state} ${look}`).sort()).toEqual(
      some.flatMap(({ name }) => LOOKS.map(look => `${name} ${look}`)).sort()
    )
    expect(pictures.flatMap(({ violations }) => violations)).toEqual([])
  })

  it('tells of a state that does not appear, and of what axe finds', { timeout: 120_000 }, async () => {
    const nowhere = { ...states[0]!, name: 'no-such-state' }
    expect((await photograph(browser, house.url, [nowhere])).missing).toEqual([
      'no-such-state (wide)',
      'no-such-state (narrow)'
    ])
    const page = await browser.newPage()
    await page.goto(`${house.url}/gallery.html?state=no-such-state`)
    expect(await page.locator('body').innerText()).toBe('There is no state of the name no-such-state.')
    await page.setContent('<porchlight-chat><button></button></porchlight-chat>')
    expect(await violationsIn(page)).toEqual([expect.stringMatching(/^button-name: /)])
    await page.close()
  })
})
