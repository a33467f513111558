import { LIMITS } from '../../src/transport/frames.ts'

/** Everything that is bounded, in one place. Times are milliseconds, sizes are bytes. */
export interface Limits {
  /** Largest frame that is read; larger ones are answered with `too-large`. */
  readonly frame: number
  /** Largest frame that is even taken in; the socket is closed with 1009 beyond it. */
  readonly payload: number
  /** Largest request that brings frames without a socket. */
  readonly body: number
  /** How long a new connection may take to say `hello`. */
  readonly helloWait: number
  readonly heartbeat: number
  /** A peer that says nothing for so long is dropped. */
  readonly silence: number
  /** Wrong frames within a minute, after which the connection is closed. */
  readonly badFrames: number
  readonly frames: Rate
  /** Of one device, over all of its connections. */
  readonly messages: Rate
  /**
   * At most from the beginning of one transaction of visitors' commands to that of the next: what comes meanwhile goes
   * along, so a busy server has fewer of them. Less while they are quick, see `createGroup`, and nobody waits for it
   * where there is nothing else to do.
   */
  readonly pace: number
  readonly hints: Rate
  /** Largest file; 0: no files. */
  readonly fileSize: number
  /** Files of one visitor's browser, or of one agent, that are in no message yet. */
  readonly unsentFiles: number
  /** After this time such a file is dropped. */
  readonly unsentFor: number
  /** Of one browser or agent; three times as many of one address. */
  readonly uploads: Rate
  /** Of one address, at a time. */
  readonly uploadsAtOnce: number
  /** Copies by e-mail that one visitor may ask for. */
  readonly copies: Rate
  /** The same of one address in the network, and to one e-mail address. */
  readonly copiesFromAddress: Rate
  readonly copiesToRecipient: Rate
  /** Messages in one copy, the newest; and bytes of files that go along. */
  readonly copiedMessages: number
  readonly copiedFiles: number
  /** How long a request may take to arrive whole: any, and one with a file. Between two parts of a file: the first. */
  readonly requestWait: number
  readonly uploadWait: number
  readonly socketsPerDevice: number
  /**
   * Twice as many may be opened at once, and twelve times as many in a minute. A quarter of them may be thrown out at
   * once for what they send, and a third in a minute, before new ones have to wait.
   */
  readonly socketsPerAddress: number
  /** A peer that lets more than this pile up is closed: it comes back and resumes. */
  readonly buffered: number
  /** Missed events beyond which a client starts over with `reset`. */
  readonly missed: number
  /** Events in one frame. */
  readonly eventsPerFrame: number
  /** Conversations in an agent's `welcome`; those that wait come first. */
  readonly conversations: number
  /** Failed sign-ins of one address and e-mail within a minute; four times as many of one address. */
  readonly signInFailures: number
  readonly agentToken: number
  /** How long in the queue before a chat goes on as messages, until the owner sets something else. */
  readonly queue: number
  /** How long a visitor or an agent may be gone before their live chat goes on as messages. */
  readonly away: number
  /** Added to `away` right after a start, while everybody comes back; nobody's time in the queue ends sooner, either. */
  readonly awayAtStart: number
  /** How long nobody writes in a live chat before both are asked whether it goes on. */
  readonly idle: number
  /** How long they have to answer, before it goes on as messages. */
  readonly idleWarning: number
  /**
   * How long the light stays on when the last inbox disconnects: a page that reloads is not somebody leaving. For as long
   * after a start, whoever asks for a live chat waits for those who were here before.
   */
  readonly homeGrace: number
  /** From when to when the assistant takes to answer. */
  readonly botDelay: readonly [number, number]
  /** How long the assistant takes for each word. */
  readonly botWord: number
  /** How long a stop may take. */
  readonly drain: number
}

/** So many per minute on average, so many at once. */
export interface Rate {
  readonly perMinute: number
  readonly burst: number
}

/** How long a timer can be set for, in milliseconds: it holds 31 bits. */
export const LONGEST = 2_147_483_647

export const defaultLimits: Limits = {
  frame: LIMITS.frame,
  payload: 4 * LIMITS.frame,
  body: 1_048_576,
  helloWait: 10_000,
  heartbeat: 25_000,
  silence: 75_000,
  badFrames: 10,
  frames: { perMinute: 3000, burst: 200 },
  messages: { perMinute: 100, burst: 20 },
  pace: 10,
  hints: { perMinute: 60, burst: 10 },
  fileSize: 10 * 1_048_576,
  unsentFiles: 30,
  unsentFor: 8 * 24 * 3_600_000,
  uploads: { perMinute: 30, burst: 30 },
  uploadsAtOnce: 6,
  copies: { perMinute: 3 / 60, burst: 3 },
  copiesFromAddress: { perMinute: 10 / 60, burst: 10 },
  copiesToRecipient: { perMinute: 5 / (24 * 60), burst: 5 },
  copiedMessages: 1000,
  copiedFiles: 10 * 1_048_576,
  requestWait: 15_000,
  uploadWait: 15 * 60_000,
  socketsPerDevice: 10,
  socketsPerAddress: 20,
  buffered: 1_048_576,
  missed: 1000,
  eventsPerFrame: 200,
  conversations: 1000,
  signInFailures: 5,
  agentToken: 12 * 3_600_000,
  queue: 90_000,
  away: 20_000,
  awayAtStart: 20_000,
  idle: 300_000,
  idleWarning: 90_000,
  homeGrace: 2000,
  botDelay: [700, 1500],
  botWord: 45,
  drain: 2500
}
