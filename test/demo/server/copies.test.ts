import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../demo/server/environment.ts'
import type { Log } from '../../../demo/server/log.ts'
import { composeCopy } from '../../../demo/server/mail/compose.ts'
import { readSender } from '../../../demo/server/mail/mailer.ts'
import type { Server } from '../../../demo/server/server.ts'
import { createId } from '../../../src/model/id.ts'
import type { Attachment, Message } from '../../../src/model/message.ts'
import { openPostOffice, type PostOffice } from '../../support/post-office.ts'
import { SECRET, signFor } from '../../support/visitor-tokens.ts'
import { PNG, upload } from './files.ts'
import { createRig, type Rig, sitDown, type TestVisitor, visit } from './rig.ts'

let rig: Rig
let server: Server
let post: PostOffice
const said: string[] = []

const write = (what: string, facts = {}) => void said.push(`${what} ${JSON.stringify(facts)}`)
const log: Log = { info: write, warn: write, error: write }
const from = { name: 'Fernhill "Lamps"', address: 'chat@fernhill.example' }

beforeAll(async () => {
  rig = await createRig()
})
afterAll(() => rig.close())
beforeEach(async () => {
  await rig.wipe()
  said.length = 0
  post = await openPostOffice()
  server = await start()
})
afterEach(() => post.close())

const start = (options: Parameters<Rig['start']>[0] = {}, limits: Parameters<Rig['start']>[1] = {}) =>
  rig.start({ mail: { url: post.url, from }, log, ...options }, limits)

const deskOf = ({ frames }: TestVisitor) => frames.find(frame => frame.t === 'welcome')?.capabilities.mail

interface Wanted {
  readonly to: unknown
  readonly threadId: unknown
  readonly ticket?: unknown
  readonly origin?: string
}

/** Some systems look up `localhost` as an address that nobody listens on. */
const here = () => server.url.replace('localhost', '127.0.0.1')

/** Asks as the widget does. */
async function ask(visitor: TestVisitor, { origin = here(), ...wanted }: Wanted) {
  const response = await fetch(`${here()}/api/copies`, {
    method: 'POST',
    body: JSON.stringify({ ticket: deskOf(visitor)!.ticket, ...wanted }),
    headers: { origin }
  })
  const body = (await response.json()) as { readonly reason?: string; readonly retryAfter?: number }
  return { status: response.status, reason: body.reason, retryAfter: body.retryAfter }
}

const SENT = { status: 200, reason: undefined, retryAfter: undefined }

async function talked(text = 'Which bulb do I need?') {
  const visitor = await visit(server)
  const threadId = createId()
  await visitor.message(threadId, text)
  return { visitor, threadId }
}

