import { expect, it } from 'vitest'
import { readServerFrame } from '../../src/transport/server-frames.ts'

const message = {
  id: 'm',
  threadId: 't',
  author: 'agent',
  by: { name: 'Sam', picture: '' },
  text: 'hello',
  content: null,
  attachments: [],
  at: 1,
  position: 1
}
const events = (...list: unknown[]) => JSON.stringify({ t: 'events', events: list })

it('reads what is of its form, and lets pass what it does not know', () => {
  expect(readServerFrame(events({ type: 'message', message, cursor: 'c' }))).toMatchObject({ t: 'events' })
  expect(readServerFrame('{"t":"ping"}')).toEqual({ t: 'ping' })
  expect(readServerFrame('{"t":"from-the-future","x":1}')).toMatchObject({ t: 'from-the-future' })
  expect(readServerFrame(events({ type: 'from-the-future', cursor: 'c' }))).toMatchObject({ t: 'events' })
})

it.each([
  ['not JSON', '<!doctype html>'],
  ['not an object', '3'],
  ['no t', '{}'],
  ['text that is an object', events({ type: 'message', message: { ...message, text: { type: 'b', props: {} } } })],
  ['text that is a list', events({ type: 'message', message: { ...message, text: ['x'] } })],
  ['a position that is no whole number', events({ type: 'message', message: { ...message, position: 1.5 } })],
  ['a position beyond what numbers hold', events({ type: 'message', message: { ...message, position: 2 ** 53 } })],
  ['a negative time', events({ type: 'message', message: { ...message, at: -1 } })],
  ['a name that is null', events({ type: 'message', message: { ...message, by: { name: null, picture: '' } } })],
  ['a state there is not', events({ type: 'session', session: { state: 'constructor' } })],
  ['events that are none', '{"t":"events","events":{}}'],
  ['an event without a type', events({ cursor: 'c' })]
])('refuses %s', (_, raw) => {
  expect(() => readServerFrame(raw)).toThrow()
})
