import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

interface Site {
  readonly rules: unknown
  readonly consent?: string | undefined
  readonly path?: string
  readonly lang?: string
}

/** A page of a site with rules, long enough to scroll, with a form. */
async function site(context: BrowserContext, { rules, consent, path = '/lamps/wren', lang = 'en' }: Site) {
  const page = await context.newPage()
  const requests: string[] = []
  const said: string[] = []
  page.on('request', request => requests.push(new URL(request.url()).pathname))
  page.on('console', message => said.push(`${message.type()} ${message.text()}`))
  page.on('pageerror', error => said.push(`error ${error}`))
  const config = JSON.stringify({ app: 'ruled', rules, consent }).replaceAll('<', '\\u003c')
  await page.route(/\/lamps\/|\/checkout/, route =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: `<!doctype html><html lang="${lang}" dir="${lang === 'ar' ? 'rtl' : 'ltr'}"><title>Wren</title>
        <form><label>Name <input name="name"></label></form><div style="height: 4000px">A long page.</div>
        <script>window.PorchlightConfig = ${config}</script><script async src="/porchlight/loader.js"></script>`
    })
  )
  await page.goto(house.url + path)
  const visitor = visitorOn(page)
  await expect(visitor.launcher).toBeVisible()
  const offer = page.locator('porchlight-chat').getByRole('group', { name: /Message from|رسالة/ })
  const explained = () =>
    page.evaluate(
      () =>
        new Promise<{ id: string; matched: string[]; failed: string[]; against: string[]; ready: boolean }[]>(tell => {
          ;(window as unknown as { Porchlight(...call: unknown[]): void }).Porchlight('explain', tell)
        })
    )
  return { ...visitor, offer, requests, said, explained }
}

const context = (options: BrowserContextOptions = {}) =>
  browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
const trigger = (page: Page, event: string) => page.evaluate(`Porchlight('trigger', '${event}')`)
const asked = (id: string, more: object = {}) => ({ id, message: `Words of ${id}`, when: { event: id }, ...more })

