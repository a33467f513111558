import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign as signBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../demo/server/environment.ts'
import { createVerifier } from '../../demo/server/identity/tokens.ts'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import { createRig, type Rig, visit } from '../demo/server/rig.ts'
import { SECRET, second } from '../support/visitor-tokens.ts'
import { tally } from './tally.ts'

const OLD_SECRET = 'the secret that is being replaced just now'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (key: KeyObject) => key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }) as string

// Tokens are made by hand, as nobody's library would make them.
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const claims = (more: object = {}) => ({ sub: 'ada', exp: second(600), aud: 'shop', iss: 'shop-server', ...more })
const without = (name: string) => Object.fromEntries(Object.entries(claims()).filter(([claim]) => claim !== name))

type Signer = (input: string) => Buffer
const hmac =
  (secret: string | Buffer, hash = 'sha256'): Signer =>
  input =>
    createHmac(hash, secret).update(input).digest()
const withKey =
  (key: KeyObject): Signer =>
  input =>
    signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
const nothing: Signer = () => Buffer.alloc(0)

function make(header: object | string, body: object | string, sign: Signer): string {
  const input = `${encode(header)}.${encode(body)}`
  return `${input}.${sign(input).toString('base64url')}`
}
const good = (body: object | string = claims(), header: object = {}) =>
  make({ alg: 'HS256', typ: 'JWT', ...header }, body, hmac(SECRET))
const tampered = (token: string, part: number, change: (text: string) => string) =>
  token
    .split('.')
    .map((text, i) => (i === part ? change(text) : text))
    .join('.')
const jwk = () => stranger.publicKey.export({ format: 'jwk' })

