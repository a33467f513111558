import type { Browser, BrowserContext, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

/** All that a site can keep in a browser, by name. */
const kept = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    caches: await caches.keys(),
    cookie: document.cookie
  }))
const NOTHING = { databases: [], local: [], session: [], caches: [], cookie: '' }

/** A page of a site, with a chat that says what was allowed at first. */
async function site(context: BrowserContext, consent: string) {
  const page = await context.newPage()
  const requests: string[] = []
  page.on('request', request => requests.push(new URL(request.url()).pathname))
  await page.route('**/site.html', route =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>A site</title><p>Words.</p><script async src="/porchlight/loader.js" data-app="ladder" data-consent="${consent}"></script>`
    })
  )
  await page.goto(`${house.url}/site.html`)
  const visitor = visitorOn(page)
  await expect(visitor.launcher).toBeVisible()
  return { ...visitor, requests }
}
type Site = Awaited<ReturnType<typeof site>>

async function say({ launcher, panel, write }: Site, text: string) {
  await launcher.click()
  await panel.getByRole('button', { name: 'Leave a message' }).click()
  await write(text)
  await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
}

const allow = (page: Page, level: string) => page.evaluate(`Porchlight('consent', '${level}')`)

/** Texts of the messages in the database, by thread. */
const stored = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('porchlight:ladder')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const db = opening.result
          const request = db.transaction('rows').objectStore('rows').getAll()
          request.onsuccess = () => {
            db.close()
            resolve(
              (request.result as { text?: string; position?: number }[])
                .filter(({ position }) => position)
                .map(({ text }) => text!)
            )
          }
        }
      })
  )

describe('consent', () => {
  it('none: keeps nothing, asks for nothing before the visitor acts, and chats from memory', async () => {
    const visitor = await site(await browser.newContext(), 'none')
    const { page, panel } = visitor
    await page.evaluate("history.pushState({}, '', '/elsewhere')")
    await page.waitForTimeout(1000)
    expect(visitor.requests.filter(path => /\/api\//.test(path))).toEqual(['/api/availability'])
    expect(await kept(page)).toEqual(NOTHING)

    await say(visitor, 'Remember nothing.')
    await expect(panel.getByText('All is lost when you close this page.')).toBeVisible()
    expect(await kept(page)).toEqual(NOTHING)
    await page.goto(`${house.url}/site.html`)
    await visitor.open()
    await expect(panel.getByRole('button', { name: 'Leave a message' })).toBeVisible()
    await expect(panel.getByText('Remember nothing.')).toHaveCount(0)
    expect(await kept(page)).toEqual(NOTHING)
  })

  it('goes up without losing the chat, and down to nothing with the chat still on screen', async () => {
    const context = await browser.newContext()
    const visitor = await site(context, 'none')
    const { page, panel, texts, write } = visitor
    await say(visitor, 'Before I agreed.')
    await page.evaluate('window.sameDocument = true')

    await allow(page, 'persistent')
    await expect.poll(async () => (await kept(page)).databases).toEqual(['porchlight:ladder'])
    await expect.poll(() => stored(page)).toEqual(['Before I agreed.'])
    expect(await texts()).toEqual(['Before I agreed.'])
    await expect(panel.getByText('Your messages are gone')).toHaveCount(0)
    await write('After I agreed.')
    await expect.poll(() => stored(page)).toEqual(['Before I agreed.', 'After I agreed.'])
    expect(await page.evaluate('window.sameDocument')).toBe(true)

    // Another tab of the site has it, and goes along when it is taken back.
    const other = await site(context, 'persistent')
    await other.open()
    await other.panel.getByRole('button', { name: /After I agreed/ }).click()
    await expect.poll(other.texts).toEqual(['Before I agreed.', 'After I agreed.'])

    await allow(page, 'none')
    await expect.poll(() => kept(page)).toEqual(NOTHING)
    expect(await texts()).toEqual(['Before I agreed.', 'After I agreed.'])
    expect(await other.texts()).toEqual(['Before I agreed.', 'After I agreed.'])
    await write('Still here, still heard.')
    await expect(panel.getByRole('article', { name: /Sent|Delivered/ }).last()).toContainText('Still here')
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(await kept(page)).toEqual(NOTHING)

    // And up again: what was said meanwhile as well.
    await allow(page, 'persistent')
    await expect
      .poll(() => stored(page).catch(() => []))
      .toEqual(['Before I agreed.', 'After I agreed.', 'Still here, still heard.'])
  })

  it('session: lasts over pages, and goes with the tab', async () => {
    const context = await browser.newContext()
    const visitor = await site(context, 'session')
    const { page, panel } = visitor
    await say(visitor, 'For now.')
    const now = await kept(page)
    expect(now.session.sort()).toEqual(['porchlight:ladder', 'porchlight:ladder:tab'])
    expect({ ...now, session: [] }).toEqual(NOTHING)
    await expect(panel.getByText('Your messages are gone')).toHaveCount(0)

    await page.goto(`${house.url}/site.html`)
    await expect.poll(visitor.texts).toEqual(['For now.'])

    await page.close()
    const next = await site(context, 'session')
    expect(await kept(next.page)).toEqual(NOTHING)
    await next.open()
    await expect(next.panel.getByText('For now.')).toHaveCount(0)
  })

  it('deletes what an earlier visit has left when the visitor says no', async () => {
    const context = await browser.newContext()
    const before = await site(context, 'persistent')
    await say(before, 'Of old.')
    await before.page.close()
    const visitor = await site(context, 'none')
    expect((await kept(visitor.page)).databases).toEqual(['porchlight:ladder'])
    await allow(visitor.page, 'none')
    await expect.poll(() => kept(visitor.page)).toEqual(NOTHING)
  })
})
