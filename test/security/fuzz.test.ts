import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import { clientFrameShape, type ServerFrame } from '../../src/transport/frames.ts'
import {
  createRig,
  eventually,
  type Line,
  open,
  type Rig,
  sitDown,
  socketUrl,
  type TestAgent,
  type TestVisitor,
  visit
} from '../demo/server/rig.ts'
import { signFor, verifier } from '../support/visitor-tokens.ts'
import { SCALE, tally } from './tally.ts'

const FRAMES = 20_000 * SCALE
/** Frames on one connection. */
const EACH = 100
const AT_ONCE = 8

const UNBOUND = { perMinute: 1e9, burst: 1e9 }
/** Nothing is held back, so that everything is looked at. */
const LIMITS = {
  badFrames: Number.POSITIVE_INFINITY,
  frames: UNBOUND,
  hints: UNBOUND,
  messages: UNBOUND,
  socketsPerDevice: 1000,
  eventsPerFrame: 50
}

let rig: Rig
let server: Server
let sam: TestAgent
const errors: string[] = []
const log = {
  info() {},
  warn() {},
  error: (what: string, facts: object = {}) => void errors.push(`${what} ${JSON.stringify(facts)}`)
}

/** Somebody with something to lose: every word of theirs holds their mark. */
interface Victim {
  readonly mark: string
  readonly visitor: TestVisitor
  readonly threadId: string
  /** Names that an attacker may have learned: of messages, commands, chats, this browser's log. */
  readonly names: readonly string[]
}

async function createVictim(name: string, token?: string): Promise<Victim> {
  const mark = `canary-${name}-${createId()}`
  const visitor = await visit(server, token === undefined ? {} : { token })
  const threadId = createId()
  const said = createId()
  await visitor.send({ type: 'message', threadId, text: `${mark} asks`, attachments: [] }, said)
  await visitor.send({ type: 'identify', name: `${mark} name`, email: `${mark}@example.com` })
  await visitor.send({ type: 'start', threadId })
  const { session } = await visitor.untilEvent('session')
  await sam.act({ id: createId(), type: 'reply', threadId, text: `${mark} is answered` })
  await visitor.untilEvent('message', ({ message }) => message.author === 'agent')
  visitor.say({ t: 'hint', hint: { type: 'visit', url: `https://shop.example/${mark}`, title: mark } })
  return { mark, visitor, threadId, names: [said, session.id, visitor.cursor()!] }
}

let victims: readonly Victim[]

beforeAll(async () => {
  rig = await createRig()
  server = await rig.start({ log, verifier }, LIMITS)
  sam = await sitDown(server)
  victims = [
    await createVictim('anonymous'),
    await createVictim('ada', await signFor('ada')),
    await createVictim('bob', await signFor('bob'))
  ]
}, 120_000)
afterAll(() => rig.close())

/** Text of all kinds, and what would be a path, a statement or a prototype elsewhere. */
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    'constructor',
    'toString',
    "'; DROP TABLE threads; --",
    '../../etc/passwd',
    '%00'
  ),
  fc.constant('x'.repeat(9000))
)
const numbers = fc.oneof(
  fc.integer({ min: -2, max: 30 }),
  fc.constantFrom(2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 63), 0.5, 1e308)
)
const anything = fc.oneof(words, numbers, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, true, [], {}))

/** A frame as the grammar has it, about things of one's own and of others. */
function frames(own: readonly string[], others: readonly string[]): fc.Arbitrary<object> {
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...own) },
    { weight: 4, arbitrary: fc.constantFrom(...others) },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'abc-_'), minLength: 1, maxLength: 5 }) }
  )
  const base = { id: fc.oneof(id, fc.uuid()), n: fc.integer({ min: 1, max: 40 }), threadId: id }
  const command = fc.oneof(
    fc.record({ ...base, type: fc.constant('message'), text: words, attachments: fc.constant([]) }),
    fc.record({ ...base, type: fc.constant('read'), upTo: numbers }),
    fc.record({ ...base, type: fc.constant('start') }),
    fc.record({ ...base, type: fc.constant('end'), as: fc.constantFrom('done', 'message') }),
    fc.record({
      ...base,
      type: fc.constant('rate'),
      sessionId: id,
      score: fc.integer({ min: 0, max: 6 }),
      note: words
    }),
    fc.record({ id: base.id, n: base.n, type: fc.constant('identify'), name: words, email: words }),
    fc.record({ ...base, type: fc.constant('void') })
  )
  return fc.oneof(
    { weight: 10, arbitrary: fc.record({ t: fc.constant('send'), command, again: fc.boolean() }) },
    {
      weight: 4,
      arbitrary: fc.record({
        t: fc.constant('history'),
        q: fc.nat(),
        threadId: id,
        before: fc.oneof(fc.constant(null), numbers),
        limit: fc.integer({ min: 1, max: 101 })
      })
    },
    {
      weight: 3,
      arbitrary: fc.record({
        t: fc.constant('hint'),
        hint: fc.oneof(
          fc.record({ type: fc.constant('typing'), threadId: id, active: fc.boolean() }),
          fc.record({ type: fc.constant('visit'), url: words, title: words })
        )
      })
    },
    { weight: 1, arbitrary: fc.record({ t: fc.constantFrom('ping', 'pong', 'hello', 'do', 'typing', 'welcome') }) }
  )
}

