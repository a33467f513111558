import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, sitDown, visit, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

describe('the page it lives in', () => {
  it('raises no violation under the strictest policy, with nonce and Trusted Types', async () => {
    const visitor = await visit(browser, house, { path: '/strict-csp.html' })
    const { page, panel } = visitor
    const policy = (await page.request.get(`${house.url}/strict-csp.html`)).headers()['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    await visitor.open()
    await panel
      .getByRole('button', { name: /message/i })
      .first()
      .click()
    await visitor.write('Under a strict policy, with a link: https://shop.example/a')
    await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    await expect(panel.getByRole('link', { name: 'https://shop.example/a' })).toHaveAttribute('rel', /noopener/)
    await visitor.page.keyboard.press('Escape')
    expect(await page.evaluate('window.violations')).toEqual([])
    // The counter itself counts: what is forbidden shows.
    await page.locator('#break').click()
    await expect.poll(() => page.evaluate('window.violations.length')).toBe(1)
  })

  it('is left as it was found: no node, listener, timer, socket, lock or global stays', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.addInitScript(countTimers)
    const sockets: boolean[] = []
    page.on('websocket', socket => {
      const at = sockets.push(true) - 1
      socket.on('close', () => {
        sockets[at] = false
      })
    })
    await page.route('**/bare.html', route =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bare</title><p>Nothing here.</p>' })
    )
    await page.goto(`${house.url}/bare.html`)
    const before = await inventory(page)
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    await page.evaluate("Porchlight('init', { app: 'leaves-nothing' })")
    const visitor = visitorOn(page)
    await visitor.open()
    await visitor.panel
      .getByRole('button', { name: /message/i })
      .first()
      .click()
    await visitor.write('Here today')
    await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    const during = await inventory(page)
    expect(during.html).not.toBe(before.html)
    expect(during.timers).toBeGreaterThan(0)
    expect(sockets).toContain(true)
    expect(during.locks).toBe(1)
    expect(during.listeners).toContain('document keydown')

    await page.evaluate("Porchlight('destroy')")
    await page.evaluate("document.querySelector('script[src]')?.remove()")
    await expect.poll(() => sockets.every(open => !open)).toBe(true)
    await expect.poll(() => inventory(page)).toEqual(before)
  })

  it('may be pasted twice, opened before it is loaded, and is one widget', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(house.url)
    await page.evaluate("Porchlight('open')")
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    const visitor = visitorOn(page)
    await expect(visitor.panel).toBeVisible()
    await expect(page.locator('porchlight-chat')).toHaveCount(1)
  })

  it('stores nothing and opens no socket for somebody who never clicks', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const requests: string[] = []
    page.on('request', request => requests.push(new URL(request.url()).pathname))
    page.on('websocket', socket => requests.push(socket.url()))
    await page.goto(house.url)
    await expect(page.locator('porchlight-chat .launcher')).toBeVisible()
    await page.mouse.wheel(0, 2000)
    await page.evaluate("history.pushState(null, '', '/elsewhere')")
    await page.waitForTimeout(1500)
    const seen = requests.length
    await page.locator('porchlight-chat .launcher').hover()
    await page.waitForTimeout(1000)
    // A pointer that passes by fetches code, and decides nothing.
    expect(requests.slice(seen).filter(path => !path.startsWith('/porchlight/'))).toEqual([])
    requests.length = seen
    const ours = requests.filter(path => /porchlight|api|socket/.test(path))
    expect(ours.filter(path => path.startsWith('/porchlight/'))).toEqual([
      '/porchlight/loader.js',
      '/porchlight/widget.js'
    ])
    expect(ours.filter(path => !path.startsWith('/porchlight/'))).toEqual(['/api/availability'])
    const kept = await page.evaluate(async () => ({
      databases: (await indexedDB.databases()).length,
      caches: (await caches.keys()).length,
      local: localStorage.length,
      session: sessionStorage.length,
      cookie: document.cookie
    }))
    expect(kept).toEqual({ databases: 0, caches: 0, local: 0, session: 0, cookie: '' })
  })

  it('keeps one socket for all tabs of a browser, and another tab takes over when the first is closed', async () => {
    const visitor = await visit(browser, house)
    const open = new Set<object>()
    const count = (page: Page) =>
      page.on('websocket', socket => {
        open.add(socket)
        for (const ending of [socket, page] as { on(event: 'close', listener: () => void): unknown }[]) {
          ending.on('close', () => open.delete(socket))
        }
      })
    count(visitor.page)
    await visitor.open()
    await visitor.panel
      .getByRole('button', { name: /message/i })
      .first()
      .click()
    await visitor.write('From the first tab')
    await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()

    const page = await visitor.context.newPage()
    count(page)
    await page.goto(`${house.url}/lantern.html`)
    const second = visitorOn(page)
    await second.open()
    await second.panel.getByRole('button', { name: /From the first tab/ }).click()
    await second.write('From the second tab')
    await expect(second.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(2)
    await expect(visitor.panel.getByText('From the second tab')).toBeVisible()
    expect(open.size).toBe(1)

    await visitor.page.close()
    await second.write('On its own now')
    await expect(second.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(3)
    await expect.poll(() => open.size).toBe(1)
    expect(await second.texts()).toEqual(['From the first tab', 'From the second tab', 'On its own now'])
  })

  it.each([
    [{ mode: 'messages' }, ['Leave a message']],
    [{ mode: 'live' }, ['Chat now']],
    [{ mode: 'both' }, ['Chat now', 'Leave a message']]
  ])('offers what the owner chose: %o', async (options, offered) => {
    const sam = await sitDown(browser, house)
    const page = await (await browser.newContext()).newPage()
    await page.route('**/bare.html', route =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bare</title>' })
    )
    await page.goto(`${house.url}/bare.html`)
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    await page.evaluate(
      options =>
        (window as never as { Porchlight(...call: unknown[]): void }).Porchlight('init', { app: 'modes', ...options }),
      options
    )
    const visitor = visitorOn(page)
    await visitor.open()
    await expect(visitor.panel.getByRole('button', { name: /chat now|message/i })).toHaveText(offered)
    await sam.context.close()
  })

  it('hides while nobody is home, if the owner chose that, and says which option is wrong', async () => {
    const page = await (await browser.newContext()).newPage()
    const warnings: string[] = []
    page.on('console', message => warnings.push(message.text()))
    await page.route('**/bare.html', route =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>bare</title>' })
    )
    await page.goto(`${house.url}/bare.html`)
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    // Whoever sat here before has left; the light goes out a moment later.
    await expect
      .poll(async () => (await (await page.request.get(`${house.url}/api/availability`)).json()).open, {
        timeout: 15_000
      })
      .toBe(false)
    await page.evaluate("Porchlight('init', { app: 'hides', offline: 'hide' })")
    await expect(page.locator('porchlight-chat')).toBeAttached()
    await page.waitForTimeout(1000)
    await expect(visitorOn(page).launcher).toBeHidden()
    const sam = await sitDown(browser, house)
    await page.reload()
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    await page.evaluate("Porchlight('init', { app: 'hides', offline: 'hide' })")
    await expect(visitorOn(page).launcher).toBeVisible()
    await sam.context.close()

    await page.reload()
    await page.addScriptTag({ url: '/porchlight/loader.js' })
    await page.evaluate("Porchlight('init', { app: 'hides', mode: 'loud' })")
    await expect.poll(() => warnings.join()).toContain('option mode must be one of both, live, messages, got "loud"')
  })

  it('lets the page live where a part of it breaks while it is drawn', async () => {
    const { context, page, complaints, ...visitor } = await visit(browser, house)
    await context.route(/\/links\.js$/, async route => {
      const response = await route.fetch()
      const broken = (await response.text()).replace('target:"_blank"', 'target:(()=>{throw Error("broken")})()')
      await route.fulfill({ response, body: broken })
    })
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Without a link')
    await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    await page.waitForTimeout(1000)
    await visitor.write('With a link: https://shop.example/a')
    await expect.poll(() => complaints.join()).toContain('broken')
    for (const text of ['One', 'Two', 'Three']) {
      await visitor.composer.fill(text)
      await visitor.composer.press('Enter')
      await page.waitForTimeout(700)
    }
    for (const type of ['pagehide', 'pageshow']) {
      await page.evaluate(name => void window.dispatchEvent(new Event(name)), type)
      await page.waitForTimeout(200)
    }
    await page.getByRole('link', { name: 'Lamps', exact: true }).first().click()
  })

  it('lets the page work without it: a blocked script harms nothing', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', error => errors.push(String(error)))
    await page.route('**/porchlight/widget.js', route => route.abort())
    await page.goto(house.url)
    await page.evaluate("Porchlight('open')")
    await page.waitForTimeout(500)
    expect(errors).toEqual([])
    await page.getByRole('link', { name: 'Lamps', exact: true }).first().click()
  })
})

