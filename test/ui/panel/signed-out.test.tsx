// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Chat } from '../../../src/core/chat.ts'
import { startStandby } from '../../../src/core/standby.ts'
import { talk } from '../../../src/core/talk.ts'
import { stillPage, stillTabs } from '../../../src/page/still.ts'
import { memory } from '../../../src/storage/memory.ts'
import { memoryTransport } from '../../../src/testing/memory.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

let chat: Chat
let shown: ShownPanel
beforeEach(async () => {
  const transport = memoryTransport()
  // A conversation is whose it was first, as to the reference server.
  const owners = new Map<string, string>()
  const { accept } = transport.backend
  transport.backend.accept = (device, command) => {
    if (!('threadId' in command)) return accept(device, command)
    const owner = owners.get(command.threadId) ?? device
    owners.set(command.threadId, owner)
    return owner === device ? accept(device, command) : { refused: 'not yours' }
  }
  const parts = { options: { app: 'shop', transport }, storage: memory(), page: stillPage(), tabs: stillTabs()() }
  chat = talk(await startStandby(parts))
  shown = await showPanel(chat, { threadId: 't' })
  await say('of the former')
  await until(() => chat.$messages.get().t?.entries[0]?.delivery === 'sent')
})
afterEach(() => {
  shown.panel.dispose()
  chat.close()
})

const find = (): HTMLTextAreaElement | null => shown.see.queryByRole('textbox', { name: 'Write a message' })
function write(text: string): HTMLTextAreaElement {
  const area = find()!
  area.value = text
  fireEvent.input(area)
  return area
}
const say = (text: string) => perform(() => fireEvent.keyDown(write(text), { key: 'Enter' }))
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) {
    await settle()
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

it('shows nothing of what somebody was writing when the site signed them out', async () => {
  write('half a word').focus()
  await perform(() => chat.reset({ pending: 'discard' }))
  await settle()
  expect(find()?.value ?? '').toBe('')
})

it('shows whoever comes next what they write in the panel that stayed open, and has none of it refused', async () => {
  await perform(() => chat.reset({ pending: 'discard' }))
  await settle()
  expect(shown.see.queryByText('of the former')).toBeNull()
  await perform(() => fireEvent.click(shown.see.getAllByRole('button', { name: /message/i })[0]!))
  await settle()
  await say('of the next one')
  await until(() => !!shown.see.queryByText('of the next one'))
  expect(shown.see.queryByText('of the next one')).not.toBeNull()
  await until(() => !chat.$status.get().waiting)
  await settle()
  expect(shown.alerts).toEqual([])
})

it('is left the next time it is opened, where the panel was closed', async () => {
  shown.panel.hide()
  await perform(() => chat.reset({ pending: 'discard' }))
  expect((shown.panel.element as HTMLDialogElement).open).toBe(false)
  await perform(() => shown.panel.show(undefined, false))
  await settle()
  expect(find()).toBeNull()
})
