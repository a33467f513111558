/**
 * Finds a Chromium for the tests, or gets one. In order: `$CHROME_PATH`; a Chrome, Chromium or Edge that is installed;
 * Debian's package where we are root; the headless Chromium inside the npm package @sparticuz/chromium (Linux, x64);
 * Playwright's own download. `npm run chromium` prints what was found.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installFromDebian } from './debian.ts'

export interface Chromium {
  readonly executablePath: string
  /** Needed beside the environment there is. */
  readonly env: Readonly<Record<string, string>>
  readonly source: string
}

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const { env, platform, arch } = process

/** @throws {Error} If none was found and none could be got; it says what to do. */
export function ensureChromium(): Chromium {
  if (env.CHROME_PATH) return { executablePath: env.CHROME_PATH, env: {}, source: 'CHROME_PATH' }
  const found = installed() ?? fromDebian() ?? packaged()
  if (found) return found
  try {
    return fromPlaywright()
  } catch (cause) {
    throw new Error('no Chromium found: install Chrome, Chromium or Edge, or set CHROME_PATH', { cause })
  }
}

function installed(): Chromium | undefined {
  const names = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser', 'microsoft-edge-stable']
  const mac = ['Google Chrome', 'Chromium', 'Microsoft Edge']
  const candidates =
    platform === 'darwin'
      ? mac.map(name => `/Applications/${name}.app/Contents/MacOS/${name}`)
      : platform === 'win32'
        ? [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].flatMap(folder =>
            folder ? [`${folder}\\Google\\Chrome\\Application\\chrome.exe`] : []
          )
        : (env.PATH ?? '').split(':').flatMap(folder => names.map(name => join(folder, name)))
  const executablePath = candidates.find(isExecutable)
  return executablePath ? { executablePath, env: {}, source: 'installed' } : undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function fromDebian(): Chromium | undefined {
  return installFromDebian('Chromium', 'chromium', 'fonts-dejavu-core', 'fonts-noto-core') ? installed() : undefined
}

/** It unpacks itself, with its libraries and one font, into the project's own cache. */
function packaged(): Chromium | undefined {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  if (platform !== 'linux' || arch !== 'x64' || !report?.header?.glibcVersionRuntime) return undefined
  const main = require.resolve('@sparticuz/chromium')
  const folder = join(main.slice(0, main.lastIndexOf('@sparticuz')), '@sparticuz', 'chromium')
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const cache = join(root, 'node_modules', '.cache', `chromium-${version}`)
  const executablePath = join(cache, 'chromium')
  const extra = { LD_LIBRARY_PATH: join(cache, 'al2023', 'lib'), FONTCONFIG_FILE: join(cache, 'fonts.conf') }
  if (!existsSync(cache)) {
    const fresh = `${cache}.${process.pid}`
    mkdirSync(fresh, { recursive: true })
    // It unpacks into the temporary folder, and its libraries only where it believes to be on Amazon Linux.
    execFileSync(process.execPath, ['-e', "import('@sparticuz/chromium').then(m => m.default.executablePath())"], {
      cwd: root,
      stdio: 'inherit',
      env: { ...env, TMPDIR: fresh, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }
    })
    const fonts = `<fontconfig><dir>${join(cache, 'fonts')}</dir><cachedir>${join(cache, 'fonts-cache')}</cachedir></fontconfig>`
    writeFileSync(join(fresh, 'fonts.conf'), fonts)
    try {
      renameSync(fresh, cache)
    } catch {
      // Another process was faster: its copy serves as well.
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  try {
    execFileSync(executablePath, ['--version', '--no-sandbox'], {
      env: { ...env, ...extra },
      stdio: 'ignore',
      timeout: 30_000
    })
  } catch {
    // Libraries are missing here: the next way is tried.
    return undefined
  }
  return { executablePath, env: extra, source: `@sparticuz/chromium ${version}` }
}

function fromPlaywright(): Chromium {
  const { chromium } = require('playwright') as typeof import('playwright')
  const executablePath = chromium.executablePath()
  if (!existsSync(executablePath)) {
    const cli = join(require.resolve('playwright/package.json'), '..', 'cli.js')
    execFileSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'inherit' })
  }
  return { executablePath, env: {}, source: 'playwright' }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(ensureChromium())
