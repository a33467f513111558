import { existsSync } from 'node:fs'
import { type Browser, firefox } from 'playwright'
import { installFromDebian } from './debian.ts'

/**
 * Starts the Firefox of `$FIREFOX_PATH`, or Debian's long-term one, which is installed where we may. Other builds of
 * Firefox speak more than this version of Playwright understands, or less.
 *
 * @throws {Error} If there is none and none can be got.
 */
export function openFirefox(): Promise<Browser> {
  const executablePath = process.env.FIREFOX_PATH ?? installed() ?? fromDebian()
  if (!executablePath) throw new Error('there is no Firefox ESR here and none can be installed')
  return firefox.launch({ channel: 'moz-firefox', executablePath })
}

function installed(): string | undefined {
  return ['/usr/bin/firefox-esr', '/usr/lib/firefox-esr/firefox-esr'].find(existsSync)
}

function fromDebian(): string | undefined {
  return installFromDebian('Firefox ESR', 'firefox-esr', 'fonts-dejavu-core') ? installed() : undefined
}
