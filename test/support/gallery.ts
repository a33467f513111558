/**
 * `npm run gallery`: opens every state of the gallery in Chromium, wide, dark and narrow, takes a picture of each when it
 * is still, has axe-core look at it, and lays the pictures out on sheets for people to look at. Fails when axe finds
 * something, or when a state does not appear. `-- --only NAME` takes one state, or several if it is there more than once;
 * `--locale ar` takes them from right to left. It shows what `npm run build` has built, and puts the pictures into a folder
 * named after the language, or `only`, so that a look at a few states leaves the sheets of all of them.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright'
import type { State } from '../../demo/shop/gallery/state.ts'
import { states } from '../../demo/shop/gallery/states.ts'
import { createProgress } from '../reliability/progress.ts'
import { openBrowser, openHouse } from './world.ts'

const PICTURES = fileURLToPath(new URL('../../node_modules/.cache/gallery', import.meta.url))

/** The moment at which all pictures are taken. */
const NOW = Date.UTC(2026, 4, 5, 9, 30)
/** How far the page's clock is moved at once, in milliseconds. */
const STEP = 100
/** After so many steps a state that has not appeared does not. */
const STEPS = 150
/** After so many steps the machine is busy, and the clock waits so many real milliseconds for it at each of the others. */
const QUICK = 50
const PAUSE = 100
/** After so many steps without a change it is still. */
const STILL = 4
const PER_SHEET = 10

export const LOOKS = ['wide', 'dark', 'narrow'] as const
type Look = (typeof LOOKS)[number]

const VIEWPORTS = {
  wide: { width: 1280, height: 800 },
  dark: { width: 1280, height: 800 },
  narrow: { width: 390, height: 780 }
}

export interface Picture {
  readonly state: string
  readonly look: Look
  readonly png: Buffer
  /** On which side of a wide page the widget is; `whole`: it is in the page, or all over it. */
  readonly side: 'left' | 'right' | 'whole'
  /** What axe found, one rule each. */
  readonly violations: readonly string[]
}

export interface Gallery {
  readonly pictures: readonly Picture[]
  /** The states that did not appear, and how. */
  readonly missing: readonly string[]
}

/**
 * Takes the pictures of these states from a server that runs.
 *
 * @param onPicture Hears of each that was taken.
 * @param locale What it speaks: `en` or `ar`.
 */
export async function photograph(
  browser: Browser,
  url: string,
  some: readonly State[],
  onPicture: (picture: Picture) => void = () => {},
  locale = 'en'
): Promise<Gallery> {
  const pictures: Picture[] = []
  const missing: string[] = []
  for (const { name } of some) {
    // Wide and dark are one page: nothing but its colours changes.
    for (const looks of [['wide', 'dark'], ['narrow']] as const) {
      const page = await open(browser, looks[0])
      try {
        const answer = await page.goto(`${url}/gallery.html?state=${name}&locale=${locale}`)
        if (!answer?.ok()) throw new Error('there is no gallery.html: it needs `npm run build`')
        if (!(await appears(page, name))) {
          missing.push(`${name} (${looks[0]})`)
          continue
        }
        for (const look of looks) {
          await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' })
          const picture = await take(page, name, look)
          pictures.push(picture)
          onPicture(picture)
        }
      } finally {
        await page.context().close()
      }
    }
  }
  return { pictures, missing }
}

