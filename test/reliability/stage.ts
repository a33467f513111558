import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import { chromiumOptions, type House, openHouse } from '../support/world.ts'
import type { LogRow } from './server.ts'
import { openWire, type Wire } from './wire.ts'

/** A server, a wire to it, and a browser with a profile that outlives it. */
export interface Stage {
  readonly house: House
  readonly wire: Wire
  /** A tab of the browser, which is started if it does not run. */
  tab(): Promise<Page>
  /** Ends the browser with all its processes, as a crash of the machine would. */
  killBrowser(): Promise<void>
  /** Begins with a browser that has never been here. */
  forget(): Promise<void>
  /** What the server's database holds of a thread. */
  log(threadId: string): Promise<readonly LogRow[]>
  /** Where the pages tell that a message has left the composer. */
  onAccepted(listener: (text: string) => void): void
  close(): Promise<void>
}

export async function openStage(): Promise<Stage> {
  const house = await openHouse({}, 'test/reliability/server.ts')
  const wire = await openWire(Number(new URL(house.url).port))
  let profile: string | undefined
  let context: BrowserContext | undefined
  let accepted = (_text: string) => {}

  const start = async () => {
    profile ??= mkdtempSync(join(tmpdir(), 'porchlight-profile-'))
    context = await chromium.launchPersistentContext(profile, chromiumOptions())
    await context.exposeBinding('accepted', (_source, text: string) => accepted(text))
    return context
  }

  const stage: Stage = {
    house,
    wire,
    async tab() {
      const running = context ?? (await start())
      const page = await running.newPage()
      for (const other of running.pages()) if (other !== page) await other.close()
      return page
    },
    async killBrowser() {
      const { id } = (await processes(context!)).find(({ type }) => type === 'browser')!
      const died = new Promise(resolve => context!.once('close', resolve))
      // Its whole group: what it started does not outlive it for a moment.
      process.kill(-id, 'SIGKILL')
      await died
      context = undefined
    },
    async forget() {
      await context?.close()
      context = undefined
      if (profile) rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
      profile = undefined
    },
    log: threadId => house.ask(threadId),
    onAccepted(listener) {
      accepted = listener
    },
    async close() {
      await stage.forget()
      await wire.close()
      await house.close()
    }
  }
  return stage
}

interface Process {
  readonly id: number
  readonly type: string
  readonly cpuTime: number
}

/** The processes of a browser, as the system numbers them. */
async function processes(context: BrowserContext): Promise<readonly Process[]> {
  const session = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo
}

/**
 * The process that runs a page. Nothing tells it, so the page is made to work, and the process that did is the one.
 *
 * @throws {Error} If others worked as hard all the time.
 */
export async function rendererOf(page: Page): Promise<number> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const before = new Map((await processes(page.context())).map(({ id, cpuTime }) => [id, cpuTime]))
    await page.evaluate(() => {
      const end = performance.now() + 60
      while (performance.now() < end);
    })
    const [first, second] = (await processes(page.context()))
      .filter(({ type }) => type === 'renderer')
      .map(({ id, cpuTime }) => ({ id, time: cpuTime - (before.get(id) ?? 0) }))
      .sort((a, b) => b.time - a.time)
    if (first && first.time > 0.03 && first.time > 3 * (second?.time ?? 0)) return first.id
  }
  throw new Error('no process could be told to be the one that runs the page: this machine is too busy')
}

/** Ends the process that runs a page, as the system does when memory is short. */
export async function killRenderer(page: Page, renderer: number): Promise<void> {
  const died = page.waitForEvent('crash', { timeout: 5000 })
  process.kill(renderer, 'SIGKILL')
  await died
}
