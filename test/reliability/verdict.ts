/** What was written in one run, in the order of writing. Every text is another one. */
export interface Written {
  /** Everything that was tried: what was not accepted may have got through or not. */
  readonly tried: readonly string[]
  /** What had left the composer, as somebody outside saw it. */
  readonly accepted: readonly string[]
}

/** Where messages can be looked at when all is quiet, and what was found there, in its order. */
export interface Views {
  readonly screen: readonly string[]
  readonly database: readonly string[]
  readonly server: readonly string[]
}

export interface Verdict {
  /** Accepted, and missing in at least one place. */
  readonly lost: readonly string[]
  /** In at least one place more than once. */
  readonly duplicated: readonly string[]
  /** Behind something that was written later. */
  readonly misordered: readonly string[]
  /** What else is wrong, in words. */
  readonly other: readonly string[]
}

/**
 * Holds what is there against what was written.
 *
 * @param positions Of the messages on the server, in their order.
 */
export function judge(
  { tried, accepted }: Written,
  views: Views,
  positions: readonly number[] = views.server.map((_, i) => i + 1)
): Verdict {
  const lists = Object.values(views) as readonly (readonly string[])[]
  const order = new Map(tried.map((text, i) => [text, i]))
  const every = (find: (list: readonly string[]) => readonly string[]) => [...new Set(lists.flatMap(find))]
  const other = every(list => list.filter(text => !order.has(text))).map(text => `nobody wrote ${JSON.stringify(text)}`)
  if (lists.some(list => JSON.stringify(list) !== JSON.stringify(views.server))) other.push('the places do not agree')
  if (positions.some((position, i) => position !== i + 1)) other.push(`positions with holes: ${positions.join(' ')}`)
  return {
    lost: accepted.filter(text => lists.some(list => !list.includes(text))),
    duplicated: every(list => list.filter((text, i) => list.indexOf(text) < i)),
    misordered: every(list => list.filter((text, i) => i > 0 && order.get(text)! < order.get(list[i - 1]!)!)),
    other
  }
}

/** Whether there is nothing to say against it. */
export function isClean({ lost, duplicated, misordered, other }: Verdict): boolean {
  return !(lost.length || duplicated.length || misordered.length || other.length)
}
