import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Form, formShape } from '../../src/model/form.ts'
import { object, optional, text } from '../../src/model/shape.ts'
import type { NewAgent } from './identity/agents.ts'
import { createVerifier } from './identity/tokens.ts'
import type { Verifier } from './identity/visitors.ts'
import type { Limits } from './limits.ts'
import { defaultLimits } from './limits.ts'
import { consoleLog, reasonOf } from './log.ts'
import { type MailerOptions, readSender } from './mail/mailer.ts'
import { type Hours, readHours } from './routing/hours.ts'
import type { ServerOptions } from './server.ts'
import { lockDatabase } from './store/alone.ts'
import { openPglite } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import type { Store } from './store/store.ts'

/** Where the data lies: a database to connect to, or a folder. */
export type Where = { readonly url: string } | { readonly folder: string }

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What the environment asks for. No database is opened yet.
 *
 * @throws {Error} Naming the variable, what it holds and what would be right.
 */
export function readEnvironment(env: Environment): {
  readonly options: Omit<ServerOptions, 'store'>
  readonly where: Where
  /** Folder of what is uploaded. */
  readonly files: string
} {
  const [least, most] = range(env, 'BOT_DELAY_MS', defaultLimits.botDelay)
  const limits: Partial<Limits> = {
    queue: seconds(env, 'QUEUE_SECONDS', defaultLimits.queue, 5, 3600),
    away: seconds(env, 'AWAY_SECONDS', defaultLimits.away, 1, 3600),
    idle: seconds(env, 'IDLE_SECONDS', defaultLimits.idle, 60, 86_400),
    socketsPerAddress: number(env, 'SOCKETS_PER_ADDRESS', defaultLimits.socketsPerAddress, 1, 1_000_000),
    botDelay: [least, most],
    botWord: number(env, 'BOT_WORD_MS', defaultLimits.botWord, 0, 60_000),
    fileSize: number(env, 'FILE_MB', defaultLimits.fileSize / MEGABYTE, 0, 1000) * MEGABYTE
  }
  return {
    files: env.FILES_DIR || join(env.DATA_DIR || '.porchlight', 'files'),
    where: env.DATABASE_URL
      ? { url: postgresUrl(env.DATABASE_URL) }
      : { folder: join(env.DATA_DIR || '.porchlight', 'db') },
    options: {
      port: number(env, 'PORT', 4400, 0, 65_535),
      host: env.HOST || '127.0.0.1',
      agents: [first(env), ...others(env.AGENTS)],
      allowedOrigins: origins(env.ALLOWED_ORIGINS),
      allowNoOrigin: flag(env, 'ALLOW_NO_ORIGIN', false),
      trustProxy: flag(env, 'TRUST_PROXY', false),
      bot: flag(env, 'BOT', true),
      hours: hours(env.HOURS),
      form: form(env.FORM),
      mail: mail(env),
      verifier: verifier(env),
      limits
    }
  }
}

const MEGABYTE = 1_048_576

export async function openStore(where: Where): Promise<Store> {
  if ('folder' in where) return openPglite(where.folder)
  const warn = (what: string) => (error: Error) => consoleLog.warn(`store: ${what}`, { reason: reasonOf(error) })
  const store = await openPostgres(where.url, warn('a connection broke'))
  const unlock = await lockDatabase(where.url, warn('not alone')).catch(async error => {
    await store.close()
    throw error
  })
  return {
    ...store,
    async close() {
      await store.close()
      await unlock()
    }
  }
}

function first(env: Environment): NewAgent {
  const agent = {
    name: env.AGENT_NAME || 'Sam',
    email: env.AGENT_EMAIL || 'agent@example.com',
    password: env.AGENT_PASSWORD || undefined
  }
  if (!isEmail(agent.email)) throw wrong('AGENT_EMAIL', 'an address such as agent@example.com', agent.email)
  return agent
}

function others(value: string | undefined): readonly NewAgent[] {
  if (!value) return []
  const right = 'a JSON list such as [{"name":"Alex","email":"alex@example.com","password":"…"}]'
  let list: unknown
  try {
    list = JSON.parse(value)
  } catch {
    // The value may hold passwords: what is wrong is said without it.
    throw new Error(`AGENTS: expected ${right}, got what is not JSON`)
  }
  if (!Array.isArray(list)) throw new Error(`AGENTS: expected ${right}`)
  const shape = object({ name: text(200, 1), email: text(320, 3), password: optional(text(200, 1)) })
  return list.map((agent: NewAgent, i) => {
    const problem = shape(agent, `AGENTS[${i}]`)
    if (problem) throw new Error(problem)
    if (!isEmail(agent.email)) throw wrong(`AGENTS[${i}].email`, 'an address such as alex@example.com', agent.email)
    return { name: agent.name, email: agent.email, password: agent.password }
  })
}

