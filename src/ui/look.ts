import type { Strings } from './strings.ts'

/** How the widget looks and what it offers; all of it optional. */
export interface LookOptions {
  /**
   * What visitors may do: `both` (default), only `live` chats, or only `messages`. As a list of rules, in an attribute as
   * JSON, it depends on page, hour and visitor: the first rule that is true counts, else `both`.
   */
  readonly mode?: Mode | readonly ModeRule[] | undefined
  /**
   * What to do while nobody is home: `show` that and take messages (default); `hide` the launcher from who has no
   * conversation; take a first message through a `form` with name, e-mail and message, or through that of the backend if
   * it has one; or offer the other `channels` instead of a message, if there are any.
   */
  readonly offline?: Look['offline'] | undefined
  /** Colours: as the visitor's system says (`auto`, default), always `light` or `dark`, or as the page (`inherit`). */
  readonly scheme?: 'auto' | 'light' | 'dark' | 'inherit' | undefined
  /** The corner: at the `end` of a line (default; the right side in English), or at its `start`. */
  readonly position?: 'end' | 'start' | undefined
  /** Name of the team or shop, shown on top; default: none. */
  readonly title?: string | undefined
  /** BCP 47 tag; default: the page's `lang`, else the visitor's language. */
  readonly locale?: string | undefined
  /** Own words for some of ours, by their keys. */
  readonly strings?: Partial<Strings> | undefined
  /** How long a message waits before it is sent, so that it can be taken back, in milliseconds; default: 0. */
  readonly undo?: number | undefined
  /** Any CSS colour; text on it is made readable. Short for the custom property `--porchlight-accent`. */
  readonly accent?: string | undefined
  /**
   * Other ways to reach you, offered in the queue, while nobody is home and where a promised answer has not come; in an
   * attribute as JSON. If one is wrong, the console says what when the panel is opened, and none is shown.
   */
  readonly channels?: Channels | string | undefined
  /**
   * An element of the page, or a selector of one. The chat is in it, open and as large as it is, and there is nothing in
   * the corner; `destroy` the widget when the element goes. Default: the corner.
   */
  readonly target?: Element | string | undefined
}

export type Mode = 'both' | 'live' | 'messages'

/** A mode, and when it counts: if all of the others are so. */
export interface ModeRule {
  readonly mode: Mode
  /** Path of the page, in which `*` stands for anything: `/checkout/*`. Default: any. */
  readonly path?: string
  /** From when to when, by the clock on the wall; may go on over midnight: `17:00-09:00`. Default: always. */
  readonly hours?: string
  /** IANA name of the time zone of that clock. Default: the visitor's. */
  readonly zone?: string
  /** `returning`: has a conversation in this browser. Default: both. */
  readonly visitor?: 'new' | 'returning'
}

/** Other ways to reach the team, in the order in which they are shown. */
export interface Channels {
  /** A number with its country code, such as `+47 912 34 567`. */
  readonly whatsapp?: string
  /** The same. */
  readonly sms?: string
  /** Name or number of a page. */
  readonly messenger?: string
  readonly email?: string
}

export interface Look {
  readonly mode: Mode
  readonly offline: 'show' | 'hide' | 'form' | 'channels'
  readonly scheme: 'auto' | 'light' | 'dark' | 'inherit'
  readonly position: 'end' | 'start'
  /** Empty: none. */
  readonly title: string
  /** Empty: by page and visitor. */
  readonly locale: string
  readonly strings: Partial<Strings>
  readonly undo: number
  /** Empty: the default, or what the page's styles say. */
  readonly accent: string
  readonly channels?: LookOptions['channels']
  /**
   * Where it is kept for this tab that a page was left with the panel open: the thread, or nothing for the first screen.
   * Default: nowhere.
   */
  readonly left?: string
  /** What it is a part of. Default: nothing, it lies above the page. */
  readonly target?: Element | undefined
}

/**
 * What an option may be: what it is if it is not given, what would be right in words, and whether it is right. Whoever
 * calls from plain JavaScript may give anything.
 */
export type Rule = readonly [missing: unknown, right: string, isRight: (value: unknown) => boolean]

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** The first of them is the default. */
function oneOf(list: string): Rule {
  const words: readonly unknown[] = list.split(', ')
  return [words[0], `one of ${list}`, value => words.includes(value)]
}

export const LOOK: Readonly<Record<keyof Omit<Look, 'channels' | 'left' | 'target'>, Rule>> = {
  mode: ['both', 'one of both, live, messages', value => /^\[|^(both|live|messages)$/.test(value as string)],
  offline: oneOf('show, hide, form, channels'),
  scheme: oneOf('auto, light, dark, inherit'),
  position: oneOf('end, start'),
  title: ['', 'text', isText],
  locale: ['', 'a tag such as pt-BR', value => /^[a-z\d-]*$/i.test(value as string)],
  strings: [
    {},
    'texts by their keys',
    value => Object.values(value as object).every(phrase => isText(phrase?.other ?? phrase))
  ],
  undo: [0, 'milliseconds', value => (value as number) >= 0],
  accent: ['', 'a CSS colour', value => !value || !globalThis.CSS || CSS.supports('color', value as string)]
}

/** @throws {TypeError} If an option is wrong: names it, what came, and what would be right. */
export function checkLook(options: LookOptions): Look {
  return check(options, LOOK) as unknown as Look
}

/** The options, as given or as they are if they were not. */
export function check(options: object, rules: Readonly<Record<string, Rule>>): Readonly<Record<string, unknown>> {
  const checked: Record<string, unknown> = { ...options }
  for (const [name, [missing, right, isRight]] of Object.entries(rules)) {
    checked[name] ??= missing
    const value = checked[name]
    if (!isRight(value))
      throw new TypeError(`porchlight: option ${name} must be ${right}, got ${JSON.stringify(value)}`)
  }
  return checked
}
