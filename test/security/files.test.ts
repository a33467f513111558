import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openFolder } from '../../demo/server/files/shelf.ts'
import { safeName } from '../../demo/server/files/types.ts'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import type { Attachment } from '../../src/model/message.ts'
import { fetchFile, PNG, upload, uploadAsAgent } from '../demo/server/files.ts'
import { createRig, eventually, type Rig, sitDown, type TestVisitor, visit } from '../demo/server/rig.ts'
import { tally } from './tally.ts'

const LIMIT = 20_000

let rig: Rig
let server: Server
let visitor: TestVisitor
let folder: string
let checks = 0

beforeAll(async () => {
  rig = await createRig()
}, 120_000)
afterAll(async () => {
  tally('files', { checks })
  await rig.close()
})
beforeEach(async () => {
  await rig.wipe()
  folder = mkdtempSync(join(tmpdir(), 'porchlight-files-'))
  server = await rig.start({ shelf: openFolder(folder) }, { fileSize: LIMIT })
  visitor = await visit(server)
  return () => rmSync(folder, { recursive: true })
})

const carry = (from: TestVisitor, threadId: string, ...attachments: readonly unknown[]) =>
  from.send({ type: 'message', threadId, text: 'look', attachments: attachments as readonly Attachment[] })

/** Uploads and sends; gives the address. */
async function sent(bytes: BlobPart, name: string, from = visitor): Promise<string> {
  const { body } = await upload(server, bytes, { device: from.device, name })
  expect(await carry(from, createId(), body)).toMatchObject({ t: 'ack' })
  return body.url!
}

describe('who may have a file', () => {
  it('is nobody before it is in a message, and those in its thread after that', async () => {
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'a.png' })
    expect((await fetchFile(server, body.url)).status).toBe(404)
    await carry(visitor, createId(), body)
    expect(Buffer.from(await (await fetchFile(server, body.url)).arrayBuffer())).toEqual(PNG)
    const agent = await sitDown(server)
    const [conversation] = agent.welcome.conversations
    expect(conversation!.thread.newest!.attachments).toEqual([body])
    checks += 3
  })

  it('is not found by guessing, nor by the names it has elsewhere', async () => {
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'a.png' })
    await carry(visitor, createId(), body)
    const key = body.url!.split('/')[1]!
    const guesses = [
      body.id!,
      key.slice(0, -1),
      `${key}A`,
      key.toLowerCase(),
      '..',
      '%2e%2e',
      `..%2ffiles%2f${key}`,
      ''
    ]
    for (const guess of guesses) {
      const { status } = await fetchFile(server, `files/${guess}`)
      expect(status).not.toBe(200)
      checks++
    }
    expect(key.length).toBe(43)
  })

  it('is told to nobody else: no other visitor can send it, by any of its names', async () => {
    const { body } = await upload(server, PNG, { device: visitor.device, name: 'a.png' })
    const thief = await visit(server)
    const threadId = createId()
    for (const file of [body, { ...body, id: body.url!.split('/')[1] }, { ...body, id: createId() }]) {
      expect(await carry(thief, threadId, file)).toMatchObject({ code: 'rejected', reason: 'attachments' })
      checks++
    }
    expect(await carry(visitor, createId(), body)).toMatchObject({ t: 'ack' })
    // In a message, it does not go into another one, be it of the same visitor.
    expect(await carry(visitor, createId(), body)).toMatchObject({ code: 'rejected', reason: 'attachments' })
    checks += 2
  })

  it('is who knows the secret of a device, and no agent without their token', async () => {
    const strangers = [
      await upload(server, PNG, { device: createId(), name: 'a.png' }),
      await upload(server, PNG, { name: 'a.png' }),
      await uploadAsAgent(server, createId(), PNG, 'a.png')
    ]
    expect(strangers.map(({ status }) => status)).toEqual([401, 401, 401])
    visitor.say({ t: 'forget' })
    await visitor.closed
    expect((await upload(server, PNG, { device: visitor.device })).status).toBe(401)
    expect((await upload(server, PNG, { device: visitor.device, origin: 'https://evil.example' })).status).toBe(403)
    expect(readdirSync(folder)).toEqual([])
    checks += 6
  })

  it('is a visitor whom an agent answers with one', async () => {
    const threadId = createId()
    await visitor.message(threadId, 'which one?')
    const agent = await sitDown(server)
    const { body } = await uploadAsAgent(server, agent.token, PNG, 'this one.png')
    const reply = { type: 'reply', id: createId(), threadId, text: '', files: [body.id!] } as const
    expect(await agent.act(reply)).toMatchObject({ t: 'ack' })
    const { message } = await visitor.untilEvent('message', event => event.message.author === 'agent')
    expect(message.attachments).toEqual([body])
    expect(await agent.act({ ...reply, id: createId() })).toMatchObject({ reason: 'attachments' })
    checks += 3
  })
})

