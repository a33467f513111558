// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

const ASK = /^Still there\? Otherwise this goes on as messages at .+:\d\d/
const since = Date.now() - 300_000
const idle = { since, endsAt: since + 390_000 }

let chat: FakeChat
let shown: ShownPanel
beforeEach(async () => {
  chat = fakeChat()
  chat.$availability.set(HOME)
  chat.put('t', { author: 'visitor', text: 'Hello', at: since })
  chat.session('t', { state: 'active', agent: { name: 'Mara', picture: '' } })
  shown = await showPanel(chat, { threadId: 't' })
  await settle()
})
afterEach(() => shown.panel.dispose())

const asked = () => shown.see.queryByText(ASK) !== null

test('a chat in which nobody writes is asked about, aloud as well, and goes on if the visitor says so', async () => {
  expect(asked()).toBe(false)
  await perform(() => chat.session('t', { idle }))
  expect(asked()).toBe(true)
  expect(shown.said.at(-1)).toMatch(ASK)
  await perform(() => fireEvent.click(shown.see.getByRole('button', { name: 'Stay in the chat' })))
  expect(chat.calls).toContain('start t')
  await perform(() => chat.session('t', { state: 'active', idle: null }))
  expect(asked()).toBe(false)
})

test.each([
  ['the visitor', { author: 'visitor', text: 'Yes', delivery: 'sent' }],
  ['the agent', { author: 'agent', text: 'One moment' }]
] as const)('what %s writes is an answer, too', async (_, message) => {
  await perform(() => chat.session('t', { idle }))
  expect(asked()).toBe(true)
  await perform(() => chat.put('t', { ...message, at: since + 310_000 }))
  expect(asked()).toBe(false)
})
