import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Server } from '../../demo/server/server.ts'
import type { AgentServerFrame } from '../../demo/server/wire/agent-frames.ts'
import type { Deed } from '../../src/model/command.ts'
import { createId } from '../../src/model/id.ts'
import type { ClientFrame, ServerFrame } from '../../src/transport/frames.ts'
import { get } from '../demo/server/raw-http.ts'
import {
  createRig,
  eventually,
  type Line,
  open,
  type Rig,
  SAM,
  signIn,
  sitDown,
  socketUrl,
  type TestAgent,
  visit
} from '../demo/server/rig.ts'
import { second, signFor, verifier } from '../support/visitor-tokens.ts'
import { tally } from './tally.ts'

/**
 * Who may do what. Ada (A) has a thread with a live chat that Sam has joined; who may change it gets one to themselves. An entry is
 * what comes back: the kind of the answer, or the code of a refusal; `4401` is a goodbye because of who it is, `-` no
 * answer, `told` a hint that reached the other side.
 */
const TABLE = `
                          nobody        anonymous     A             B             agent         signed-out    expired
visitor: hello            -             welcome       welcome       welcome       4401          4401          4401
visitor: ping             pong          pong          pong          pong          pong          pong          pong
visitor: message          out-of-turn   forbidden     ack           forbidden     4401          4401          4401
visitor: message, own     out-of-turn   ack           ack           ack           4401          4401          4401
visitor: read             out-of-turn   forbidden     ack           forbidden     4401          4401          4401
visitor: start            out-of-turn   forbidden     ack           forbidden     4401          4401          4401
visitor: start, own       out-of-turn   ack           ack           ack           4401          4401          4401
visitor: end              out-of-turn   forbidden     ack           forbidden     4401          4401          4401
visitor: rate             out-of-turn   forbidden     rejected      forbidden     4401          4401          4401
visitor: identify         out-of-turn   ack           ack           ack           4401          4401          4401
visitor: void             out-of-turn   ack           ack           ack           4401          4401          4401
visitor: history          out-of-turn   not-found     page          not-found     4401          4401          4401
visitor: copy by e-mail   ticket        forbidden     mail-failed   forbidden     4401          4401          4401
visitor: typing           -             -             told          -             -             -             -
visitor: events of A      -             -             told          -             -             -             -
visitor: forget           out-of-turn   1012          1012          1012          4401          4401          4401
visitor: agent's frame    unknown       unknown       unknown       unknown       unknown       unknown       unknown
link: hello               -             welcome       welcome       welcome       unauthorized  unauthorized  unauthorized
link: message             out-of-turn   forbidden     ack           forbidden     unauthorized  unauthorized  unauthorized
link: message, own        out-of-turn   ack           ack           ack           unauthorized  unauthorized  unauthorized
link: read                out-of-turn   forbidden     ack           forbidden     unauthorized  unauthorized  unauthorized
link: end                 out-of-turn   forbidden     ack           forbidden     unauthorized  unauthorized  unauthorized
link: history             out-of-turn   not-found     page          not-found     unauthorized  unauthorized  unauthorized
link: forget              out-of-turn   closed        closed        closed        unauthorized  unauthorized  unauthorized
agent: hello              -             4401          4401          4401          welcome       4401          4401
agent: ping               pong          pong          pong          pong          pong          pong          pong
agent: accept             out-of-turn   4401          4401          4401          ack           4401          4401
agent: reply              out-of-turn   4401          4401          4401          ack           4401          4401
agent: end                out-of-turn   4401          4401          4401          ack           4401          4401
agent: read               out-of-turn   4401          4401          4401          ack           4401          4401
agent: state              out-of-turn   4401          4401          4401          ack           4401          4401
agent: presence           out-of-turn   4401          4401          4401          ack           4401          4401
agent: settings           out-of-turn   4401          4401          4401          ack           4401          4401
agent: history            out-of-turn   4401          4401          4401          page          4401          4401
agent: typing             -             -             -             -             told          -             -
agent: messages of A      -             -             -             -             told          -             -
agent: visitor's frame    unknown       unknown       unknown       unknown       unknown       unknown       unknown
GET /api/availability     200           200           200           200           200           200           200
GET /api/inbox/socket     404           404           404           404           404           404           404
POST /api/availability    405           405           405           405           405           405           405
GET /api/link/stream      410           410           410           410           410           410           410
POST /api/link/poll       410           410           410           410           410           410           410
POST /api/link/say        410           410           410           410           410           410           410
POST sign-in, right       200           200           200           200           200           200           200
POST sign-in, wrong       401           401           401           401           401           401           401
POST sign-out             401           204           401           401           204           204           204
GET /api/anything         404           404           404           404           404           404           404
GET /demo/server/main.ts  404           404           404           404           404           404           404
`

