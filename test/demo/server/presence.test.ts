import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Bus } from '../../../demo/server/bus/bus.ts'
import { createProcessBus } from '../../../demo/server/bus/process.ts'
import { createPresence, type Presence } from '../../../demo/server/routing/presence.ts'

let bus: Bus
let presence: Presence
let visits: number

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 })
  bus = createProcessBus(error => {
    throw error
  })
  presence = createPresence(bus, 0)
  visits = 0
  bus.subscribe('visit', () => visits++)
})
afterEach(() => void vi.useRealTimers())

const look = (path: string, title = path) => presence.look('ada', { url: `https://shop.example${path}`, title })
const paths = () => {
  const { page, before } = presence.seen('ada')
  return [page, ...before].map(({ url }) => url.replace('https://shop.example', ''))
}

it('remembers the pages of a visit, the latest first, each with the time at which it began', () => {
  presence.visitorJoined('ada')
  look('/')
  vi.advanceTimersByTime(60_000)
  look('/lamps', 'Lamps')
  expect(presence.seen('ada')).toEqual({
    online: true,
    page: { url: 'https://shop.example/lamps', title: 'Lamps', since: 61_000 },
    before: [{ url: 'https://shop.example/', title: '/', since: 1000 }]
  })
  for (let i = 0; i < 30; i++) look(`/${i}`)
  expect(paths()).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20].map(i => `/${i}`))
})

it('drops what follows the path, for it may be a secret', () => {
  presence.visitorJoined('ada')
  look('/lamps?session=SECRET#SECRET\n', 'Lamps')
  expect(paths()).toEqual(['/lamps'])
})

it('takes another title of the same page for the same page, and tells of nothing that was known', async () => {
  presence.visitorJoined('ada')
  look('/lamps', 'Loading')
  vi.advanceTimersByTime(5000)
  look('/lamps', 'Lamps')
  look('/lamps', 'Lamps')
  expect(presence.seen('ada')).toMatchObject({ page: { title: 'Lamps', since: 1000 }, before: [] })
  await vi.advanceTimersByTimeAsync(0)
  // Coming, and two titles.
  expect(visits).toBe(3)
})

it('goes on with the visit where somebody comes back soon, and says nothing of where they are before they do', () => {
  const leave = presence.visitorJoined('ada')
  look('/')
  look('/lamps')
  leave()
  expect(paths()).toEqual(['', '/lamps', '/'])
  presence.visitorJoined('ada')
  expect(paths()).toEqual(['', '/lamps', '/'])
  look('/basket')
  expect(paths()).toEqual(['/basket', '/lamps', '/'])
  vi.advanceTimersByTime(7_200_000)
  expect(paths()).toEqual(['/basket', '/lamps', '/'])
})

it('forgets a visit half an hour after its end, and at once when all is erased', async () => {
  const leave = presence.visitorJoined('ada')
  look('/')
  leave()
  vi.advanceTimersByTime(1_799_000)
  expect(paths()).toEqual(['', '/'])
  vi.advanceTimersByTime(1000)
  expect(paths()).toEqual([''])
  presence.visitorJoined('ada')
  look('/lamps')
  bus.publish('erased', { visitorId: 'ada' })
  await vi.advanceTimersByTimeAsync(0)
  expect(paths()).toEqual([''])
})

it('knows nothing of who is not here', () => {
  look('/lamps')
  expect(presence.seen('ada')).toEqual({ online: false, page: { url: '', title: '', since: 0 }, before: [] })
})
