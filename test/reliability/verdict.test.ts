import { describe, expect, it } from 'vitest'
import { isClean, judge } from './verdict.ts'

const tried = ['a', 'b', 'c', 'd']
const accepted = ['a', 'b', 'd']
const everywhere = (list: readonly string[]) => ({ screen: list, database: list, server: list })

describe('a verdict', () => {
  it.each([[['a', 'b', 'd']], [['a', 'b', 'c', 'd']]])(
    'has nothing against %j: what was not accepted may be there or not',
    list => {
      expect(isClean(judge({ tried, accepted }, everywhere(list)))).toBe(true)
    }
  )

  it.each([
    ['lost', ['a', 'd'], ['b']],
    ['duplicated', ['a', 'b', 'b', 'd'], ['b']],
    ['duplicated', ['a', 'b', 'c', 'd', 'c'], ['c']],
    ['misordered', ['b', 'a', 'd'], ['a']]
  ] as const)('calls it %s: %j', (kind, list, texts) => {
    expect(judge({ tried, accepted }, everywhere(list))[kind]).toEqual(texts)
  })

  it.each(['screen', 'database', 'server'] as const)('looks at the %s as well', place => {
    const views = { ...everywhere(tried), [place]: ['a', 'b', 'c'] }
    expect(judge({ tried, accepted }, views).lost).toEqual(['d'])
    expect(isClean(judge({ tried, accepted }, { ...everywhere(tried), [place]: accepted }))).toBe(false)
  })

  it('wants nothing that nobody wrote, and no holes', () => {
    expect(judge({ tried, accepted }, everywhere([...tried, 'e'])).other).toEqual(['nobody wrote "e"'])
    expect(judge({ tried, accepted }, everywhere(accepted), [1, 2, 4]).other).toEqual(['positions with holes: 1 2 4'])
  })
})
