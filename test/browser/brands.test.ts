import type { Browser, Locator, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import type { House } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

const BRANDS = [
  { app: 'fernhill', global: 'Fernhill', title: 'Fernhill Lamps', accent: 'rgb(122, 46, 31)', position: 'end' },
  { app: 'harbour', global: 'Harbour', title: 'Harbour Lights', accent: 'rgb(20, 90, 60)', position: 'start' }
] as const

interface Brand {
  readonly launcher: Locator
  readonly panel: Locator
  texts(): Promise<readonly string[]>
}

/** One page with both. */
async function bothOn(page: Page): Promise<readonly [Brand, Brand]> {
  const tags = BRANDS.map(brand => {
    const attributes = Object.entries(brand).map(([name, value]) => `data-${name}="${value}"`)
    return `<script async src="/porchlight/loader.js?${brand.app}" ${attributes.join(' ')}></script>`
  })
  await page.route('**/both.html', route =>
    route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Both</title>${tags.join('')}` })
  )
  await page.goto(`${house.url}/both.html`)
  await expect(page.locator('porchlight-chat')).toHaveCount(2)
  const of = (position: string): Brand => {
    const host = page.locator('porchlight-chat').filter({ has: page.locator(`.frame[data-position="${position}"]`) })
    const panel = host.getByRole('dialog')
    return { launcher: host.locator('.launcher'), panel, texts: () => panel.locator('.bubble').allInnerTexts() }
  }
  return [of('end'), of('start')]
}

async function say({ launcher, panel }: Brand, text: string) {
  await launcher.click()
  await panel.getByRole('button', { name: 'Leave a message' }).click()
  const composer = panel.getByRole('textbox', { name: 'Write a message' })
  await composer.fill(text)
  await composer.press('Enter')
  await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
}

/** Who a browser is to the backend, by the database of each brand. */
const devices = (page: Page) =>
  page.evaluate(async () => {
    const names = (await indexedDB.databases()).map(({ name }) => name!).sort()
    const read = (name: string) =>
      new Promise<unknown>(resolve => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
          const request = opening.result.transaction('rows').objectStore('rows').get(['device'])
          request.onsuccess = () => {
            opening.result.close()
            resolve(request.result)
          }
        }
      })
    return Promise.all(names.map(async name => [name, await read(name)] as const))
  })

describe('two brands on one page', () => {
  it('share no key, identity, event, style or global, and one may go while the other stays', async () => {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    const channels: string[] = []
    await page.exposeFunction('opened', (name: string) => void channels.push(name))
    await page.addInitScript(() => {
      const Native = BroadcastChannel
      window.BroadcastChannel = class extends Native {
        constructor(name: string) {
          super(name)
          ;(window as unknown as { opened(name: string): void }).opened(name)
        }
      }
    })
    const [fernhill, harbour] = await bothOn(page)
    await page.evaluate(
      `window.heard = []; for (const name of ['Fernhill', 'Harbour'])
        for (const event of ['open', 'sent']) window[name]('on', event, () => heard.push(name + ' ' + event))`
    )

    await say(fernhill, 'To the lamps.')
    await expect(harbour.panel).toHaveCount(0)
    expect(await page.evaluate('heard')).toEqual(['Fernhill open', 'Fernhill sent'])
    await say(harbour, 'To the harbour.')
    expect(await page.evaluate('heard')).toEqual(['Fernhill open', 'Fernhill sent', 'Harbour open', 'Harbour sent'])
    expect(await fernhill.texts()).toEqual(['To the lamps.'])
    expect(await harbour.texts()).toEqual(['To the harbour.'])

    const found = await devices(page)
    expect(found.map(([name]) => name)).toEqual(['porchlight:fernhill', 'porchlight:harbour'])
    expect(found[0]![1]).toEqual(expect.any(String))
    expect(found[0]![1]).not.toBe(found[1]![1])
    expect([...new Set(channels)].sort()).toEqual(['porchlight:fernhill', 'porchlight:harbour'])

    const colours = await Promise.all(
      [fernhill, harbour].map(({ launcher }) => launcher.evaluate(button => getComputedStyle(button).backgroundColor))
    )
    expect(colours).toEqual(BRANDS.map(({ accent }) => accent))
    expect(
      await page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--porchlight-accent')")
    ).toBe('')

    await page.evaluate("Fernhill('destroy')")
    await expect(page.locator('porchlight-chat')).toHaveCount(1)
    expect(await page.evaluate('typeof Fernhill')).toBe('undefined')
    const composer = harbour.panel.getByRole('textbox', { name: 'Write a message' })
    await composer.fill('Still here?')
    await composer.press('Enter')
    await expect.poll(harbour.texts).toEqual(['To the harbour.', 'Still here?'])
  })
})
