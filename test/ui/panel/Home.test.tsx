// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { offersOf } from '../../../src/ui/panel/offers.ts'
import { AWAY, type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: FakeChat
let shown: ShownPanel | undefined

beforeEach(() => {
  chat = fakeChat()
})
afterEach(() => shown?.panel.dispose())

const show = async (options = {}) => {
  shown = await showPanel(chat, options)
  await settle()
  return shown.see
}
const names = () => shown!.see.getAllByRole('button').map((button: HTMLElement) => button.textContent)
const press = (name: string | RegExp) => perform(() => fireEvent.click(shown!.see.getByRole('button', { name })))

test.each([
  ['both', HOME, true, true],
  ['both', AWAY, false, true],
  ['both', undefined, false, true],
  ['live', HOME, true, false],
  ['live', AWAY, false, true],
  ['messages', HOME, false, true]
] as const)('in mode %s there is always something to do', (mode, availability, chats, message) => {
  expect(offersOf(mode, availability)).toEqual({ chat: chats, message })
})

test('a backend without live sessions offers messages', () => {
  expect(offersOf('both', HOME, false)).toEqual({ chat: false, message: true })
})

describe('the first screen', () => {
  test('says who is home and how soon an answer comes', async () => {
    chat.$availability.set(HOME)
    const see = await show({ title: 'Fernhill Lamps' })
    expect(see.getByRole('heading', { level: 2, name: 'Fernhill Lamps' })).toBeTruthy()
    expect(see.getByText('Hello, we’re here.')).toBeTruthy()
    expect(see.getByText('Mara, Jonas, and Ida')).toBeTruthy()
    expect(see.getByText('Usually replies in about 2 minutes')).toBeTruthy()
  })

  test('says that nobody is home, and takes a message', async () => {
    chat.$availability.set(AWAY)
    const see = await show()
    expect(see.getByText('We’re out just now.')).toBeTruthy()
    expect(see.queryByRole('button', { name: 'Chat now' })).toBeNull()
    await press('Leave a message')
    expect(see.getByRole('textbox', { name: 'Write a message' })).toBe(shown!.root.activeElement)
  })

  test('says when somebody is back instead, outside the hours', async () => {
    const hour = 3_600_000
    chat.$availability.set({ ...AWAY, replyAfter: hour, opensAt: Date.now() + 72 * hour, zone: 'Europe/Oslo' })
    const see = await show()
    expect(see.getByText(/^Back on \w+day at /)).toBeTruthy()
    expect(see.queryByText(/Usually replies/)).toBeNull()
    await perform(() => chat.$availability.set({ ...HOME, replyAfter: hour }))
    expect(see.queryByText(/^Back /)).toBeNull()
    expect(see.getByText('Usually replies in about 1 hour')).toBeTruthy()
  })

  test('does not repeat an old promise without a connection', async () => {
    chat.$availability.set(HOME)
    chat.link('waiting')
    const see = await show()
    const promises = () => [see.queryByRole('button', { name: 'Chat now' }), see.queryByText('Hello, we’re here.')]
    expect(promises()).toEqual([null, null])
    // Nor with every attempt to get one.
    await perform(() => chat.link('connecting'))
    expect(promises()).toEqual([null, null])
    await perform(() => chat.link('online'))
    expect(promises()).not.toContain(null)
  })

  test('starts a live chat in a thread of its own', async () => {
    chat.$availability.set(HOME)
    const see = await show()
    await press('Chat now')
    await settle()
    expect(chat.calls).toContain('start new-1')
    expect(see.getByText('1 person is before you')).toBeTruthy()
    await press('Back')
    expect(see.getByText('Waiting')).toBeTruthy()
  })

  test('lists earlier conversations with what is unread', async () => {
    chat.put('t', { text: 'Your lamp is ready' })
    const see = await show()
    await press(/Mara Lind.*Your lamp is ready.*1 unread message/)
    expect(see.getByRole('log').textContent).toContain('Your lamp is ready')
  })

  test('lists fifty of them, the latest first, each with what is unread in it', async () => {
    for (let i = 0; i < 50; i++) chat.put(`t${i}`, { text: `About lamp ${i}`, at: Date.now() - i * 60_000 })
    chat.put('t30', { text: 'News of lamp 30', at: Date.now() + 60_000 })
    await show()
    const textsOf = (selector: string) =>
      [...shown!.root.querySelectorAll(`.earlier li ${selector}`)].map(({ textContent }) => textContent?.trim())
    const others = Array.from({ length: 50 }, (_, i) => i).filter(i => i !== 30)
    expect(textsOf('.preview')).toEqual(['News of lamp 30', ...others.map(i => `About lamp ${i}`)])
    expect(textsOf('.count')).toEqual(['2', ...others.map(() => '1')])
  })

  test('names who answered last in a conversation, also after a word of the visitor’s own', async () => {
    chat.put('t', { text: 'Your lamp is ready' })
    chat.put('t', { author: 'visitor', text: 'Thank you!' })
    const see = await show({ title: 'Fernhill Lamps' })
    expect(see.getByRole('button', { name: /Mara Lind.*You: Thank you!/ })).toBeTruthy()
    // On its own, so that the language of the word before it does not turn it around.
    expect(shown!.root.querySelector('.preview bdi')?.textContent).toBe('Thank you!')
  })

  test.each([
    ['agent', 'It is ready: a Wren'],
    ['visitor', 'It is **ready**:\n- a `Wren`']
  ] as const)('shows what the %s wrote as it reads in the conversation', async (author, shows) => {
    chat.put('t', { author, text: 'It is **ready**:\n- a `Wren`' })
    await show()
    const preview = shown!.root.querySelector('.preview bdi')!.textContent!
    expect(preview.replace('ready:\na', 'ready: a')).toBe(shows)
  })

  test('invites to write only where one can', async () => {
    chat.$availability.set(HOME)
    const see = await show({ mode: 'live' })
    expect(see.getByText('Hello, we’re here.')).toBeTruthy()
    expect(see.queryByText('Write to us. The answer waits for you here.')).toBeNull()
  })

  test('shows what was written and not sent yet', async () => {
    const message = chat.put('t', { author: 'visitor', text: 'still here', delivery: 'failed' })
    chat.$threads.set(chat.$threads.get().map(thread => ({ ...thread, newest: null })))
    const see = await show()
    expect(see.getByRole('button', { name: /Not sent still here/ })).toBeTruthy()
    expect(message.id).toBe('t-1')
  })

  test('leads back to a message that was begun', async () => {
    chat.$availability.set(AWAY)
    const see = await show()
    await press('Leave a message')
    const area = see.getByRole('textbox') as HTMLTextAreaElement
    area.value = 'Half a'
    await perform(() => fireEvent.input(area))
    await press('Back')
    expect(names()).toContain('Go on with your message')
    await press('Go on with your message')
    expect((see.getByRole('textbox') as HTMLTextAreaElement).value).toBe('Half a')
  })
})

describe('search', () => {
  const message = (position: number, text: string) => ({ ...chat.put('a', { text }), position })

  const type = async (query: string) => {
    const field = shown!.see.getByRole('searchbox', { name: 'Search your conversations' }) as HTMLInputElement
    await perform(() => fireEvent.input(field, { target: { value: query } }))
    await settle()
    return field
  }

  test('shows what was found, with a mark on it, and goes there', async () => {
    const old = message(1, 'Is the lamp still there?')
    chat.onSearch = () => [{ message: old, ranges: [[7, 11]] }]
    const see = await show()
    await type(' lamp ')
    expect(chat.calls).toContain('search lamp')
    expect(shown!.root.querySelector('mark')?.textContent).toBe('lamp')
    await perform(() => fireEvent.click(see.getByRole('button', { name: /Is the lamp still there/ })))
    await settle()
    expect(chat.calls).toContain('load a 1')
  })

  test('begins near the word that was found, at a word', async () => {
    const text = `${'many words come before '.repeat(10)}the lamp`
    const said = message(1, text)
    chat.onSearch = () => [{ message: said, ranges: [[text.length - 4, text.length]] }]
    await show()
    await type('lamp')
    expect(shown!.root.querySelector('.hit .preview')?.textContent).toBe('…many words come before the lamp')
  })

  test('says that there is nothing, and comes back with Escape', async () => {
    message(1, 'words')
    const see = await show()
    const field = await type('nothing')
    expect(see.getByText('Nothing found. Try fewer or other words.')).toBeTruthy()
    await perform(() => fireEvent.keyDown(field, { key: 'Escape' }))
    await settle()
    expect(see.queryByText('Nothing found. Try fewer or other words.')).toBeNull()
    expect(shown!.root.querySelector('.line')).toBeTruthy()
    expect(shown!.closed()).toBe(0)
    await perform(() => fireEvent.keyDown(field, { key: 'Escape' }))
    expect(shown!.closed()).toBe(1)
  })
})
