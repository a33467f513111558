import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createId } from '../../src/model/id.ts'
import { eventually, visit } from '../demo/server/rig.ts'
import { type Program, startProgram } from './program.ts'
import { encode, OPCODE, openRaw, type RawFrame, text } from './raw-socket.ts'
import { SCALE, tally } from './tally.ts'

const EACH = 500
const MUTATIONS = 10_000 * SCALE
const AT_ONCE = 32
const MEGABYTE = 1_048_576

let program: Program
let before: { memory: number; sockets: number }
let kinds = 0
let mutations = 0

beforeAll(async () => {
  program = await startProgram()
  await serves()
  const sockets = program.sockets()
  // What a server learns with its first connections is not what an attack costs it.
  await inParallel(Array.from({ length: 1000 }), async () => (await openRaw(program.server.port)).end())
  await settled(sockets)
  before = { memory: await program.memory(), sockets }
}, 120_000)

afterAll(async () => {
  const { memory, sockets } = before
  tally('frames', {
    checks: kinds + mutations,
    kinds,
    mutations,
    crashes: program.running ? 0 : 1,
    grownBy: `${(((await program.memory()) - memory) / MEGABYTE).toFixed(1)} MB`,
    socketsLeft: program.sockets() - sockets
  })
  await program.stop()
})

/** A visitor who does nothing wrong is served. */
async function serves(): Promise<void> {
  const visitor = await visit(program.server)
  expect(await visitor.message(createId(), 'hello')).toMatchObject({ t: 'ack' })
  visitor.close()
  await visitor.closed
}

const settled = (sockets: number) => eventually(() => program.sockets() <= sockets + 2, 20_000)

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item)
    })
  )
}

const PING = Buffer.from('{"t":"ping"}')
const HELLO = Buffer.from('{"t":"hello","v":1,"device":"0123456789abcdef","term":1,"locale":"","zone":""}')
/** Any but the first byte of a character, cut off, overlong, a surrogate, beyond the last one. */
const BAD_UTF8 = [
  '80',
  'c3',
  'e282',
  'f09f98',
  'c0af',
  'e080af',
  'eda080',
  'f4908080',
  'fe',
  'ff',
  'c328',
  'e28228'
].map(hex => Buffer.from(hex, 'hex'))

const size = (most: number) => fc.integer({ min: 0, max: most })
const bytes = (most: number) => fc.uint8Array({ maxLength: most }).map(list => Buffer.from(list))
const anywhere = (part: Buffer) =>
  fc
    .tuple(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }))
    .map(([front, back]) => Buffer.concat([Buffer.from(front), part, Buffer.from(back)]))
