import type { Command } from '../model/command.ts'
import { type Form, formShape } from '../model/form.ts'
import type { Attachment, Author, Content, Person } from '../model/message.ts'
import type { EndReason, SessionState } from '../model/session.ts'
import { choice, flag, list, nullable, object, optional, type Shape, text, whole, word } from '../model/shape.ts'
import type { ThreadId } from '../model/thread.ts'

/** Somebody on the other side: their name, or their name and the address of a picture. */
export type Who = string | Person

/** What a visitor does that a script can wait for; `typing` and `stop` are hints, all others are commands. */
export type VisitorDeed = Exclude<Command['type'], 'void'> | 'typing' | 'stop'

/** The thread that a step is about. Default: that of the last command that was awaited, `thread` until then. */
interface InThread {
  readonly thread?: ThreadId
}

/** What is said, but for its words. */
interface Saying extends InThread {
  /** Default: `agent`; of a stream: `bot`. */
  readonly author?: Author
  /** Default: Sam, if an agent says it; `null`: nobody in particular. */
  readonly by?: Who | null
  /** Default: `null`, only text. Of any form, so that what readers do not know can be tried. */
  readonly content?: Content | { readonly type: string; readonly [member: string]: unknown } | null
}

/** One step of a script, as plain JSON. */
export type ScenarioStep =
  /**
   * Whether somebody is home; said again at each connection. `replyAfter` and `wait`: milliseconds, or `null`: not known.
   * `opensAt`: milliseconds from the script's start.
   */
  | {
      readonly do: 'availability'
      readonly open: boolean
      readonly people?: readonly Who[]
      readonly replyAfter?: number | null
      readonly wait?: number | null
      readonly assistant?: boolean
      readonly opensAt?: number
      readonly zone?: string
      /** What is asked before a conversation begins. */
      readonly form?: Form
    }
  /** A message of either side. `at`: milliseconds from the script's start, below 0 for before it; default: now. */
  | ({
      readonly do: 'say'
      readonly text: string
      readonly attachments?: readonly Attachment[]
      readonly at?: number
    } & Saying)
  /** A line that says what happened: `content` of the type `notice`. `due`: milliseconds from the script's start. */
  | ({
      readonly do: 'notice'
      readonly code: string
      readonly name?: string
      readonly due?: number
      readonly at?: number
    } & InThread)
  /** Somebody types (`active`, default), or stopped. `null`: somebody without a name. */
  | ({ readonly do: 'typing'; readonly active?: boolean; readonly by?: Who | null } & InThread)
  /**
   * An answer that grows by a word each `every` milliseconds (default: 60): the same message many times, none of them
   * stored, until it is whole, or the visitor says `stop`. `final: false`: it stays as it is then, never whole.
   */
  | ({ readonly do: 'stream'; readonly text: string; readonly every?: number; readonly final?: boolean } & Saying)
  /** The live chat of a thread changes its state; a new one if the one before cannot. `wait`: milliseconds. */
  | ({
      readonly do: 'session'
      readonly state: SessionState
      readonly ahead?: number | null
      readonly wait?: number | null
      readonly agent?: Who | null
      readonly reason?: EndReason | null
      /** Milliseconds from the script's start. */
      readonly idle?: { readonly since: number; readonly endsAt: number }
      readonly score?: number | null
    } & InThread)
  /**
   * Messages were received, or read, up to a position (default: all). `by`: the other side (`agent`, default), or the
   * `visitor` on another device.
   */
  | ({
      readonly do: 'receipt'
      readonly mark: 'delivered' | 'read'
      readonly by?: 'visitor' | 'agent'
      readonly upTo?: number
    } & InThread)
  /** Messages that end right before this position were left out. */
  | ({ readonly do: 'gap'; readonly before: number } & InThread)
  /** Nothing happens for so many milliseconds. */
  | { readonly do: 'wait'; readonly for: number }
  /** Goes on when the visitor has done this; what was done since the last one was awaited counts. */
  | { readonly do: 'await'; readonly what: VisitorDeed }
  /** The next command of this type (default: `message`) is refused for good. `reason`: the backend's word, `too-long`. */
  | { readonly do: 'refuse'; readonly what?: Exclude<VisitorDeed, 'typing' | 'stop'>; readonly reason: string }
  /** Whether acknowledgements come. While not, commands are done, and whoever sent them waits. */
  | { readonly do: 'acknowledge'; readonly is: boolean }
  /** How asking for older messages goes. `late`: no answer comes, until another step says otherwise. */
  | { readonly do: 'history'; readonly is: 'there' | 'late' | 'failing' }
  /** How the link is from now on. */
  | { readonly do: 'link'; readonly is: ScenarioLink }
  /** Cuts the link; it may be made again at once. */
  | { readonly do: 'drop' }

