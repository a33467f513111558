import type { en } from './strings/en.ts'
import { first } from './strings/first.ts'

/** A text with `{places}`, or one text per plural form, chosen by `{count}`. */
export type Phrase = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string })

export type StringKey = keyof typeof en
/** One language: every key, each a phrase. */
export type Strings = Readonly<Record<StringKey, Phrase>>

/** The words of one widget, in one language. */
export interface Words {
  /** BCP 47, for `lang` and for dates and numbers. */
  readonly locale: string
  readonly dir: 'ltr' | 'rtl'
  t(key: StringKey, values?: Readonly<Record<string, string | number>>): string
}

const LANGUAGES: Readonly<Record<string, () => Promise<Strings>>> = {
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
  const chosen = [asked, page, ...visitor].find(tag => Object.hasOwn(LANGUAGES, languageOf(tag))) ?? 'en'
  return (chosen.includes('-') ? undefined : visitor.find(tag => languageOf(tag) === languageOf(chosen))) ?? chosen
}

/** The words of the launcher: at hand in English, fetched in other languages, English if that fails. */
export async function firstWords(locale: string, overrides: Partial<Strings>): Promise<Words> {
  if (languageOf(locale) !== 'en') {
    try {
      return await allWords(locale, overrides)
    } catch (error) {
      console.warn(`porchlight: the words for ${locale} could not be loaded`, error)
    }
  }
  return createWords('en', first, overrides)
}

/** All words of a language, fetched when they are needed. */
export async function allWords(locale: string, overrides: Partial<Strings>): Promise<Words> {
  return createWords(locale, await LANGUAGES[languageOf(locale)]!(), overrides)
}

function createWords(locale: string, known: Partial<Strings>, overrides: Partial<Strings>): Words {
  const plural = new Intl.PluralRules(locale)
  const number = new Intl.NumberFormat(locale)
  const dir = /^(ar|fa|he|ur)\b/i.test(locale) ? 'rtl' : 'ltr'
  return {
    locale,
    dir,
    t(key, values = {}) {
      const phrase = overrides[key] ?? known[key] ?? key
      const form = typeof phrase === 'string' ? phrase : (phrase[plural.select(Number(values.count))] ?? phrase.other)
      return form.replace(/\{(\w+)\}/g, (place, name: string) => {
        const value = values[name]
        return value === undefined ? place : typeof value === 'number' ? number.format(value) : isolate(value, dir)
      })
    }
  }
}

/** Keeps a name of the other direction from turning the words around it. */
export function isolate(text: string, dir: Words['dir']): string {
  return dir === 'rtl' || /[\u0590-\u08ff\ufb1d-\ufefc]/.test(text) ? `\u2068${text}\u2069` : text
}

function languageOf(tag: string): string {
  return tag.split('-')[0]!.toLowerCase()
}
