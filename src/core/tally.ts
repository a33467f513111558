import type { Chat, ChatNumbers } from './chat.ts'

/** Times in milliseconds, as one figure. */
export interface Times {
  readonly count: number
  /** `undefined`: there was none. */
  readonly median: number | undefined
  readonly longest: number | undefined
}

/** What has been counted. */
export interface Numbers {
  readonly opened: number
  readonly sent: number
  readonly received: number
  /** How long visitors waited for the first answer to a conversation. */
  readonly firstResponse: Times
  /** How long they waited for every answer. */
  readonly response: Times
  /** How long those waited whom an agent joined. */
  readonly wait: Times
  /** Live chats that were asked for and left before anybody joined. */
  readonly abandoned: number
  /** Of all live chats that somebody joined or that were left; `undefined`: there was none. */
  readonly abandonment: number | undefined
  readonly converted: number
  readonly ended: number
  readonly ratings: number
  /** Share of ratings that were 4 or 5; `undefined`: there was none. */
  readonly satisfaction: number | undefined
}

export interface Tally {
  get(): Numbers
  /** Stops counting. */
  close(): void
}

/**
 * Counts what happens in a chat, in this page and without a word to anybody.
 *
 * ```ts
 * const numbers = tally(chat)
 * addEventListener('pagehide', () => navigator.sendBeacon('/figures', JSON.stringify(numbers.get())))
 * ```
 *
 * @param chat A chat, or a widget.
 */
export function tally(chat: Pick<Chat, 'on'>): Tally {
  const counts: Partial<Record<keyof ChatNumbers, number>> = {}
  const first: number[] = []
  const every: number[] = []
  const waits: number[] = []
  const scores: number[] = []
  const of = (name: keyof ChatNumbers) => counts[name] ?? 0
  const also = <Name extends keyof ChatNumbers>(name: Name, note: (event: ChatNumbers[Name]) => void = () => {}) =>
    chat.on(name, event => {
      counts[name] = of(name) + 1
      note(event)
    })

  const unbind = [
    also('opened'),
    also('sent'),
    also('received'),
    also('abandoned'),
    also('converted'),
    also('ended'),
    also('answered', ({ ms, first: isFirst }) => {
      every.push(ms)
      if (isFirst) first.push(ms)
    }),
    also('waited', ({ ms }) => void waits.push(ms)),
    also('rated', ({ score }) => void scores.push(score))
  ]

  return {
    get: () => ({
      opened: of('opened'),
      sent: of('sent'),
      received: of('received'),
      firstResponse: timesOf(first),
      response: timesOf(every),
      wait: timesOf(waits),
      abandoned: of('abandoned'),
      abandonment: share(of('abandoned'), of('abandoned') + waits.length),
      converted: of('converted'),
      ended: of('ended'),
      ratings: scores.length,
      satisfaction: share(scores.filter(score => score >= 4).length, scores.length)
    }),
    close() {
      for (const stop of unbind) stop()
    }
  }
}

function timesOf(list: readonly number[]): Times {
  const sorted = [...list].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const between = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]] as const
  return {
    count: sorted.length,
    median: sorted.length ? (between[0]! + between[1]!) / 2 : undefined,
    longest: sorted.at(-1)
  }
}

const share = (part: number, whole: number) => (whole ? part / whole : undefined)