describe('a copy by e-mail', () => {
  it('has what both sides said, and the files, for every mail program', async () => {
    const { visitor, threadId } = await talked()
    const agent = await sitDown(server)
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'porch.png' })
    await visitor.send({ type: 'message', threadId, text: 'Look', attachments: [body as Attachment] })
    await agent.act({ id: createId(), type: 'reply', threadId, text: 'An E27,\n5 watts.' })
    expect(await ask(visitor, { threadId, to: ' ada@example.com ' })).toEqual(SENT)

    expect(post.mails).toHaveLength(1)
    const { recipients, mail } = post.mails[0]!
    expect(recipients).toEqual(['ada@example.com'])
    expect(mail.to).toEqual([{ name: '', address: 'ada@example.com' }])
    expect(mail.from).toEqual(from)
    expect(mail.subject).toBe('Your conversation with Fernhill "Lamps"')
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain('Which bulb do I need?')
      expect(part).toContain('Sam')
      expect(part).toContain('[porch.png]')
      expect(part).toContain('If it was not you who asked for it')
    }
    expect(mail.text).toContain('An E27,\n5 watts.')
    expect(mail.html).toContain('An E27,<br>5 watts.')
    expect(mail.attachments).toMatchObject([{ filename: 'porch.png', mimeType: 'image/png' }])
    expect(Buffer.from(mail.attachments[0]!.content as ArrayBuffer)).toEqual(PNG)
  })

  it('can be of all conversations, and only says of a file what there is no room for', async () => {
    server = await start({}, { copiedFiles: 10 })
    const { visitor } = await talked('In the first one')
    const threadId = createId()
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'porch.png' })
    await visitor.send({ type: 'message', threadId, text: 'In the second one', attachments: [body as Attachment] })
    expect(await ask(visitor, { threadId: null, to: 'ada@example.com' })).toEqual(SENT)
    const { text, attachments } = post.mails[0]!.mail
    expect(text).toContain('In the first one')
    expect(text).toContain('In the second one\n[porch.png (too large to be sent by e-mail)]')
    expect(attachments).toEqual([])
  })

  it('has the newest of what is too long, and says so', async () => {
    server = await start({}, { copiedMessages: 2 })
    const { visitor, threadId } = await talked('the oldest')
    await visitor.message(threadId, 'in the middle')
    await visitor.message(threadId, 'the newest')
    await ask(visitor, { threadId, to: 'ada@example.com' })
    const { text } = post.mails[0]!.mail
    expect(text).toMatch(/newest part of a long conversation[\s\S]+in the middle[\s\S]+the newest/)
    expect(text).not.toContain('the oldest')
  })

  it('is offered only where there is a mail server, with the address that is known', async () => {
    const verifier = readEnvironment({ VISITOR_SECRET: SECRET }).options.verifier
    server = await start({ verifier })
    expect(deskOf(await visit(server))).toEqual({ url: 'copies', ticket: expect.any(String) })
    const ada = await visit(server, { token: await signFor('ada', { email: 'ada@example.com' }) })
    expect(deskOf(ada)?.to).toBe('ada@example.com')
    server = await rig.start()
    expect(deskOf(await visit(server))).toBeUndefined()
    const response = await fetch(`${here()}/api/copies`, { method: 'POST', body: '{}', headers: { origin: here() } })
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'unsupported' }])
  })
})

describe('who may have one', () => {
  it('is the visitor alone, for as long as the connection is open', async () => {
    const { visitor, threadId } = await talked('private')
    const stranger = await visit(server)
    const to = 'eve@example.com'
    expect(await ask(stranger, { threadId, to })).toMatchObject({ status: 403, reason: 'forbidden' })
    expect(await ask(stranger, { threadId: createId(), to })).toMatchObject({ status: 403, reason: 'forbidden' })
    expect(await ask(stranger, { threadId: null, to })).toMatchObject({ status: 400, reason: 'empty' })
    expect(await ask(stranger, { threadId, to, ticket: createId() })).toMatchObject({ status: 401, reason: 'ticket' })
    expect(await ask(visitor, { threadId, to, origin: 'https://evil.example' })).toMatchObject({ reason: 'origin' })
    visitor.close()
    await visitor.closed
    await expect.poll(() => ask(visitor, { threadId, to })).toMatchObject({ status: 401, reason: 'ticket' })
    expect(post.mails).toEqual([])
  })

  it('gets nothing that was erased', async () => {
    const { visitor, threadId } = await talked('a secret')
    await visitor.send({ type: 'erase' })
    expect(await ask(visitor, { threadId, to: 'ada@example.com' })).toEqual(SENT)
    expect(post.mails[0]!.raw).not.toContain('a secret')
    expect(post.mails[0]!.mail.text).toContain('Deleted')
  })

  it.each([
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com\nSubject: hello',
    'ada@example.com, eve@example.com',
    'ada@example.com;eve@example.com',
    'Ada <ada@example.com>',
    'ada@example.com>',
    '"ada"@example.com',
    'ada@example',
    '@example.com',
    'ada@@example.com',
    'ada @example.com',
    ''
  ])('goes to one address: not to %j', async to => {
    const { visitor, threadId } = await talked()
    expect(await ask(visitor, { threadId, to })).toMatchObject({ status: 400, reason: 'email' })
    expect(post.mails).toEqual([])
  })

  it.each([
    [{ to: 7, threadId: 'x' }],
    [{ to: 'ada@example.com', threadId: 7 }],
    [{ to: 'a'.repeat(400), threadId: 'x' }]
  ])('is asked in the right form: not with %j', async wanted => {
    const { visitor } = await talked()
    expect(await ask(visitor, wanted)).toMatchObject({ status: 400, reason: 'invalid' })
  })
})

