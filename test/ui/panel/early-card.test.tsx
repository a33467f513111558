// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, expect, test, vi } from 'vitest'
import { type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

/** How the code that asks is fetched: once for each test. */
const way = vi.hoisted(() => ({ begins: () => {}, ends: () => {}, fails: () => {} }))
vi.mock('../../../src/ui/panel/parts.ts', async original => {
  const { late } = await import('../../../src/ui/panel/late.ts')
  const fetched = () =>
    late(async () => {
      await new Promise<void>((resolve, reject) => {
        way.ends = resolve
        way.fails = () => reject(new Error('offline'))
      })
      return import('../../../src/ui/panel/limits/index.tsx')
    })
  let use = fetched()
  way.begins = () => {
    use = fetched()
  }
  return { ...(await original<object>()), useLimits: (needed: unknown) => use(needed) }
})

let chat: FakeChat
let shown: ShownPanel
afterEach(() => {
  shown.panel.dispose()
  vi.restoreAllMocks()
})

async function writeCard() {
  way.begins()
  chat = fakeChat()
  chat.$availability.set(HOME)
  shown = await showPanel(chat, { threadId: 't' })
  const area = shown.see.getByRole('textbox', { name: 'Write a message' }) as HTMLTextAreaElement
  // As long as the next one: what counts is what it says.
  for (const text of ['It is in the other window', 'It is 4111 1111 1111 1111']) {
    area.value = text
    await perform(() => fireEvent.input(area))
  }
  return () => perform(() => fireEvent.keyDown(area, { key: 'Enter' }))
}

const sent = () => chat.calls.filter(call => call.startsWith('send '))
const question = () => shown.see.queryByRole('group', { name: 'This looks like a card number.' })

test('sends a card number unasked only where the code that asks cannot be fetched', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue()
  const enter = await writeCard()
  await enter()
  await enter()
  expect(sent()).toEqual([])
  await perform(way.fails)
  await settle()
  expect(sent()).toEqual([])
  await enter()
  await settle()
  expect(sent()).toEqual(['send t It is 4111 1111 1111 1111'])
  expect(warned).toHaveBeenCalledTimes(1)
})

test('asks about a card number as soon as the code that asks is there, if Enter was faster', async () => {
  const enter = await writeCard()
  await enter()
  await enter()
  await settle()
  expect(question()).toBeNull()
  await perform(way.ends)
  await settle()
  expect(question()).toBeTruthy()
  expect(sent()).toEqual([])
})
