import { expect, test, vi } from 'vitest'
import { createAccount } from '../../../demo/inbox/sign-in/account.ts'
import { memoryShelf, sam } from './house.ts'

const form = { email: 'sam@example.com', password: 'secret', stay: false }

function setUp(answer: () => Response | Promise<Response>, device = memoryShelf(), tab = memoryShelf()) {
  const fetch = vi.fn(async (_url: unknown, _init?: RequestInit) => answer())
  return { account: createAccount({ tab, device, fetch: fetch as typeof globalThis.fetch }), fetch, device, tab }
}

const welcome = () => Response.json({ token: 'key', agent: sam })

test('signs in for this tab', async () => {
  const { account, device, tab } = setUp(welcome)
  expect(await account.signIn(form)).toBeUndefined()
  expect(account.$signedIn.get()).toEqual({ token: 'key', agent: sam })
  expect(createAccount({ tab, device }).$signedIn.get()?.token).toBe('key')
  expect(createAccount({ tab: memoryShelf(), device }).$signedIn.get()).toBeUndefined()
})

test('signs in for this device when asked to', async () => {
  const { account, device } = setUp(welcome)
  await account.signIn({ ...form, stay: true })
  expect(createAccount({ tab: memoryShelf(), device }).$signedIn.get()?.token).toBe('key')
})

test.each([
  [401, 'do not belong together'],
  [429, 'Wait a minute'],
  [503, '503']
])('says in plain words what %i means, and keeps the e-mail address', async (status, words) => {
  const { account } = setUp(() => Response.json({ error: { code: 'x', message: 'x' } }, { status }))
  expect(await account.signIn(form)).toContain(words)
  expect(account.$signedIn.get()).toBeUndefined()
  expect(account.email).toBe('sam@example.com')
})

test('says so when the server cannot be reached', async () => {
  const { account } = setUp(() => Promise.reject(new TypeError('fetch failed')))
  expect(await account.signIn(form)).toContain('cannot be reached')
})

test('does not take any answer for a welcome', async () => {
  const { account } = setUp(() => new Response('<html>', { status: 200 }))
  expect(await account.signIn(form)).toContain('makes no sense')
})

test('forgets the token before it tells the server', async () => {
  const { account, fetch, device } = setUp(welcome)
  await account.signIn({ ...form, stay: true })
  const left = account.signOut()
  expect(account.$signedIn.get()).toBeUndefined()
  expect(device.get('signed-in')).toBeUndefined()
  await left
  expect(fetch).toHaveBeenLastCalledWith('/api/inbox/sign-out', expect.objectContaining({ method: 'POST' }))
  expect(fetch.mock.lastCall?.[1]?.headers).toEqual({ authorization: 'Bearer key' })
})

test('says why when the token was refused', async () => {
  const { account } = setUp(welcome)
  await account.signIn(form)
  account.refused()
  expect(account.$signedIn.get()).toBeUndefined()
  expect(account.$why.get()).toContain('Sign in again')
})
