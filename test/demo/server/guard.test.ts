import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import { LIMITS, type ServerFrame } from '../../../src/transport/frames.ts'
import { get } from './raw-http.ts'
import { createRig, open, type Rig, SAM, signIn, sitDown, socketUrl, visit } from './rig.ts'

let rig: Rig
let server: Server
let logged: string[]

beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  logged = []
  server = await rig.start({ log })
})

const note = (what: string, facts: object = {}) => void logged.push(`${what} ${JSON.stringify(facts)}`)
const log = { info: note, warn: note, error: note }

const stranger = () => open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url })
const HELLO = { t: 'hello', v: 1, device: createId(), term: 1, locale: '', zone: '' }

describe('frames of a visitor', () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

  const wrong: readonly (readonly [raw: string, code: string])[] = [
    ['', 'malformed'],
    ['nonsense', 'malformed'],
    ['null', 'malformed'],
    ['[]', 'malformed'],
    ['"hello"', 'malformed'],
    ['{}', 'malformed'],
    ['{"t":1}', 'malformed'],
    ['{"t":{"toString":"x"}}', 'malformed'],
    [deep, 'malformed'],
    ['{"t":"dance"}', 'unknown'],
    ['{"t":"__proto__"}', 'unknown'],
    ['{"t":"constructor"}', 'unknown'],
    ['{"t":"welcome"}', 'unknown'],
    ['{"t":"send"}', 'invalid'],
    ['{"t":"send","again":false,"command":null}', 'invalid'],
    ['{"t":"send","again":false,"command":{"type":"message"}}', 'invalid'],
    ['{"t":"send","again":false,"command":{"type":"void","id":"a b","n":1,"threadId":"x"}}', 'invalid'],
    ['{"t":"send","again":false,"command":{"type":"void","id":"a\\u0000","n":1,"threadId":"x"}}', 'invalid'],
    ['{"t":"send","again":false,"command":{"type":"void","id":"a","n":9007199254740993,"threadId":"x"}}', 'invalid'],
    ['{"t":"history","q":1,"threadId":"x","before":null,"limit":101}', 'invalid'],
    ['{"t":"history","q":1,"threadId":"x\\u0000","before":null,"limit":10}', 'not-found'],
    ['{"t":"hint","hint":{"type":"typing","threadId":["x"],"active":true}}', 'invalid'],
    ['{"t":"hello","v":1,"device":"0123456789abcdef","term":1,"locale":"","zone":""}', 'out-of-turn']
  ]

  it.each(wrong.map(([raw, code]) => ({ raw, code, title: raw.slice(0, 90) })))(
    'answers $code to $title, and stays',
    async ({ raw, code }) => {
      const visitor = await visit(server)
      visitor.socket.send(raw)
      const error = await visitor.until(({ t }) => t === 'error')
      expect(error).toMatchObject({ code })
      expect((error as { message: string }).message.length).toBeGreaterThan(10)
      expect(await visitor.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
      expect(logged.filter(line => line.startsWith('socket: frame refused'))).toHaveLength(1)
    }
  )

  it.each([65_536, 65_537])('takes frames of 64 KiB and no larger: %i', async size => {
    const visitor = await visit(server)
    const frame = { t: 'ping', pad: '' }
    visitor.socket.send(JSON.stringify({ ...frame, pad: 'x'.repeat(size - JSON.stringify(frame).length) }))
    const answer = await visitor.until(({ t }) => t === 'pong' || t === 'error')
    expect(answer).toMatchObject(size > 65_536 ? { t: 'error', code: 'too-large' } : { t: 'pong' })
    expect(await visitor.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
  })

  it('answers a command that is too large, so that its lane goes on', async () => {
    const visitor = await visit(server)
    const thread = createId()
    const files = Array.from({ length: 20 }, (_, i) => {
      const name = '灯'.repeat(200)
      return { id: `file ${i}`, name, mime: 'image/png', size: 1, url: `files/x/${encodeURIComponent(name)}` }
    })
    const long = {
      id: createId(),
      n: 1,
      type: 'message',
      threadId: thread,
      text: '灯'.repeat(8000),
      attachments: files
    }
    for (let round = 0; round < 2; round++) {
      expect(await visitor.offer(long as never)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'invalid' })
    }
    const next = {
      id: createId(),
      n: 2,
      type: 'message',
      threadId: thread,
      text: 'and this?',
      attachments: []
    } as const
    expect(await visitor.offer(next)).toMatchObject({ t: 'ack', position: 1 })
    visitor.socket.send(`{"t":"send","command":{"id":"x","n":1,"pad":"${'x'.repeat(65_536)}"`)
    expect(await visitor.until(({ t }) => t === 'error')).toMatchObject({ code: 'too-large' })
  })

  it('throws out who sends what is too large again and again, though each of them is answered', async () => {
    const visitor = await visit(server)
    for (let n = 1; n <= 40; n++) {
      const command = { id: createId(), n, type: 'message', threadId: 't', pad: 'x'.repeat(70_000) }
      visitor.say({ t: 'send', again: false, command } as never)
    }
    await visitor.until(({ t }) => t === 'bye')
    expect(visitor.frames.find(({ t }) => t === 'bye')).toMatchObject({ code: 'protocol' })
    expect(visitor.frames.filter(({ t }) => t === 'nack')).toHaveLength(11)
  })

  it('closes on what is too large to be taken in at all', async () => {
    const visitor = await visit(server)
    visitor.socket.send('x'.repeat(1_100_000))
    expect(await visitor.closed).toBe(1009)
    await visit(server)
  })

  it('refuses bytes', async () => {
    const visitor = await visit(server)
    visitor.socket.send(Buffer.from('{"t":"ping"}'))
    expect(await visitor.until(({ t }) => t === 'error')).toMatchObject({ code: 'malformed' })
  })

  it.each([
    '{"type":"__proto__","id":"a","n":1}',
    '{"type":"void","id":"a","n":1,"threadId":"order 42"}',
    '{"type":"void","id":"a","n":1,"threadId":"größer"}',
    '{"type":"void","id":"a","n":1,"threadId":"\\ud800"}',
    `{"type":"void","id":"a","n":1,"threadId":"${'x'.repeat(65)}"}`,
    `{"type":"message","id":"a","n":1,"threadId":${deep}}`
  ])('refuses a command for a thread that cannot be, so that whoever sent it goes on: %.70s', async command => {
    const visitor = await visit(server)
    visitor.socket.send(`{"t":"send","again":false,"command":${command}}`)
    const answer = await visitor.until(({ t }) => t === 'nack')
    expect(answer).toMatchObject({ id: 'a', code: 'rejected', reason: 'invalid', retryAfter: null })
    expect(visitor.frames.some(({ t }) => t === 'error')).toBe(false)
    expect(await visitor.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
  })

  it('remembers a command that names what cannot be, so that its lane goes on', async () => {
    const visitor = await visit(server)
    const thread = createId()
    const files = [{ id: 'no id', name: 'a', mime: 'image/png', size: 1, url: 'a' }]
    const wrong = { id: createId(), n: 1, type: 'message', threadId: thread, text: '', attachments: files } as const
    for (let round = 0; round < 2; round++) {
      expect(await visitor.offer(wrong)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'invalid' })
    }
    const right = { id: createId(), n: 2, type: 'message', threadId: thread, text: 'well', attachments: [] } as const
    expect(await visitor.offer(right)).toMatchObject({ t: 'ack', position: 1 })
  })

  it('remembers a command that is wrong, so that its lane goes on', async () => {
    const visitor = await visit(server)
    const thread = createId()
    const wrong = { id: createId(), n: 1, type: 'message', threadId: thread, text: 7, attachments: [] }
    const long = { id: createId(), n: 2, type: 'message', threadId: thread, text: 'x'.repeat(8001), attachments: [] }
    const odd = { id: createId(), n: 3, type: 'zero \0 and half \ud800', threadId: thread }
    for (let round = 0; round < 2; round++) {
      expect(await visitor.offer(wrong as never)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'invalid' })
      expect(await visitor.offer(long as never)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'too-long' })
      expect(await visitor.offer(odd as never)).toMatchObject({ t: 'nack', code: 'rejected', reason: 'invalid' })
    }
    const right = { id: createId(), n: 4, type: 'message', threadId: thread, text: 'well', attachments: [] } as const
    expect(await visitor.offer(right)).toMatchObject({ t: 'ack', position: 1 })
  })

  it.each([
    { t: 'send', again: false, command: { id: 'a', n: 1, type: 'void', threadId: 'x' } },
    { t: 'hint', hint: { type: 'visit', url: '', title: '' } },
    { t: 'history', q: 1, threadId: 'x', before: null, limit: 1 }
  ])('wants hello before $t', async frame => {
    const line = await stranger()
    line.say(frame)
    expect(await line.until(({ t }) => t === 'error')).toMatchObject({ code: 'out-of-turn' })
    line.say(HELLO)
    await line.until(({ t }) => t === 'welcome')
  })

  it('has no patience without end: ten wrong frames a minute, then goodbye', async () => {
    const visitor = await visit(server)
    for (let i = 0; i < 15; i++) visitor.socket.send('nonsense')
    expect(await visitor.closed).toBe(1008)
    expect(visitor.frames.filter(({ t }) => t === 'error')).toHaveLength(10)
    expect(visitor.frames.at(-1)).toMatchObject({ t: 'bye', code: 'protocol' })
  })

  it('closes a flood, and serves the others meanwhile', async () => {
    const [flooder, honest] = [await visit(server), await visit(server)]
    for (let i = 0; i < 2000; i++) flooder.say({ t: 'ping' })
    expect(await honest.message(createId(), 'hello')).toMatchObject({ t: 'ack' })
    expect(await flooder.closed).toBe(1008)
    expect(flooder.frames.find(({ t }) => t === 'error')).toMatchObject({ code: 'too-fast' })
    expect(flooder.frames.filter(({ t }) => t === 'pong').length).toBeLessThan(260)
  })
})

