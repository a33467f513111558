/**
 * The reference server under load, beside a bare `ws` echo server in the same run: `npm run load`. Figures are worth
 * something as ratios of the two only, taken in turns; how fast this machine is, and what else it does, cancels out.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { record } from '../support/reliability.ts'
import { measureAbuse } from './abuse.ts'
import { buildChildren } from './build.ts'
import { measureDurable } from './durable.ts'
import { clearUp, measureFloor } from './floor.ts'
import { measureHerd } from './herd.ts'
import { measureIdle } from './idle.ts'
import { isPrompt, measureLatency, measureSlower } from './latency.ts'
import { measureLive } from './live.ts'
import { type Measured, rowsOf, summaryOf } from './report.ts'
import { setUp } from './stage.ts'

const HELP = `npm run load -- [options]

  --quick             less of everything, a minute or two, with one store: to see that it works
  --store NAME        postgres, pglite or both (default: both)
  --clients N         how many connect (default: 5000, quick: 500)
  --lines N           how many of them say messages as fast as it goes (default: 1000)
  --seconds N         length of a turn (default: 4, quick: 1.5)
  --rounds N          how often echo, server, server, echo (default: 3, quick: 1)
  --rate N            messages a second at a steady rate (default: 2000, or half of what the server can take)
  --profile FOLDER    writes a profile of the server's processor time there
`

interface Options {
  readonly stores: readonly StoreName[]
  readonly clients: number
  readonly lines: number
  /** Live chats of the one agent. */
  readonly chats: number
  readonly seconds: number
  readonly rounds: number
  readonly rate: number
  readonly profile: string | undefined
}

/** Whose figures are recorded, at least. */
const WHOLE = { clients: 5000, lines: 1000, seconds: 4, rounds: 3, rate: 2000 }
const QUICK = { clients: 500, lines: 1000, seconds: 1.5, rounds: 1, rate: 2000 }
/** A steady rate is watched so many times as long: the last of a hundred waits tells nothing of a few seconds. */
const STEADY = 2.5

/** With fewer, what a process takes and gives back for itself is more than what they take. */
const LEAST_IDLE = 2000

type StoreName = 'postgres' | 'pglite'

try {
  const options = readOptions()
  await buildChildren()
  const postgres = options.stores.includes('postgres') ? await startPostgres({ durable: true }) : undefined
  try {
    await run(options, postgres)
  } finally {
    await postgres?.stop()
  }
  process.exit()
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error)
  process.exit(1)
}

async function run(options: Options, postgres: Postgres | undefined): Promise<void> {
  const stores = options.stores.filter(store => store === 'pglite' || postgres)
  if (!stores.length) throw new Error('there is no PostgreSQL to measure with; try --store pglite')
  const measured = new Map<StoreName, Measured>()
  for (const store of stores) {
    measured.set(store, await measure(options, store, store === 'postgres' ? postgres : undefined))
  }
  for (const [store, all] of measured) show(store, all)
  const [first, ...others] = [...measured].map(([store, all]) => ({ store, ...summaryOf(all) }))
  const summary = { ...first!, others }
  // A quick look must not replace the figures of a whole run.
  if (isWhole(options)) record('load', summary)
  console.log(JSON.stringify(summary))
}

function isWhole({ stores, ...given }: Options): boolean {
  const least = { ...WHOLE, clients: Math.min(WHOLE.clients, mostClients()) }
  const all = Object.entries(least).every(([name, figure]) => given[name as keyof typeof WHOLE] >= figure)
  return all && stores.includes('postgres')
}

async function measure(options: Options, store: StoreName, postgres: Postgres | undefined): Promise<Measured> {
  const { clients, lines, chats: threads, seconds, rounds, profile } = options
  const began = performance.now()
  const say = (what: string) => {
    const at = `${Math.round((performance.now() - began) / 1000)} s`
    console.log(`${store.padEnd(8)}  ${at.padStart(5)}  ${what}`)
  }

  const connections = Math.min(Math.max(clients, LEAST_IDLE), mostClients())
  say(`what ${connections} idle connections take`)
  const idle = await measureIdle(postgres, { clients: connections, seconds })
  say(`connecting ${clients} visitors and ${clients} lines to the echo server`)
  const stage = await setUp({ postgres, profile, clients })
  try {
    say(`the whole way of a message, as fast as it goes on ${lines} lines`)
    const durable = await measureDurable(stage, { lines, seconds, rounds })
    say('what the database could do at best')
    const floor = stage.house.database ? await measureFloor(stage.house.database, seconds / 3) : undefined
    if (stage.house.database) await clearUp(stage.house.database)
    const rate = Math.min(options.rate, Math.round(durable.perSecond / 2))
    say(`how long an answer takes at ${rate} messages a second`)
    const latency = await measureLatency(stage, { rate, seconds: STEADY * seconds, rounds })
    if (!isPrompt(latency)) say('the same with fewer messages, until an answer comes soon enough')
    const slower = isPrompt(latency)
      ? []
      : await measureSlower(stage, { rate, seconds: (STEADY * seconds) / 2, rounds: Math.min(rounds, 3) })
    say(`one agent with ${threads} live chats`)
    const live = await measureLive(stage, { threads, rate: Math.min(threads, rate), seconds })
    say('flooders, dawdlers and endless messages beside honest visitors')
    const abuse = await measureAbuse(stage, { rate: Math.min(500, rate), seconds: STEADY * seconds, rounds })
    say(`killing the server under ${clients} visitors`)
    const herd = await measureHerd(stage)
    return { idle, durable, floor, latency, slower, live, abuse, herd }
  } finally {
    await stage.close()
    say('done')
  }
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      quick: { type: 'boolean', default: false },
      store: { type: 'string' },
      clients: { type: 'string' },
      lines: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      rate: { type: 'string' },
      profile: { type: 'string' }
    }
  })
  if (values.help) {
    console.log(HELP)
    process.exit()
  }
  const { quick } = values
  const defaults = quick ? QUICK : WHOLE
  const number = (name: keyof typeof WHOLE) => {
    const given = values[name] === undefined ? defaults[name] : Number(values[name])
    if (!(given > 0)) throw new TypeError(`--${name}: expected a number above 0, got ${values[name]}`)
    return given
  }
  const clients = Math.min(number('clients'), mostClients())
  return {
    stores: storesOf(values.store ?? (quick ? 'postgres' : 'both')),
    clients,
    lines: Math.min(number('lines'), clients),
    chats: quick ? 50 : 500,
    seconds: number('seconds'),
    rounds: number('rounds'),
    rate: number('rate'),
    profile: values.profile
  }
}

function storesOf(name: string): readonly StoreName[] {
  if (name === 'both') return ['postgres', 'pglite']
  if (name === 'postgres' || name === 'pglite') return [name]
  throw new TypeError(`--store: expected postgres, pglite or both, got ${name}`)
}

/** One process holds both ends of a client's two connections, and needs some files besides. */
function mostClients(): number {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : ''
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024)
  return Math.floor((files - 1000) / 2)
}

function show(store: StoreName, measured: Measured): void {
  console.log(`\nWith ${store}\n`)
  for (const { what, got, goal, held } of rowsOf(measured)) {
    const mark = held === undefined ? ' ' : held ? '✓' : '✗'
    console.log(`  ${mark} ${what.padEnd(52)} ${got.padEnd(46)} ${goal}`)
  }
  console.log()
}
