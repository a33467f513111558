import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright'
import { build, type Rollup } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storageContract } from '../../src/testing/index.ts'
import { openBrowser } from '../support/world.ts'

let browser: Browser
let page: Page
let results: Record<string, string>

beforeAll(async () => {
  const entry = fileURLToPath(new URL('storage-page.ts', import.meta.url))
  const [built] = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'page' } }
  })) as Rollup.RollupOutput[]
  const script = built!.output[0].code
  browser = await openBrowser()
  page = await browser.newPage()
  await page.route('http://storage.test/', route =>
    route.fulfill({ contentType: 'text/html', body: '<title>storage</title>' })
  )
  await page.goto('http://storage.test/')
  await page.addScriptTag({ content: script, type: 'module' })
  await page.waitForFunction('typeof runContract === "function"')
  results = (await page.evaluate('runContract()')) as Record<string, string>
})
afterAll(() => browser.close())

describe('storage idb, in a real browser', () => {
  it.each(storageContract.map(([title]) => title))('%s', title => {
    expect(results[title]).toBe('')
  })

  it('can be asked for without being made', async () => {
    expect(await page.evaluate('probe()')).toEqual([false, false, true])
  })
})
