// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: FakeChat
let shown: ShownPanel
beforeEach(async () => {
  await import('../../../src/ui/panel/attach/index.tsx')
  await import('../../../src/ui/panel/files/index.tsx')
  chat = fakeChat()
  chat.$availability.set(HOME)
  const link = chat.$link.get()
  chat.$link.set({ ...link, capabilities: { ...link.capabilities!, upload: true } })
  shown = await showPanel(chat, { threadId: 't' })
  await settle()
})
afterEach(() => shown.panel.dispose())

describe('files', () => {
  /** Each message is stored when the test says so. */
  const names: string[] = []
  const stored: (() => void)[] = []
  beforeEach(async () => {
    names.length = stored.length = 0
    const { send } = chat
    Object.assign(chat, {
      send: async (...given: Parameters<typeof send>) => {
        names.push(given[1].attachments![0]!.name)
        await new Promise<void>(resolve => stored.push(resolve))
        return send(...given)
      }
    })
    const input = shown.root.querySelector('input[type=file]')!
    const files = ['a.txt', 'b.txt', 'c.txt'].map(name => new File(['words'], name, { type: 'text/plain' }))
    Object.defineProperty(input, 'files', { value: files })
    await perform(() => fireEvent.change(input))
    await settle()
  })
  const send = async () => {
    await perform(() => fireEvent.click(shown.root.querySelector('.tray [type=submit]')!))
    await settle()
  }
  const all = async () => {
    for (let i = 0; i < 6; i++) {
      stored.shift()?.()
      await settle()
      await settle()
    }
  }

  test('that were taken out while others were stored are not sent', async () => {
    await send()
    await perform(() => fireEvent.click(shown.see.getByRole('button', { name: /Remove b.txt/ })))
    await all()
    expect(names).toEqual(['a.txt', 'c.txt'])
    expect(shown.root.querySelector('.tray')).toBeNull()
  })

  test('are sent once by somebody who left meanwhile, came back and sends them again', async () => {
    await send()
    await perform(() => fireEvent.click(shown.see.getByRole('button', { name: /back/i })))
    await perform(() => shown.panel.show('t', true))
    await settle()
    await send()
    await all()
    expect([...names].sort()).toEqual(['a.txt', 'b.txt', 'c.txt'])
    expect(shown.root.querySelector('.tray')).toBeNull()
  })
})

test('words that are taken back stand before what is half written, also where the focus stayed in the text', async () => {
  const area = shown.see.getByRole('textbox', { name: 'Write a message' }) as HTMLTextAreaElement
  area.focus()
  area.value = 'and'
  fireEvent.input(area)
  await perform(() => chat.draft('t', 'something of another tab'))
  expect(area.value).toBe('and')
  await perform(() => chat.draft('t', 'taken back\nand'))
  expect(area.value).toBe('taken back\nand')
})

test('a double click on a card says its words once', async () => {
  const card = { title: 'Lamps', buttons: [{ label: 'Order', reply: 'One lamp' }] }
  await perform(() => chat.put('t', { author: 'bot', text: 'Lamps', content: { type: 'cards', cards: [card] } }))
  await settle()
  const order = shown.see.getByRole('button', { name: 'Order' })
  for (const detail of [1, 2]) await perform(() => fireEvent.click(order, { detail }))
  expect(chat.calls.filter(call => call.startsWith('send'))).toEqual(['send t One lamp'])
})
