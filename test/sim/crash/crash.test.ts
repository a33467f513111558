import { afterAll, beforeAll, expect, it } from 'vitest'
import { PLANTED } from '../teeth/bugs.ts'
import { type Act, type CrashPlayer, createCrashPlayer, die, nameOf, type Run, rehearseAll, runsOf } from './crashes.ts'

/** Some of all deaths, others in each scenario; `npm run crash` makes them all. */
const EVERY = 29
const TIME = 240_000

let player: CrashPlayer
let acts: readonly Act[]
beforeAll(async () => {
  player = await createCrashPlayer()
  acts = await rehearseAll(player, 1)
}, TIME)
afterAll(() => player.close())

/** Where somebody can die, by what happens there: who it is does not matter. */
const pointsOf = (scenario: string) =>
  new Set(acts.filter(act => act.scenario === scenario).flatMap(({ points }) => points.map(withoutWho)))
const withoutWho = (point: string) => point.replace(/tab\d+/g, 'tab')

it('has the points that matter in sending', () => {
  const points = pointsOf('send')
  for (const point of [
    'tab: commit of device done',
    'tab: commit of lane, outbox, thread, draft begun',
    'tab: commit of lane, outbox, thread, draft done',
    'tab: send going out',
    'server: send come in',
    'server: transaction begun',
    'server: transaction ready, tab dies',
    'server: transaction committed',
    'server: ack going out',
    'tab: ack come in',
    'tab: commit of outbox done',
    'tab: commit of message, outbox, thread, cursor begun',
    'tab: commit of message, outbox, thread, cursor done'
  ]) {
    expect(points).toContain(point)
  }
})

it('has the points that matter in receiving, signing out and signing in', () => {
  expect(pointsOf('receive')).toContain('tab: commit of message, thread, cursor done')
  expect(pointsOf('catch up')).toContain('tab: page come in')
  expect(pointsOf('catch up')).toContain('tab: commit of message, gap done')
  for (const point of ['tab: note reset told', 'tab: commit of leaving done', 'tab: forget going out']) {
    expect(pointsOf('logout')).toContain(point)
  }
  // Copied to the one who signed in, and taken from where it was.
  const moved = [...pointsOf('migrate')].filter(point => /^tab: commit of .*device, lane, message.* done$/.test(point))
  expect(moved.some(point => point.includes('life'))).toBe(true)
  expect(moved.some(point => !point.includes('life'))).toBe(true)
})

it('keeps all promises where nobody dies', () => {
  for (const { wrong } of acts) expect(wrong).toEqual([])
})

it(
  'keeps all promises whenever somebody dies',
  async () => {
    const all = acts.flatMap(runsOf).filter((_, i) => i % EVERY === 0)
    expect(all.length).toBeGreaterThan(100)
    const broken = await brokenIn(player, all)
    expect(broken).toEqual([])
  },
  TIME
)

it(
  'notices what a death destroys',
  async () => {
    const bug = PLANTED.find(({ name }) => name === 'dropped when it is sent')!
    const careless = await createCrashPlayer(bug.patches)
    try {
      const [send] = await rehearseAll(careless, 1, 'send')
      const lost = runsOf(send!).filter(({ act, crash }) => / send going out$/.test(act.points[crash.point]!))
      expect(lost.length).toBeGreaterThan(0)
      expect(await brokenIn(careless, lost)).toHaveLength(lost.length)
    } finally {
      careless.close()
    }
  },
  TIME
)

/** The deaths after which something is wrong, with what that is. */
async function brokenIn(player: CrashPlayer, runs: readonly Run[]) {
  const broken: string[] = []
  for (const run of runs) {
    const { wrong } = await die(player, run)
    if (wrong.length) broken.push(`${nameOf(run)}, ${run.crash.recovery}: ${wrong.join('; ')}`)
  }
  return broken
}
