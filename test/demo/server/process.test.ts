import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../demo/server/environment.ts'
import type { Server } from '../../../demo/server/server.ts'
import type { Command } from '../../../src/model/command.ts'
import { createId } from '../../../src/model/id.ts'
import { eventually, sitDown, type TestVisitor, visit } from './rig.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

describe('the program', () => {
  let folder: string
  const children = new Set<ChildProcess>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'porchlight-process-'))
    await build({ configFile: join(ROOT, 'vite.config.ts'), mode: 'server' })
  })
  afterEach(async () => {
    for (const child of children) await kill(child, 'SIGKILL')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const kill = (child: ChildProcess, signal: NodeJS.Signals) =>
    new Promise<number | null>(resolve => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode)
      child.once('exit', code => resolve(code))
      child.kill(signal)
    })

  /** Starts the real thing; settles with what it printed when it is ready or has ended. */
  async function run(env: Record<string, string> = {}) {
    const child = spawn(process.execPath, ['dist/server/main.js'], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: '0',
        DATA_DIR: folder,
        SOCKETS_PER_ADDRESS: '100',
        ...env
      }
    })
    children.add(child)
    let said = ''
    child.stdout.on('data', data => {
      said += data
    })
    child.stderr.on('data', data => {
      said += data
    })
    child.once('exit', () => children.delete(child))
    await eventually(() => /^ready /m.test(said) || child.exitCode !== null, 30_000)
    const url = /^ready (http:\/\/localhost:(\d+))$/m.exec(said)
    const server = { url: url?.[1] ?? '', port: Number(url?.[2]) } as Server
    return { child, server, said: () => said }
  }

  it('says where everything is, once that it is ready, and a password that it made up once', async () => {
    const first = await run({ BOT: 'off' })
    const said = first.said()
    expect(said.match(/^ready /gm)).toHaveLength(1)
    expect(said).toContain(`${first.server.url}/inbox/`)
    const password = /agent@example\.com\s+password (\S+)/.exec(said)?.[1]
    expect(password).toMatch(/^[\w-]{16}$/)
    await sitDown(first.server, { name: 'Sam', email: 'agent@example.com', password: password! })
    const began = Date.now()
    expect(await kill(first.child, 'SIGTERM')).toBe(0)
    expect(Date.now() - began).toBeLessThan(3000)
    const second = await run({ BOT: 'off' })
    expect(second.said()).not.toContain(password)
    expect(await kill(second.child, 'SIGINT')).toBe(0)
  }, 60_000)

  it('loses nothing it acknowledged and does nothing twice, killed at any time', async () => {
    const KILLS = 4
    const thread = createId()
    const commands: Command[] = Array.from({ length: 300 }, (_, i) => ({
      id: createId(),
      n: i + 1,
      type: 'message',
      threadId: thread,
      text: `message ${i + 1}`,
      attachments: []
    }))
    const acknowledged = new Set<number>()
    let device: string | undefined
    const next = () => Math.max(0, ...acknowledged)

    /** Offers commands and reads the answers: the place of a message is its number, whatever died in between. */
    async function offer(visitor: TestVisitor, some: readonly Command[]) {
      // In flight together, so that a kill hits something; what has no answer then is sent again later.
      for (const command of some) visitor.say({ t: 'send', command, again: true })
      await Promise.race([
        visitor.closed,
        eventually(() => visitor.frames.filter(({ t }) => t === 'ack').length === some.length)
      ])
      for (const frame of visitor.frames) {
        expect(frame.t).not.toBe('nack')
        if (frame.t !== 'ack') continue
        expect(commands[frame.position! - 1]?.id).toBe(frame.id)
        acknowledged.add(frame.position!)
      }
    }

    for (let round = 0; round < KILLS; round++) {
      const { child, server, said } = await run({ BOT: 'off', AGENT_PASSWORD: 'lantern' })
      expect(said()).toContain('ready')
      const visitor = await visit(server, device ? { device } : {})
      device = visitor.device
      setTimeout(() => child.kill('SIGKILL'), 10 + Math.random() * 150)
      await offer(visitor, commands.slice(next(), next() + 20))
      await visitor.closed
    }

    const { server } = await run({ BOT: 'off', AGENT_PASSWORD: 'lantern' })
    const visitor = await visit(server, device ? { device } : {})
    // Once more what was answered long ago, and a little that is new.
    const from = Math.max(0, next() - 10)
    await offer(visitor, commands.slice(from, from + 18))
    visitor.say({ t: 'history', q: 1, threadId: thread, before: null, limit: 100 })
    const page = await visitor.until(({ t }) => t === 'page')
    const texts = page.t === 'page' ? page.messages.map(({ text }) => text) : []
    expect(texts.length).toBe(next())
    expect(texts).toEqual(commands.slice(0, texts.length).map(command => 'text' in command && command.text))
    expect(texts.length).toBeGreaterThan(15)
  }, 120_000)

  it('says plainly why it cannot start', async () => {
    const taken = createServer()
    const port = await new Promise<number>(resolve =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
    )
    const one = await run({ PORT: String(port), BOT: 'off' })
    expect(one.said()).toContain(`The server cannot start: port ${port} is taken: stop what uses it`)
    expect(one.child.exitCode).toBe(1)
    taken.close()
    const two = await run({ PORT: 'many' })
    expect(two.said()).toContain('PORT: expected a whole number from 0 to 65535, got many')
    expect(two.child.exitCode).toBe(1)
    const three = await run()
    const four = await run()
    expect(four.said()).toContain(`another server (process ${three.child.pid}) uses this folder`)
    expect(four.child.exitCode).toBe(1)
  }, 60_000)
})