const WHO = ['nobody', 'anonymous', 'A', 'B', 'agent', 'signed-out', 'expired'] as const
type Who = (typeof WHO)[number]

let rig: Rig
let server: Server
let sam: TestAgent
/** Of agents: good, signed out, and expired. */
const tokens = { agent: '', 'signed-out': '', expired: '' }

beforeAll(async () => {
  rig = await createRig()
  const unbound = { perMinute: 1e9, burst: 1e9 }
  const copies = { copies: unbound, copiesFromAddress: unbound, copiesToRecipient: unbound }
  const limits = { ...copies, signInFailures: 1e6, badFrames: 1e6, hints: unbound, away: 3_600_000, queue: 3_600_000 }
  // Nobody answers there: who may have a copy gets as far as that.
  const mail = { url: 'smtp://127.0.0.1:1', from: { name: '', address: 'chat@shop.example' } }
  server = await rig.start({ verifier, mail }, limits)
  sam = await sitDown(server)
  for (const who of ['agent', 'signed-out', 'expired'] as const) tokens[who] = await signIn(server)
  await http('POST', '/api/inbox/sign-out', tokens['signed-out'])
  const { hashSecret } = await import('../../demo/server/identity/secrets.ts')
  await rig.store.query('UPDATE agent_tokens SET expires_at = $2 WHERE hash = $1', [hashSecret(tokens.expired), 1])
}, 120_000)
afterAll(() => rig.close())

/** Ada, in the middle of a live chat with Sam. */
async function createAda() {
  const sub = `ada ${createId()}`
  const device = createId()
  const threadId = createId()
  const visitor = await visit(server, { device, token: await signFor(sub) })
  await visitor.message(threadId, 'hello')
  await visitor.send({ type: 'start', threadId })
  await sam.act({ id: createId(), type: 'accept', threadId })
  const { session } = await visitor.untilEvent('session', event => event.session.state === 'active')
  return { sub, device, threadId, sessionId: session.id, visitor }
}
type Ada = Awaited<ReturnType<typeof createAda>>

/** What each of them shows at the visitors' door. */
async function visitorHello(who: Who, ada: Ada): Promise<ClientFrame | undefined> {
  const hello = { t: 'hello', v: 1, device: createId(), term: 1, locale: '', zone: '' } as const
  switch (who) {
    case 'nobody':
      return undefined
    case 'anonymous':
      return hello
    case 'A':
      return { ...hello, device: ada.device, token: await signFor(ada.sub) }
    case 'B':
      return { ...hello, token: await signFor(`bob ${createId()}`) }
    case 'agent':
    case 'signed-out':
      return { ...hello, token: tokens[who] }
    case 'expired':
      return { ...hello, device: ada.device, token: await signFor(ada.sub, { exp: second(-1) }) }
  }
}

/** And at the agents': visitors show what they have. */
async function agentToken(who: Who, ada: Ada): Promise<string | undefined> {
  if (who === 'nobody') return undefined
  if (who === 'anonymous') return ada.device
  if (who === 'A' || who === 'B') return signFor(who === 'A' ? ada.sub : 'bob')
  return tokens[who]
}

type Said = ServerFrame | AgentServerFrame

/** What a frame is answered with, or how the connection ended before. */
async function answer(line: Line<Said>, seen: number): Promise<string> {
  const ANSWERS = ['ack', 'nack', 'page', 'error', 'bye', 'pong']
  const frame = await line.until(found => ANSWERS.includes(found.t) && line.frames.indexOf(found) >= seen)
  if (frame.t === 'bye') return String(await line.closed)
  return 'code' in frame ? frame.code : frame.t
}

/** Lets everything that is under way arrive: whoever is asked after it has heard what came before. */
async function settle(line: Line<Said>): Promise<void> {
  const seen = line.frames.length
  line.say({ t: 'history', q: 77, threadId: 'none', before: null, limit: 1 })
  await answer(line, seen).catch(() => {
    // Closed: nothing more comes.
  })
}

/** What to say to do it. */
function frameFor(what: string, who: Who, ada: Ada): object {
  if (what === 'history') return { t: 'history', q: 1, threadId: ada.threadId, before: null, limit: 10 }
  if (what === 'forget') return { t: 'forget' }
  return { t: 'send', again: false, command: { ...deeds[what]!(ada), id: createId(), n: next(what, who) } }
}

const deeds: Readonly<Record<string, (ada: Ada) => Deed>> = {
  message: ({ threadId }) => ({ type: 'message', threadId, text: 'hello', attachments: [] }),
  'message, own': () => ({ type: 'message', threadId: createId(), text: 'hello', attachments: [] }),
  read: ({ threadId }) => ({ type: 'read', threadId, upTo: 1 }),
  start: ({ threadId }) => ({ type: 'start', threadId }),
  'start, own': () => ({ type: 'start', threadId: createId() }),
  end: ({ threadId }) => ({ type: 'end', threadId, as: 'done' }),
  rate: ({ threadId, sessionId }) => ({ type: 'rate', threadId, sessionId, score: 5, note: '' }),
  identify: () => ({ type: 'identify', name: 'Ada', email: 'ada@example.com' }),
  void: ({ threadId }) => ({ type: 'void', threadId })
}

