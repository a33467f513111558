// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf } from '../../../src/model/code.ts'
import { AWAY, type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

const HOUR = 3_600_000
const MISSED = /^We promised an answer by now/
const channels = { whatsapp: '+4791234567', email: 'hello@shop.example' }

let chat: FakeChat
let shown: ShownPanel | undefined
beforeEach(() => {
  chat = fakeChat()
  chat.$availability.set(HOME)
})
afterEach(() => shown?.panel.dispose())

const show = async (options = {}) => {
  shown = await showPanel(chat, options)
  await settled()
  return shown.see
}
/** What came late may ask for what comes later. */
const settled = async () => {
  for (let i = 0; i < 3; i++) await settle()
}
const link = (name: string) => shown!.see.getByRole('link', { name }).getAttribute('href')!

describe('an answer that was promised', () => {
  const due = Date.now() + HOUR
  beforeEach(() => {
    chat.put('t', { author: 'visitor', text: 'a note' })
    chat.put('t', { notice: 'promised', due })
  })

  test('has its time in the conversation, and nothing is said of it before', async () => {
    chat.due = due
    const see = await show({ threadId: 't', channels })
    expect(
      see.getByText(/^Nobody is here just now. You can expect an answer by .+:\d\d.* \(your time\)\.$/)
    ).toBeTruthy()
    expect(chat.calls).toContain('promised t')
    expect(see.queryByText(MISSED)).toBeNull()
    expect(see.queryByRole('link')).toBeNull()
  })

  test('is said to be late when it passes, aloud as well, with other ways to get one', async () => {
    chat.due = due
    const see = await show({ threadId: 't', channels })
    await perform(() => chat.emit('promise-missed', { threadId: 't', due: due - 1 }))
    expect(see.queryByText(MISSED)).toBeNull()
    await perform(() => chat.emit('promise-missed', { threadId: 't', due }))
    expect(see.getByText(MISSED)).toBeTruthy()
    expect(shown!.said.at(-1)).toMatch(MISSED)
    expect(link('WhatsApp')).toBe(
      `https://wa.me/4791234567?text=${encodeURIComponent(`Hello, I wrote to you in your chat. Code ${codeOf('t')}.`)}`
    )
    expect(link('E-mail')).toContain(codeOf('t'))
  })

  test('is late after a reload, too, and no more once the answer is there', async () => {
    chat.put('t', { notice: 'promised', due: 1000 })
    chat.due = 1000
    const see = await show({ threadId: 't' })
    expect(see.getAllByText(MISSED)).toHaveLength(1)
    chat.due = undefined
    await perform(() => chat.put('t', { text: 'Here we are' }))
    await settled()
    expect(see.queryByText(MISSED)).toBeNull()
  })
})

describe('other channels', () => {
  test('stand on the first screen while nobody is home, without a code where nothing was said', async () => {
    const see = await show({ channels })
    expect(see.queryByRole('link')).toBeNull()
    await perform(() => chat.$availability.set(AWAY))
    expect(link('WhatsApp')).toBe('https://wa.me/4791234567?text=Hello%2C%20I%20have%20a%20question.')
    await perform(() => chat.put('t', { author: 'visitor', text: 'a note' }))
    expect(link('WhatsApp')).toContain(codeOf('t'))
  })

  test('stand in the queue', async () => {
    chat.session('t', { state: 'queued' })
    await show({ threadId: 't', channels: JSON.stringify(channels) })
    expect(link('E-mail')).toBe(
      `mailto:hello@shop.example?subject=${encodeURIComponent(`Hello, I wrote to you in your chat. Code ${codeOf('t')}.`)}`
    )
  })

  test('are nowhere if there are none', async () => {
    chat.$availability.set(AWAY)
    const see = await show()
    expect(see.queryByText('You can also reach us here:')).toBeNull()
  })
})
