import { describe, expect, it, vi } from 'vitest'
import { createGroup, type Group } from '../../../demo/server/conversations/group.ts'

/** Rounds that end when the test says so. */
function manual({ most = 10, rounds = 1, pace = 0 } = {}) {
  const begun: { readonly items: readonly string[]; end(): void; fail(error: Error): void }[] = []
  const group: Group<string, string> = createGroup<string, string>({
    work: items =>
      new Promise((resolve, reject) => {
        begun.push({ items, end: () => resolve(items.map(item => item.toUpperCase())), fail: reject })
      }),
    keyOf: item => item[0]!,
    most,
    rounds,
    pace
  })
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  }
  return { begun, group, settled, items: () => begun.map(({ items }) => items.join(' ')) }
}

describe('a group', () => {
  it('does together what comes in one turn, and then what came meanwhile', async () => {
    const { begun, group, settled, items } = manual()
    const first = [group.add('a'), group.add('b')]
    await settled()
    const second = [group.add('c'), group.add('d')]
    await settled()
    expect(items()).toEqual(['a b'])
    begun[0]!.end()
    expect(await Promise.all(first)).toEqual(['A', 'B'])
    await settled()
    expect(items()).toEqual(['a b', 'c d'])
    begun[1]!.end()
    expect(await Promise.all(second)).toEqual(['C', 'D'])
  })

  it('keeps the order of those that may not go together', async () => {
    const { begun, group, settled, items } = manual({ rounds: 2 })
    void group.add('a1')
    void group.add('a2')
    void group.add('b1')
    await settled()
    void group.add('a3')
    void group.add('c1')
    await settled()
    // Two rounds at a time, and neither has an `a` while one is under way.
    expect(items()).toEqual(['a1 b1', 'c1'])
    begun[1]!.end()
    await settled()
    expect(items()).toHaveLength(2)
    begun[0]!.end()
    await settled()
    begun[2]!.end()
    await settled()
    expect(items()).toEqual(['a1 b1', 'c1', 'a2', 'a3'])
  })

  it('takes so many at a time', async () => {
    const { begun, group, settled, items } = manual({ most: 2 })
    for (const item of ['a', 'b', 'c', 'd', 'e']) void group.add(item)
    for (let round = 0; round < 3; round++) {
      await settled()
      begun[round]!.end()
    }
    expect(items()).toEqual(['a b', 'c d', 'e'])
  })

  it('begins at once after a while of quiet, and lets a few come together when it is busy', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { begun, group, settled, items } = manual({ rounds: 2, pace: 3 })
      void group.add('a')
      await settled()
      expect(items()).toEqual(['a'])
      void group.add('b')
      await vi.advanceTimersByTimeAsync(2)
      void group.add('c')
      await settled()
      expect(items()).toEqual(['a'])
      await vi.advanceTimersByTimeAsync(1)
      expect(items()).toEqual(['a', 'b c'])
      for (const { end } of begun) end()
      await vi.advanceTimersByTimeAsync(10)
      void group.add('d')
      await settled()
      expect(items()).toEqual(['a', 'b c', 'd'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits no longer than twice what a round took, so that a quick store answers sooner', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { begun, group, settled, items } = manual({ pace: 10 })
      const round = async (item: string, takes: number) => {
        void group.add(item)
        await settled()
        await vi.advanceTimersByTimeAsync(takes)
        begun.at(-1)!.end()
        await settled()
      }
      await round('a', 2)
      void group.add('b')
      await vi.advanceTimersByTimeAsync(1)
      expect(items()).toEqual(['a'])
      await vi.advanceTimersByTimeAsync(1)
      expect(items()).toEqual(['a', 'b'])
      // One that took long says nothing about how long may be waited.
      await vi.advanceTimersByTimeAsync(8)
      begun[1]!.end()
      await settled()
      void group.add('c')
      await vi.advanceTimersByTimeAsync(1)
      expect(items()).toEqual(['a', 'b'])
      await vi.advanceTimersByTimeAsync(1)
      expect(items()).toEqual(['a', 'b', 'c'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('tries each alone when a round fails, so that only the one that is wrong does', async () => {
    const group = createGroup<string, string>({
      work: async items => {
        if (items.includes('bad')) throw new Error(`no ${items.join()}`)
        return items.map(item => item.toUpperCase())
      },
      keyOf: item => item,
      most: 10,
      rounds: 1,
      pace: 0
    })
    const ends = await Promise.allSettled(['a', 'bad', 'b'].map(group.add))
    expect(ends).toMatchObject([{ value: 'A' }, { reason: new Error('no bad') }, { value: 'B' }])
    expect(await group.add('c')).toBe('C')
  })
})