describe('too many of them', () => {
  it('are refused, with when there may be one again', async () => {
    const { visitor, threadId } = await talked()
    for (const to of ['a@example.com', 'b@example.com', 'c@example.com']) {
      expect(await ask(visitor, { threadId, to })).toEqual(SENT)
    }
    const { status, reason, retryAfter } = await ask(visitor, { threadId, to: 'd@example.com' })
    expect([status, reason]).toEqual([429, 'too-fast'])
    expect(retryAfter).toBeGreaterThan(0)
    expect(retryAfter).toBeLessThanOrEqual(20 * 60_000)
    expect(post.mails).toHaveLength(3)
  })

  it('go neither to one address nor from one, whoever asks', async () => {
    const one = { perMinute: 1e-6, burst: 1 }
    server = await start({}, { copiesToRecipient: one })
    const [ada, bob] = [await talked(), await talked()]
    expect(await ask(ada.visitor, { threadId: ada.threadId, to: 'eve@example.com' })).toEqual(SENT)
    const again = await ask(bob.visitor, { threadId: bob.threadId, to: 'Eve@Example.com' })
    expect(again).toMatchObject({ status: 429, reason: 'too-many' })

    server = await start({}, { copiesFromAddress: one })
    const [cid, dan] = [await talked(), await talked()]
    expect(await ask(cid.visitor, { threadId: cid.threadId, to: 'c@example.com' })).toEqual(SENT)
    const more = await ask(dan.visitor, { threadId: dan.threadId, to: 'd@example.com' })
    expect(more).toMatchObject({ status: 429, reason: 'too-fast' })
  })
})

describe('a mail server', () => {
  it('that refuses the address is told from one that does not work, and no log has the address', async () => {
    const { visitor, threadId } = await talked()
    const to = 'ada@private.example'
    post.refusal = { code: 550, words: `no such mailbox ${to}` }
    expect(await ask(visitor, { threadId, to })).toMatchObject({ status: 400, reason: 'mail-refused' })
    post.refusal = { code: 451, words: `try later ${to}` }
    expect(await ask(visitor, { threadId, to })).toMatchObject({ status: 502, reason: 'mail-failed' })
    post.refusal = undefined
    expect(await ask(visitor, { threadId, to })).toEqual(SENT)
    server = await start({ mail: { url: 'smtp://127.0.0.1:1', from } })
    const bob = await talked()
    expect(await ask(bob.visitor, { threadId: bob.threadId, to })).toMatchObject({ reason: 'mail-failed' })
    const lines = said.filter(line => line.startsWith('copies:'))
    expect(lines).toHaveLength(4)
    expect(lines.join()).not.toContain('private.example')
  })
})

