/** Many clients in one process, in groups that are told what to do. */
import { createHistogram } from 'node:perf_hooks'
import { serve } from './child.ts'
import { dwindled, now, pause, together } from './clock.ts'
import { createEchoLine, type Line } from './line.ts'
import { createVisitor, type Visitor } from './visitor.ts'

/** Lines of one kind. Only visitors can come back, or ask for a chat. */
interface Group {
  readonly lines: readonly Line[]
  readonly visitors: readonly Visitor[]
}

const groups = new Map<string, Group>()

function group(name: string): Group {
  const found = groups.get(name)
  if (!found) throw new Error(`there is no group ${name}`)
  return found
}

/** Milliseconds; when nobody has got an answer for so long, nobody does. */
const PATIENCE = 30_000
/** So many connect, or speak, at a time where speed is not what is measured. */
const AT_ONCE = 100

/** Percentiles of a wait, in milliseconds. */
export interface Waits {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

function createWaits() {
  // Up to ten minutes, in microseconds.
  const histogram = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })
  return {
    record: (milliseconds: number) => histogram.record(Math.max(1, Math.round(milliseconds * 1000))),
    read: (): Waits => ({
      count: Number(histogram.count),
      p50: histogram.percentile(50) / 1000,
      p99: histogram.percentile(99) / 1000,
      p999: histogram.percentile(99.9) / 1000
    })
  }
}

/** Says one message on each of these lines and waits until everybody has it. */
const sayOn = (line: Line) => new Promise<void>(done => line.say({ done }))

/** How many messages are owed after all: whoever has nothing new for a while gets nothing any more. */
const owedBy = (lines: readonly Line[]) => dwindled(() => lines.reduce((sum, { owed }) => sum + owed, 0), PATIENCE)

const jobs = {
  /** Collects garbage now, so that it is not done while waits are measured: they would be of this process. */
  clearUp(_: null) {
    gc!()
  },

  async open({ name, kind, url, count }: { name: string; kind: 'echo' | 'visitor'; url: string; count: number }) {
    const visitors = kind === 'visitor' ? Array.from({ length: count }, () => createVisitor(url)) : []
    const lines = kind === 'visitor' ? visitors : Array.from({ length: count }, () => createEchoLine(url))
    await together(lines, AT_ONCE, line => line.open())
    groups.set(name, { lines, visitors })
  },

  /** Everybody says so many messages, one after the other. */
  async sayAll({ name, times }: { name: string; times: number }) {
    for (let i = 0; i < times; i++) await together(group(name).lines, AT_ONCE, sayOn)
  },

  /**
   * As fast as it goes: each of these lines says its next message as soon as the last one is done. Over when the last
   * one is.
   */
  async drive({ name, lines: count, seconds }: { name: string; lines: number; seconds: number }) {
    const lines = group(name).lines.slice(0, count)
    const began = now()
    const until = began + seconds * 1000
    let messages = 0
    const driven = together(lines, lines.length, async line => {
      while (now() < until) {
        await sayOn(line)
        messages++
      }
    })
    await Promise.race([driven, pause(seconds * 1000 + PATIENCE)])
    const stuck = lines.filter(line => line.owed).length
    if (stuck) throw new Error(`${stuck} of ${lines.length} lines got no answer within ${PATIENCE / 1000} s`)
    return { messages, began, ended: now() }
  },

  /**
   * At a steady rate, whatever the other side can take: a wait counts from when the message was due, so that what is
   * stuck behind a slow one counts as slow, too.
   */
  async offer({ name, rate, seconds }: { name: string; rate: number; seconds: number }) {
    const { lines } = group(name)
    const waits = createWaits()
    const began = performance.now()
    const total = rate * seconds
    for (let said = 0; said < total; await pause(1)) {
      const due = Math.min(total, ((performance.now() - began) / 1000) * rate)
      for (; said < due; said++) {
        const at = began + (said / rate) * 1000
        lines[said % lines.length]!.say({ answered: () => waits.record(performance.now() - at) })
      }
    }
    const lost = await owedBy(lines)
    return { ...waits.read(), lost }
  },

  /** These ask for a live chat. */
  start({ name, from, to }: { name: string; from: number; to: number }) {
    for (const visitor of group(name).visitors.slice(from, to)) visitor.start()
  },

  /** Says messages that the clients themselves miss, see {@link Visitor.miss}. */
  async miss({ name, times }: { name: string; times: number }) {
    for (const visitor of group(name).visitors) visitor.miss()
    await jobs.sayAll({ name, times })
    // And one more each, which is under way when the server dies.
    for (const visitor of group(name).visitors) visitor.say({})
  },

  /** Everybody comes back to a server that was killed a moment ago. */
  async comeBack({ name, url, within }: { name: string; url: string; within: number }) {
    const { visitors } = group(name)
    const began = performance.now()
    const attempts: number[] = []
    const took: number[] = []
    const all = visitors.map(async visitor => {
      let attempt = began
      await visitor.comeBack(url, () => {
        attempt = performance.now()
      })
      attempts.push(attempt - began)
      took.push(performance.now() - began)
    })
    await Promise.race([Promise.all(all), pause(within)])
    await owedBy(visitors)
    return { took, attempts }
  },

  /** What everything that was said and told so far adds up to. */
  account({ name }: { name: string }) {
    const total = { duplicated: 0, wrong: 0, retried: 0, resumed: 0, owed: 0, missing: 0 }
    for (const { account, owed, missing } of group(name).visitors) {
      total.duplicated += account.duplicated
      total.wrong += account.wrong
      total.retried += account.retried
      total.resumed += account.resumed
      total.owed += owed
      total.missing += missing
    }
    return total
  },

  async close({ name }: { name: string }) {
    for (const line of group(name).lines) line.close()
    groups.delete(name)
  }
}
export type ClientJobs = typeof jobs
serve(jobs)
