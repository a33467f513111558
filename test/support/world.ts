/** A real server process, a real Chromium, visitors on the shop's page and agents in the inbox. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page
} from 'playwright'
import { ensureChromium } from './chromium.ts'
import { copyPristine } from './pristine.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export const PASSWORD = 'lantern'

export interface House {
  readonly url: string
  /** Ends the process as a power cut would: no goodbye. */
  kill(): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
  /** Ends it as an owner would who restarts it: it says goodbye and finishes what it does. */
  stop(): Promise<void>
  /** Asks the program something that only it can tell; it has to be one that answers. */
  ask<Answer>(question: unknown): Promise<Answer>
  /** Ends it and removes its data. */
  close(): Promise<void>
}

/**
 * Starts the server as `npm start` does, on a free port, with data of its own.
 *
 * @param program What to start instead of the server's own main file.
 */
export async function openHouse(
  env: Readonly<Record<string, string>> = {},
  program = 'dist/server/main.js'
): Promise<House> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-'))
  await copyPristine(join(folder, 'db'))
  let running: ChildProcess | undefined
  let questions = 0

  const start = () =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [...(program.endsWith('.ts') ? ['--import', 'tsx'] : []), program], {
        cwd: root,
        env: { ...process.env, PORT: String(port), DATA_DIR: folder, AGENT_PASSWORD: PASSWORD, BOT: 'off', ...env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc']
      })
      running = child
      let said = ''
      const hear = (data: Buffer) => {
        said += data
        if (/^ready /m.test(said)) resolve()
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('exit', code => reject(new Error(`the server stopped with ${code}: ${said}`)))
    })
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>(resolve => {
      if (!running || running.exitCode !== null || running.signalCode) return resolve()
      running.once('exit', () => resolve())
      running.kill(signal)
    })

  await start()
  return {
    url: `http://localhost:${port}`,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start,
    ask: question =>
      new Promise((resolve, reject) => {
        const asked = running
        const id = ++questions
        const hear = (said: { readonly id: number; readonly answer: unknown }) => said.id === id && done(said.answer)
        const gone = () => reject(new Error('the server ended before it answered'))
        const done = (answer: unknown) => {
          asked?.off('message', hear).off('exit', gone)
          resolve(answer as never)
        }
        asked?.on('message', hear).once('exit', gone)
        asked?.send({ id, question }, error => error && reject(error))
      }),
    async close() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** How to start Chromium, with the switches that keep it from talking to anybody but us. */
export function chromiumOptions() {
  const { executablePath, env } = ensureChromium()
  return {
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Pages that a test makes up count as public, and public pages may not open sockets to this machine.
      '--disable-features=LocalNetworkAccessChecks'
    ]
  }
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch(chromiumOptions())
}

export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly launcher: Locator
  readonly panel: Locator
  readonly composer: Locator
  /** The texts of the messages in the conversation that is shown, oldest first. */
  texts(): Promise<readonly string[]>
  open(): Promise<void>
  /** Starts or goes on with a message from the first screen, or in the conversation that is open. */
  write(text: string): Promise<void>
  /** What the page complained about. */
  readonly complaints: string[]
}

/** Somebody with a browser of their own, on the shop's front page. */
export async function visit(
  browser: Browser,
  house: House,
  options: BrowserContextOptions & { path?: string } = {}
): Promise<Visitor> {
  const { path = '/', ...contextOptions } = options
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    locale: 'en-GB',
    ...contextOptions
  })
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  await page.goto(house.url + path)
  return { context, ...visitorOn(page), complaints }
}

/** What the page complains about from now on. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}

/** The widget on a page. */
export function visitorOn(page: Page): Omit<Visitor, 'context' | 'complaints'> {
  const host = page.locator('porchlight-chat')
  const launcher = host.locator('.launcher')
  const panel = host.getByRole('dialog')
  const composer = panel.getByRole('textbox', { name: 'Write a message' })
  return {
    page,
    launcher,
    panel,
    composer,
    texts: () => panel.locator('.bubble').allInnerTexts(),
    async open() {
      await launcher.click()
      await panel.waitFor()
    },
    async write(text) {
      await composer.fill(text)
      await composer.press('Enter')
    }
  }
}

/** An agent at a desk of their own, signed in. */
export async function sitDown(browser: Browser, house: House): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(`${house.url}/inbox/`)
  await page.getByLabel('E-mail').fill('agent@example.com')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor()
  return { context, page }
}
