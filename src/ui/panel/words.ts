import { countIn, directionOf, type Strings, type Words } from '../strings.ts'

/** The words of a panel, in its language. */
export function createWords(locale: string, given: Partial<Strings>): Words {
  const dir = directionOf(locale)
  let strings = given
  return {
    locale,
    dir,
    t: (key, values = {}) =>
      countIn(strings[key] ?? key, locale, Number(values.count ?? 0)).replace(/\{(\w+)\}/g, (place, name: string) => {
        const value = values[name] ?? place
        return typeof value === 'number' ? value.toLocaleString(locale) : isolate(value, dir)
      }),
    learn(more) {
      strings = { ...more, ...strings }
    }
  }
}

/** Keeps a name of the other direction from turning the words around it. */
export function isolate(text: string, dir: Words['dir']): string {
  return dir === 'rtl' || /[\u0590-\u08ff\ufb1d-\ufefc]/.test(text) ? `\u2068${text}\u2069` : text
}
