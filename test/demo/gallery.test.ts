import { describe, expect, it } from 'vitest'
import { states } from '../../demo/shop/gallery/states.ts'
import { scenario } from '../../src/testing/index.ts'

describe('the gallery', () => {
  it('has a name of its own for each of at least 60 states', () => {
    const names = states.map(({ name }) => name)
    expect(names.length).toBeGreaterThanOrEqual(60)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z\d]+(-[a-z\d]+)*$/)
  })

  it.each(states.map(state => [state.name, state] as const))('has a script that can be played: %s', (_, { script }) => {
    expect(scenario(script).name).toBe('scenario')
  })
})