/** A page whose clock stands still unless it is moved: a state that would pass is there for as long as it takes. */
async function open(browser: Browser, look: Look): Promise<Page> {
  const context = await browser.newContext({ viewport: VIEWPORTS[look], locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  await page.addInitScript('globalThis.realTimeout = setTimeout')
  // It runs at first, and cannot be stopped at what has passed.
  await page.clock.install({ time: NOW - 60_000 })
  await page.clock.pauseAt(NOW)
  return page
}

/** Moves the clock until the state is there, and nothing changes any more. */
async function appears(page: Page, name: string): Promise<boolean> {
  let before = ''
  let still = 0
  for (let step = 0; step < STEPS; step++) {
    if (step > QUICK) await setTimeout(PAUSE)
    await page.clock.runFor(STEP)
    const { shown, whole, now } = await page.evaluate(look)
    if (shown !== name) continue
    still = whole && now === before ? still + 1 : 0
    before = now
    if (still === STILL) return true
  }
  return false
}

/** Runs in the page: what is there, and whether all of it has arrived. */
function look(): { readonly shown: string | undefined; readonly whole: boolean; readonly now: string } {
  const root = document.querySelector('porchlight-chat')?.shadowRoot
  const list = root?.querySelector('.list')
  return {
    shown: document.documentElement.dataset.shown,
    // Beyond the edge of the page a picture is not fetched.
    whole: [...(root?.querySelectorAll('img') ?? [])].every(
      image =>
        image.complete || image.getBoundingClientRect().left >= innerWidth || image.getBoundingClientRect().right <= 0
    ),
    now: `${list?.scrollTop} ${list?.scrollHeight} ${root?.querySelector('.frame')?.outerHTML}`
  }
}

async function take(page: Page, state: string, look: Look): Promise<Picture> {
  await page.evaluate(endAnimations)
  const png = await page.screenshot({ animations: 'disabled' })
  const box = await page.locator('porchlight-chat .corner').boundingBox()
  const isWhole = !box || (await page.locator('porchlight-chat .lightbox').count()) > 0
  const side = isWhole ? 'whole' : box.x < VIEWPORTS[look].width / 2 ? 'left' : 'right'
  const violations = await violationsIn(page)
  return { state, look, png, side, violations }
}

/** Runs in the page: what is still fading in has no contrast yet. */
function endAnimations(): void {
  const root = document.querySelector('porchlight-chat')!.shadowRoot!
  for (const animation of [...document.getAnimations(), ...root.getAnimations()]) {
    if (animation.effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY) animation.cancel()
    else animation.finish()
  }
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** It waits now and then, and the page's own clock stands still. */
const AXE = `(setTimeout => { ${axe} })(globalThis.realTimeout ?? setTimeout)`

/** What axe finds in the widget of this page, one rule each. */
export async function violationsIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return page.evaluate(runAxe)
}

/** Runs in the page. */
async function runAxe(): Promise<readonly string[]> {
  const { axe } = globalThis as unknown as { axe: { run(where: string): Promise<AxeResult> } }
  const { violations } = await axe.run('porchlight-chat')
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly target: readonly unknown[] }[]
  }[]
}

/** Lays the pictures of one look out on sheets. Of a wide page only the side with the widget is there, if it has one. */
async function layOut(browser: Browser, pictures: readonly Picture[], folder: string): Promise<readonly string[]> {
  const files: string[] = []
  const page = await browser.newPage({ viewport: { width: 1830, height: 600 } })
  for (const look of LOOKS) {
    const ofLook = pictures.filter(picture => picture.look === look)
    for (let from = 0; from < ofLook.length; from += PER_SHEET) {
      await page.setContent(sheet(ofLook.slice(from, from + PER_SHEET)))
      const file = join(folder, `sheet-${look}-${String(from / PER_SHEET + 1).padStart(2, '0')}.png`)
      writeFileSync(file, await page.screenshot({ fullPage: true }))
      files.push(file)
    }
  }
  await page.close()
  return files
}

function sheet(pictures: readonly Picture[]): string {
  const figures = pictures.map(
    ({ state, look, png, side }) =>
      `<figure><div class="${look === 'narrow' ? look : side}"><img src="data:image/png;base64,${png.toString('base64')}"></div><figcaption>${state}</figcaption></figure>`
  )
  return `<!doctype html><style>
    body { display: grid; grid-template-columns: repeat(5, 350px); gap: 12px; margin: 16px; background: #777; font: 15px sans-serif }
    figure { margin: 0; background: #fff }
    figcaption { padding: 6px 8px }
    div { display: flex; height: 624px; overflow: hidden; align-items: end }
    div.right { justify-content: end }
    div.narrow { justify-content: center }
    img { flex: none; height: 624px }
    .whole img { width: 100%; height: auto }
  </style>${figures.join('')}`
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      locale: { type: 'string', default: 'en' },
      json: { type: 'boolean', default: false }
    }
  })
  const unknown = values.only.find(only => states.every(({ name }) => name !== only))
  if (unknown) throw new Error(`there is no state of the name ${unknown}: see demo/shop/gallery`)
  const some = values.only.length ? states.filter(({ name }) => values.only.includes(name)) : states
  const folder = join(PICTURES, values.only.length ? 'only' : values.locale)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const progress = createProgress()
  const browser = await openBrowser()
  const house = await openHouse()
  try {
    let taken = 0
    const onPicture = ({ state, look, png, violations }: Picture) => {
      writeFileSync(join(folder, `${state}-${look}.png`), png)
      progress.say(`${++taken} of ${some.length * LOOKS.length} pictures: ${state}, ${look}`)
      for (const violation of violations) console.log(`${state}, ${look}: ${violation}`)
    }
    const { pictures, missing } = await photograph(browser, house.url, some, onPicture, values.locale)
    const sheets = await layOut(browser, pictures, folder)
    progress.end()
    for (const state of missing) console.log(`did not appear: ${state}`)
    for (const file of sheets) console.log(file)
    const axe = pictures.reduce((sum, { violations }) => sum + violations.length, 0)
    if (axe || missing.length) process.exitCode = 1
    if (values.json) console.log(JSON.stringify({ states: some.length, pictures: pictures.length, axe }))
    else console.log(`${some.length} states, ${pictures.length} pictures, ${axe} found by axe`)
  } finally {
    progress.end()
    await browser.close()
    await house.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