async function asVisitor(what: string, who: Who, ada: Ada): Promise<string> {
  const line = (await open<Said>(`${socketUrl(server)}/api/socket`, { origin: server.url })) as Line<Said>
  try {
    if (what === 'ping' || what === "agent's frame") {
      line.say(what === 'ping' ? { t: 'ping' } : { t: 'do', command: { id: 'x', type: 'end', threadId: ada.threadId } })
      return await answer(line, 0)
    }
    const hello = await visitorHello(who, ada)
    if (hello) line.say(hello)
    if (hello) await line.until(({ t }) => t === 'welcome' || t === 'bye')
    const welcome = line.frames.some(({ t }) => t === 'welcome')
    if (what === 'hello') return welcome ? 'welcome' : hello ? String(await line.closed) : '-'
    if (what === 'typing' || what === 'events of A') {
      if (hello && !welcome) await line.closed
      else return await (what === 'typing' ? typing(line, ada) : events(line, ada))
      return '-'
    }
    if (hello && !welcome) return String(await line.closed)
    if (what === 'copy by e-mail') return await copy(line, ada)
    const seen = line.frames.length
    line.say(frameFor(what, who, ada))
    return await answer(line, seen)
  } finally {
    line.close()
  }
}

/** Ada's device has said two things in her thread already. */
const next = (what: string, who: Who) => (who === 'A' && !what.includes('own') && what !== 'identify' ? 3 : 1)

async function typing(line: Line<Said>, { threadId }: Ada): Promise<string> {
  line.say({ t: 'hint', hint: { type: 'typing', threadId, active: true } })
  await settle(line)
  await settle(sam as Line<Said>)
  return sam.frames.some(frame => frame.t === 'typing' && frame.threadId === threadId) ? 'told' : '-'
}

/** Of what Ada said, to somebody else; whoever has no ticket guesses one. */
async function copy(line: Line<Said>, { threadId }: Ada): Promise<string> {
  const welcome = line.frames.find((frame): frame is Welcome => frame.t === 'welcome' && 'capabilities' in frame)
  const ticket = welcome?.capabilities.mail?.ticket ?? createId()
  const said = await body('POST', '/api/copies', undefined, { ticket, threadId, to: 'eve@example.com' })
  return (JSON.parse(said) as { readonly reason: string }).reason
}
type Welcome = Extract<ServerFrame, { readonly t: 'welcome' }>

async function events(line: Line<Said>, ada: Ada): Promise<string> {
  const mark = createId()
  const heard = (frame: Said) => JSON.stringify(frame).includes(mark)
  await sam.act({ id: createId(), type: 'reply', threadId: ada.threadId, text: mark })
  await ada.visitor.until(heard)
  // She has heard it; whoever has not by a moment later will not.
  await eventually(() => line.frames.some(heard), line.frames.length ? 1000 : 0).catch(() => {
    // As it should be, mostly.
  })
  return line.frames.some(heard) ? 'told' : '-'
}

/** The same by requests: frames go in bodies, and come with polls. */
async function asLink(what: string, who: Who, ada: Ada): Promise<string> {
  const hello = await visitorHello(who, ada)
  if (what === 'hello' && !hello) return '-'
  const opened = await body('POST', '/api/link', undefined, hello ?? frameFor(what, who, ada))
  const first = JSON.parse(opened) as { connection?: string; code?: string }
  if (!first.connection) return first.code ?? opened
  const { connection } = first
  let n = 0
  const until = async (kinds: readonly string[]): Promise<string> => {
    for (;;) {
      const polled = await body('POST', '/api/link/poll', undefined, { connection, n: ++n })
      const frames = polled.split('\n').map(line => JSON.parse(line) as Said)
      const found = frames.find(({ t }) => kinds.includes(t))
      if (found) return 'code' in found ? found.code : found.t
    }
  }
  const greeting = await until(['welcome', 'bye'])
  if (what === 'hello' || greeting !== 'welcome') return greeting
  await body('POST', '/api/link/say', undefined, { connection }, frameFor(what, who, ada))
  return until(['ack', 'nack', 'page', 'error', 'bye'])
}