const badText = fc.constantFrom(...BAD_UTF8).chain(anywhere)
const one = (frame: fc.Arbitrary<RawFrame>) => frame.map(encode)
const closing = (code: number, reason = Buffer.alloc(0)) => {
  const payload = Buffer.alloc(2 + reason.length)
  payload.writeUInt16BE(code, 0)
  reason.copy(payload, 2)
  return encode({ opcode: OPCODE.close, payload })
}
/** Cuts a payload into frames of one message, with `between` after each but the last. */
const cut = (payload: Buffer, at: number, between: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([
    encode({ fin: false, payload: payload.subarray(0, at) }),
    between,
    encode({ opcode: OPCODE.continuation, payload: payload.subarray(at) })
  ])

/** What a peer may get wrong, and the code it is closed with; `open`: it is answered, and stays. */
const KINDS: readonly (readonly [name: string, frames: fc.Arbitrary<Buffer>, outcome: number | 'open'])[] = [
  ['reserved bits', one(fc.record({ reserved: fc.integer({ min: 1, max: 7 }), payload: fc.constant(PING) })), 1002],
  [
    'reserved opcodes',
    one(fc.record({ opcode: fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), payload: bytes(50) })),
    1002
  ],
  [
    'frames without a mask',
    one(fc.record({ masked: fc.constant(false), payload: bytes(200), opcode: fc.constantFrom(1, 2) })),
    1002
  ],
  [
    'lengths beyond any limit',
    one(
      fc.record({
        length: fc.bigInt({ min: BigInt(MEGABYTE + 1), max: 2n ** 64n - 1n }),
        payload: bytes(100),
        lengthBytes: fc.constant(9 as const)
      })
    ),
    1009
  ],
  ['text that is no UTF-8', one(fc.record({ payload: badText })), 1007],
  [
    'text that stops being UTF-8 across frames',
    fc.tuple(badText, fc.nat()).map(([payload, at]) => cut(payload, at % (payload.length + 1))),
    1007
  ],
  [
    'messages in the middle of messages, and ends without a beginning',
    fc.oneof(
      one(fc.record({ opcode: fc.constant(0), fin: fc.boolean(), payload: bytes(50) })),
      fc
        .tuple(bytes(50), fc.constantFrom(1, 2))
        .map(([payload, opcode]) => Buffer.concat([encode({ fin: false, payload: PING }), encode({ opcode, payload })]))
    ),
    1002
  ],
  [
    'control frames in parts',
    one(fc.record({ fin: fc.constant(false), opcode: fc.constantFrom(8, 9, 10), payload: bytes(50) })),
    1002
  ],
  [
    'control frames that are too long',
    one(
      fc.record({
        opcode: fc.constantFrom(8, 9, 10),
        payload: fc.integer({ min: 126, max: 70_000 }).map(n => Buffer.alloc(n))
      })
    ),
    1002
  ],
  [
    'close codes that nobody may send',
    fc
      .oneof(
        fc.constantFrom(0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535),
        fc.integer({ min: 1015, max: 2999 }),
        size(999)
      )
      .map(code => closing(code)),
    1002
  ],
  ['goodbyes whose words are no UTF-8', badText.map(reason => closing(1000, reason.subarray(0, 120))), 1007],
  [
    'pings in the middle, characters cut in two, needless length bytes',
    fc.oneof(
      fc
        .tuple(size(PING.length), bytes(125))
        .map(([at, payload]) => cut(PING, at, encode({ opcode: fc.sample(fc.constantFrom(9, 10), 1)[0]!, payload }))),
      size(20).map(at => cut(Buffer.from('{"t":"ping","é":"😀"}'), at)),
      fc.constantFrom(3 as const, 9 as const).map(lengthBytes => encode({ payload: PING, lengthBytes }))
    ),
    'open'
  ]
]

