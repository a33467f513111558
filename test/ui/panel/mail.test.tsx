// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeChat, fakeChat } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: FakeChat
let shown: ShownPanel
/** What was asked of the backend: where, and what. */
let asked: { readonly url: string; readonly body: unknown }[]
let answer: () => Response | Promise<Response>

beforeEach(() => {
  chat = fakeChat()
  asked = []
  answer = () => Response.json({ to: 'ada@example.com' })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    asked.push({ url: String(url), body: JSON.parse(String(init?.body)) })
    return answer()
  })
})
afterEach(() => shown.panel.dispose())

const able = (mail: { url: string; ticket: string; to?: string } | undefined) => {
  const link = chat.$link.get()
  const base = 'wss://chat.example/api/socket'
  chat.$link.set({ ...link, capabilities: { ...link.capabilities!, base, mail } })
}
const refused = (status: number, reason: string, retryAfter: number | null = null) =>
  Response.json({ code: 'busy', reason, message: '', retryAfter }, { status })

const COPY = { name: 'Send a copy by e-mail' }
const press = async (name: string) => {
  await perform(() => shown.see.getByRole('button', { name }).click())
  await settle()
}
const field = () => shown.see.getByRole('textbox', { name: 'E-mail address' }) as HTMLInputElement
const send = async (to: string) => {
  await perform(() => fireEvent.input(field(), { target: { value: to } }))
  await press('Send the copy')
}

describe('a copy by e-mail', () => {
  it('is offered only where the backend sends any', async () => {
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    expect(shown.see.queryByRole('button', COPY)).toBeNull()
    await perform(() => able({ url: 'copies', ticket: 'proof' }))
    await settle()
    expect(shown.see.getByRole('button', COPY)).toBeTruthy()
  })

  it('is asked for, of all conversations, with an address, and ends with a receipt', async () => {
    able({ url: 'copies', ticket: 'proof' })
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    await press(COPY.name)
    expect(shown.root.activeElement).toBe(field())
    expect([field().type, field().autocomplete, field().value]).toEqual(['email', 'email', ''])
    await send(' ada@example.com ')
    const body = { ticket: 'proof', threadId: null, to: 'ada@example.com' }
    expect(asked).toEqual([{ url: 'https://chat.example/api/copies', body }])
    expect(shown.see.getByText('Sent to ada@example.com')).toBeTruthy()
    expect(shown.said).toContain('Sent to ada@example.com')
    expect(shown.root.activeElement).toBe(shown.see.getByRole('button', COPY))
    // Not asked for again.
    await press(COPY.name)
    expect(field().value).toBe('ada@example.com')
  })

  it('is of the live chat that has ended', async () => {
    able({ url: 'copies', ticket: 'proof' })
    chat.put('a', { text: 'Hello' })
    chat.session('a', { state: 'ended', reason: 'agent' })
    shown = await showPanel(chat, { threadId: 'a' })
    await settle()
    await press(COPY.name)
    await send('ada@example.com')
    expect(asked[0]?.body).toMatchObject({ threadId: 'a' })
  })

  it.each([
    ['the visitor gave', () => chat.$visitor.set({ name: '', email: 'form@example.com' }), 'form@example.com'],
    ['a copy went to before', () => chat.$choices.set({ mail: 'earlier@example.com' }), 'earlier@example.com'],
    ['the site knows', () => able({ url: 'copies', ticket: 'proof', to: 'token@example.com' }), 'token@example.com']
  ])('begins with the address that %s', async (_, given, to) => {
    able({ url: 'copies', ticket: 'proof' })
    given()
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    await press(COPY.name)
    expect(field().value).toBe(to)
  })
})

describe('when it is not sent', () => {
  beforeEach(async () => {
    able({ url: 'copies', ticket: 'proof' })
    chat.put('a', { text: 'Hello' })
    shown = await showPanel(chat)
    await settle()
    await press(COPY.name)
  })
  const description = () => shown.root.getElementById(field().getAttribute('aria-describedby') ?? '')?.textContent ?? ''

  it('says what is wrong with an address, at the field, until somebody writes there', async () => {
    await send('ada')
    expect(asked).toEqual([])
    expect(field().getAttribute('aria-invalid')).toBe('true')
    expect(description()).toBe('This needs to look like name@example.com.')
    expect(shown.alerts).toContain(description())
    expect(shown.root.activeElement).toBe(field())
    await perform(() => fireEvent.input(field(), { target: { value: 'ada@' } }))
    expect(field().getAttribute('aria-invalid')).toBe('false')
    expect(description()).toBe('')
  })

  it.each([
    ['mail-refused', 400, 'because this address takes no mail', 'true'],
    ['email', 400, 'This needs to look like', 'true'],
    ['too-fast', 429, 'because there were several copies already', 'false'],
    ['too-many', 429, 'because this address has had several copies', 'false'],
    ['mail-failed', 502, 'because our mail does not go out just now', 'false'],
    ['ticket', 401, 'because there is no connection', 'false'],
    ['something-new', 400, 'because our mail does not go out just now', 'false']
  ])('says why: %s', async (reason, status, words, invalid) => {
    answer = () => refused(status, reason, 600_000)
    await send('ada@example.com')
    expect(description()).toContain(words)
    expect(field().getAttribute('aria-invalid')).toBe(invalid)
    expect(field().value).toBe('ada@example.com')
    expect(chat.calls.some(call => call.startsWith('choose mail'))).toBe(false)
  })

  it('says when there may be one again, on another day with its date', async () => {
    const at = Date.now() + 600_000
    answer = () => refused(429, 'too-fast', 600_000)
    await send('ada@example.com')
    const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' })
    expect([at, at + 60_000].some(time => description().includes(`again at ${clock.format(time)}.`))).toBe(true)
    answer = () => refused(429, 'too-many', 86_400_000)
    await send('ada@example.com')
    expect(description()).toMatch(/again at \w+day, /)
  })

  it('says so without a connection, and sends it when asked again', async () => {
    answer = () => Promise.reject(new TypeError('Failed to fetch'))
    await send('ada@example.com')
    expect(description()).toContain('there is no connection')
    answer = () => Response.json({})
    await press('Send the copy')
    expect(shown.see.getByText('Sent to ada@example.com')).toBeTruthy()
  })

  it('can be left, by a button or a key', async () => {
    await press('Cancel')
    expect(shown.root.activeElement).toBe(shown.see.getByRole('button', COPY))
    await press(COPY.name)
    await perform(() => fireEvent.keyDown(field(), { key: 'Escape' }))
    expect(shown.root.activeElement).toBe(shown.see.getByRole('button', COPY))
    expect(shown.closed()).toBe(0)
  })

  it('asks once, however often it is pressed', async () => {
    let arrive: (response: Response) => void = () => {}
    answer = () => new Promise(resolve => (arrive = resolve))
    await send('ada@example.com')
    await press('Sending…')
    expect(asked).toHaveLength(1)
    await perform(() => arrive(Response.json({})))
    await settle()
    expect(shown.see.getByText('Sent to ada@example.com')).toBeTruthy()
  })
})