async function asAgent(what: string, who: Who, ada: Ada): Promise<string> {
  const line = (await open<Said>(`${socketUrl(server)}/api/inbox/socket`, { origin: server.url })) as Line<Said>
  try {
    if (what === 'ping' || what === "visitor's frame") {
      line.say(what === 'ping' ? { t: 'ping' } : { t: 'forget' })
      return await answer(line, 0)
    }
    const token = await agentToken(who, ada)
    if (token !== undefined) line.say({ t: 'hello', v: 1, token })
    if (token !== undefined) await line.until(({ t }) => t === 'welcome' || t === 'bye')
    const welcome = line.frames.some(({ t }) => t === 'welcome')
    if (what === 'hello') return welcome ? 'welcome' : token === undefined ? '-' : String(await line.closed)
    const { threadId } = ada
    if (what === 'typing' || what === 'messages of A') {
      const mark = createId()
      if (what === 'typing') line.say({ t: 'typing', threadId, active: true })
      else await ada.visitor.message(threadId, mark)
      await settle(line)
      await settle(ada.visitor as Line<Said>)
      if (what === 'typing') return ada.visitor.events().some(({ type }) => type === 'typing') ? 'told' : '-'
      // Once one inbox has heard it, they all have.
      const heard = (frame: Said) => JSON.stringify(frame).includes(mark)
      await sam.until(heard)
      await settle(line)
      return line.frames.some(heard) ? 'told' : '-'
    }
    if (token !== undefined && !welcome) return String(await line.closed)
    const seen = line.frames.length
    const id = createId()
    const commands: Readonly<Record<string, object>> = {
      accept: { id, type: 'accept', threadId },
      reply: { id, type: 'reply', threadId, text: 'hello' },
      end: { id, type: 'end', threadId },
      read: { id, type: 'read', threadId, upTo: 1 },
      state: { id, type: 'state', threadId, state: 'closed' },
      presence: { id, type: 'presence', presence: 'online' },
      settings: { id, type: 'settings', settings: { open: true, queueLimit: 3_600_000 } }
    }
    if (what === 'history') line.say({ t: 'history', q: 1, threadId, before: null, limit: 10 })
    else line.say({ t: 'do', command: commands[what] })
    return await answer(line, seen)
  } finally {
    line.close()
  }
}

async function body(method: string, path: string, token: string | undefined, ...lines: object[]): Promise<string> {
  return (await request(method, path, token, lines)).body
}

async function http(method: string, path: string, token?: string, line?: object): Promise<string> {
  return String((await request(method, path, token, line ? [line] : [])).status)
}

const request = (method: string, path: string, token: string | undefined, lines: readonly object[]) =>
  get(
    server,
    path,
    { origin: server.url, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    method,
    lines.map(line => JSON.stringify(line)).join('\n')
  )

async function overHttp(what: string, who: Who, ada: Ada): Promise<string> {
  // Its own: signing out is for good.
  const token = who === 'agent' && what === 'POST sign-out' ? await signIn(server) : await agentToken(who, ada)
  switch (what) {
    case 'POST sign-in, right':
      return http('POST', '/api/inbox/sign-in', token, { email: SAM.email, password: SAM.password })
    case 'POST sign-in, wrong':
      return http('POST', '/api/inbox/sign-in', token, { email: SAM.email, password: 'guess' })
    case 'POST sign-out':
      return http('POST', '/api/inbox/sign-out', token)
  }
  const [method = '', path = ''] = what.split(' ')
  // What one has elsewhere is shown here, too.
  const shown = token ?? 'nothing'
  if (path === '/api/link/stream') return http(method, `${path}?ticket=${encodeURIComponent(shown)}`)
  if (path.startsWith('/api/link/')) return http(method, path, token, { connection: shown.slice(0, 64), n: 1 })
  return http(method, path, token)
}

const perform = (operation: string, who: Who, ada: Ada): Promise<string> => {
  const [door, what = ''] = operation.split(': ')
  if (door === 'visitor') return asVisitor(what, who, ada)
  if (door === 'link') return asLink(what, who, ada)
  return door === 'agent' ? asAgent(what, who, ada) : overHttp(operation, who, ada)
}

it('lets everybody do what is theirs to do, and nothing else', async () => {
  const rows = TABLE.split('\n').filter(Boolean)
  const operations = rows.slice(1).map(row => row.slice(0, 26).trim())
  const actual = [rows[0]!]
  const standing = await createAda()
  for (const operation of operations) {
    const cells: string[] = []
    for (const who of WHO) {
      const may = who === 'A' ? /^(visitor|link): /.test(operation) : who === 'agent' && operation.startsWith('agent: ')
      cells.push(await perform(operation, who, may ? await createAda() : standing))
    }
    actual.push(`${operation.padEnd(26)}${cells.map(cell => cell.padEnd(14)).join('')}`.trimEnd())
  }
  expect(rows[0]!.trim().split(/\s+/)).toEqual(WHO)
  expect(`\n${actual.join('\n')}\n`).toBe(TABLE)
  tally('access', { checks: operations.length * WHO.length })
}, 240_000)