describe('frames of RFC 6455', () => {
  it.each(KINDS)(
    'answers %s as the standard says',
    async (_, frames, outcome) => {
      const wrong: unknown[] = []
      await inParallel(fc.sample(frames, { numRuns: EACH, seed: 6455 }), async sent => {
        const peer = await openRaw(program.server.port)
        peer.write(sent)
        if (outcome === 'open') {
          await peer.until(said => said === '{"t":"pong"}')
          if (!peer.said.includes('{"t":"pong"}')) wrong.push(sent.toString('hex').slice(0, 200))
          peer.end()
        } else {
          const code = await peer.closed
          if (code !== outcome) wrong.push([code, sent.toString('hex').slice(0, 200)])
        }
        kinds++
      })
      expect(wrong.slice(0, 3)).toEqual([])
      expect(program.running).toBe(true)
      await serves()
    },
    60_000
  )

  it('survives right frames with anything done to them', async () => {
    const right = fc.oneof(
      fc.constantFrom(PING, HELLO).map(payload => encode({ payload })),
      fc.tuple(fc.constantFrom(PING, HELLO), fc.nat()).map(([payload, at]) => cut(payload, at % payload.length)),
      fc.json().map(text),
      one(fc.record({ opcode: fc.constantFrom(0, 1, 2, 8, 9, 10), payload: bytes(130) }))
    )
    const change = fc.record({
      at: fc.nat(),
      to: fc.integer({ min: 0, max: 255 }),
      how: fc.constantFrom('set', 'flip', 'cut', 'repeat', 'insert')
    })
    const stream = fc.record({
      frames: fc.array(right, { minLength: 1, maxLength: 6 }),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
      pieces: fc.array(fc.nat(), { maxLength: 4 }),
      abrupt: fc.boolean()
    })
    const samples = fc.sample(stream, { numRuns: MUTATIONS, seed: 6455 })
    let reported = Date.now()
    await inParallel(samples, async ({ frames, changes, pieces, abrupt }) => {
      const sent = changes.reduce(apply, Buffer.concat(frames))
      const peer = await openRaw(program.server.port)
      const cuts = [...pieces.map(piece => piece % (sent.length + 1)), sent.length].sort((a, b) => a - b)
      let from = 0
      for (const to of cuts) {
        peer.write(sent.subarray(from, to))
        from = to
      }
      if (abrupt) peer.socket.resetAndDestroy()
      else peer.socket.end()
      await peer.closed
      mutations++
      if (Date.now() - reported > 5000) {
        reported = Date.now()
        console.log(`security, frames: ${mutations} of ${MUTATIONS} mutations`)
        await serves()
      }
    })
    expect(program.running).toBe(true)
    await serves()
  }, 1_200_000)

  it('does not hold what a peer sends and never reads', async () => {
    const start = await program.memory()
    const ping = encode({ opcode: OPCODE.ping, payload: Buffer.alloc(125, 'x') })
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => ping))
    const peer = await openRaw(program.server.port)
    peer.socket.pause()
    let sent = 0
    let over = false
    peer.socket.on('close', () => {
      over = true
    })
    for (; sent < 64 * MEGABYTE && !over; sent += flood.length) {
      if (!peer.socket.write(flood)) await Promise.race([new Promise(go => peer.socket.once('drain', go)), peer.closed])
    }
    // Either it is closed, or what it is owed does not grow with what it sends.
    expect((await program.memory()) - start).toBeLessThan(4 * MEGABYTE)
    peer.end()
    await serves()
  }, 60_000)

  it('takes no message in more parts than it can hold', async () => {
    const start = await program.memory()
    const part = encode({ fin: false, opcode: OPCODE.continuation, payload: Buffer.from('x') })
    const parts = Buffer.concat(Array.from({ length: 20_000 }, () => part))
    const peer = await openRaw(program.server.port)
    peer.write(encode({ fin: false, payload: Buffer.from('x') }))
    peer.write(parts)
    expect(await peer.closed).toBe(1008)
    expect((await program.memory()) - start).toBeLessThan(4 * MEGABYTE)
  })

  it('gives everything back', async () => {
    await settled(before.sockets)
    expect((await program.memory()) - before.memory).toBeLessThan(4 * MEGABYTE)
    // What peers do wrong is warned of; errors would be ours.
    expect(
      program
        .said()
        .split('\n')
        .filter(line => / error |unhandled|uncaught/i.test(line))
    ).toEqual([])
  }, 60_000)
})

interface Change {
  readonly at: number
  readonly to: number
  readonly how: string
}

function apply(sent: Buffer, { at, to, how }: Change): Buffer {
  const place = at % (sent.length + 1)
  const [front, back] = [sent.subarray(0, place), sent.subarray(place)]
  switch (how) {
    case 'cut':
      return Buffer.concat([front, back.subarray(to % 20)])
    case 'repeat':
      return Buffer.concat([front, back.subarray(0, to % 40), back])
    case 'insert':
      return Buffer.concat([front, Buffer.from([to]), back])
  }
  const changed = Buffer.from(sent)
  if (place < changed.length) changed[place] = how === 'set' ? to : changed[place]! ^ (1 << (to % 8))
  return changed
}
