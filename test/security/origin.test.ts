import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../demo/server/environment.ts'
import type { Server } from '../../demo/server/server.ts'
import type { AgentServerFrame } from '../../demo/server/wire/agent-frames.ts'
import { get, post, upgrade } from '../demo/server/raw-http.ts'
import { createRig, open, type Rig, SAM, signIn, socketUrl } from '../demo/server/rig.ts'
import { tally } from './tally.ts'

const DOORS = ['/api/socket', '/api/inbox/socket']
const SHOP = 'https://shop.example:8443'
/** Listed as browsers write them: small letters, other alphabets in ASCII, no port that goes without saying. */
const LISTED = [SHOP, 'https://plain.example', 'https://xn--bcher-kva.example']

let rig: Rig
let server: Server
let checks = 0

beforeAll(async () => {
  rig = await createRig()
  server = await rig.start({ allowedOrigins: LISTED })
}, 120_000)
afterAll(async () => {
  tally('origin', { checks })
  await rig.close()
})

describe('origin', () => {
  /** Whether a page of this origin is let in as a visitor, and as an agent. */
  const tries = (own: string, host: string): readonly [string | undefined, visitors: boolean, agents: boolean][] => [
    [own, true, true],
    [own.replace('http:', 'https:'), true, true],
    [SHOP, true, false],
    ['https://plain.example', true, false],
    ['https://xn--bcher-kva.example', true, false],
    [undefined, false, false],
    ['null', false, false],
    ['', false, false],
    ['*', false, false],
    ['https://shop.example', false, false],
    ['http://shop.example:8443', false, false],
    ['https://shop.example:8444', false, false],
    ['https://plain.example:443', false, false],
    ['https://plain.example:80', false, false],
    ['https://shop.example:8443.evil.example', false, false],
    ['https://plain.example.evil.example', false, false],
    ['https://evil.example?https://shop.example:8443', false, false],
    ['https://evil.example#https://plain.example', false, false],
    ['https://evil.example/https://plain.example', false, false],
    ['https://shop.example:8443@evil.example', false, false],
    ['https://evil.example@plain.example', false, false],
    ['https://a.shop.example:8443', false, false],
    ['https://*.plain.example', false, false],
    ['https://ashop.example:8443', false, false],
    ['https://evilplain.example', false, false],
    ['https://plain.exampl', false, false],
    ['https://shop.example.:8443', false, false],
    ['https://plain.example.', false, false],
    ['https://SHOP.example:8443', false, false],
    ['HTTPS://plain.example', false, false],
    ['https://ѕhop.example:8443', false, false],
    ['https://xn--hop-qdd.example:8443', false, false],
    ['https://bücher.example', false, false],
    ['https://plain%2eexample', false, false],
    ['https://plain\u3002example', false, false],
    ['https://plain.example\t', true, false],
    ['https://plain.example\u00a0', false, false],
    [`${SHOP}, ${own}`, false, false],
    [`${own} ${SHOP}`, false, false],
    [`${own}/`, false, false],
    [`${own}0`, false, false],
    [`http://${host.split(':')[0]}`, false, false],
    [`http://127.0.0.1:${host.split(':')[1]}`, false, false],
    [`http://[::1]:${host.split(':')[1]}`, false, false],
    [`ftp://${host}`, false, false],
    [`file://${host}`, false, false],
    [`chrome-extension://${host}`, false, false]
  ]

  it('lets in the own host and the list, exactly as they are written', async () => {
    const host = server.url.slice('http://'.length)
    for (const [origin, ...expected] of tries(server.url, host)) {
      for (const [i, path] of DOORS.entries()) {
        const { status } = await upgrade(server, path, origin)
        expect([origin, path, status]).toEqual([origin, path, expected[i] ? 101 : 403])
        checks++
      }
      // Without a socket: an empty hello is wrong, and a page that may not ask does not get to know that.
      const { status } = await post(server, '/api/link', origin)
      expect([origin, '/api/link', status]).toEqual([origin, '/api/link', expected[0] ? 400 : 403])
      checks++
    }
    expect((await upgrade(server, '/api/other', server.url)).status).toBe(404)
    // Another host in the request is another own host, and nothing that could break out of a header.
    expect((await upgrade(server, '/api/socket', 'http://evil.example\\', 'evil.example\\')).status).toBe(403)
    checks += 2
  })

  it.each([
    '*',
    'null',
    'https://*.shop.example',
    'https://SHOP.example',
    'https://shop.example:443',
    'https://bücher.example',
    'https://ada@shop.example',
    'https://shop.example/chat',
    '//shop.example',
    'javascript:alert(1)'
  ])('takes no list with %s in it', origin => {
    expect(() => readEnvironment({ ALLOWED_ORIGINS: `https://plain.example,${origin}` })).toThrow('ALLOWED_ORIGINS: ')
    checks++
  })

  it('lets only listed pages read whether somebody is home', async () => {
    const ask = (origin?: string) => get(server, '/api/availability', origin ? { origin } : {})
    const listed = await ask(SHOP)
    expect(listed.headers['access-control-allow-origin']).toBe(SHOP)
    expect(listed.headers.vary).toBe('origin')
    expect(listed.headers['cache-control']).toBe('public, max-age=10')
    expect(JSON.parse(listed.body)).toMatchObject({ open: false, people: [{ name: 'Sam' }, { name: 'Alex' }] })
    expect((await ask('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
    expect((await ask()).status).toBe(200)
    expect((await get(server, '/api/availability', { origin: SHOP }, 'OPTIONS')).status).toBe(204)
    expect((await get(server, '/api/availability', {}, 'DELETE')).status).toBe(405)
    checks += 5
  })

  it('takes no passwords from pages of others', async () => {
    const body = JSON.stringify({ email: SAM.email, password: SAM.password })
    const post = (origin: string) => get(server, '/api/inbox/sign-in', { origin }, 'POST', body)
    for (const origin of ['https://evil.example', 'null', SHOP]) expect((await post(origin)).status).toBe(403)
    expect((await post(server.url)).status).toBe(200)
    checks += 4
  })
})

describe('cookies', () => {
  it('are never set', async () => {
    const body = JSON.stringify({ email: SAM.email, password: SAM.password })
    const answers = [
      await get(server, '/api/inbox/sign-in', { origin: server.url }, 'POST', body),
      ...(await Promise.all(['/', '/inbox/', '/api/availability', '/strict-csp.html'].map(path => get(server, path))))
    ]
    expect(answers.filter(({ headers }) => headers['set-cookie'])).toEqual([])
    for (const path of DOORS) expect((await upgrade(server, path, server.url)).head).not.toMatch(/set-cookie/i)
    checks += answers.length + DOORS.length
  })

  it('open nothing', async () => {
    const token = await signIn(server)
    const cookie = `token=${token}; session=${token}; authorization=Bearer ${token}`
    expect((await get(server, '/api/inbox/sign-out', { cookie }, 'POST')).status).toBe(401)
    const line = await open<AgentServerFrame>(`${socketUrl(server)}/api/inbox/socket`, { origin: server.url, cookie })
    line.say({ t: 'hello', v: 1, token: '' })
    line.say({ t: 'history', q: 1, threadId: 'x', before: null, limit: 1 })
    await line.until(frame => frame.t === 'error' && frame.code === 'out-of-turn')
    expect(line.frames.map(frame => (frame.t === 'error' ? frame.code : frame.t))).toEqual(['invalid', 'out-of-turn'])
    checks += 3
  })
})

it('lets programs in without an origin only where that is switched on', async () => {
  server = await rig.start({ allowNoOrigin: true })
  expect((await upgrade(server, '/api/socket', undefined)).status).toBe(101)
  expect((await upgrade(server, '/api/socket', 'https://evil.example')).status).toBe(403)
  checks += 2
})