describe('the environment', () => {
  it('has a default for everything', () => {
    expect(readEnvironment({})).toEqual({
      files: '.porchlight/files',
      where: { folder: '.porchlight/db' },
      options: {
        port: 4400,
        host: '127.0.0.1',
        agents: [{ name: 'Sam', email: 'agent@example.com', password: undefined }],
        allowedOrigins: [],
        allowNoOrigin: false,
        trustProxy: false,
        bot: true,
        hours: undefined,
        form: undefined,
        verifier: undefined,
        limits: {
          queue: 90_000,
          away: 20_000,
          idle: 300_000,
          socketsPerAddress: 20,
          botDelay: [700, 1500],
          botWord: 45,
          fileSize: 10 * 1024 ** 2
        }
      }
    })
  })

  it('is read', () => {
    const { where, options } = readEnvironment({
      PORT: '0',
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://localhost/porchlight',
      AGENT_NAME: 'Kim',
      AGENT_EMAIL: 'kim@example.com',
      AGENT_PASSWORD: 'x',
      AGENTS: '[{"name":"Alex","email":"alex@example.com"}]',
      ALLOWED_ORIGINS: ' https://a.example , http://localhost:3000,',
      ALLOW_NO_ORIGIN: '1',
      BOT: 'off',
      BOT_DELAY_MS: '0',
      QUEUE_SECONDS: '5',
      AWAY_SECONDS: '1'
    })
    expect(where).toEqual({ url: 'postgres://localhost/porchlight' })
    expect(options).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      agents: [
        { name: 'Kim', email: 'kim@example.com', password: 'x' },
        { name: 'Alex', email: 'alex@example.com' }
      ],
      allowedOrigins: ['https://a.example', 'http://localhost:3000'],
      allowNoOrigin: true,
      bot: false,
      limits: { queue: 5000, away: 1000, botDelay: [0, 0] }
    })
  })

  it('takes hours as JSON, and out of a file', () => {
    const json = '{"zone":"Europe/Oslo","week":{"mon":["09:00-12:30"]}}'
    const folder = mkdtempSync(join(tmpdir(), 'porchlight-hours-'))
    const file = join(folder, 'hours.json')
    writeFileSync(file, json)
    try {
      const { hours } = readEnvironment({ HOURS: json }).options
      expect(hours).toMatchObject({ zone: 'Europe/Oslo', week: { mon: [[540, 750]], tue: [] } })
      expect(readEnvironment({ HOURS: file }).options.hours).toEqual(hours)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    [{ HOURS: '9 to 5' }, 'HOURS: expected JSON such as {"zone":"Europe/Oslo"'],
    [{ HOURS: '{"zone"' }, 'or the path of a file that holds it, got {"zone"'],
    [{ HOURS: '{"zone":"Oslo","week":{}}' }, 'HOURS.zone: expected an IANA time zone such as Europe/Oslo, got "Oslo"'],
    [{ HOURS: '{"zone":"UTC","week":{"mon":["9-5"]}}' }, 'HOURS.week.mon: expected a list such as'],
    [{ PORT: '-1' }, 'PORT: expected a whole number from 0 to 65535, got -1'],
    [{ PORT: '1e3' }, 'PORT: expected a whole number from 0 to 65535, got 1e3'],
    [{ QUEUE_SECONDS: '4' }, 'QUEUE_SECONDS: expected a whole number from 5 to 3600, got 4'],
    [{ BOT: 'maybe' }, 'BOT: expected on or off, got maybe'],
    [{ AGENT_EMAIL: 'sam' }, 'AGENT_EMAIL: expected an address such as agent@example.com, got sam'],
    [{ AGENTS: '{secret' }, 'AGENTS: expected a JSON list'],
    [{ AGENTS: '{}' }, 'AGENTS: expected a JSON list'],
    [{ AGENTS: '[{"name":"A"}]' }, 'AGENTS[0].email: expected text, got undefined'],
    [{ AGENTS: '[{"name":"A","email":"a.example"}]' }, 'AGENTS[0].email: expected an address'],
    [{ ALLOWED_ORIGINS: 'shop.example' }, 'ALLOWED_ORIGINS: expected origins such as https://shop.example'],
    [{ ALLOWED_ORIGINS: 'https://shop.example/' }, 'ALLOWED_ORIGINS: expected origins'],
    [{ ALLOWED_ORIGINS: '*' }, 'ALLOWED_ORIGINS: expected origins'],
    [{ DATABASE_URL: 'mysql://user:secret@x' }, 'DATABASE_URL: expected postgres://user:password@host/database']
  ])('refuses %j by name', (env, message) => {
    expect(() => readEnvironment(env)).toThrow(message)
    try {
      readEnvironment(env)
    } catch (error) {
      expect(String(error)).not.toContain('secret')
    }
  })
})