describe('commands of an agent', () => {
  const files = Array.from({ length: LIMITS.files + 1 }, () => createId())

  it.each([
    ['more files than one reply may carry', { type: 'reply', threadId: createId(), text: 'look', files }],
    ['a thread with an odd name', { type: 'end', threadId: 'a b' }],
    ['a kind that is not known', { type: 'dance' }]
  ])('are refused by their id where their form is wrong, so that nobody waits for an answer: %s', async (_, wrong) => {
    const agent = await sitDown(server)
    const id = createId()
    const answer = await agent.act({ ...wrong, id } as never)
    expect(answer).toMatchObject({ t: 'nack', id, code: 'rejected', reason: 'invalid' })
    expect((answer as { message: string }).message).toContain('command')
  })

  it.each([{}, { id: 'a b' }, { id: 7 }])('are no more than a wrong frame without an id: %j', async ids => {
    const agent = await sitDown(server)
    agent.say({ t: 'do', command: { type: 'end', threadId: 'x', ...ids } })
    expect(await agent.until(({ t }) => t === 'error')).toMatchObject({ code: 'invalid' })
  })
})

describe('sign-in', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    get(server, '/api/inbox/sign-in', headers, 'POST', body)
  const attempt = (password: string, email = SAM.email) => post(JSON.stringify({ email, password }))

  it('gives a token that opens the inbox, until signed out', async () => {
    const answer = await attempt(SAM.password, ' SAM@example.com ')
    expect(answer.status).toBe(200)
    const { token, agent } = JSON.parse(answer.body) as { token: string; agent: object }
    expect(agent).toEqual({ id: expect.any(String), name: 'Sam', email: SAM.email, picture: '', presence: 'online' })
    expect(answer.headers['cache-control']).toBe('no-store')
    const agentLine = await sitDown(server)
    const stored = await rig.store.query<{ hash: string }>('SELECT hash FROM agent_tokens')
    expect(stored.some(({ hash }) => hash === token)).toBe(false)
    const out = (token: string) => get(server, '/api/inbox/sign-out', { authorization: `Bearer ${token}` }, 'POST')
    expect((await out(agentLine.token)).status).toBe(204)
    expect(await agentLine.closed).toBe(4401)
    expect(agentLine.frames.at(-1)).toMatchObject({ t: 'bye', code: 'unauthorized' })
    const line = await open<ServerFrame>(`${socketUrl(server)}/api/inbox/socket`, { origin: server.url })
    line.say({ t: 'hello', v: 1, token: agentLine.token })
    expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    expect((await get(server, '/api/inbox/sign-out', {}, 'POST')).status).toBe(401)
  })

  it('does not tell which of the two was wrong, and stops guessing', async () => {
    const [wrong, unknown] = [await attempt('guess'), await attempt('guess', 'nobody@example.com')]
    expect(wrong.status).toBe(401)
    expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body])
    for (let i = 0; i < 4; i++) await attempt('guess')
    const held = await attempt(SAM.password)
    expect(held.status).toBe(429)
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(50)
    expect(JSON.parse(held.body)).toMatchObject({ error: { code: 'too-many' } })
    expect((await attempt('candle', 'alex@example.com')).status).toBe(200)
  })

  const bodies = [
    '',
    '[]',
    'nonsense',
    '{"email":"a"}',
    '{"email":1,"password":"x"}',
    '{"email":"\\u0000","password":"x"}'
  ]
  const long = `{"email":"a","password":"${'x'.repeat(20_000)}"}`
  it.each([...bodies, long].map(body => ({ body, title: body.slice(0, 40) })))(
    'wants e-mail and password, not $title',
    async ({ body }) => {
      const answer = await post(body)
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'invalid' } })
    }
  )

  it('does not take passwords from pages of others', async () => {
    const body = JSON.stringify({ email: SAM.email, password: SAM.password })
    expect((await post(body, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(body, { origin: server.url })).status).toBe(200)
  })

  it('ends with its token', async () => {
    server = await rig.start({ log }, { agentToken: 300 })
    const agent = await sitDown(server)
    expect(await agent.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    await expect(signIn(server)).resolves.toBeTruthy()
  })

  it('is forgotten when the password changes', async () => {
    const kim = { name: 'Kim', email: 'kim@example.com', password: 'one' }
    server = await rig.start({ log, agents: [kim] })
    const agent = await sitDown(server, kim)
    server = await rig.start({ log, agents: [{ ...kim, password: 'another' }] })
    const line = await open<ServerFrame>(`${socketUrl(server)}/api/inbox/socket`, { origin: server.url })
    line.say({ t: 'hello', v: 1, token: agent.token })
    expect(await line.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    await expect(signIn(server, kim)).rejects.toThrow('401')
    await rig.store.query('DELETE FROM agent_tokens')
    await rig.store.query('DELETE FROM agents WHERE email = $1', [kim.email])
  })
})

describe('pages', () => {
  let root: string

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'porchlight-pages-'))
    for (const folder of ['shop/lamps', 'cdn/1a2b3c4d', 'inbox/assets'])
      mkdirSync(join(root, folder), { recursive: true })
    const files = {
      'secret.txt': 'SECRET',
      'shop/index.html': 'the shop',
      'shop/strict-csp.html': '<script nonce="{{nonce}}"></script><style nonce="{{nonce}}"></style>',
      'shop/headless.html': 'source',
      'shop/gallery.html': 'source',
      'shop/lamps/a.svg': '<svg/>',
      'shop/lamps/porch-lanterns.svg': '<svg/>',
      'shop/.hidden.txt': 'SECRET',
      'shop/headless.ts': 'SECRET',
      'cdn/loader.js': 'loader',
      'cdn/1a2b3c4d/panel.js': 'panel',
      'inbox/index.html': 'the inbox',
      'inbox/assets/index-Ab3_x9Qz.css': 'css'
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
    symlinkSync(join(root, 'secret.txt'), join(root, 'shop/link.txt'))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  beforeEach(async () => {
    const folders = {
      shop: join(root, 'shop'),
      cdn: join(root, 'cdn'),
      inbox: join(root, 'inbox'),
      built: join(root, 'built')
    }
    server = await rig.start({ log, folders })
  })

  it('serves the shop, the widget and the inbox, each as it needs', async () => {
    const shop = await get(server, '/')
    expect([shop.status, shop.body, shop.headers['content-type']]).toEqual([
      200,
      'the shop',
      'text/html; charset=utf-8'
    ])
    expect(shop.headers['x-content-type-options']).toBe('nosniff')
    expect((await get(server, '/lamps/a.svg?v=1')).headers['content-type']).toBe('image/svg+xml')
    expect((await get(server, '/lamps/porch-lanterns.svg')).headers['cache-control']).toBe('no-cache')
    expect((await get(server, '/', { 'if-none-match': shop.headers.etag as string })).status).toBe(304)
    const loader = await get(server, '/porchlight/loader.js', { origin: 'https://anywhere.example' })
    expect(loader.headers['access-control-allow-origin']).toBe('*')
    expect(loader.headers['cache-control']).toBe('no-cache')
    const panel = await get(server, '/porchlight/1a2b3c4d/panel.js')
    expect(panel.headers['cache-control']).toContain('immutable')
    expect((await get(server, '/inbox')).headers.location).toBe('/inbox/')
    const inbox = await get(server, '/inbox/')
    expect(inbox.body).toBe('the inbox')
    expect(inbox.headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'")
    expect(inbox.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(inbox.headers['referrer-policy']).toBe('no-referrer')
    expect((await get(server, '/inbox/nothing')).status).toBe(404)
    for (const page of ['headless', 'gallery']) expect((await get(server, `/${page}.html`)).status).toBe(404)
    const head = await get(server, '/', {}, 'HEAD')
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '8'])
    expect((await get(server, '/', {}, 'POST')).status).toBe(405)
  })

  it('gives the strict page a nonce of its own each time', async () => {
    const [one, two] = [await get(server, '/strict-csp.html'), await get(server, '/strict-csp.html')]
    const nonce = /nonce="([^"]+)"/.exec(one.body)![1]!
    expect(one.body).toBe(`<script nonce="${nonce}"></script><style nonce="${nonce}"></style>`)
    expect(two.body).not.toContain(nonce)
    const host = server.url.slice('http://'.length)
    expect(one.headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self' ws://${host} wss://${host}; img-src 'self' data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action 'none'`
    )
    expect((await get(server, '/strict-csp.html', { host: "x; script-src 'unsafe-inline'" })).status).not.toBe(200)
  })

  it('gives nothing from outside its folders, however it is asked', async () => {
    const ups = [
      '..',
      '%2e%2e',
      '.%2e',
      '%2e.',
      '%252e%252e',
      '..%2f..',
      '..%5c..',
      '..\\..',
      '%c0%ae%c0%ae',
      '....',
      '..;',
      '%00..',
      '..%00'
    ]
    const seps = ['/', '%2f', '%5c', '\\', '//', '%252f', '/./']
    const roots = ['/', '/porchlight/', '/inbox/', '/lamps/', '/inbox/assets/']
    const asked: string[] = [
      '/link.txt',
      '/.hidden.txt',
      '/headless.ts',
      '/lamps',
      '/%',
      '/%zz',
      '//secret.txt',
      '/C:/secret.txt',
      '/secret.txt%00.html'
    ]
    for (const base of roots) {
      for (const up of ups) {
        for (const sep of seps) for (const deep of [1, 3]) asked.push(`${base}${`${up}${sep}`.repeat(deep)}secret.txt`)
      }
    }
    for (const path of asked) {
      const { status, body } = await get(server, path)
      expect([path, status < 500 && status !== 200, body.includes('SECRET')]).toEqual([path, true, false])
    }
  }, 30_000)
})