describe('a mail', () => {
  const NASTY = `<script>alert(1)</script><img src=x onerror="alert(2)"> & 'quotes' <!-- </title>`
  const message = (part: Partial<Message>): Message => ({
    id: createId(),
    threadId: 't',
    author: 'agent',
    by: { name: 'Mara', picture: '' },
    text: '',
    content: null,
    attachments: [],
    at: Date.UTC(2026, 4, 5, 12),
    position: 1,
    ...part
  })
  const compose = (messages: readonly Message[], more: Partial<Parameters<typeof composeCopy>[0]> = {}) =>
    composeCopy({
      threads: [{ messages, complete: true }],
      site: 'Fernhill',
      locale: 'en',
      zone: 'Europe/Oslo',
      carried: new Set(),
      ...more
    })

  it('is text and nothing else, whatever was written, by whatever name', () => {
    const file: Attachment = { id: 'f', name: NASTY, mime: 'text/html', size: 1, url: 'files/k/n' }
    const all = [message({ text: NASTY, by: { name: NASTY, picture: NASTY } }), message({ attachments: [file] })]
    const { html, subject } = compose(all, { site: `Evil\r\nBcc: x ${NASTY}` })
    const tags = new Set([...html.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, name]) => name!.toLowerCase()))
    const ours = ['!doctype', 'bdi', 'body', 'div', 'h1', 'h2', 'head', 'html', 'meta', 'p', 'title']
    expect([...tags].sort()).toEqual(ours)
    expect(html).not.toMatch(/<[^>]*(onerror|src|href)=/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(subject).not.toMatch(/[\r\n]/)
  })

  it('shows marks as the widget does, the visitor’s own words as they were written, and raw what is read as text', () => {
    const marked = '**Bring** it by:\n- [today](https://shop.example/open)\n- ![x](https://spy.example/x.gif)'
    const { html, text } = compose([message({ text: marked }), message({ author: 'visitor', text: '**not** this' })])
    expect(html).toContain('<strong>Bring</strong> it by:')
    expect(html).toMatch(/<ul[^>]*><li[^>]*><a href="https:\/\/shop.example\/open"[^>]*>today<\/a><\/li>/)
    expect(html).toContain('**not** this')
    expect(html).not.toContain('<img')
    expect(text).toContain(marked)
  })

  it('speaks the visitor’s language, by the visitor’s clock', () => {
    const joined = message({
      author: 'system',
      by: null,
      content: { type: 'notice', code: 'joined', name: 'Mara', due: undefined }
    })
    const all = [joined, message({ text: 'Hello' }), message({ author: 'visitor', by: null, text: 'Hi' })]
    const english = compose(all)
    expect(english.text).toMatch(/Tuesday[\s\S]+Mara joined[\s\S]+Mara, 2:00\sPM[\s\S]+You, 2:00/)
    const arabic = compose(all, { locale: 'ar', zone: 'Asia/Riyadh' })
    expect(arabic.html).toContain('<html lang="ar" dir="rtl">')
    expect(arabic.subject).toBe('محادثتك مع Fernhill')
    const strange = compose(all, { locale: 'x_', zone: 'Moon/Base' })
    expect(strange.text).toContain('12:00')
    expect(strange.html).toContain('<html lang="en" dir="ltr">')
  })
})

describe('what the environment says of mail', () => {
  it('is read, or refused by name and without a password', () => {
    const mail = (env: Record<string, string>) => readEnvironment(env).options.mail
    expect(mail({})).toBeUndefined()
    const SMTP_URL = 'smtps://user:secret@mail.example'
    expect(mail({ SMTP_URL, MAIL_FROM: 'Fernhill Lamps <chat@fernhill.example>' })).toEqual({
      url: SMTP_URL,
      from: { name: 'Fernhill Lamps', address: 'chat@fernhill.example' }
    })
    expect(() => mail({ SMTP_URL })).toThrow('MAIL_FROM: expected a sender such as')
    expect(() => mail({ MAIL_FROM: 'chat@fernhill.example' })).toThrow('MAIL_FROM: expected SMTP_URL beside it')
    for (const url of ['mail.example:secret', 'http://user:secret@mail.example', 'smtp://', 'smtp:///secret']) {
      const fault = (() => {
        try {
          mail({ SMTP_URL: url, MAIL_FROM: 'chat@fernhill.example' })
        } catch (error) {
          return String(error)
        }
      })()
      expect(fault).toContain('SMTP_URL: expected smtp://')
      expect(fault).not.toContain('secret')
    }
  })

  it('has a sender of one address', () => {
    expect(readSender('"Fernhill, Lamps" <chat@fernhill.example>')).toEqual({
      name: 'Fernhill, Lamps',
      address: 'chat@fernhill.example'
    })
    expect(readSender('chat@fernhill.example')).toEqual({ name: '', address: 'chat@fernhill.example' })
    for (const wrong of [
      '',
      'Fernhill',
      'Fernhill <chat@fernhill.example',
      'chat@fernhill.example>',
      'a@b.example, c@d.example'
    ])
      expect(readSender(wrong), wrong).toBeUndefined()
  })
})
