import type { ServerEvent } from '../../../src/model/event.ts'

/**
 * What the feeds were told last, at hand: nearly everybody who is connected needs just that, and need not ask the store
 * for what this process has written there a moment ago.
 */
export interface Recent {
  /** Notes that a feed has this number, and what stands there unless it is to be read from the store. */
  add(visitorId: string, seq: number, event?: ServerEvent): void
  /** What comes right after a number, as far as it is at hand without a hole. */
  after(visitorId: string, seq: number): readonly ServerEvent[]
  /** Whether a feed is known to have this number, at hand or not. */
  has(visitorId: string, seq: number): boolean
  /** Lets go of everything a feed was told, because what stands there has changed. */
  forget(visitorId: string): void
}

/** The end of one feed, without holes; `undefined` stands for what is in the store only. */
interface Tail {
  from: number
  readonly events: (ServerEvent | undefined)[]
}

/** @param most How many to keep, of all feeds together; the feed that has been quiet longest is forgotten first. */
export function createRecent(most: number): Recent {
  /** The one that was told of last is the last. */
  const tails = new Map<string, Tail>()
  let count = 0

  const forget = (visitorId: string) => {
    count -= tails.get(visitorId)?.events.length ?? 0
    tails.delete(visitorId)
  }

  function put(visitorId: string, seq: number, event: ServerEvent | undefined): void {
    const tail = tails.get(visitorId)
    if (tail) {
      tails.delete(visitorId)
      tails.set(visitorId, tail)
    }
    const at = tail ? seq - tail.from : 0
    if (!tail || at > tail.events.length) {
      // What lies between is not known here.
      forget(visitorId)
      tails.set(visitorId, { from: seq, events: [event] })
      count++
    } else if (at === tail.events.length) {
      tail.events.push(event)
      count++
    } else if (at >= 0) {
      // A note from elsewhere says less than what was written here.
      tail.events[at] ??= event
    } else if (at === -1) {
      // Of two that were written one after the other, the second may be told of first.
      tail.from = seq
      tail.events.unshift(event)
      count++
    }
    // What is older still is found in the store by whoever needs it.
  }

  return {
    add(visitorId, seq, event) {
      put(visitorId, seq, event)
      if (count > most) forget(tails.keys().next().value!)
    },
    after(visitorId, seq) {
      const tail = tails.get(visitorId)
      if (!tail || seq + 1 < tail.from) return []
      const events = tail.events.slice(seq + 1 - tail.from)
      const hole = events.indexOf(undefined)
      return (hole < 0 ? events : events.slice(0, hole)) as ServerEvent[]
    },
    forget,
    has(visitorId, seq) {
      const tail = tails.get(visitorId)
      return tail !== undefined && seq >= tail.from && seq < tail.from + tail.events.length
    }
  }
}