function form(value: string | undefined): Form | undefined {
  if (!value) return undefined
  const right = 'JSON such as {"fields":[{"name":"email","label":"E-mail","kind":"email","required":true}]}'
  let given: unknown
  try {
    given = JSON.parse(value)
  } catch {
    throw wrong('FORM', right, value)
  }
  const problem = formShape(given, 'FORM')
  if (problem) throw new Error(problem)
  return given as Form
}

function origins(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map(origin => origin.trim())
    .filter(Boolean)
    .map(origin => {
      const url = URL.canParse(origin) ? new URL(origin) : undefined
      if (url?.origin !== origin || !/^https?:$/.test(url.protocol) || origin.includes('*')) {
        throw wrong(
          'ALLOWED_ORIGINS',
          'origins such as https://shop.example, without path or slash, comma between',
          origin
        )
      }
      return origin
    })
}

/** Hours as JSON, or the path of a file that holds it. */
function hours(value: string | undefined): Hours | undefined {
  if (!value) return undefined
  const right =
    'JSON such as {"zone":"Europe/Oslo","week":{"mon":["09:00-17:00"]}}, or the path of a file that holds it'
  let json = value
  if (!value.trimStart().startsWith('{')) {
    try {
      json = readFileSync(value, 'utf8')
    } catch (cause) {
      throw new Error(`HOURS: expected ${right}, got ${value.slice(0, 80)}: ${reasonOf(cause)}`, { cause })
    }
  }
  let read: unknown
  try {
    read = JSON.parse(json)
  } catch {
    throw wrong('HOURS', right, json)
  }
  return readHours(read, 'HOURS')
}

/** Through which server mail goes out, if any does. */
function mail({ SMTP_URL, MAIL_FROM }: Environment): MailerOptions | undefined {
  if (!SMTP_URL) {
    if (MAIL_FROM) throw new Error('MAIL_FROM: expected SMTP_URL beside it')
    return undefined
  }
  // It may hold a password: what is wrong is said without it.
  if (!/^smtps?:\/\/[^/]/.test(SMTP_URL) || !URL.canParse(SMTP_URL)) {
    throw new Error('SMTP_URL: expected smtp://user:password@host:587, or smtps://…')
  }
  const from = readSender(MAIL_FROM ?? '')
  if (!from) throw wrong('MAIL_FROM', 'a sender such as Fernhill Lamps <chat@fernhill.example>', MAIL_FROM ?? 'nothing')
  return { url: SMTP_URL, from }
}

/** The site's own word on who its visitors are, if it gives one. */
function verifier(env: Environment): Verifier | undefined {
  const { VISITOR_SECRET, VISITOR_PUBLIC_KEY, VISITOR_AUDIENCE, VISITOR_ISSUER } = env
  const secrets = (VISITOR_SECRET ?? '')
    .split(',')
    .map(secret => secret.trim())
    .filter(Boolean)
  if (!secrets.length && !VISITOR_PUBLIC_KEY) {
    const alone = VISITOR_AUDIENCE ? 'VISITOR_AUDIENCE' : VISITOR_ISSUER ? 'VISITOR_ISSUER' : undefined
    if (alone) throw new Error(`${alone}: expected VISITOR_SECRET or VISITOR_PUBLIC_KEY beside it`)
    return undefined
  }
  return createVerifier({
    secrets,
    // Where an environment holds one line only, line ends are written as backslash and n.
    publicKey: VISITOR_PUBLIC_KEY?.replaceAll('\\n', '\n'),
    audience: VISITOR_AUDIENCE || undefined,
    issuer: VISITOR_ISSUER || undefined
  })
}

function postgresUrl(value: string): string {
  // It may hold a password: what is wrong is said without it.
  if (!/^postgres(ql)?:\/\//.test(value))
    throw new Error('DATABASE_URL: expected postgres://user:password@host/database')
  return value
}

function number(env: Environment, name: string, otherwise: number, least: number, most: number): number {
  const value = env[name]
  if (!value) return otherwise
  const given = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (!(given >= least && given <= most)) throw wrong(name, `a whole number from ${least} to ${most}`, value)
  return given
}

function seconds(env: Environment, name: string, otherwise: number, least: number, most: number): number {
  return number(env, name, otherwise / 1000, least, most) * 1000
}

function range(env: Environment, name: string, otherwise: readonly [number, number]): readonly [number, number] {
  if (!env[name]) return otherwise
  const given = number(env, name, 0, 0, 60_000)
  return [given, given]
}

function flag(env: Environment, name: string, otherwise: boolean): boolean {
  const value = env[name]?.toLowerCase()
  if (!value) return otherwise
  if (['1', 'on', 'true', 'yes'].includes(value)) return true
  if (['0', 'off', 'false', 'no'].includes(value)) return false
  throw wrong(name, 'on or off', value)
}

const isEmail = (value: string) => /^[^\s@]+@[^\s@]+$/.test(value)

const wrong = (name: string, right: string, got: string) =>
  new Error(`${name}: expected ${right}, got ${got.slice(0, 80)}`)