describe('who uses it', () => {
  it('everything works with the keyboard alone, Escape closes, the focus returns', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    const { page, panel, launcher } = visitor
    await launcher.focus()
    await page.keyboard.press('Enter')
    await expect(panel).toBeVisible()
    await expect(panel.getByRole('button', { name: 'Chat now' })).toBeVisible()
    await expect(panel.locator(':focus')).toHaveRole('button')
    const leave = panel.getByRole('button', { name: 'Leave a message' })
    for (let i = 0; i < 4 && !(await leave.evaluate(button => button.matches(':focus'))); i++) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await expect(visitor.composer).toBeFocused()
    await page.keyboard.type('Typed, not clicked')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('on two lines')
    await page.keyboard.press('Enter')
    await expect(visitor.composer).toHaveValue('')
    await expect(visitor.composer).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(panel).toBeHidden()
    await expect(launcher).toBeFocused()
    await page.keyboard.press('Shift+Tab')
    await expect(launcher).not.toBeFocused()
    await sam.context.close()
  })

  it('announces what arrives once, beside a list that is not live', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Say something')
    await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toBeVisible()
    await expect(visitor.panel.getByRole('log')).toHaveAttribute('aria-live', 'off')
    await visitor.page.evaluate(recordAnnouncements)
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /Say something/ }).click()
    await sam.page.getByRole('textbox', { name: 'Reply' }).fill('Something')
    await sam.page.getByRole('textbox', { name: 'Reply' }).press('Enter')
    await expect(visitor.panel.getByRole('article', { name: /^Sam/ })).toBeVisible()
    await visitor.page.waitForTimeout(1500)
    const said = (await visitor.page.evaluate('window.said')) as string[]
    expect(said.filter(text => text.includes('Something'))).toHaveLength(1)
    expect(said.find(text => text.includes('Something'))).toMatch(/^Sam, .*: Something$/)
  })

  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const violations = async (page: Page, where: string) => {
    // What is still fading in has no contrast yet.
    await page.waitForTimeout(500)
    await page.evaluate(axe)
    return page.evaluate(async where => {
      const { axe } = globalThis as unknown as { axe: { run(where: string): Promise<AxeResult> } }
      const { violations } = await axe.run(where)
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
    }, where)
  }
  interface AxeResult {
    readonly violations: readonly {
      readonly id: string
      readonly nodes: readonly { readonly target: readonly unknown[] }[]
    }[]
  }

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 360, height: 640 }, hasTouch: true }],
    ['right to left', { locale: 'ar' }]
  ] as const)('axe finds nothing: %s', async (_, options) => {
    const visitor = await visit(browser, house, options)
    const { page, panel } = visitor
    await visitor.open()
    expect(await violations(page, 'porchlight-chat')).toEqual([])
    await panel.getByRole('button').nth(1).click()
    await panel.getByRole('textbox').fill('Hello')
    await panel.getByRole('textbox').press('Enter')
    await expect(panel.getByRole('article')).toBeVisible()
    expect(await violations(page, 'porchlight-chat')).toEqual([])
  })

  it('speaks Arabic, from right to left, when the page does', async () => {
    const context = await browser.newContext({ locale: 'ar' })
    const page = await context.newPage()
    await page.route('**/arabic.html', route =>
      route.fulfill({
        contentType: 'text/html; charset=utf-8',
        body: '<!doctype html><html lang="ar" dir="rtl"><title>متجر</title><script async src="/porchlight/loader.js" data-app="rtl"></script>'
      })
    )
    await page.goto(`${house.url}/arabic.html`)
    const visitor = visitorOn(page)
    await visitor.open()
    await expect(visitor.panel).toHaveCSS('direction', 'rtl')
    expect((await visitor.panel.boundingBox())!.x).toBeLessThan(200)
    expect(await visitor.panel.innerText()).not.toMatch(/[a-z]{4,}/i)
  })
})

