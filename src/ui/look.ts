import type { Strings } from './strings.ts'

/** How the widget looks and what it offers; all of it optional. */
export interface LookOptions {
  /** What visitors may do: `both` (default), only `live` chats, or only `messages`. */
  readonly mode?: 'both' | 'live' | 'messages' | undefined
  /** What to do while nobody is home: `show` that (default), or `hide` the launcher from who has no conversation. */
  readonly offline?: 'show' | 'hide' | undefined
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
  /** Any CSS colour; text on it is made readable. Short for the custom property `--porchlight-accent`. */
  readonly accent?: string | undefined
}

export interface Look {
  readonly mode: 'both' | 'live' | 'messages'
  readonly offline: 'show' | 'hide'
  readonly scheme: 'auto' | 'light' | 'dark' | 'inherit'
  readonly position: 'end' | 'start'
  /** Empty: none. */
  readonly title: string
  /** Empty: by page and visitor. */
  readonly locale: string
  readonly strings: Partial<Strings>
  /** Empty: the default, or what the page's styles say. */
  readonly accent: string
}

/** @throws {TypeError} If an option is wrong: names it, what came, and what would be right. */
export function checkLook(options: LookOptions): Look {
  // Whoever calls from plain JavaScript may give anything.
  const given = options as Readonly<Record<string, unknown>>

  const word = <Word extends string>(name: string, ...words: readonly [Word, ...Word[]]): Word => {
    const value = given[name] ?? words[0]
    if (!words.includes(value as Word)) wrong(name, `one of ${words.join(', ')}`, value)
    return value as Word
  }
  const text = (name: string, right: string, isRight: (value: string) => boolean): string => {
    const value = given[name] ?? ''
    if (typeof value !== 'string' || (value && !isRight(value))) wrong(name, right, value)
    return value as string
  }

  const strings = given.strings ?? {}
  if (typeof strings !== 'object') wrong('strings', 'an object of texts', strings)
  for (const [key, phrase] of Object.entries(strings as Readonly<Record<string, { other?: unknown } | undefined>>)) {
    if (typeof (phrase?.other ?? phrase) !== 'string')
      wrong(`strings.${key}`, "text, or { one: '…', other: '…' }", phrase)
  }

  return {
    mode: word('mode', 'both', 'live', 'messages'),
    offline: word('offline', 'show', 'hide'),
    scheme: word('scheme', 'auto', 'light', 'dark', 'inherit'),
    position: word('position', 'end', 'start'),
    title: text('title', 'text', () => true),
    locale: text('locale', 'a language tag such as pt-BR', isTag),
    strings: strings as Partial<Strings>,
    accent: text('accent', 'a CSS colour', value => globalThis.CSS?.supports?.('color', value) ?? true)
  }
}

export function wrong(name: string, right: string, value: unknown): never {
  const came = typeof value === 'string' ? `"${value.slice(0, 60)}"` : value === null ? 'null' : typeof value
  throw new TypeError(`porchlight: option ${name} must be ${right}, got ${came}`)
}

function isTag(value: string): boolean {
  try {
    return Intl.getCanonicalLocales(value).length > 0
  } catch {
    // A RangeError: not a tag, which is the answer.
    return false
  }
}
