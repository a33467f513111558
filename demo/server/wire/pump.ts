import type { Cursor, ServerEvent } from '../../../src/model/event.ts'
import type { ServerFrame } from '../../../src/transport/frames.ts'
import type { Feed } from '../conversations/feed.ts'
import { type Log, reasonOf } from '../log.ts'
import type { Peer } from './peer.ts'

/** Brings a visitor's feed to one connection: what was missed, then what is new, each once and in order. */
export interface Pump {
  /** Begins; `greet` gives what is said right after everything that was missed. */
  start(greet: () => Promise<readonly ServerEvent[]>): void
  /** There may be something new. */
  poke(): void
  /** Says what is worthless a moment later, if the connection has caught up. */
  tell(events: readonly ServerEvent[]): void
  stop(): void
}

interface PumpParts {
  readonly feed: Feed
  readonly visitorId: string
  readonly cursor: Cursor | undefined
  readonly peer: Peer<ServerFrame>
  readonly log: Log
}

export function createPump({ feed, visitorId, cursor, peer, log }: PumpParts): Pump {
  let seq = 0
  let started = false
  let running = false
  let again = false
  let stopped = false

  const say = (events: readonly ServerEvent[]) => {
    if (events.length && !stopped) peer.send({ t: 'events', events })
  }

  /** Says everything after `seq`. One at a time: a note that comes meanwhile makes it look once more. */
  async function drain() {
    do {
      again = false
      for (let more = true; more && peer.open && !stopped; ) {
        await peer.room()
        const page = await feed.after(visitorId, seq)
        say(page.events)
        seq = page.seq
        more = page.more
      }
    } while (again && !stopped)
  }

  async function run(work: () => Promise<void>) {
    running = true
    try {
      await work()
    } catch (error) {
      log.error('visitors: feed failed', { reason: reasonOf(error) })
      peer.bye('busy', 'something went wrong here; please come back', 2000)
    } finally {
      running = false
    }
    // Between the last look and here.
    if (again && !stopped) void run(drain)
  }

  return {
    start(greet) {
      void run(async () => {
        const resumption = await feed.resume(visitorId, cursor)
        seq = resumption.seq
        say(resumption.events)
        await drain()
        say([{ type: 'caught-up' }])
        started = true
        say(await greet())
      })
    },
    poke() {
      again = true
      if (!running) void run(drain)
    },
    tell(events) {
      if (started) say(events)
    },
    stop() {
      stopped = true
    }
  }
}