describe('rules', () => {
  it('offer a conversation, and what they said are its first words, which nobody stored', async () => {
    const rules = [{ ...asked('basket', { from: 'Ida' }), when: { event: 'basket', url: '/lamps/*' } }]
    const { page, offer, panel, composer, texts, write, said } = await site(await context(), { rules })
    // The backend says what there is only after the visitor has written.
    let connect = () => {}
    const connected = new Promise<void>(resolve => {
      connect = resolve
    })
    await page.routeWebSocket(/api\/socket/, async socket => {
      await connected
      socket.connectToServer()
    })
    await trigger(page, 'basket')
    await expect(offer).toContainText('Words of basket')
    await expect(offer).toHaveAccessibleName('Message from Ida')
    await expect(page.locator('porchlight-announcer')).toHaveText('Message from Ida: Words of basket')
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('body')

    await offer.getByRole('button', { name: /Words of basket/ }).click()
    await expect(panel).toBeVisible()
    await expect(composer).toBeFocused()
    await expect.poll(texts).toEqual(['Words of basket'])
    await expect(offer).toHaveCount(0)
    await write('Yes please.')
    connect()
    await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    await expect.poll(texts).toEqual(['Words of basket', 'Yes please.'])

    // The visitor has acted: it is there on the next page as well, and nothing else is offered in a conversation.
    await page.goto(`${house.url}/lamps/tansy`)
    await expect.poll(texts).toEqual(['Words of basket', 'Yes please.'])
    const stored = await page.evaluate(
      () =>
        new Promise<string[]>(resolve => {
          const opening = indexedDB.open('porchlight:ruled')
          opening.onsuccess = () => {
            const request = opening.result.transaction('rows').objectStore('rows').getAll()
            request.onsuccess = () => resolve(request.result.map(value => JSON.stringify(value)))
          }
        })
    )
    expect(stored.filter(row => row.includes('Yes please'))).not.toEqual([])
    expect(stored.filter(row => row.includes('Words of basket'))).toEqual([])
    expect(said.filter(line => line.startsWith('error'))).toEqual([])
  })

  it('follow the address without a page load, and ask for all conditions', async () => {
    const rules = [{ id: 'red', message: 'The red one?', when: { url: '/lamps/wren?*red', scroll: 30, seconds: 1 } }]
    const { page, offer, explained } = await site(await context(), { rules, path: '/lamps/tansy' })
    await expect.poll(async () => (await explained())[0]?.matched).toEqual(['seconds'])
    await page.evaluate("history.pushState({}, '', '/lamps/wren?colour=red')")
    await expect.poll(async () => (await explained())[0]?.matched).toContain('url')
    await expect.poll(async () => (await explained())[0]?.failed).toEqual(['scroll'])
    await expect(offer).toHaveCount(0)
    await page.mouse.wheel(0, 2000)
    await expect(offer).toBeVisible()
    await page.evaluate("history.replaceState({}, '', '/checkout')")
    await expect(offer).toHaveCount(0)
  })

  it('never speak to somebody who types, fills a form or is asked something, and never take the focus', async () => {
    const rules = [asked('now'), { id: 'stuck', message: 'Stuck?', when: { idle: 2, event: 'now' } }]
    const { page, offer, explained } = await site(await context(), { rules: [rules[0]] })
    const field = page.getByLabel('Name')
    await field.focus()
    await trigger(page, 'now')
    await expect.poll(async () => (await explained())[0]).toMatchObject({ ready: true, against: ['typing'] })
    await expect(offer).toHaveCount(0)
    await field.pressSequentially('Ad')
    await field.blur()
    await expect.poll(async () => (await explained())[0]?.against).toEqual(['form'])
    await page.evaluate("document.querySelector('form').reset()")
    await page.evaluate("document.body.append(Object.assign(document.createElement('dialog'), { open: true }))")
    await expect.poll(async () => (await explained())[0]?.against).toEqual(['dialog'])
    await expect(offer).toHaveCount(0)
    await page.evaluate("document.querySelector('dialog').remove()")
    await expect(offer).toBeVisible()

    // One that waits for somebody who stopped in the middle.
    const other = await site(await context(), { rules: [rules[1]] })
    await trigger(other.page, 'now')
    // What was written before somebody listened does not count.
    await other.explained()
    await other.page.getByLabel('Name').pressSequentially('Ada')
    await expect(other.offer).toBeVisible()
    await expect(other.page.getByLabel('Name')).toBeFocused()
  })

  it('are shown as often as they may, over pages and tabs, and are quiet once one was closed', async () => {
    const rules = [asked('one'), asked('two'), asked('three')]
    const visitors = await context()
    const { page, offer, explained } = await site(visitors, { rules, consent: 'persistent' })
    await trigger(page, 'one')
    await expect(offer).toContainText('Words of one')
    await page.reload()
    await expect.poll(async () => (await explained())[0]).toMatchObject({ left: { rule: 0, today: 1 } })
    await trigger(page, 'one')
    await trigger(page, 'two')
    await expect(offer).toContainText('Words of two')

    const other = await site(visitors, { rules, consent: 'persistent' })
    await trigger(other.page, 'three')
    await expect
      .poll(async () => (await other.explained())[2])
      .toMatchObject({ failed: [], left: { rule: 1, today: 0 } })
    await expect(other.offer).toHaveCount(0)

    // Closed with the keyboard.
    await page.keyboard.press('Escape')
    await expect(offer).toHaveCount(0)
    const { quietUntil } = (await other.explained())[2] as unknown as { quietUntil: number }
    expect(quietUntil).toBeGreaterThan(Date.now())
    await page.reload()
    expect((await explained()).every(({ ready }) => !ready)).toBe(true)
  })

  it.each([
    { what: 'consent is withdrawn', consent: 'persistent', say: "Porchlight('consent', 'none')" },
    { what: 'somebody signs out', consent: undefined, say: "Porchlight('logout')" }
  ])('are forgotten in every tab when $what in one', async ({ consent, say }) => {
    const rules = [asked('one', { most: 9 })]
    const visitors = await context()
    const { page, offer } = await site(visitors, { rules: { rules, quietHours: 0 }, consent })
    await trigger(page, 'one')
    await offer.getByRole('button', { name: /Words of one/ }).click()
    const kept = () => page.evaluate("localStorage.getItem('porchlight:ruled:rules')")
    await expect.poll(kept).toContain('Words of one')

    const other = await site(visitors, { rules: { rules, quietHours: 0 }, consent })
    expect((await other.explained())[0]).toMatchObject({ left: { rule: 8 } })
    const heard = other.page.evaluate(
      () => new Promise<void>(resolve => addEventListener('storage', () => resolve(), { once: true }))
    )
    await page.evaluate(say)
    await heard
    await other.page.goto('about:blank')
    expect(await kept()).toBe(null)
  })

  it('closes with its button, by pointer and by keyboard, and gives nothing away that was not allowed', async () => {
    const rules = [asked('one', { most: 9 })]
    const { page, offer, requests } = await site(await context(), { rules: { rules, quietHours: 0 }, consent: 'none' })
    await trigger(page, 'one')
    await offer.getByRole('button', { name: 'Dismiss this message' }).click()
    await expect
      .poll(() => page.evaluate('Object.keys(localStorage).length + Object.keys(sessionStorage).length'))
      .toBe(0)
    // What is due again comes again.
    await expect(offer).toBeVisible()
    await page.keyboard.press('Tab')
    await offer.getByRole('button', { name: 'Dismiss this message' }).focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0)
    expect(requests.filter(path => path.startsWith('/api/'))).toEqual(['/api/availability'])
  })

  it('says what is wrong with a rule, goes on with the others, and loads nothing where there are none', async () => {
    const rules = [{ id: 'bad', message: 'Bad', when: { scroll: 'half' } }, asked('good')]
    const { page, offer, said } = await site(await context(), { rules })
    await trigger(page, 'good')
    await expect(offer).toContainText('Words of good')
    expect(said).toEqual(['warning porchlight: rules[0].when.scroll must be a number from 0 to 100, got "half"'])
    const plain = await site(await context(), { rules: undefined })
    await plain.page.waitForTimeout(500)
    expect(plain.requests.filter(path => path.startsWith('/porchlight/'))).toEqual([
      '/porchlight/loader.js',
      '/porchlight/widget.js'
    ])
  })

  it('are said to be missing once, and keep nothing else from working, where their code cannot be fetched', async () => {
    const visitors = await context()
    await visitors.route(/\/(rules|numbers)\.js$/, route => route.abort())
    const { page, said, launcher, panel } = await site(visitors, { rules: [asked('one')], consent: 'persistent' })
    await page.evaluate(`
      for (const event of ['opened', 'closed']) Porchlight('on', event, () => {})
      for (const event of ['one', 'two']) Porchlight('trigger', event)
      Porchlight('consent', 'session')
    `)
    expect(await page.evaluate("new Promise(tell => Porchlight('explain', tell))")).toEqual([])
    await launcher.click()
    await expect(panel).toBeVisible()
    const told = () => said.filter(line => line.includes('dynamically imported module'))
    const missing = (file: string) => expect.stringMatching(new RegExp(`^warning TypeError: .+/${file}\\.js`))
    await expect.poll(() => told().sort()).toEqual([missing('numbers'), missing('rules')])
    await page.evaluate("Porchlight('logout')")
    await page.evaluate("Porchlight('destroy')")
    await expect(launcher).toHaveCount(0)
    expect(told()).toHaveLength(2)
  })

  it('fits a phone, and reads from right to left', async () => {
    const rules = [asked('one', { message: 'هل تبحث عن مصباح للحديقة؟ نحن هنا إن أردت السؤال.' })]
    const narrow = await context({ viewport: { width: 320, height: 640 } })
    const { page, offer } = await site(narrow, { rules, lang: 'ar' })
    await trigger(page, 'one')
    await expect(offer).toHaveAccessibleName('رسالة من فريقنا')
    const box = (await offer.boundingBox())!
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(320)
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(320)
  })
})
