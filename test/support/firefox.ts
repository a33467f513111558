import { existsSync } from 'node:fs'
import { type Browser, firefox } from 'playwright'
import { installFromDebian } from './debian.ts'

/** Under automation, timers of tabs that nobody looks at would run as fast as all others. */
const AS_PEOPLE_HAVE_IT = {
  'dom.min_background_timeout_value': 1000,
  'dom.timeout.enable_budget_timer_throttling': true
}

/**
 * Starts the Firefox of `$FIREFOX_PATH`, or Debian's long-term one, which is installed where we may. Other builds of
 * Firefox speak more than this version of Playwright understands, or less.
 *
 * @throws {Error} If there is none and none can be got.
 */
export function openFirefox(): Promise<Browser> {
  const executablePath = process.env.FIREFOX_PATH ?? installed() ?? fromDebian()
  if (!executablePath) throw new Error('there is no Firefox ESR here and none can be installed')
  return firefox.launch({ channel: 'moz-firefox', executablePath, firefoxUserPrefs: AS_PEOPLE_HAVE_IT })
}

function installed(): string | undefined {
  return ['/usr/bin/firefox-esr', '/usr/lib/firefox-esr/firefox-esr'].find(existsSync)
}

function fromDebian(): string | undefined {
  return installFromDebian('Firefox ESR', 'firefox-esr', 'fonts-dejavu-core') ? installed() : undefined
}
