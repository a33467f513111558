// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { forgetSession, session } from '../../src/storage/session.ts'

afterEach(() => sessionStorage.clear())

const leave = () => window.dispatchEvent(new Event('pagehide'))
const comeBack = () => window.dispatchEvent(new Event('pageshow'))

/** A page that was left, and what the next page of this tab keeps under the same name. */
async function twoPages() {
  const first = await session('shop')
  await first.commit([{ put: ['choice', 'a'], value: 'first' }])
  leave()
  const stored = sessionStorage.getItem('shop')!
  return { first, write: (value: string) => sessionStorage.setItem('shop', stored.replace('first', value)) }
}
const value = async (storage: Awaited<ReturnType<typeof session>>) => (await storage.list(['choice']))[0]?.value

it('knows what later pages of the tab have stored when it comes back from the back/forward cache', async () => {
  const { first, write } = await twoPages()
  write('second')
  comeBack()
  expect(await value(first)).toBe('second')
  await first.commit([{ put: ['choice', 'b'], value: 'more' }])
  expect(sessionStorage.getItem('shop')).toMatch(/second.*more/)
})

it('knows it also before it is told that it is back', async () => {
  const { first, write } = await twoPages()
  write('second')
  expect(await value(first)).toBe('second')
})

it('keeps nothing more when it comes back to a tab in which nothing may be kept any more', async () => {
  const { first } = await twoPages()
  forgetSession('shop')
  comeBack()
  await expect(first.commit([{ put: ['choice', 'b'], value: 'more' }])).rejects.toMatchObject({ code: 'lost' })
  expect(sessionStorage.length).toBe(0)
})

it('has what it wrote, whatever becomes of the place while the page is open', async () => {
  const storage = await session('shop')
  await storage.commit([{ put: ['choice', 'a'], value: 'first' }])
  sessionStorage.clear()
  comeBack()
  expect(await value(storage)).toBe('first')
})
