/**
 * Checks that a value which came from outside has the form it should have.
 *
 * Returns nothing when it has, else a sentence that names the place, what was found and what would be right:
 * `command.text: expected text of at most 8000 characters, got number`. Members that a shape does not name are
 * allowed, so that an older reader survives a newer writer.
 */
export type Shape = (value: unknown, at: string) => string | undefined

const wrong = (at: string, right: string, value: unknown) =>
  `${at || 'value'}: expected ${right}, got ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`

/** A string of at most `max` UTF-16 units, and of at least `min`. */
export const text =
  /* @__NO_SIDE_EFFECTS__ */
    (max: number, min = 0): Shape =>
    (value, at) => {
      if (typeof value !== 'string') return wrong(at, 'text', value)
      if (value.length > max) return `${at}: expected at most ${max} characters, got ${value.length}`
      if (value.length < min) return `${at}: expected at least ${min} character, got none`
    }

/** A whole number from `min` to `max`; both default to what JSON carries safely. */
export const whole =
  /* @__NO_SIDE_EFFECTS__ */
    (min = 0, max = Number.MAX_SAFE_INTEGER): Shape =>
    (value, at) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
        ? undefined
        : `${wrong(at, `a whole number from ${min} to ${max}`, value)}${typeof value === 'number' ? ` ${value}` : ''}`

export const flag: Shape = (value, at) => (typeof value === 'boolean' ? undefined : wrong(at, 'true or false', value))

/** One of a closed list of words. */
export const word =
  /* @__NO_SIDE_EFFECTS__ */
    (...words: readonly string[]): Shape =>
    (value, at) =>
      words.includes(value as string) ? undefined : wrong(at, `one of ${words.join(', ')}`, value)

export const nullable =
  /* @__NO_SIDE_EFFECTS__ */
    (shape: Shape): Shape =>
    (value, at) =>
      value === null ? undefined : shape(value, at)

export const optional =
  /* @__NO_SIDE_EFFECTS__ */
    (shape: Shape): Shape =>
    (value, at) =>
      value === undefined ? undefined : shape(value, at)

/** A list of at most `max` items, 1,000 by default. */
export const list =
  /* @__NO_SIDE_EFFECTS__ */
    (shape: Shape, max = 1000): Shape =>
    (value, at) => {
      if (!Array.isArray(value)) return wrong(at, 'a list', value)
      if (value.length > max) return `${at}: expected at most ${max} items, got ${value.length}`
      for (let i = 0; i < value.length; i++) {
        const problem = shape(value[i], `${at}[${i}]`)
        if (problem) return problem
      }
    }

export const object =
  /* @__NO_SIDE_EFFECTS__ */
    (members: Readonly<Record<string, Shape>>): Shape =>
    (value, at) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object', value)
      for (const name in members) {
        const problem = members[name]!((value as Record<string, unknown>)[name], at ? `${at}.${name}` : name)
        if (problem) return problem
      }
    }

/** An object whose member `tag` is a word that picks the shape of the rest. */
export const choice =
  /* @__NO_SIDE_EFFECTS__ */
    (tag: string, shapes: Readonly<Record<string, Shape>>): Shape =>
    (value, at) => {
      const problem = object({ [tag]: text(100) })(value, at)
      if (problem) return problem
      const name = (value as Record<string, string>)[tag]!
      return Object.hasOwn(shapes, name)
        ? shapes[name]!(value, at)
        : `${at ? `${at}.` : ''}${tag}: expected one of ${Object.keys(shapes).join(', ')}, got ${name.slice(0, 40)}`
    }
