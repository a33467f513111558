// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: FakeChat
let shown: ShownPanel

beforeEach(async () => {
  chat = fakeChat()
  chat.$availability.set(HOME)
  shown = await showPanel(chat, { threadId: 't' })
})
afterEach(() => shown.panel.dispose())

const area = () => shown.see.getByRole('textbox', { name: 'Write a message' }) as HTMLTextAreaElement

function write(text: string) {
  area().value = text
  fireEvent.input(area())
}

/** Each message is stored when the test says so: `next` the one that was sent first, `all` one after the other. */
function slowly() {
  const stored: (() => void)[] = []
  chat.onSend = () => new Promise(resolve => stored.push(resolve))
  const next = async () => {
    stored.shift()!()
    await settle()
  }
  return {
    next,
    async all() {
      while (stored.length) await next()
    }
  }
}

test('lets go of the text only when the message is stored', async () => {
  const stored = slowly()
  write('Is anybody home?')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(chat.calls).toContain('send t Is anybody home?')
  expect(area().value).toBe('Is anybody home?')

  await stored.next()
  expect(area().value).toBe('')
  expect(shown.see.getByText('Is anybody home?')).toBeTruthy()
})

test('keeps what was written while a message was being stored', async () => {
  const stored = slowly()
  write('first')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  write('first and second')
  await stored.next()
  expect(area().value).toBe('and second')
  expect(chat.$drafts.get().t).toBe('and second')
})

test('sends what is written behind a message that is still being stored', async () => {
  const stored = slowly()
  write('first')
  await enter()
  write('first second')
  await enter()
  await enter()
  write('first second third')
  expect(sent()).toEqual(['send t first', 'send t second'])
  // What is not stored yet is a draft still; what was sent is none once it is stored.
  expect(chat.$drafts.get().t!.trim()).toBe('third')
  await stored.all()
  expect(area().value).toBe('third')
  expect(chat.$drafts.get().t).toBe('third')
  expect(shown.see.getAllByRole('article')).toHaveLength(2)
})

test('sends what was put in the place of a message that is still being stored, however it begins', async () => {
  const stored = slowly()
  for (const text of ['Line 1', 'Line 10', 'Line 10']) {
    // As when all is selected, and something else said or pasted over it.
    area().value = text
    fireEvent.input(area(), { data: text })
    await enter()
  }
  write('not yet')
  expect(sent()).toEqual(['send t Line 1', 'send t Line 10', 'send t Line 10'])
  await stored.all()
  expect(area().value).toBe('not yet')
})

test('leaves to the visitor what they change of a message that is still being stored', async () => {
  const stored = slowly()
  write('one')
  await enter()
  write('one two')
  await enter()
  // What is not touched leaves, all the same.
  write('one tw')
  expect(chat.$drafts.get().t).toBe(' tw')
  await stored.all()
  expect(sent()).toEqual(['send t one', 'send t two'])
  expect(area().value).toBe('tw')
  expect(chat.$drafts.get().t).toBe('tw')
})

test('takes no draft of another tab while messages are being stored, with the focus elsewhere', async () => {
  const stored = slowly()
  write('one')
  shown.see.getByRole('button', { name: 'Send' }).focus()
  await perform(() => fireEvent.submit(area().form!))
  write('one two')
  await perform(() => fireEvent.submit(area().form!))
  // As the core does with the commit that stores the first of them.
  await perform(() => chat.draft('t', ''))
  expect(area().value).toBe('one two')
  await perform(() => fireEvent.submit(area().form!))
  expect(sent()).toEqual(['send t one', 'send t two'])
  await stored.all()
  expect(area().value).toBe('')
})

test('keeps what could not be stored, with what is behind it, and takes out what was', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  let refuse = (_reason: Error) => {}
  let store = () => {}
  chat.onSend = (_, text) =>
    new Promise((resolve, reject) => {
      if (text === 'second') refuse = reject
      else store = resolve
    })
  write('first')
  await enter()
  write('first second')
  await enter()
  store()
  await settle()
  expect(area().value).toBe('first second')
  write('first second third')
  refuse(new Error('signed out'))
  await settle()
  expect(area().value).toBe('second third')
  // It may be of somebody who has left, and is nobody's draft until somebody goes on with it.
  expect(chat.$drafts.get().t).not.toContain('second')
  write('second third fourth')
  expect(chat.$drafts.get().t).toBe('second third fourth')
  warn.mockRestore()
})

