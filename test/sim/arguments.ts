import { parseArgs } from 'node:util'

/**
 * What was asked for on the command line: `--runs 20 --seed 7`.
 *
 * @param defaults Every option there is, with its value when it is not given: a number, a text, or `false` for a switch.
 * @throws {Error} That names the option, and what would be right.
 */
export function readArguments<Options extends Readonly<Record<string, number | string | boolean>>>(
  defaults: Options
): {
  -readonly [Name in keyof Options]: Options[Name] extends number
    ? number
    : Options[Name] extends string
      ? string
      : boolean
} {
  const { values } = parseArgs({
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        { type: typeof value === 'boolean' ? ('boolean' as const) : ('string' as const) }
      ])
    )
  })
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => {
      const given = values[name]
      if (given === undefined) return [name, value]
      if (given === '')
        throw new Error(`--${name}: expected a ${typeof value === 'number' ? 'whole number' : 'text'}, got ""`)
      if (typeof value !== 'number') return [name, given]
      const number = Number(given)
      if (!Number.isSafeInteger(number) || number < 0) {
        throw new Error(`--${name}: expected a whole number, got ${JSON.stringify(given)}`)
      }
      return [name, number]
    })
  ) as never
}
