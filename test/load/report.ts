import type { Abuse } from './abuse.ts'
import type { Durable } from './durable.ts'
import { rounded } from './figures.ts'
import type { Floor } from './floor.ts'
import type { Herd } from './herd.ts'
import type { Idle } from './idle.ts'
import { isPrompt, type Latency, LONGER } from './latency.ts'
import type { Live } from './live.ts'

/** Everything that was measured with one store. */
export interface Measured {
  readonly idle: Idle
  readonly durable: Durable
  /** Of a database with a server of its own. */
  readonly floor: Floor | undefined
  readonly latency: Latency
  /** At other rates, from the highest down to where the goal is met, if it is; none where `latency` meets it. */
  readonly slower: readonly Latency[]
  readonly live: Live
  readonly abuse: Abuse
  readonly herd: Herd
}

/** One line for people. */
export interface Row {
  readonly what: string
  readonly got: string
  readonly goal: string
  /** Whether the goal is met; `undefined`: there is none. */
  readonly held?: boolean
}

export function rowsOf({ idle, durable, floor, latency, slower, live, abuse, herd }: Measured): readonly Row[] {
  const { time } = durable
  const echo = time.echo + time.echoClients
  return [
    {
      what: 'durable path, messages a second to the echo’s',
      got: `${percent(durable.ratioToEcho.median)} ± ${percent(durable.ratioToEcho.iqr / 2)} (${count(durable.perSecond)} of ${count(durable.perSecondEcho)})`,
      goal: 'at least 25 %',
      held: durable.ratioToEcho.median >= 0.25
    },
    {
      what: '  processor time of a message to the echo’s',
      got: `${rounded(durable.timeRatio)} × (${count(time.server)} µs server, ${count(time.store)} store, ${count(time.clients)} clients; echo ${count(echo)})`,
      goal: ''
    },
    ...(floor
      ? [
          {
            what: '  bare INSERT and commit through pg, to the echo’s',
            got: `${percent(floor.single / durable.perSecondEcho)} (${percent(floor.hundred / durable.perSecondEcho)} with a hundred rows each)`,
            goal: ''
          }
        ]
      : []),
    {
      what: `answer at ${latency.rate} messages a second, p99`,
      got: `${ms(latency.p99)} (echo ${ms(latency.p99Echo)})`,
      goal: `echo’s + ${LONGER} ms`,
      held: isPrompt(latency)
    },
    ...slower.map(({ rate, p99, p99Echo }) => ({
      what: `  at ${rate} a second`,
      got: `${ms(p99)} (echo ${ms(p99Echo)})`,
      goal: ''
    })),
    {
      what: '  p99.9',
      got: `${ms(latency.p999)} (echo ${ms(latency.p999Echo)})`,
      goal: 'echo’s + 60 ms',
      held: latency.p999 <= latency.p999Echo + 60
    },
    ...(latency.p99Least === undefined
      ? []
      : [
          {
            what: '  of the least that keeps it: ws and one INSERT for all, p99',
            got: ms(latency.p99Least),
            goal: ''
          }
        ]),
    { what: '  event loop late, p99', got: ms(latency.lag), goal: 'at most 50 ms', held: latency.lag <= 50 },
    {
      what: `memory of each of ${idle.clients} idle connections`,
      got: `${rounded(idle.memoryRatio)} × (${count(idle.memory / 1024)} kB, echo ${count(idle.memoryEcho / 1024)} kB)`,
      goal: 'at most 2.5 × echo’s',
      held: idle.memoryRatio <= 2.5
    },
    {
      what: '  their heartbeats, share of a core',
      got: percent(idle.heartbeats),
      goal: 'at most 5 %',
      held: idle.heartbeats <= 0.05
    },
    {
      what: `one agent, ${live.threads} live chats: to the inbox, p99`,
      got: `${ms(live.p99)} at ${live.rate} messages a second`,
      goal: 'at most 200 ms',
      held: live.p99 <= 200
    },
    {
      what: `beside ${abuse.each} flooders, ${abuse.each} dawdlers, ${abuse.each} endless: p99`,
      got: `${rounded(abuse.ratio.median)} × (${ms(abuse.p99)}, without them ${ms(abuse.p99Calm)})`,
      goal: 'at most 2 ×',
      held: abuse.ratio.median <= 2
    },
    {
      what: `server killed under ${herd.clients} visitors: came back`,
      got: `${herd.resumed} of ${herd.clients}, with ${herd.events} missed events`,
      goal: 'all',
      held: herd.resumed === herd.clients
    },
    {
      what: '  lost, told twice, refused',
      got: `${herd.lost}, ${herd.duplicated}, ${herd.wrong}`,
      goal: '0, 0, 0',
      held: herd.lost + herd.duplicated + herd.wrong === 0
    },
    {
      what: '  99 % back after',
      got: ms(herd.p99),
      goal: 'at most 30 s',
      held: herd.p99 <= 30_000
    },
    {
      what: '  connects in the fullest 100 ms to the mean',
      got: `${rounded(herd.peak)} ×`,
      goal: 'at most 3 ×',
      held: herd.peak <= 3
    },
    {
      what: 'lost and duplicated, everywhere',
      got: `${lostOf({ durable, latency, slower, live, abuse, herd })}, ${durable.duplicated + herd.duplicated}`,
      goal: '0, 0',
      held: lostOf({ durable, latency, slower, live, abuse, herd }) + durable.duplicated + herd.duplicated === 0
    }
  ]
}