test('sends once, however often Enter is pressed', async () => {
  chat.onSend = () => new Promise(() => {})
  write('once')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(chat.calls.filter(call => call.startsWith('send'))).toHaveLength(1)
})

test('keeps the text and says so when it cannot be stored', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  chat.onSend = () => Promise.reject(new Error('disk full'))
  write('keep me')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  await settle()
  expect(area().value).toBe('keep me')
  expect(shown.see.getByText('That did not work. Please try again.')).toBeTruthy()
  expect(shown.alerts).toEqual(['That did not work. Please try again.'])
  warn.mockRestore()
})

test('takes no more while two hundred wait, says so, and goes on when one of them was sent', async () => {
  chat.$status.set({ ...chat.$status.get(), waiting: 200 })
  write('one more')
  await settle()
  const button = () => shown.see.getByRole('button', { name: 'Send' })
  expect(shown.see.getByText(/^200 messages wait to be sent/)).toBeTruthy()
  expect(button().getAttribute('aria-disabled')).toBe('true')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(area().value).toBe('one more')
  expect(chat.calls.some(call => call.startsWith('send'))).toBe(false)

  chat.$status.set({ ...chat.$status.get(), waiting: 199 })
  chat.put('t', { text: 'the first of them' })
  await settle()
  expect(shown.see.queryByText(/wait to be sent/)).toBeNull()
  expect(button().getAttribute('aria-disabled')).toBe('false')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(chat.calls).toContain('send t one more')
})

test('leaves Enter to input methods', async () => {
  write('にほん')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter', isComposing: true }))
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter', keyCode: 229 }))
  expect(chat.calls.some(call => call.startsWith('send'))).toBe(false)
})

test('does not touch the text while somebody composes', async () => {
  const stored = slowly()
  write('one')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  fireEvent.compositionStart(area())
  write('oneに')
  area().setSelectionRange(1, 3)
  for (let i = 0; i < 50; i++) chat.put('t', { text: `meanwhile ${i}` })
  chat.$drafts.set({ t: 'written in another tab' })
  chat.put('t', { author: 'visitor', attachments: [{ id: 'f', name: 'a.txt', mime: 'text/plain', size: 1, url: 'f' }] })
  shown.root.querySelector<HTMLElement>('div')!.style.colorScheme = 'dark'
  chat.link('waiting')
  await stored.next()
  expect(area().value).toBe('oneに')
  expect([area().selectionStart, area().selectionEnd]).toEqual([1, 3])
  await perform(() => fireEvent.compositionEnd(area()))
  expect(area().value).toBe('に')
})

test('makes a new line with Shift and Enter', async () => {
  write('line')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter', shiftKey: true }))
  expect(chat.calls.some(call => call.startsWith('send'))).toBe(false)
})

test('begins with the draft of its thread, and keeps each draft', async () => {
  shown.panel.dispose()
  chat.draft('other', 'half a thought')
  shown = await showPanel(chat, { threadId: 'other' })
  expect(area().value).toBe('half a thought')
  write('half a thought more')
  expect(chat.$drafts.get().other).toBe('half a thought more')
})

test('says how much room is left from 80 % on, and refuses what is too long', async () => {
  await perform(() => write('x'.repeat(6399)))
  expect(shown.see.queryByText(/left/)).toBeNull()
  await perform(() => write('x'.repeat(6400)))
  await settle()
  expect(shown.see.getByText('1,600 characters left')).toBeTruthy()
  await perform(() => write('x'.repeat(8002)))
  expect(shown.see.getByText('2 characters too many')).toBeTruthy()
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(chat.calls.some(call => call.startsWith('send'))).toBe(false)
  expect(area().getAttribute('aria-invalid')).toBe('true')
})

test('tells that the visitor is typing, and that they stopped', () => {
  write('h')
  expect(chat.calls.at(-1)).toBe('typing t true')
  write('')
  expect(chat.calls.at(-1)).toBe('typing t false')
})

test('sends nothing that is only space', async () => {
  write('  \n ')
  await perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
  expect(chat.calls.some(call => call.startsWith('send'))).toBe(false)
})

