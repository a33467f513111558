import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, expectOnce } from '../bundle.ts'
import type { Player } from '../player.ts'
import { PLANTED, UNNAMED } from './bugs.ts'
import { createInnocence, hunt, type IsInnocent } from './judge.ts'
import { plant, WORKER } from './plant.ts'
import type { Answer, Ask } from './worker.ts'

const ALL = [...PLANTED, ...UNNAMED]

describe('planted bugs', () => {
  it.each(ALL)('can be planted: $name', ({ patches }) => {
    expect(patches.length).toBeGreaterThan(0)
    for (const patch of patches) expectOnce(patch)
  })

  it('are all in code that the simulation runs', async () => {
    const file = await bundle(
      `teeth-${process.pid}-all`,
      WORKER,
      ALL.flatMap(({ patches }) => patches)
    )
    rmSync(dirname(file), { recursive: true })
  })

  it('say their names when the source has moved on', async () => {
    const patches = [{ file: 'src/core/outbox.ts', find: 'what nobody wrote', replace: '' }]
    await expect(plant({ name: 'moved on', patches })).rejects.toThrow(
      'cannot plant "moved on": src/core/outbox.ts: expected to find this once, found it 0 times'
    )
  })
})

/** Those that show at once; `npm run sim:teeth` looks for all of them. */
const QUICK = [
  'acknowledged before it is durable',
  'shown twice when it is told again',
  'cursor stored before its events'
]
const HISTORIES = 20

describe('the simulation', () => {
  let plain: Player<Ask, Answer>
  let isInnocent: IsInnocent
  beforeAll(async () => {
    plain = await plant()
    isInnocent = createInnocence(plain)
  })
  afterAll(() => plain.close())

  it.each(QUICK)(
    'notices: %s',
    async name => {
      const player = await plant(PLANTED.find(bug => bug.name === name))
      try {
        expect(await hunt(player, isInnocent, 1, HISTORIES)).toBeDefined()
      } finally {
        player.close()
      }
    },
    120_000
  )

  it('does not find what is not there', async () => {
    const player = await plant()
    try {
      expect(await hunt(player, isInnocent, 1, 3)).toBeUndefined()
    } finally {
      player.close()
    }
  }, 120_000)
})