/** The same for the record. Times are milliseconds, sizes are bytes. */
export function summaryOf({ idle, durable, floor, latency, slower, live, abuse, herd }: Measured) {
  const prompt = [latency, ...slower].find(isPrompt)
  return {
    lost: lostOf({ durable, latency, slower, live, abuse, herd }),
    duplicated: durable.duplicated + herd.duplicated,
    ratioToEcho: rounded(durable.ratioToEcho.median),
    ratioToEchoIqr: rounded(durable.ratioToEcho.iqr),
    processorTimeRatio: rounded(durable.timeRatio),
    bareInsertToEcho: floor ? rounded(floor.single / durable.perSecondEcho) : null,
    bareHundredToEcho: floor ? rounded(floor.hundred / durable.perSecondEcho) : null,
    rate: latency.rate,
    p99: rounded(latency.p99),
    p99Echo: rounded(latency.p99Echo),
    p99Least: latency.p99Least === undefined ? null : rounded(latency.p99Least),
    prompt: prompt ? { rate: prompt.rate, p99: rounded(prompt.p99), p99Echo: rounded(prompt.p99Echo) } : null,
    p999: rounded(latency.p999),
    p999Echo: rounded(latency.p999Echo),
    loopLag: rounded(latency.lag),
    rssPerConnection: { ratio: rounded(idle.memoryRatio), bytes: rounded(idle.memory), echo: rounded(idle.memoryEcho) },
    heartbeats: rounded(idle.heartbeats),
    inbox: { threads: live.threads, rate: live.rate, p99: rounded(live.p99) },
    abuse: { each: abuse.each, ratio: rounded(abuse.ratio.median) },
    herd: { ...herd, p50: rounded(herd.p50), p99: rounded(herd.p99), peak: rounded(herd.peak) }
  }
}

const lostOf = ({ durable, latency, slower, live, abuse, herd }: Omit<Measured, 'idle' | 'floor'>) =>
  durable.lost + [latency, ...slower].reduce((sum, { lost }) => sum + lost, 0) + live.lost + abuse.lost + herd.lost

const percent = (share: number) => `${rounded(share * 100)} %`
const count = (figure: number) => String(Math.round(figure))
const ms = (figure: number) => (figure < 10_000 ? `${rounded(figure)} ms` : `${rounded(figure / 1000)} s`)
