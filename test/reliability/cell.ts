import type { BrowserContext, Page } from 'playwright'
import { createId } from '../../src/model/id.ts'
import type { House } from '../support/world.ts'
import './hands.ts'
import type { LogRow } from './server.ts'
import type { Wire } from './wire.ts'

export type BrowserName = 'chromium' | 'firefox'

/** One fault, made in a real browser, and the one figure that it is judged by. Everything else that is wrong throws. */
export interface Cell {
  /** For `--only`. */
  readonly name: string
  /** What happens, and what is measured. */
  readonly fault: string
  /** The most that is right. */
  readonly bound: number
  /** Of bound and measure; default: seconds. */
  readonly unit?: string
  /** Why it cannot be made there. */
  readonly impossible?: Partial<Readonly<Record<BrowserName, string>>>
  /** It waits more than it works, and nobody else is disturbed by it: its repeats run side by side. */
  readonly patient?: boolean
  /** Further switches for Chromium. */
  readonly flags?: readonly string[]
  measure(place: Place): Promise<number>
}

/** Where one fault is made, once: nothing in it has a past. */
export interface Place {
  readonly browser: BrowserName
  readonly context: BrowserContext
  readonly house: House
  /** The way to the house, a site of its own. */
  readonly wire: Wire
}

/** Until when everything has to have arrived when the fault is over: what a visitor who looks on is promised. */
const ARRIVED = 45

/** A tab on a page of the site, which it shows from now on. */
export async function visit({ context, wire }: Place, path = 'widget.html'): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${wire.url}/${path}`)
  if (path !== 'quiet.html') await page.waitForFunction('window.Porchlight')
  return page
}

/** A tab with a conversation in which these messages were sent and have arrived. */
export async function converse(
  place: Place,
  texts: readonly string[] = ['Is anybody there?'],
  path?: string
): Promise<{ readonly page: Page; readonly threadId: string }> {
  const page = await visit(place, path)
  const threadId = createId()
  await page.evaluate(id => hands.open(id), threadId)
  await page.evaluate(list => hands.write(list), texts)
  await arrived(place, page, threadId, texts)
  return { page, threadId }
}

/** Another tab of this page's window is looked at from now on. */
export async function hide(page: Page): Promise<Page> {
  const [other] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate(() => void window.open('/quiet.html'))
  ])
  await other.waitForLoadState()
  await page.waitForFunction(() => document.hidden, undefined, { polling: 50 })
  return other
}

/**
 * Waits for something; gives how many seconds it took.
 *
 * @throws {Error} If it does not come within `most` seconds.
 */
export async function until(what: string, most: number, check: () => unknown): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const holds = await check()
    const took = (performance.now() - begun) / 1000
    if (holds) return took
    if (took > most) throw new Error(`waited ${most} s for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/**
 * Waits until the server has these messages of the visitor and no other, once and in this order, and until the page
 * shows the same; gives how many seconds that took.
 *
 * @throws {Error} If they do not come in time, or are not these.
 */
export async function arrived(
  { house }: Place,
  page: Page,
  threadId: string,
  texts: readonly string[]
): Promise<number> {
  let log: readonly string[] = []
  let shown: readonly string[] = []
  const wanted = JSON.stringify(texts)
  try {
    return await until('all messages', ARRIVED, async () => {
      const rows = await house.ask<readonly LogRow[]>(threadId)
      log = rows.filter(({ author }) => author === 'visitor').map(({ text }) => text)
      shown = await page.evaluate(() => hands.shown())
      return JSON.stringify(log) === wanted && JSON.stringify(shown) === wanted
    })
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith('waited')) throw cause
    throw new Error(`expected ${wanted}; the server has ${JSON.stringify(log)}, the page ${JSON.stringify(shown)}`, {
      cause
    })
  }
}

/** Links that the browser holds. */
export function held({ wire }: Place): number {
  return wire.links.filter(({ until }) => until === undefined).length
}
