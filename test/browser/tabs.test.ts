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

/** Runs in the page: takes away what tabs find each other by, and counts the tones while nobody looks. */
function takeAway(what: string) {
  if (what === 'locks') Object.defineProperty(navigator, 'locks', { value: undefined })
  if (what === 'BroadcastChannel') Object.defineProperty(window, 'BroadcastChannel', { value: undefined })
  const heard = { tones: 0 }
  Object.assign(window, { heard })
  const Native = AudioContext
  window.AudioContext = class extends Native {
    constructor() {
      super()
      heard.tones++
    }
  }
  // Out of sight, by a title that says so.
  Object.defineProperty(document, 'hidden', { get: () => document.title.includes('away') })
  document.hasFocus = () => !document.hidden
}

const tones = async (pages: readonly Page[]) => {
  const all = await Promise.all(pages.map(page => page.evaluate<number>('heard.tones')))
  return all.reduce((sum, count) => sum + count, 0)
}

describe('three tabs of one browser', () => {
  it.each([
    { without: 'nothing' },
    // As on pages that are served over plain http.
    { without: 'locks' },
    // No browser that we support. What is stored is found late then, and by each tab for itself.
    { without: 'BroadcastChannel' }
  ])('are one to the visitor, without $without', { timeout: 240_000 }, async ({ without }) => {
    const patience = { timeout: 45_000 }
    const sam = await sitDown(browser, house)
    const first = await visit(browser, house)
    const { context } = first
    await context.addInitScript(takeAway, without)
    await first.page.reload()
    await first.open()
    await first.panel.getByRole('button', { name: 'Leave a message' }).click()
    const question = `From one of three, without ${without}`
    await first.write(question)
    await expect(first.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    let sockets = 0
    const openTab = async () => {
      const tab = visitorOn(await context.newPage())
      tab.page.on('websocket', () => sockets++)
      await tab.page.goto(house.url)
      await tab.open()
      await tab.panel.getByRole('button', { name: new RegExp(question) }).click()
      return tab
    }
    const [second, third] = [await openTab(), await openTab()]
    const tabs = [first, second, third]
    const pages = tabs.map(({ page }) => page)

    await third.write('From the third tab')
    for (const { panel } of tabs) await expect(panel.getByText('From the third tab')).toBeVisible(patience)

    // Nobody looks at any of them: one tone for all.
    for (const page of pages) await page.evaluate("document.title = 'away'")
    const desk = sam.page
    await desk.getByRole('link', { name: /^All open/ }).click()
    await desk
      .getByRole('link', { name: /From the third tab/ })
      .first()
      .click()
    await desk.getByRole('textbox', { name: 'Reply' }).fill('To all three')
    await desk.getByRole('textbox', { name: 'Reply' }).press('Enter')
    // The count comes after the tone would have.
    for (const page of pages) await expect.poll(() => page.title(), patience).toBe('(1) away')
    expect(await tones(pages)).toBe(1)
    if (without !== 'BroadcastChannel') expect(sockets).toBe(0)

    await first.page.close()
    await second.write('On we go')
    for (const { texts } of [second, third])
      await expect.poll(texts, patience).toEqual([question, 'From the third tab', 'To all three', 'On we go'])
    await expect(second.panel.getByRole('article', { name: /Sent|Delivered|Read/ })).toHaveCount(3, patience)
  })
})