describe('what is served', () => {
  const PAGE = '<!doctype html><script>alert(1)</script>'
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

  it.each([
    ['a page that calls itself text', PAGE, 'notes.txt'],
    ['a page that calls itself a picture', PAGE, 'lamp.png'],
    ['a drawing that calls itself a picture', SVG, 'lamp.gif'],
    ['a page in a list', PAGE, 'prices.csv'],
    ['a document', '%PDF-1.7', 'bill.pdf']
  ])('is only to be saved: %s', async (_, content, name) => {
    const { headers } = await fetchFile(server, await sent(content, name))
    expect(headers.get('content-type')).toBe('application/octet-stream')
    expect(headers.get('content-disposition')).toMatch(/^attachment;/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("sandbox; default-src 'none'")
    checks += 4
  })

  it('is a picture only by its content, and locked as everything else', async () => {
    const { headers } = await fetchFile(server, await sent(PNG, 'lamp.txt'))
    expect(headers.get('content-type')).toBe('image/png')
    expect(headers.get('content-disposition')).toMatch(/^inline;/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("sandbox; default-src 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    checks += 5
  })

  it.each(['page.html', 'drawing.svg', 'run.exe', 'page.xhtml', 'a.js', 'lamp.png.html', 'noname'])(
    'is never called %s',
    async name => {
      const { status, body } = await upload(server, PAGE, { device: visitor.device, name })
      expect([status, body.reason]).toEqual([415, 'file-type'])
      expect(readdirSync(folder)).toEqual([])
      checks += 2
    }
  )

  it('is not a picture that would fill the memory of whoever looks', async () => {
    const bomb = Buffer.from(PNG)
    bomb.writeUInt32BE(50_000, 16)
    bomb.writeUInt32BE(50_000, 20)
    const { body } = await upload(server, bomb, { device: visitor.device, name: 'bomb.png' })
    expect(body.width).toBeUndefined()
    await carry(visitor, createId(), body)
    expect((await fetchFile(server, body.url)).headers.get('content-disposition')).toMatch(/^attachment;/)
    checks += 2
  })
})

describe('names', () => {
  const NAMES = [
    '../../etc/passwd.txt',
    '..\\..\\boot.txt',
    '/etc/passwd.txt',
    'C:\\Windows\\a.txt',
    '\\\\server\\share\\a.txt',
    'a\0.txt',
    'a\r\nset-cookie: x=1.txt',
    '%2e%2e%2f%2e%2e%2fa.txt',
    'photo\u202egpj.txt',
    '....//....//a.txt',
    '.htaccess.txt',
    `${'x'.repeat(180)}.txt`,
    `"; filename="evil.html".txt`,
    '👩‍👩‍👧‍👦.txt'
  ]
  it.each(NAMES)('are harmless: %j', async name => {
    const url = await sent('words', name)
    const response = await fetchFile(server, url)
    expect([response.status, await response.text()]).toEqual([200, 'words'])
    expect(response.headers.get('set-cookie')).toBeNull()
    const shown = decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(response.headers.get('content-disposition')!)![1]!)
    expect(shown).not.toMatch(/[/\\\p{Cc}\p{Cf}]|^\./u)
    expect(shown).toMatch(/\.txt$/)
    expect(shown).toBe(safeName(shown))
    // In its folder, under a name of ours.
    expect(readdirSync(folder).every(file => /^[\w-]{43}$/.test(file))).toBe(true)
    checks += 6
  })
})

describe('too much', () => {
  it('is answered before it has arrived', async () => {
    const { status, body } = await upload(server, Buffer.alloc(LIMIT + 20_000), { device: visitor.device })
    expect([status, body.reason]).toEqual([413, 'file-size'])
    const answer = await firstAnswer([
      'POST /api/files HTTP/1.1',
      `host: ${server.url.slice('http://'.length)}`,
      `origin: ${server.url}`,
      'content-length: 1000000000'
    ])
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    checks += 2
  })

  it('is cut where it does not say how much it is', async () => {
    const head = `${JSON.stringify({ device: visitor.device, id: createId(), name: 'a.txt' })}\n`
    const answer = await firstAnswer(
      [
        'POST /api/files HTTP/1.1',
        `host: ${server.url.slice('http://'.length)}`,
        `origin: ${server.url}`,
        'transfer-encoding: chunked'
      ],
      [head, ...Array.from({ length: 40 }, () => 'x'.repeat(1000))].map(
        part => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`
      )
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    await eventually(() => readdirSync(folder).length === 0)
    checks += 2
  })

  it('is a line before the file that does not end', async () => {
    const { status } = await upload(server, '', { device: visitor.device, name: 'x'.repeat(10_000) })
    expect(status).toBe(400)
    checks++
  })

  it('is more files than one device may have without sending them, or may bring in a minute', async () => {
    server = await rig.start({}, { unsentFiles: 2, uploads: { perMinute: 1, burst: 4 } })
    const { device } = await visit(server)
    const answers = []
    for (let i = 0; i < 5; i++) answers.push((await upload(server, 'words', { device })).body)
    expect(answers.map(({ reason }) => reason)).toEqual([undefined, undefined, 'too-many', 'too-many', 'too-fast'])
    expect(answers.slice(2).every(({ retryAfter }) => retryAfter! > 0)).toBe(true)
    checks += 2
  })

  it('is nothing that is left behind: what broke off, what was refused, what came twice, what was never sent', async () => {
    const { device } = visitor
    const id = createId()
    const twice = await Promise.all([upload(server, 'words', { device, id }), upload(server, 'words', { device, id })])
    expect(twice[0]).toEqual(twice[1])
    expect(await upload(server, 'other words', { device, id })).toEqual(twice[0])
    await eventually(() => readdirSync(folder).length === 1)
    await upload(server, '', { device })
    await new Promise<void>(resolve => {
      const socket = connect(server.port, '127.0.0.1', () => {
        const head = `${JSON.stringify({ device, id: createId(), name: 'a.txt' })}\nwor`
        socket.write(`POST /api/files HTTP/1.1\r\nhost: ${server.url.slice(7)}\r\norigin: ${server.url}\r\n`)
        socket.write(`content-length: 5000\r\n\r\n${head}`, () => {
          socket.destroy()
          resolve()
        })
      })
    })
    await eventually(() => readdirSync(folder).length === 1)
    server = await rig.start({ shelf: openFolder(folder) }, { unsentFor: 0 })
    await eventually(() => readdirSync(folder).length === 0)
    checks += 4
  })
})

/** What a request is answered with, however much of it is missing. */
function firstAnswer(head: readonly string[], parts: readonly string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n`)
      for (const part of parts) socket.write(part)
    })
    socket.once('data', data => {
      resolve(String(data))
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
