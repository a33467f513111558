import type { en } from './strings/en.ts'
import type { enAttach } from './strings/en-attach.ts'
import type { enAttention } from './strings/en-attention.ts'
import type { enAway } from './strings/en-away.ts'
import type { enEarlier } from './strings/en-earlier.ts'
import type { enFiles } from './strings/en-files.ts'
import type { enForms } from './strings/en-forms.ts'
import type { enLimits } from './strings/en-limits.ts'
import type { enLive } from './strings/en-live.ts'
import type { enMail } from './strings/en-mail.ts'
import type { enReach } from './strings/en-reach.ts'
import type { enRich } from './strings/en-rich.ts'
import type { enRules } from './strings/en-rules.ts'
import { first } from './strings/first.ts'

/** A text with `{places}`, or one text per plural form, chosen by `{count}`. */
export type Phrase = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string })

export type StringKey =
  | keyof typeof en
  | keyof typeof enAttach
  | keyof typeof enAttention
  | keyof typeof enAway
  | keyof typeof enEarlier
  | keyof typeof enFiles
  | keyof typeof enForms
  | keyof typeof enLimits
  | keyof typeof enLive
  | keyof typeof enMail
  | keyof typeof enReach
  | keyof typeof enRich
  | keyof typeof enRules
/** One language: every key, each a phrase. */
export type Strings = Readonly<Record<StringKey, Phrase>>

/** The words of one widget, in one language. */
export interface Words {
  /** BCP 47, for `lang` and for dates and numbers. */
  readonly locale: string
  readonly dir: 'ltr' | 'rtl'
  t(key: StringKey, values?: Readonly<Record<string, string | number>>): string
  /** Takes words for keys that it has none for: those of a part that came late, in English. */
  learn(more: Partial<Strings>): void
}

const LANGUAGES: Readonly<Record<string, () => Promise<Partial<Strings>>>> = {
  en: async () => (await import('./strings/en.ts')).en,
  ar: async () => (await import('./strings/ar.ts')).ar
}

/**
 * The language to speak: what was asked for, else that of the page, else that of the visitor, else English.
 *
 * @returns A tag such as `en-GB` whose language there are words for. A page says `en`; how a date is written in it,
 *   the visitor's own `en-GB` says better.
 */
export function negotiate(asked: string, page: string, visitor: readonly string[]): string {
  const chosen = [asked, page, ...visitor].find(tag => LANGUAGES[languageOf(tag)]) ?? 'en'
  return visitor.find(tag => tag.startsWith(`${chosen}-`)) ?? chosen
}

/** The strings of the launcher: at hand in English, fetched in other languages, English if that fails. */
export async function firstStrings(locale: string): Promise<Partial<Strings>> {
  return languageOf(locale) === 'en' ? first : allStrings(locale).catch(() => first)
}

/** The strings of a language, fetched when they are needed; in English without those of parts that come late. */
export function allStrings(locale: string): Promise<Partial<Strings>> {
  return LANGUAGES[languageOf(locale)]!()
}

/** The form of a phrase for this number, with the number in it. */
export function countIn(phrase: Phrase, locale: string, count: number): string {
  const form =
    typeof phrase === 'string' ? phrase : (phrase[new Intl.PluralRules(locale).select(count)] ?? phrase.other)
  return form.replace('{count}', count.toLocaleString(locale))
}

export function directionOf(locale: string): Words['dir'] {
  // Of the languages that there are words for.
  return languageOf(locale) === 'ar' ? 'rtl' : 'ltr'
}

function languageOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase()
}
