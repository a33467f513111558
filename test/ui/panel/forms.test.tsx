// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Form } from '../../../src/model/form.ts'
import { AWAY, type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

const FORM: Form = {
  fields: [
    { name: 'name', label: 'Your name', kind: 'text', required: true, hint: 'As on the bill' },
    { name: 'email', label: 'E-mail', kind: 'email' },
    { name: 'matter', label: 'Matter', kind: 'select', options: ['A lamp', 'An order'], again: true },
    { name: 'terms', label: 'You may keep this', kind: 'consent', required: true }
  ]
}

let chat: FakeChat
let shown: ShownPanel
beforeEach(() => {
  chat = fakeChat()
})
afterEach(() => shown.panel.dispose())

const show = async () => {
  shown = await showPanel(chat, { threadId: 't' })
  await settle()
  return shown.see
}
const press = async (name: string) => {
  await perform(() => shown.see.getByRole('button', { name }).click())
  await settle()
}
const fill = (label: RegExp | string, value: string) =>
  perform(() => fireEvent.input(shown.see.getByLabelText(label), { target: { value } }))
const tick = () => perform(() => fireEvent.click(shown.see.getByLabelText('You may keep this')))

test('before a conversation, what is wrong stands at its field, and the first of them has the focus', async () => {
  chat.$availability.set({ ...AWAY, form: FORM })
  const see = await show()
  expect(see.queryByRole('textbox', { name: 'Write a message' })).toBeNull()
  const name = see.getByLabelText('Your name')
  expect(shown.root.activeElement).toBe(name)
  await fill(/E-mail/, 'ada')
  await press('Go on')
  expect(chat.calls.filter(call => call.startsWith('send'))).toEqual([])
  expect(shown.root.activeElement).toBe(name)
  const words = (element: HTMLElement) =>
    element
      .getAttribute('aria-describedby')!
      .split(' ')
      .map(id => shown.root.getElementById(id)!.textContent)
  expect(name.getAttribute('aria-invalid')).toBe('true')
  expect(words(name)).toEqual(['As on the bill', 'Please fill this in.'])
  expect(words(see.getByLabelText(/E-mail/))).toEqual(['This needs to look like name@example.com.'])
  expect(words(see.getByLabelText('You may keep this'))).toEqual(['Please tick this to go on.'])
  await fill('Your name', 'Ada')
  expect(name.getAttribute('aria-invalid')).toBe('false')
})

test('what is asked stays where it is filled in when the connection is lost', async () => {
  chat.$availability.set({ ...HOME, form: FORM })
  const see = await show()
  const name = see.getByLabelText('Your name')
  await perform(() => chat.link('waiting'))
  expect(shown.root.activeElement).toBe(name)
  expect(see.queryByRole('button', { name: 'Chat now' })).toBeNull()
  expect(see.getByRole('button', { name: 'Go on' })).toBeTruthy()
})

test('answers survive a reload, are sent as words and values, and what is known is not asked again', async () => {
  chat.$availability.set({ ...HOME, form: FORM })
  await show()
  await fill('Your name', 'Ada')
  shown.panel.dispose()
  const see = await show()
  expect((see.getByLabelText('Your name') as HTMLInputElement).value).toBe('Ada')
  await perform(() => fireEvent.input(see.getByLabelText(/Matter/), { target: { value: 'An order' } }))
  await tick()
  await press('Chat now')
  expect(chat.calls).toContain('identify {"name":"Ada"}')
  expect(chat.calls).toContain('send t Your name: Ada\nMatter: An order\nYou may keep this: ✓')
  expect(chat.answers).toEqual([{ to: null, values: { name: 'Ada', email: '', matter: 'An order', terms: true } }])
  expect(chat.calls).toContain('start t')
  expect(see.getByRole('textbox', { name: 'Write a message' })).toBeTruthy()

  shown.panel.dispose()
  shown = await showPanel(chat, { threadId: 'next' })
  await settle()
  expect(shown.see.queryByLabelText('Your name')).toBeNull()
  expect(shown.see.getByLabelText(/Matter/)).toBeTruthy()
})

test('nothing is asked where everything is known, and what came is shown where it is no form', async () => {
  chat.$visitor.set({ name: 'Ada', email: 'ada@example.com' })
  chat.$availability.set({ ...AWAY, form: { fields: FORM.fields.slice(0, 2) } })
  const see = await show()
  expect(see.getByRole('textbox', { name: 'Write a message' })).toBeTruthy()
  chat.put('t', { author: 'bot', text: 'Which order?', content: { type: 'form' } as never })
  await settle()
  expect(see.getByText('Which order?')).toBeTruthy()
  expect(see.queryByRole('form')).toBeNull()
})

test('a form in a conversation is there until it is answered', async () => {
  const form: Form = { fields: [{ name: 'order', label: 'Order number', kind: 'barcode', required: true }] }
  chat.put('t', { id: 'q', author: 'bot', text: 'Which order?', content: { type: 'form', form } })
  const see = await show()
  expect(see.getByRole('form', { name: 'Questions from Assistant' })).toBeTruthy()
  await fill('Order number', 'F10442')
  await press('Send answers')
  expect(chat.answers).toEqual([{ to: 'q', values: { order: 'F10442' } }])
  expect(see.queryByRole('form', { name: 'Questions from Assistant' })).toBeNull()
  expect(see.getByText('Order number: F10442')).toBeTruthy()
})
