import { parseArgs } from 'node:util'

/**
 * Reads whole numbers from the command line: `counts({ times: 3 })` takes `--times 5`.
 *
 * @throws {TypeError} That names the option that is wrong, what came and what would be right.
 */
export function counts<Name extends string>(defaults: Readonly<Record<Name, number>>): Readonly<Record<Name, number>> {
  const names = Object.keys(defaults) as Name[]
  const { values } = parseArgs({
    options: Object.fromEntries(names.map(name => [name, { type: 'string' as const, default: String(defaults[name]) }]))
  })
  const read = (name: Name) => {
    const value = String(values[name])
    if (!/^\d{1,9}$/.test(value))
      throw new TypeError(`--${name}: expected a whole number, got ${JSON.stringify(value)}`)
    return [name, Number(value)]
  }
  return Object.fromEntries(names.map(read))
}
