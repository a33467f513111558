import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readHours } from '../../../demo/server/routing/hours.ts'
import { watchOpening } from '../../../demo/server/routing/opening.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { createRig, type Rig, sitDown, visit } from './rig.ts'

const at = (iso: string) => Date.parse(iso)
const oslo = readHours({
  zone: 'Europe/Oslo',
  week: { mon: ['09:00-12:30', '13:00-17:00'], sat: ['22:00-24:00'], sun: ['00:00-02:30'] }
})

describe('hours that are watched', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('turn over on time, without anybody doing anything', () => {
    vi.setSystemTime('2026-11-23T07:59:59Z')
    const changes: [string, boolean][] = []
    const opening = watchOpening(oslo, () => changes.push([new Date().toISOString().slice(11, 16), opening.isOpen()]))
    expect(opening.isOpen()).toBe(false)
    expect(opening.changesAt()).toBe(at('2026-11-23T08:00:00Z'))
    vi.advanceTimersByTime(24 * 3_600_000)
    expect(changes).toEqual([
      ['08:00', true],
      ['11:30', false],
      ['12:00', true],
      ['16:00', false]
    ])
    expect(opening.changesAt()).toBe(at('2026-11-28T21:00:00Z'))
    opening.close()
  })

  it('turn over days later, and not at midnight where they go on', () => {
    vi.setSystemTime('2026-11-23T16:00:00Z')
    const changes: string[] = []
    const opening = watchOpening(oslo, () => changes.push(new Date().toISOString()))
    vi.advanceTimersByTime(6 * 24 * 3_600_000)
    expect(changes).toEqual(['2026-11-28T21:00:00.000Z', '2026-11-29T01:30:00.000Z'])
    opening.close()
    vi.advanceTimersByTime(6 * 24 * 3_600_000)
    expect(changes.length).toBe(2)
  })

  it('are told of, be it that somebody asked a moment before', () => {
    vi.setSystemTime('2026-11-23T07:59:59Z')
    const told: boolean[] = []
    const opening = watchOpening(oslo, () => told.push(opening.isOpen()))
    vi.setSystemTime('2026-11-23T08:00:00Z')
    expect(opening.isOpen()).toBe(true)
    vi.advanceTimersByTime(2000)
    expect(told).toEqual([true])
    opening.close()
  })

  it('are looked up again when the clock was set', () => {
    vi.setSystemTime('2026-11-23T09:00:00Z')
    const opening = watchOpening(oslo, () => {})
    expect(opening.isOpen()).toBe(true)
    vi.setSystemTime('2026-11-22T09:00:00Z')
    expect(opening.isOpen()).toBe(false)
    expect(opening.changesAt()).toBe(at('2026-11-23T08:00:00Z'))
    vi.setSystemTime('2026-11-23T16:30:00Z')
    expect(opening.isOpen()).toBe(false)
    opening.close()
  })

  it('are always on where there are none', () => {
    const opening = watchOpening(undefined, () => {})
    expect([opening.isOpen(), opening.changesAt()]).toEqual([true, undefined])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a house with hours', () => {
  const OPENS = at('2026-11-23T08:00:00Z')
  let rig: Rig
  let server: Server
  /** When the clock was let go; until then it stands still right before the opening. */
  let releasedAt: number | undefined
  const release = () => {
    releasedAt = performance.now()
  }

  beforeAll(async () => {
    rig = await createRig()
  })
  afterAll(() => rig.close())
  beforeEach(async () => {
    await rig.wipe()
    releasedAt = undefined
    vi.spyOn(Date, 'now').mockImplementation(() =>
      Math.floor(releasedAt === undefined ? OPENS - 100 : OPENS + performance.now() - releasedAt)
    )
    server = await rig.start({ hours: oslo })
  })

  it('says when it opens, and opens then by itself', async () => {
    const sam = await sitDown(server)
    const visitor = await visit(server)
    const { availability } = await visitor.untilEvent('availability')
    expect(availability).toMatchObject({ open: false, opensAt: OPENS, zone: 'Europe/Oslo' })
    expect(sam.welcome.opening).toEqual({ open: false, changesAt: OPENS, zone: 'Europe/Oslo' })
    release()
    const opened = await visitor.untilEvent('availability', event => event.availability.open)
    expect(opened.availability).not.toHaveProperty('opensAt')
    expect(await sam.until(({ t }) => t === 'opening')).toMatchObject({
      opening: { open: true, changesAt: at('2026-11-23T11:30:00Z') }
    })
  })

  it('says to whoever leaves a message when the answer comes: an hour after it opens, until that is measured', async () => {
    const visitor = await visit(server)
    const thread = createId()
    await visitor.message(thread, 'a note')
    const promised = await visitor.untilEvent('message', ({ message }) => message.author === 'system')
    expect(promised.message.content).toEqual({
      type: 'notice',
      code: 'promised',
      name: '',
      due: at('2026-11-23T09:00:00Z')
    })
    release()
    const sam = await sitDown(server)
    await visitor.untilEvent('availability', ({ availability }) => availability.open)
    await sam.act({ id: createId(), type: 'reply', threadId: thread, text: 'Good morning' })
    // The night before counts for nothing.
    const measured = await visitor.untilEvent('availability', ({ availability }) => availability.replyAfter !== null)
    expect(measured.availability.replyAfter).toBeLessThan(60_000)
  })

  it('does not say when, while its owner keeps it closed', async () => {
    const sam = await sitDown(server)
    const visitor = await visit(server)
    await visitor.untilEvent('availability', ({ availability }) => availability.opensAt === OPENS)
    await sam.act({ id: 'b1', type: 'settings', settings: { open: false, queueLimit: 90_000 } })
    await visitor.untilEvent('availability', ({ availability }) => !availability.open && !('opensAt' in availability))
    release()
    await sam.until(({ t }) => t === 'opening')
    expect((await (await fetch(`${server.url}/api/availability`)).json()) as object).toMatchObject({ open: false })
  })
})