/** What a site's server may send or an attacker may try, and how its `hello` is answered. */
const CASES: readonly (readonly [name: string, token: () => string, answer: string])[] = [
  // The good ones
  ['signed as it should be', () => good(), 'welcome'],
  [
    'signed with the secret that is being replaced',
    () => make({ alg: 'HS256' }, claims(), hmac(OLD_SECRET)),
    'welcome'
  ],
  ['signed with the private key, RS256', () => make({ alg: 'RS256' }, claims(), withKey(rsa.privateKey)), 'welcome'],
  ['with the audience in a list', () => good(claims({ aud: ['other', 'shop'] })), 'welcome'],
  ['with a name and an e-mail address', () => good(claims({ name: 'Ada', email: 'ada@example.com' })), 'welcome'],
  ['with a name that is null', () => good(claims({ name: null })), 'welcome'],
  ['issued in 50 seconds by another clock', () => good(claims({ iat: second(50) })), 'welcome'],
  ['good in 50 seconds by another clock', () => good(claims({ nbf: second(50) })), 'welcome'],
  ['good for 24 hours', () => good(claims({ exp: second(86_400) })), 'welcome'],
  ['with a subject of 200 characters', () => good(claims({ sub: 'x'.repeat(200) })), 'welcome'],
  [
    'with a key id that is a path, which nobody follows',
    () => good(claims(), { kid: '../../../../dev/null' }),
    'welcome'
  ],
  ['with a key id that is a statement', () => good(claims(), { kid: "x' UNION SELECT 'key'; --" }), 'welcome'],
  [
    'with a claim twice: the last one counts',
    () => good(JSON.stringify(claims()).replace('{', '{"sub":"eve",')),
    'welcome'
  ],
  // Algorithms
  ['alg none', () => make({ alg: 'none' }, claims(), nothing), 'unauthorized'],
  ['alg None', () => make({ alg: 'None' }, claims(), nothing), 'unauthorized'],
  ['alg nOnE', () => make({ alg: 'nOnE' }, claims(), nothing), 'unauthorized'],
  ['alg none, signed all the same', () => make({ alg: 'none' }, claims(), hmac(SECRET)), 'unauthorized'],
  ['no alg', () => make({}, claims(), hmac(SECRET)), 'unauthorized'],
  ['alg that is a list', () => make({ alg: ['HS256'] }, claims(), hmac(SECRET)), 'unauthorized'],
  ['alg in small letters', () => make({ alg: 'hs256' }, claims(), hmac(SECRET)), 'unauthorized'],
  ['alg HS512, with the secret', () => make({ alg: 'HS512' }, claims(), hmac(SECRET, 'sha512')), 'unauthorized'],
  [
    'HS256 with the public key for a secret',
    () => make({ alg: 'HS256' }, claims(), hmac(pem(rsa.publicKey))),
    'unauthorized'
  ],
  ['RS256 that is signed with the secret', () => make({ alg: 'RS256' }, claims(), hmac(SECRET)), 'unauthorized'],
  ['ES256 where the key is RSA', () => make({ alg: 'ES256' }, claims(), withKey(ec.privateKey)), 'unauthorized'],
  // Signatures
  ['another secret', () => make({ alg: 'HS256' }, claims(), hmac('x'.repeat(32))), 'unauthorized'],
  ['an empty secret', () => make({ alg: 'HS256' }, claims(), hmac('')), 'unauthorized'],
  ['another key', () => make({ alg: 'RS256' }, claims(), withKey(stranger.privateKey)), 'unauthorized'],
  ['no signature', () => good().replace(/[^.]*$/, ''), 'unauthorized'],
  ['a signature of zeros', () => make({ alg: 'HS256' }, claims(), () => Buffer.alloc(32)), 'unauthorized'],
  ['half a signature', () => good().slice(0, -20), 'unauthorized'],
  [
    'another subject under the same signature',
    () => tampered(good(), 1, () => encode(claims({ sub: 'bob' }))),
    'unauthorized'
  ],
  [
    'another header over the same signature',
    () => tampered(good(), 0, () => encode({ alg: 'HS256', typ: 'jwt' })),
    'unauthorized'
  ],
  // Keys that come along
  [
    'its own key, embedded',
    () => make({ alg: 'RS256', jwk: jwk() }, claims(), withKey(stranger.privateKey)),
    'unauthorized'
  ],
  ['an embedded key beside a right signature', () => good(claims(), { jwk: jwk() }), 'unauthorized'],
  ['an address to fetch keys from', () => good(claims(), { jku: 'https://evil.example/keys' }), 'unauthorized'],
  [
    'an address to fetch a certificate from',
    () => good(claims(), { x5u: 'https://evil.example/cert' }),
    'unauthorized'
  ],
  ['a certificate, embedded', () => good(claims(), { x5c: ['MIIB'] }), 'unauthorized'],
  ['extensions that must be understood', () => good(claims(), { crit: ['exp'] }), 'unauthorized'],
  // Times
  ['no end', () => good(without('exp')), 'unauthorized'],
  ['ended a second ago', () => good(claims({ exp: second(-1) })), 'unauthorized'],
  ['ends in a year', () => good(claims({ exp: second(365 * 86_400) })), 'unauthorized'],
  ['ends in 24 hours and two minutes', () => good(claims({ exp: second(86_520) })), 'unauthorized'],
  ['an end that is text', () => good(claims({ exp: '9999999999' })), 'unauthorized'],
  [
    'an end beyond all numbers',
    () => good(JSON.stringify(claims()).replace(/"exp":[\d.]+/, '"exp":1e999')),
    'unauthorized'
  ],
  ['good in two minutes', () => good(claims({ nbf: second(120) })), 'unauthorized'],
  ['issued in two minutes', () => good(claims({ iat: second(120) })), 'unauthorized'],
  ['issued at a word', () => good(claims({ iat: 'now' })), 'unauthorized'],
  // Whom it is for, and from whom
  ['no audience', () => good(without('aud')), 'unauthorized'],
  ['another audience', () => good(claims({ aud: 'other' })), 'unauthorized'],
  ['an audience that begins like ours', () => good(claims({ aud: 'shop.evil' })), 'unauthorized'],
  ['another issuer', () => good(claims({ iss: 'other-server' })), 'unauthorized'],
  // Who
  ['no subject', () => good(without('sub')), 'unauthorized'],
  ['an empty subject', () => good(claims({ sub: '' })), 'unauthorized'],
  ['a subject that is a number', () => good(claims({ sub: 7 })), 'unauthorized'],
  ['a subject that is a list', () => good(claims({ sub: ['ada'] })), 'unauthorized'],
  ['a subject of 201 characters', () => good(claims({ sub: 'x'.repeat(201) })), 'unauthorized'],
  ['a subject that a database cuts off', () => good(claims({ sub: 'ada\0' })), 'unauthorized'],
  [
    'a subject with half a character',
    () => good(JSON.stringify(claims()).replace('"ada"', '"ada\\ud800"')),
    'unauthorized'
  ],
  ['a name that is an object', () => good(claims({ name: { toString: 'x' } })), 'unauthorized'],
  ['a token id that is a number', () => good(claims({ jti: 7 })), 'unauthorized'],
  // Forms
  ['claims that are a list', () => good('[]'), 'unauthorized'],
  ['claims that are no JSON', () => good('nonsense'), 'unauthorized'],
  ['a header that is no JSON', () => make('nonsense', claims(), hmac(SECRET)), 'unauthorized'],
  ['two parts', () => good().split('.').slice(0, 2).join('.'), 'unauthorized'],
  ['five parts, as if encrypted', () => `${good()}.a.b`, 'unauthorized'],
  ['a word', () => 'nonsense', 'unauthorized'],
  ['8 KiB of it', () => good(claims({ more: 'x'.repeat(5_800) })), 'welcome'],
  ['more than 8 KiB of it', () => good(claims({ more: 'x'.repeat(6_400) })), 'unauthorized']
]

