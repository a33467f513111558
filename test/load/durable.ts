import { inTurns, type Spread, spreadOf } from './figures.ts'
import { processesOf, processorTime } from './processor.ts'
import { ECHO, type Stage, VISITORS } from './stage.ts'

/** How many messages a second go the whole way, and what they cost. */
export interface Durable {
  /** Of the server's messages a second to the echo's, pair by pair. */
  readonly ratioToEcho: Spread
  readonly perSecond: number
  readonly perSecondEcho: number
  /** Processor time of a message in microseconds, by who had it. */
  readonly time: Readonly<Record<'server' | 'store' | 'clients' | 'echo' | 'echoClients', number>>
  /** Of all that time to all of the echo's. */
  readonly timeRatio: number
  /** Messages that the inbox did not get. */
  readonly lost: number
  readonly duplicated: number
}

interface Turn {
  readonly perSecond: number
  readonly messages: number
  /** Processor time in milliseconds. */
  readonly server: number
  readonly store: number
  readonly clients: number
}

/**
 * The whole way of a message: read, its device known, not seen before, appended, committed, acknowledged, told to the
 * visitor's own socket and to an inbox. A message is over when all of that is; each line says the next one then.
 */
export async function measureDurable(
  stage: Stage,
  { lines, seconds, rounds }: { readonly lines: number; readonly seconds: number; readonly rounds: number }
): Promise<Durable> {
  const { client, desk, echo, house } = stage
  let { messages: told, duplicated } = await desk.ask('until', { count: stage.clients })
  let lost = stage.clients - told

  async function turn(
    name: string,
    servers: readonly number[],
    told: (count: number) => Promise<number>
  ): Promise<Turn> {
    const stores = name === VISITORS && house.database ? await processesOf(house.database) : []
    const groups = [servers, stores, [client.pid, desk.pid]]
    const read = () => groups.map(pids => pids.map(processorTime))
    const before = read()
    const { messages, began, ended } = await client.ask('drive', { name, lines, seconds })
    const over = Math.max(ended, await told(messages))
    const [server, store, clients] = read().map((times, group) =>
      // Of a process that has ended meanwhile nothing is known.
      times.reduce((sum, time, i) => sum + Math.max(0, time - before[group]![i]!), 0)
    ) as [number, number, number]
    return { perSecond: (messages / (over - began)) * 1000, messages, server, store, clients }
  }

  const driveEcho = () => turn(ECHO, [echo.pid], async () => 0)
  const driveVisitors = () =>
    turn(VISITORS, [house.server.pid], async count => {
      const seen = await desk.ask('until', { count: told + count })
      lost += told + count - seen.messages
      told = seen.messages
      duplicated = seen.duplicated
      return seen.at
    })

  // Before anything counts, so that what is slow at first only is over.
  await driveEcho()
  await driveVisitors()
  const pairs = await inTurns(rounds, driveEcho, driveVisitors)
  const sum = (which: 0 | 1, what: keyof Turn) => pairs.reduce((total, pair) => total + pair[which][what], 0)
  const each = (which: 0 | 1, what: keyof Turn) => (sum(which, what) / sum(which, 'messages')) * 1000
  const time = {
    server: each(1, 'server'),
    store: each(1, 'store'),
    clients: each(1, 'clients'),
    echo: each(0, 'server'),
    echoClients: each(0, 'clients')
  }
  return {
    ratioToEcho: spreadOf(pairs.map(([bare, ours]) => ours.perSecond / bare.perSecond)),
    perSecond: spreadOf(pairs.map(([, ours]) => ours.perSecond)).median,
    perSecondEcho: spreadOf(pairs.map(([bare]) => bare.perSecond)).median,
    time,
    timeRatio: (time.server + time.store + time.clients) / (time.echo + time.echoClients),
    lost,
    duplicated
  }
}
