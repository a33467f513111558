import type { Browser, BrowserContext, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, sitDown, type Visitor, visit, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

const SHOP = 'http://shop.example'

let browser: Browser
let house: House
useWorld(
  world => {
    ;({ browser, house } = world)
  },
  { ALLOWED_ORIGINS: SHOP }
)

interface Network {
  /** Sockets: let through, refused, or opened and never heard of again. */
  sockets: 'pass' | 'refuse' | 'swallow'
  streams?: 'pass' | 'refuse' | 'swallow'
}

/** Puts a network around a context; what `network` says can be changed afterwards. */
async function surround(context: BrowserContext, network: Network): Promise<void> {
  await context.routeWebSocket(/\/api\/socket/, socket => {
    if (network.sockets === 'pass') socket.connectToServer()
    else if (network.sockets === 'refuse') socket.close()
  })
  await context.route('**/api/link/stream**', route => {
    if (network.streams === 'refuse') return route.abort()
    if (network.streams !== 'swallow') return route.continue()
  })
}

/** Somebody in this network, in front of a page, and the paths that were asked for since. */
async function visitIn(network: Network, path = '/'): Promise<Visitor & { readonly asked: readonly string[] }> {
  const visitor = await visit(browser, house, { path: '/robots.txt' })
  await surround(visitor.context, network)
  const asked: string[] = []
  visitor.page.on('request', request => asked.push(new URL(request.url()).pathname))
  await visitor.page.goto(house.url + path)
  return { ...visitor, asked }
}

const isRest = (path: string) => /\/rest\.js$/.test(path)
const delivered = ({ panel }: Pick<Visitor, 'panel'>) => panel.getByRole('article', { name: /Sent|Delivered|Read/ })

/** From the queue to the rating, with typing both ways. */
async function liveChat(visitor: Pick<Visitor, 'open' | 'panel' | 'write' | 'composer'>, desk: Page) {
  await visitor.open()
  await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
  await expect(visitor.panel.getByText('You are next')).toBeVisible()
  await visitor.write('Is the Wren in stock?')
  await desk
    .getByRole('button', { name: /^Accept/ })
    .first()
    .click()
  await expect(visitor.panel.getByText('Sam joined')).toBeVisible()
  await desk.getByRole('textbox', { name: 'Reply' }).pressSequentially('Yes, two')
  await expect(visitor.panel.getByText('Sam is typing')).toBeAttached()
  await desk.getByRole('textbox', { name: 'Reply' }).press('Enter')
  await expect(visitor.panel.getByRole('article', { name: /^Sam/ })).toContainText('Yes, two')
  await visitor.composer.pressSequentially('Thank')
  await expect(desk.getByText(/is typing/)).toBeVisible()
  await visitor.write('Thank you!')
  await expect(visitor.panel.getByRole('article', { name: /^You, .*Read$/ }).last()).toContainText('Thank you!')
  await desk.getByRole('button', { name: 'End chat' }).click()
  await desk.getByRole('button', { name: 'Yes, end it' }).click()
  await expect(visitor.panel.getByText('Sam ended the chat')).toBeVisible()
  await visitor.panel.getByText('Great', { exact: true }).click()
  await visitor.panel.getByRole('button', { name: 'Send rating' }).click()
  await expect(visitor.panel.getByText('Thank you. That helps us.')).toBeVisible()
}

async function leaveMessage(visitor: Pick<Visitor, 'open' | 'panel' | 'write'>, text: string) {
  await visitor.open()
  await visitor.panel
    .getByRole('button', { name: /message/i })
    .first()
    .click()
  await visitor.write(text)
}

describe('where sockets get through', () => {
  it('fetches none of the code for other networks', async () => {
    const visitor = await visitIn({ sockets: 'pass' })
    await leaveMessage(visitor, 'Over a socket')
    await expect(delivered(visitor)).toBeVisible()
    expect(visitor.asked.filter(path => isRest(path) || path.startsWith('/api/link'))).toEqual([])
  })
})

describe('where a request is swallowed', () => {
  it('asks once more for a late file, so that what it is for works', async () => {
    const visitor = await visitIn({ sockets: 'pass' })
    let swallowed = 0
    await visitor.context.route(/\/(rich|rare)\.js$/, () => {
      swallowed++
    })
    await leaveMessage(visitor, 'Is it this one? https://fernhill.example/wren')
    await expect(visitor.panel.getByRole('link', { name: 'https://fernhill.example/wren' })).toBeVisible()
    expect(swallowed).toBe(2)
    expect(visitor.asked.filter(path => /\/(rich|rare)\.js$/.test(path))).toHaveLength(4)
  })
})

describe('where sockets are refused', () => {
  it('a whole live chat goes over an event stream', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visitIn({ sockets: 'refuse' })
    await liveChat(visitor, sam.page)
    expect(visitor.asked.filter(isRest)).toHaveLength(1)
    expect(visitor.asked.filter(path => path === '/api/link/stream')).toHaveLength(1)
    expect(visitor.asked).not.toContain('/api/link/poll')
  })

  it('messages arrive that were written while the server was gone, each once', async () => {
    const visitor = await visitIn({ sockets: 'refuse' })
    await leaveMessage(visitor, 'Before the power cut')
    await expect(delivered(visitor)).toBeVisible()
    await house.kill()
    await visitor.write('During the power cut')
    await expect(visitor.panel.getByRole('article', { name: /Not sent yet/ })).toHaveCount(1)
    await house.start()
    // Come back now, however long the wait between attempts has grown.
    await visitor.page.evaluate(() => dispatchEvent(new Event('online')))
    await expect(delivered(visitor)).toHaveCount(2, { timeout: 40_000 })
    const sam = await sitDown(browser, house)
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /During the power cut/ }).click()
    await expect(sam.page.locator('article')).toHaveCount(2)
  })

  it('works under the strictest policy', async () => {
    const visitor = await visitIn({ sockets: 'refuse' }, '/strict-csp.html')
    await leaveMessage(visitor, 'Under a strict policy')
    await expect(delivered(visitor)).toBeVisible()
    expect(visitor.asked).toContain('/api/link/stream')
    expect(await visitor.page.evaluate('window.violations')).toEqual([])
  })

  it.each([
    ['an event stream', 'pass', '/api/link/stream'],
    ['polls', 'refuse', '/api/link/poll']
  ] as const)('works from a page of another origin that is allowed, over %s', async (_, streams, route) => {
    const context = await browser.newContext()
    await surround(context, { sockets: 'refuse', streams })
    await context.route(`${SHOP}/**`, page =>
      page.fulfill({
        contentType: 'text/html',
        body: `<!doctype html><html lang="en"><title>Shop</title><script async src="${house.url}/porchlight/loader.js" data-app="shop"></script>`
      })
    )
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', request => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
    await page.goto(`${SHOP}/`)
    const visitor = visitorOn(page)
    await leaveMessage(visitor, 'From another site')
    await expect(delivered(visitor)).toBeVisible()
    expect(asked.some(request => request.endsWith(route))).toBe(true)
    expect(asked.filter(request => request.startsWith('OPTIONS'))).toEqual([])
  })
})

