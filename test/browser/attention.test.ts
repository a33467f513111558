import type { Browser, Page } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { complaintsOf, type House, sitDown, visit, visitorOn } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(world => {
  ;({ browser, house } = world)
})

interface Noted {
  tones: number
  /** How many of them are over. */
  over: number
  asked: number
  notices: string[]
  away: boolean
}
declare global {
  interface Window {
    noted: Noted
  }
}

/** Runs in the page: counts what is heard and shown outside of it, and lets the page be out of sight. */
function takeNote(away: boolean) {
  const noted = { tones: 0, over: 0, asked: 0, notices: [] as string[], away }
  window.noted = noted
  const Native = AudioContext
  window.AudioContext = class extends Native {
    constructor() {
      super()
      noted.tones++
    }
    override close() {
      noted.over++
      return super.close()
    }
  }
  const Shown = Notification
  const ask = Shown.requestPermission.bind(Shown)
  window.Notification = class extends Shown {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options)
      noted.notices.push(`${title}: ${options?.body}`)
    }
    static override requestPermission() {
      noted.asked++
      return ask()
    }
  }
  Object.defineProperty(document, 'hidden', { get: () => noted.away })
  document.hasFocus = () => !noted.away
}

const noted = (page: Page) => page.evaluate(() => window.noted)
const sum = async (pages: readonly Page[]) => {
  const all = await Promise.all(pages.map(noted))
  return {
    tones: all.reduce((total, { tones }) => total + tones, 0),
    over: all.reduce((total, { over }) => total + over, 0),
    notices: all.flatMap(({ notices }) => notices)
  }
}
const look = (page: Page, away: boolean) =>
  page.evaluate(is => {
    window.noted.away = is
    document.dispatchEvent(new Event('visibilitychange'))
  }, away)

describe('attention', () => {
  it('is drawn once in all tabs, not while somebody looks, and the title comes back as it was', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    const { context, panel } = visitor
    await context.grantPermissions(['notifications'], { origin: house.url })
    await context.addInitScript(takeNote, false)
    await visitor.page.reload()
    await visitor.open()
    await panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Do you mend brass?')
    // Asked for by the visitor, and only then.
    const tell = panel.getByRole('button', { name: 'Tell me when you reply' })
    await expect(tell).toBeVisible()
    expect((await noted(visitor.page)).asked).toBe(0)
    await tell.click()
    await expect(panel.getByText('We will tell you when we reply.')).toBeVisible()
    expect((await noted(visitor.page)).asked).toBe(1)

    const second = visitorOn(await context.newPage())
    await second.page.goto(house.url)
    // Somebody has pressed something here as well.
    await second.page.locator('body').click({ position: { x: 5, y: 5 } })
    await expect(second.launcher).toBeVisible()
    const pages = [visitor.page, second.page]
    const title = await second.page.title()

    const desk = sam.page
    await desk.getByRole('link', { name: /^All open/ }).click()
    await desk.getByRole('link', { name: /Do you mend brass/ }).click()
    const reply = async (text: string) => {
      await desk.getByRole('textbox', { name: 'Reply' }).fill(text)
      await desk.getByRole('textbox', { name: 'Reply' }).press('Enter')
    }

    // In view and focused in one tab: nobody is disturbed, in either.
    await look(second.page, true)
    await reply('We do.')
    await expect(panel.getByText('We do.')).toBeVisible()
    await expect(panel.getByRole('button', { name: 'Tell me when you reply' })).toHaveCount(0)
    await expect(desk.getByText('Read', { exact: true })).toBeVisible()

    // Nobody looks at either: one tone, one notification, and a count in both titles.
    await look(visitor.page, true)
    await reply('Bring it by.')
    await expect.poll(() => second.page.title()).toBe(`(1) ${title}`)
    await expect.poll(() => visitor.page.title()).toBe(`(1) ${title}`)
    await expect.poll(async () => (await sum(pages)).notices).toEqual(['New message from Sam: Bring it by.'])
    await expect.poll(async () => (await sum(pages)).over).toBe(1)
    await reply('Any day.')
    await expect.poll(() => second.page.title()).toBe(`(2) ${title}`)
    await expect.poll(async () => (await sum(pages)).tones).toBe(2)
    await expect.poll(async () => (await sum(pages)).notices.length).toBe(2)

    // The page gives itself another title meanwhile, and that is the one that stays.
    await second.page.evaluate("document.title = 'Checkout'")
    await expect.poll(() => second.page.title()).toBe('(2) Checkout')
    await look(second.page, false)
    await expect.poll(() => second.page.title()).toBe('Checkout')

    // Read in one tab, it is read in the other.
    await look(visitor.page, false)
    await expect.poll(() => visitor.page.title()).toBe(title)
    await expect(second.launcher).toHaveAccessibleName(/^(?!.*unread)/)

    // Never asked again, in no tab; turned off in one, off in all.
    await visitor.write('Thank you!')
    await expect(panel.getByText('Thank you!')).toBeVisible()
    await expect(tell).toHaveCount(0)
    await panel.getByRole('button', { name: 'Back', exact: true }).click()
    await panel.getByRole('switch', { name: 'Sound for new messages' }).uncheck()
    await look(visitor.page, true)
    await look(second.page, true)
    await reply('Until then.')
    await expect.poll(async () => (await sum(pages)).notices.length).toBe(3)
    expect((await sum(pages)).tones).toBe(2)
    expect((await noted(visitor.page)).asked + (await noted(second.page)).asked).toBe(1)
    await visitor.page.reload()
    await expect(panel.getByRole('switch', { name: 'Sound for new messages' })).not.toBeChecked()
    expect(visitor.complaints).toEqual([])
  })

  it('makes no sound and no complaint before somebody has pressed something', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    const title = await visitor.page.title()
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Is it quiet here?')
    await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    // A tab of its own: where a page follows another one of its site, what was pressed there counts.
    await visitor.context.addInitScript(takeNote, true)
    const page = await visitor.context.newPage()
    const complaints = complaintsOf(page)
    const devtools = await visitor.context.newCDPSession(page)
    /** Asked like this, it is not as if the visitor had pressed something. */
    const ask = async (expression: string) => (await devtools.send('Runtime.evaluate', { expression })).result.value
    await page.goto(house.url)
    await visitor.page.close()
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /Is it quiet here/ }).click()
    const reply = async (text: string) => {
      await sam.page.getByRole('textbox', { name: 'Reply' }).fill(text)
      await sam.page.getByRole('textbox', { name: 'Reply' }).press('Enter')
    }
    await reply('It is.')
    // The count comes after the tone would have.
    await expect.poll(() => ask('document.title')).toBe(`(1) ${title}`)
    expect(await ask('noted.tones')).toBe(0)

    await page.locator('body').click({ position: { x: 5, y: 5 } })
    await expect(visitorOn(page).launcher).toHaveAccessibleName(/1 unread message/)
    await reply('Not any more.')
    await expect.poll(() => ask('noted.tones')).toBe(1)
    expect(complaints).toEqual([])
  })
})