const ours = createVerifier({
  secrets: [SECRET, OLD_SECRET],
  publicKey: pem(rsa.publicKey),
  audience: 'shop',
  issuer: 'shop-server'
})

let rig: Rig
let server: Server
let checks = 0

beforeAll(async () => {
  rig = await createRig()
  server = await rig.start({ verifier: ours })
}, 120_000)
afterAll(async () => {
  tally('tokens', { checks })
  await rig.close()
})

/** How a `hello` with this token is answered, on a device of its own. */
async function ask(token: string, device = createId()): Promise<string> {
  const line = await visit(server, { token, device, bare: true })
  const answer = await line.until(({ t }) => t !== 'events')
  line.close()
  checks++
  return answer.t === 'bye' || answer.t === 'error' ? answer.code : answer.t
}

describe('tokens', () => {
  it.each(CASES)('%s', async (_, token, answer) => {
    expect(await ask(token())).toBe(answer)
  })

  it('are over in the second they say', async () => {
    expect(await ours.verify(good(claims({ exp: second(-0.01) })))).toEqual({ problem: 'token: has expired' })
    expect(await ours.verify(good(claims({ exp: second(2) })))).toMatchObject({ subject: 'ada' })
    checks += 2
  })

  it('makes nobody alike whom the site tells apart', async () => {
    const subjects = ['ada', 'Ada', 'ada ', ' ada', 'a\u0301da', '\u00e1da', 'аda', 'ada\u200b', '\uff41da']
    const device = createId()
    expect(await ask(good(claims({ sub: 'ada' })), device)).toBe('welcome')
    for (const sub of subjects.slice(1))
      expect([sub, await ask(good(claims({ sub })), device)]).toEqual([sub, 'forbidden'])
    for (const sub of subjects) await ask(good(claims({ sub })))
    const rows = await rig.store.query<{ subject: string }>(
      'SELECT subject FROM verified WHERE subject = ANY($1::text[])',
      [subjects]
    )
    expect(rows.map(({ subject }) => subject).sort()).toEqual([...subjects].sort())
  })

  it('takes a claim that is there twice as it is there last', async () => {
    const token = good(JSON.stringify(claims({ sub: 'ada' })).replace('{', '{"sub":"eve",'))
    const device = createId()
    expect(await ask(token, device)).toBe('welcome')
    expect(await ask(good(claims({ sub: 'eve' })), device)).toBe('forbidden')
    expect(await ask(good(), device)).toBe('welcome')
  })

  it('takes none again that was signed out', async () => {
    const token = good(claims({ jti: randomUUID() }))
    const visitor = await visit(server, { token })
    visitor.say({ t: 'forget' })
    await visitor.closed
    expect(await ask(token)).toBe('unauthorized')
    expect(await ask(good(claims({ jti: randomUUID() })))).toBe('welcome')
  })

  it('ends a connection with its token', async () => {
    const visitor = await visit(server, { token: good(claims({ exp: second(1) })) })
    expect(await visitor.until(({ t }) => t === 'bye')).toMatchObject({ code: 'unauthorized' })
    expect(await visitor.closed).toBe(4401)
    checks++
  })

  it('repeats nothing of a token in what it says', async () => {
    const mark = 'canary'
    const bad = [
      make({ alg: mark }, claims(), hmac(SECRET)),
      good(claims({ aud: mark })),
      good(claims({ iss: mark })),
      good(claims({ exp: mark })),
      good(claims(), { crit: [mark], [mark]: 1 }),
      good(claims({ sub: { [mark]: mark } })),
      `${mark}.${mark}.${mark}`
    ]
    for (const token of bad) {
      const line = await visit(server, { token, bare: true })
      await line.closed
      expect(JSON.stringify(line.frames)).not.toContain(mark)
      checks++
    }
  })
})

