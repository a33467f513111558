import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Installs packages where that is possible without asking anybody: on a Debian, as root.
 *
 * @returns Whether they are there now.
 */
export function installFromDebian(what: string, ...packages: readonly string[]): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const apt = (...args: readonly string[]) =>
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=600', '-qq', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    })
  console.info(`installing ${what} from Debian, about half a minute …`)
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', ...packages)
    return true
  } catch {
    // No package of that name, or no network: whoever asked knows another way, or says that there is none.
    return false
  }
}
