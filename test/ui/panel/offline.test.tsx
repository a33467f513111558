// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LookOptions } from '../../../src/ui/look.ts'
import { AWAY, type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: FakeChat
let shown: ShownPanel
beforeEach(() => {
  chat = fakeChat()
  chat.$availability.set(AWAY)
})
afterEach(() => shown.panel.dispose())

const show = async (options: LookOptions & { threadId?: string }) => {
  shown = await showPanel(chat, options)
  await settle()
  return shown.see
}
const press = async (name: string) => {
  await perform(() => shown.see.getByRole('button', { name }).click())
  await settle()
}
const fill = async (label: string | RegExp, value: string) => {
  await perform(() => fireEvent.input(shown.see.getByLabelText(label), { target: { value } }))
}
const COMPOSER = { name: 'Write a message' }
const sends = () => chat.calls.filter(call => call.startsWith('send'))

describe('a form while nobody is home', () => {
  const begin = async () => {
    const see = await show({ offline: 'form' })
    await press('Leave a message')
    return see
  }

  it('takes a note, which is a message, and an address, which is the visitor’s', async () => {
    const see = await begin()
    expect(see.getByRole('form', { name: 'Leave a message' })).toBeTruthy()
    expect(see.queryByRole('textbox', COMPOSER)).toBeNull()
    await fill(/Your name/, 'Ada')
    await fill('Your message', 'Is the Wren in stock?')
    await press('Send message')
    expect(see.getByLabelText('E-mail').getAttribute('aria-invalid')).toBe('true')
    expect(shown.root.activeElement).toBe(see.getByLabelText('E-mail'))
    expect(sends()).toEqual([])
    await fill('E-mail', 'ada@example.com')
    await press('Send message')
    expect(chat.calls).toContain('identify {"name":"Ada","email":"ada@example.com"}')
    expect(sends()).toEqual(['send new-1 Is the Wren in stock?'])
    // The backend asked for nothing.
    expect(chat.answers).toEqual([])
    expect(see.getByRole('log').textContent).toContain('Is the Wren in stock?')
    expect(see.getByRole('textbox', COMPOSER)).toBeTruthy()
  })

  it('asks nobody whose address is known, nor who writes already', async () => {
    chat.$visitor.set({ name: '', email: 'ada@example.com' })
    const see = await begin()
    expect(see.getByRole('textbox', COMPOSER)).toBeTruthy()
    shown.panel.dispose()
    chat.$visitor.set({ name: '', email: '' })
    chat.draft('t', 'Half a')
    await show({ offline: 'form', threadId: 't' })
    expect((shown.see.getByRole('textbox', COMPOSER) as HTMLTextAreaElement).value).toBe('Half a')
  })

  it('is that of the backend, if it has one', async () => {
    const form = { fields: [{ name: 'order', label: 'Order number', kind: 'text' }] }
    chat.$availability.set({ ...AWAY, form })
    const see = await begin()
    expect(see.getByLabelText(/Order number/)).toBeTruthy()
    expect(see.queryByLabelText('Your message')).toBeNull()
  })

  it('stays without a connection, and its words go on where one writes when somebody is home', async () => {
    const see = await begin()
    await fill('Your message', 'Is anybody')
    await perform(() => chat.link('waiting'))
    expect((see.getByLabelText('Your message') as HTMLTextAreaElement).value).toBe('Is anybody')
    await perform(() => chat.link('online'))
    await perform(() => chat.$availability.set(HOME))
    await settle()
    expect(see.queryByLabelText('Your message')).toBeNull()
    expect((see.getByRole('textbox', COMPOSER) as HTMLTextAreaElement).value).toBe('Is anybody')
    expect(see.getByText('Somebody is here.')).toBeTruthy()
  })

  it('is not there while somebody is home', async () => {
    chat.$availability.set(HOME)
    const see = await begin()
    expect(see.getByRole('textbox', COMPOSER)).toBeTruthy()
    expect(see.queryByLabelText('Your message')).toBeNull()
  })
})

describe('other ways while nobody is home', () => {
  const look = { offline: 'channels', channels: { email: 'hello@shop.example', sms: '+4791234567' } } as const

  it('stand on the first screen instead of a message, and one begins with them', async () => {
    const see = await show(look)
    expect(see.queryByRole('button', { name: 'Leave a message' })).toBeNull()
    expect(see.queryByText(/Write to us/)).toBeNull()
    expect(see.getByText('You can reach us here:')).toBeTruthy()
    expect(see.getAllByRole('link').map((link: HTMLElement) => link.textContent)).toEqual(['E-mail', 'Text message'])
    expect(shown.root.activeElement).toBe(see.getByRole('link', { name: 'E-mail' }))
  })

  it('carry the code of the latest conversation, which goes on', async () => {
    chat.put('t', { text: 'Your lamp is ready' })
    const see = await show(look)
    expect(see.getByRole('link', { name: 'E-mail' }).getAttribute('href')).toMatch(/Code%20\w{4}-\w{4}/)
    await perform(() => fireEvent.click(see.getByRole('button', { name: /Your lamp is ready/ })))
    await settle()
    expect(see.getByRole('textbox', COMPOSER)).toBeTruthy()
  })

  it('give way to a chat when somebody is home', async () => {
    const see = await show(look)
    await perform(() => chat.$availability.set(HOME))
    expect(see.getByRole('button', { name: 'Chat now' })).toBeTruthy()
    expect(see.getByRole('button', { name: 'Leave a message' })).toBeTruthy()
    expect(see.queryByRole('link')).toBeNull()
  })

  it.each([
    ['none are given', undefined],
    ['one of them is wrong', { sms: '12' }]
  ])('leave the message where %s: there is always something to do', async (_, channels) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const see = await show({ offline: 'channels', channels })
    expect(see.getByRole('button', { name: 'Leave a message' })).toBeTruthy()
  })
})