/**
 * - `up`: as it should be (at first).
 * - `connecting`: cut, and new attempts are not answered.
 * - `catching-up`: a new connection never says that it has said all that was missed.
 * - `silent`: open, but nothing passes either way, until it is `up` again.
 * - `offline`, `busy`, `unauthorized`, `forbidden`: cut, and new attempts fail with this code.
 */
export type ScenarioLink =
  | 'up'
  | 'connecting'
  | 'catching-up'
  | 'silent'
  | 'offline'
  | 'busy'
  | 'unauthorized'
  | 'forbidden'

/** @throws {TypeError} If a step is wrong: names it, what came, and what would be right. */
export function checkScript(script: readonly ScenarioStep[]): void {
  const problem = list(step, 10_000)(script, 'script')
  if (problem) throw new TypeError(`scenario: ${problem}`)
}

const step: Shape = (value, at) => choice('do', shapes)(value, at) ?? strange(value as ScenarioStep, at)

/** A member that its step does not have would do nothing, and nobody would know why. */
function strange(step: ScenarioStep, at: string): string | undefined {
  const known = ['do', ...Object.keys(MEMBERS[step.do])]
  const other = Object.keys(step).find(name => !known.includes(name))
  return other && `${at}.${other}: not known to ${step.do}, expected one of ${known.join(', ')}`
}

const who: Shape = (value, at) =>
  (typeof value === 'string' ? text(200, 1) : object({ name: text(200), picture: text(2000) }))(value, at)
const someone = optional(nullable(who))
const count = optional(nullable(whole()))
const thread = optional(text(100, 1))
const moment = whole(Number.MIN_SAFE_INTEGER)
const at = optional(moment)
const saying = {
  text: text(100_000),
  author: optional(word('visitor', 'agent', 'bot', 'system')),
  by: someone,
  content: optional(nullable(object({ type: text(100, 1) }))),
  thread
}
const commands = ['message', 'read', 'start', 'end', 'rate', 'identify'] as const

const MEMBERS: Readonly<Record<ScenarioStep['do'], Readonly<Record<string, Shape>>>> = {
  availability: {
    open: flag,
    people: optional(list(who)),
    replyAfter: count,
    wait: count,
    assistant: optional(flag),
    opensAt: at,
    zone: optional(text(100, 1)),
    form: optional(formShape)
  },
  say: {
    ...saying,
    attachments: optional(
      list(object({ id: text(100), name: text(500), mime: text(100), size: whole(), url: text(2000) }))
    ),
    at
  },
  notice: { code: text(100, 1), name: optional(text(200)), due: at, at, thread },
  typing: { active: optional(flag), by: someone, thread },
  stream: { ...saying, every: optional(whole()), final: optional(flag) },
  session: {
    state: word('queued', 'active', 'ended', 'rated'),
    ahead: count,
    wait: count,
    agent: someone,
    reason: optional(
      nullable(word('visitor', 'agent', 'unanswered', 'visitor-away', 'agent-away', 'as-message', 'idle'))
    ),
    score: optional(nullable(whole(1, 5))),
    idle: optional(object({ since: moment, endsAt: moment })),
    thread
  },
  receipt: {
    mark: word('delivered', 'read'),
    by: optional(word('visitor', 'agent')),
    upTo: optional(whole(1)),
    thread
  },
  gap: { before: whole(1), thread },
  wait: { for: whole() },
  await: { what: word(...commands, 'typing', 'stop') },
  refuse: { what: optional(word(...commands)), reason: text(100) },
  acknowledge: { is: flag },
  history: { is: word('there', 'late', 'failing') },
  link: {
    is: word('up', 'connecting', 'catching-up', 'silent', 'offline', 'busy', 'unauthorized', 'forbidden')
  },
  drop: {}
}

const shapes = Object.fromEntries(Object.entries(MEMBERS).map(([name, members]) => [name, object(members)]))