test('puts the words of a message that was taken back where they were written', async () => {
  await perform(() => chat.put('t', { id: 'm', author: 'visitor', text: 'too early', delivery: 'queued' }))
  area().focus()
  await perform(() => shown.see.getByRole('button', { name: 'Take back' }).click())
  await settle()
  expect(chat.calls).toContain('undo m')
  expect(area().value).toBe('too early')
  expect(shown.root.activeElement).toBe(area())
  expect(shown.see.queryByRole('article')).toBeNull()
})

test('offers nothing to take back that cannot be written on: files, and what was chosen', async () => {
  const picture = { id: 'f', name: 'lamp.png', mime: 'image/png', size: 9, url: '/files/f/lamp.png' }
  await perform(() => chat.put('t', { id: 'm', author: 'visitor', attachments: [picture], delivery: 'queued' }))
  await settle()
  expect(shown.see.getByRole('article')).toBeTruthy()
  expect(shown.see.queryByRole('button', { name: 'Take back' })).toBeNull()
})

const CARD = 'It is 4111 1111 1111 1111'
const sent = () => chat.calls.filter(call => call.startsWith('send '))
const enter = () => perform(() => fireEvent.keyDown(area(), { key: 'Enter' }))
const question = () => shown.see.queryByRole('group', { name: 'This looks like a card number.' })

async function writeCard() {
  area().focus()
  await perform(() => write(CARD))
  await settle()
}

test('asks before a card number is sent, however often Enter is pressed, and leaves the focus in the text', async () => {
  await writeCard()
  expect(question()).toBeNull()
  await enter()
  await enter()
  await perform(() => fireEvent.submit(area().form!))
  expect(question()).toBeTruthy()
  expect(sent()).toEqual([])
  expect(shown.alerts).toEqual(Array(3).fill('This looks like a card number.'))
  expect(area().matches(':focus')).toBe(true)
})

test('sends a card number hidden, or whole, as the visitor says', async () => {
  await writeCard()
  await enter()
  await perform(() => shown.see.getByRole('button', { name: 'Send as •••• 1111' }).click())
  await settle()
  expect(sent()).toEqual(['send t It is •••• •••• •••• 1111'])
  expect(question()).toBeNull()
  expect(area().value).toBe('')

  await writeCard()
  await enter()
  await perform(() => shown.see.getByRole('button', { name: 'Send it anyway' }).click())
  await settle()
  expect(sent()[1]).toBe(`send t ${CARD}`)

  // Said of that one, not of the next.
  await writeCard()
  await enter()
  expect(question()).toBeTruthy()
  expect(sent()).toHaveLength(2)
})

test('takes the question back when the text is changed, and at Escape, which closes nothing then', async () => {
  await writeCard()
  await enter()
  await perform(() => write('It is 4111'))
  expect(question()).toBeNull()
  await enter()
  await settle()
  expect(sent()).toEqual(['send t It is 4111'])

  await writeCard()
  await enter()
  await perform(() => fireEvent.keyDown(area(), { key: 'Escape' }))
  expect(question()).toBeNull()
  expect(area().value).toBe(CARD)
  expect(shown.closed()).toBe(0)
})

test('asks about a card number that is written behind a message that is still being stored, and about nothing else', async () => {
  const stored = slowly()
  write('Here it is')
  await enter()
  // Read as one, this is the number of an account.
  await perform(() => write('Here it is4111 1111 1111 1111'))
  await settle()
  await enter()
  expect(question()).toBeTruthy()
  expect(sent()).toEqual(['send t Here it is'])
  await perform(() => shown.see.getByRole('button', { name: 'Send as •••• 1111' }).click())
  expect(sent()[1]).toBe('send t •••• •••• •••• 1111')
  expect(area().value).toBe('Here it is•••• •••• •••• 1111')
  await stored.all()
  expect(area().value).toBe('')

  // One that goes as it is leaves what is written behind it alone.
  write('4111 1111 1111 1111')
  await settle()
  await enter()
  await perform(() => shown.see.getByRole('button', { name: 'Send it anyway' }).click())
  write('4111 1111 1111 1111 thanks')
  await enter()
  expect(question()).toBeNull()
  expect(sent().at(-1)).toBe('send t thanks')
})