/** What a page holds that a script could have left there. */
async function inventory(page: Page) {
  const client = await page.context().newCDPSession(page)
  const ours = new Set<string>()
  client.on('Debugger.scriptParsed', ({ scriptId, url }) => {
    if (url.includes('/porchlight/')) ours.add(scriptId)
  })
  await client.send('Debugger.enable')
  const listeners: string[] = []
  for (const name of [
    'window',
    'document',
    'document.body',
    'document.documentElement',
    'navigator',
    'visualViewport'
  ]) {
    const { result } = await client.send('Runtime.evaluate', { expression: name })
    if (!result.objectId) continue
    const found = await client.send('DOMDebugger.getEventListeners', { objectId: result.objectId })
    // The test driver has listeners of its own.
    for (const { type, scriptId } of found.listeners) if (ours.has(scriptId)) listeners.push(`${name} ${type}`)
  }
  await client.detach()
  const rest = await page.evaluate(async () => ({
    html: document.documentElement.outerHTML,
    globals: Object.getOwnPropertyNames(window).filter(name => !/^\d+$/.test(name)).length,
    timers: (window as unknown as { timersAlive(): number }).timersAlive(),
    locks: (await navigator.locks.query()).held?.length,
    title: document.title
  }))
  return { listeners, ...rest }
}

/** Counts the timers that are set and neither fired nor cleared. */
function countTimers(): void {
  const alive = new Set<unknown>()
  const { setTimeout, clearTimeout, setInterval, clearInterval } = window
  Object.assign(window, {
    setTimeout: (run: () => void, ms?: number, ...args: []) => {
      const timer = setTimeout(() => {
        alive.delete(timer)
        run(...args)
      }, ms)
      alive.add(timer)
      return timer
    },
    setInterval: (run: () => void, ms?: number) => {
      const timer = setInterval(run, ms)
      alive.add(timer)
      return timer
    },
    clearTimeout: (timer: number) => {
      alive.delete(timer)
      clearTimeout(timer)
    },
    clearInterval: (timer: number) => {
      alive.delete(timer)
      clearInterval(timer)
    },
    timersAlive: () => alive.size
  })
}

/** Keeps every text that a live region of the page was given. */
function recordAnnouncements(): void {
  const said: string[] = []
  Object.assign(window, { said })
  new MutationObserver(changes => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.parentElement?.closest('[aria-live], [role=alert]')) said.push(node.textContent ?? '')
      }
    }
  }).observe(document.body, { childList: true, subtree: true })
}