describe('where event streams are refused, too', () => {
  it('a whole live chat goes over polls', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visitIn({ sockets: 'refuse', streams: 'refuse' })
    await liveChat(visitor, sam.page)
    expect(visitor.asked).toContain('/api/link/poll')
  })
})

describe('where what is said is swallowed', () => {
  it('moves on from a socket that opens and is never heard of again', async () => {
    const visitor = await visitIn({ sockets: 'swallow' })
    await leaveMessage(visitor, 'Is anybody there?')
    // Ten seconds until the silence is noticed, and three for another try beside the others.
    await expect(delivered(visitor)).toBeVisible({ timeout: 25_000 })
    expect(visitor.asked).toContain('/api/link/stream')
    expect(visitor.asked).not.toContain('/api/link/poll')
  })

  it('moves on from an event stream that brings nothing', async () => {
    const visitor = await visitIn({ sockets: 'refuse', streams: 'swallow' })
    await leaveMessage(visitor, 'Is anybody there?')
    await expect(delivered(visitor)).toBeVisible({ timeout: 9000 })
    expect(visitor.asked).toContain('/api/link/poll')
  })
})

describe('where the network changes', () => {
  it('goes back to a socket when the browser was offline meanwhile', async () => {
    const network: Network = { sockets: 'refuse' }
    const visitor = await visitIn(network)
    await leaveMessage(visitor, 'In the office')
    await expect(delivered(visitor)).toBeVisible()
    await visitor.context.setOffline(true)
    await visitor.write('On the train')
    await expect(visitor.panel.getByRole('article', { name: /Not sent yet/ })).toHaveCount(1)
    network.sockets = 'pass'
    const streams = visitor.asked.filter(path => path === '/api/link/stream').length
    await visitor.context.setOffline(false)
    await expect(delivered(visitor)).toHaveCount(2, { timeout: 40_000 })
    await visitor.write('At home')
    await expect(delivered(visitor)).toHaveCount(3)
    expect(visitor.asked.filter(path => path === '/api/link/stream')).toHaveLength(streams)
  })
})