/** The same frame with one member taken away, made something else, or one more than there should be. */
const bend = (frame: object) =>
  fc.tuple(fc.nat(), fc.constantFrom('drop', 'replace', 'add'), words, anything).map(([nth, how, name, value]) => {
    const bent = structuredClone(frame) as Record<string, unknown>
    const inner = (bent.command ?? bent.hint ?? bent) as Record<string, unknown>
    const members = Object.keys(inner)
    const member = members[nth % members.length]!
    if (how === 'drop') delete inner[member]
    else if (how === 'replace') inner[member] = value
    else Object.defineProperty(inner, name, { value, enumerable: true, configurable: true })
    return bent
  })

/** Who says them: nobody yet, a new browser, one that is signed in as somebody else, or one that lies about its cursor. */
const STATES = ['before hello', 'anonymous', 'signed in', 'cursor of another'] as const

const hello = () => ({ t: 'hello', v: 1, device: createId(), term: 1, locale: '', zone: '' })
/** Names the question after all others. */
const LAST = 999_999_999

async function attack(round: number, state: (typeof STATES)[number]): Promise<Line<ServerFrame>> {
  const line = await open<ServerFrame>(`${socketUrl(server)}/api/socket`, { origin: server.url })
  if (state === 'before hello') return line
  const cursor = state === 'cursor of another' ? victims[round % 3]!.names[2] : undefined
  const token = state === 'signed in' ? await signFor(`mallory ${round}`) : undefined
  line.say({ ...hello(), cursor, token })
  await line.until(frame => frame.t === 'events' && frame.events.some(({ type }) => type === 'caught-up'))
  return line
}

it('tells nobody a word of anybody else, whatever is asked', async () => {
  const others = victims.flatMap(({ threadId, names, visitor }) => [threadId, ...names, visitor.device])
  const rounds = Math.ceil(FRAMES / EACH)
  let sent = 0
  let answers = 0
  let taken = 0
  let reported = Date.now()
  const leaks: string[] = []
  const outsiders: Line<ServerFrame>[] = []

  const play = async (round: number) => {
    const state = STATES[round % STATES.length]!
    const line = await attack(round, state)
    outsiders.push(line)
    const own = [createId(), createId()]
    const grammar = frames(own, others)
    const bent = grammar.chain(frame => fc.oneof({ weight: 2, arbitrary: fc.constant(frame) }, bend(frame)))
    const lanes = new Map<unknown, number>()
    for (const frame of fc.sample(bent, { numRuns: EACH, seed: round })) {
      const { command } = frame as { command?: { threadId?: unknown; n?: unknown } }
      // Mostly in its turn, or all would stop at the first door.
      if (command && typeof command === 'object' && round % 3) {
        command.n = (lanes.get(command.threadId) ?? 0) + 1
        if (!clientFrameShape(frame, '')) lanes.set(command.threadId, command.n as number)
      }
      line.say(frame)
      sent++
    }
    // Answered after all of these: nobody yet becomes somebody, whoever is somebody asks.
    if (state === 'before hello') line.say(hello())
    else line.say({ t: 'history', q: LAST, threadId: createId(), before: null, limit: 1 })
    const last = (frame: ServerFrame) =>
      state === 'before hello' ? frame.t === 'welcome' : 'q' in frame && frame.q === LAST
    await eventually(() => line.frames.some(last), 60_000)
    answers += line.frames.length
    taken += line.frames.filter(({ t }) => t === 'ack').length
    const heard = JSON.stringify(line.frames)
    for (const { mark } of victims) if (heard.includes(mark)) leaks.push(`${state}, round ${round}: ${mark}`)
    line.close()
    if (Date.now() - reported > 5000) {
      reported = Date.now()
      console.log(`security, protocol: ${sent} of ${rounds * EACH} frames`)
    }
  }

  const queue = Array.from({ length: rounds }, (_, round) => round).values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const round of queue) await play(round)
    })
  )

  expect(leaks).toEqual([])
  expect(errors).toEqual([])
  // Those who were attacked heard nothing of it, and nothing of theirs changed.
  for (const { mark, visitor, threadId } of victims) {
    const foreign = victims.filter(other => other.mark !== mark)
    const heard = JSON.stringify(visitor.frames)
    expect(foreign.filter(other => heard.includes(other.mark))).toEqual([])
    const touched = visitor.events().filter(event => event.type === 'message' && event.message.author === 'visitor')
    expect(touched).toHaveLength(1)
    expect(visitor.frames.some(frame => frame.t === 'bye')).toBe(false)
    expect(await visitor.message(threadId, `${mark} is still here`)).toMatchObject({ t: 'ack' })
  }
  // Otherwise nothing was tried.
  expect(taken).toBeGreaterThan(sent / 50)
  tally('protocol', { checks: sent, answers, taken, leaks: leaks.length, errors: errors.length })
}, 1_200_000)
