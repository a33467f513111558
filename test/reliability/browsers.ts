import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright'
import { openFirefox } from '../support/firefox.ts'
import { chromiumOptions } from '../support/world.ts'
import type { BrowserName } from './cell.ts'

/** A browser with nothing in it yet, and how to be rid of it. */
export interface Fresh {
  readonly context: BrowserContext
  close(): Promise<void>
}

/** The browsers that can be had here. */
export interface Browsers {
  /** Why there is none of this name, if there is none. */
  missing(name: BrowserName): Promise<string | undefined>
  fresh(name: BrowserName, flags?: readonly string[]): Promise<Fresh>
  close(): Promise<void>
}

export function createBrowsers(): Browsers {
  let firefox: Promise<Browser> | undefined
  const getFirefox = () => {
    firefox ??= openFirefox()
    return firefox
  }
  return {
    async missing(name) {
      if (name === 'chromium') return undefined
      try {
        await getFirefox()
        return undefined
      } catch (error) {
        return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
      }
    },
    async fresh(name, flags) {
      if (name === 'chromium') return plainChromium(flags)
      // Its start takes longer than most faults do; each place is a site of its own anyway.
      const context = await (await getFirefox()).newContext()
      return { context, close: () => context.close() }
    },
    async close() {
      await (await firefox?.catch(() => undefined))?.close()
    }
  }
}

/**
 * A Chromium as people have it: tabs that nobody looks at are hidden, held back and kept in the back/forward cache. What
 * Playwright starts by itself has all tabs shown at all times.
 */
async function plainChromium(flags: readonly string[] = []): Promise<Fresh> {
  const { executablePath, env, args } = chromiumOptions()
  const profile = mkdtempSync(join(tmpdir(), 'porchlight-profile-'))
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...flags]
  const child = spawn(executablePath, [...args, ...own, 'about:blank'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true
  })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const endpoint = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', data => {
      said += data
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (found) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`Chromium stopped with ${code}: ${said}`)))
  })
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true })
  return {
    context: browser.contexts()[0]!,
    async close() {
      await browser.close()
      // With all the processes that it has started.
      process.kill(-child.pid!, 'SIGKILL')
      await gone
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}