describe('keys at the start', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const key = (pair: { publicKey: KeyObject }) => ({ VISITOR_PUBLIC_KEY: pem(pair.publicKey) })
  const RIGHT = 'expected the PEM of a public key, RSA of at least 2048 bits or P-256'

  it.each([
    [{ VISITOR_SECRET: 'x'.repeat(31) }, 'VISITOR_SECRET: expected at least 32 bytes, got 31'],
    [{ VISITOR_SECRET: `${SECRET},short` }, 'VISITOR_SECRET: expected at least 32 bytes, got 5'],
    [{ VISITOR_PUBLIC_KEY: 'nonsense' }, RIGHT],
    [{ VISITOR_PUBLIC_KEY: pem(rsa.privateKey) }, 'got a private key'],
    [key(small), `${RIGHT}, got rsa 1024`],
    [key(p384), `${RIGHT}, got ec secp384r1`],
    [{ VISITOR_AUDIENCE: 'shop' }, 'VISITOR_AUDIENCE: expected VISITOR_SECRET or VISITOR_PUBLIC_KEY beside it'],
    [{ VISITOR_ISSUER: 'shop' }, 'VISITOR_ISSUER: expected VISITOR_SECRET or VISITOR_PUBLIC_KEY beside it']
  ])('refuses %o', (env, words) => {
    expect(() => readEnvironment(env)).toThrow(words)
    checks++
  })

  it('takes secrets of 32 bytes, however many characters that is, and a key in one line', async () => {
    const secret = 'é'.repeat(16)
    const { verifier } = readEnvironment({
      VISITOR_SECRET: `${OLD_SECRET}, ${secret}`,
      VISITOR_PUBLIC_KEY: pem(ec.publicKey).replaceAll('\n', '\\n')
    }).options
    const proofs = [
      make({ alg: 'HS256' }, claims(), hmac(secret)),
      make({ alg: 'HS256' }, claims(), hmac(OLD_SECRET)),
      make({ alg: 'ES256' }, claims(), withKey(ec.privateKey))
    ]
    for (const proof of proofs) expect(await verifier!.verify(proof)).toMatchObject({ subject: 'ada' })
    expect(readEnvironment({}).options.verifier).toBeUndefined()
    checks += 4
  })
})
