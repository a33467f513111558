// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/preact'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { App } from '../../../demo/inbox/App.tsx'
import { createAccount } from '../../../demo/inbox/sign-in/account.ts'
import { conversation, createHouse, memoryShelf, message, sam } from './house.ts'

const waiting = conversation('a', {
  session: { state: 'queued' },
  waitingSince: Date.now() - 65_000,
  unread: 1,
  visitor: { name: 'Maya', online: true },
  thread: { last: 1, newest: message('a', 1, { text: 'Is it dimmable?' }), at: Date.now() - 65_000 }
})
const older = conversation('b', {
  assignee: 'sam',
  visitor: { name: 'Priya' },
  thread: { last: 1, newest: message('b', 1, { text: 'Thank you' }), at: Date.now() - 900_000 }
})

type House = ReturnType<typeof createHouse>

function open(house: House, hash = '') {
  vi.stubGlobal('WebSocket', house.WebSocket)
  location.hash = hash
  const tab = memoryShelf()
  tab.put('signed-in', { token: 'key', agent: sam })
  render(<App account={createAccount({ tab, device: memoryShelf() })} url="ws://house" />)
}

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    }
  )
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('shows who waits, in the list and in the title', async () => {
  open(createHouse({ conversations: [waiting, older] }))
  const row = await screen.findByRole('link', { name: /Maya.*waiting 1:0\d.*Is it dimmable\?.*1 unread/ })
  expect(row).toBeTruthy()
  expect(document.title).toBe('(1) Porchlight inbox')
  expect(screen.queryByRole('link', { name: /Priya/ })).toBeNull()
})

test('accepts from the list', async () => {
  const house = createHouse({ conversations: [waiting] })
  open(house)
  fireEvent.click(await screen.findByRole('button', { name: 'Accept Maya' }))
  await waitFor(() => expect(house.commands('accept')).toMatchObject([{ threadId: 'a' }]))
  expect(screen.getByRole('heading', { name: 'Maya' })).toBeTruthy()
})

test('says who a visitor is to the site, if the site says so', async () => {
  const known = conversation('c', { visitor: { name: 'Ada', subject: 'customer 7' } })
  open(createHouse({ conversations: [known, older] }), '#/open/c')
  fireEvent.click(await screen.findByRole('button', { name: 'Details' }))
  const details = await screen.findByRole('region', { name: 'Details' })
  expect(within(details).getByText('Signed in as').nextSibling?.textContent).toBe('customer 7')
})

test('shows where a visitor is, since when, and where they were before', async () => {
  const page = (url: string, title: string, minutes: number) => ({
    url,
    title,
    since: Date.now() - minutes * 60_000 - 31_000
  })
  const shop = 'https://shop.example'
  const seen = conversation('c', {
    visitor: {
      name: 'Ada',
      online: true,
      page: page(`${shop}/lamps`, 'Lamps', 2),
      before: [page(`${shop}/b%C3%BCro`, '', 7), page('javascript:alert(1)', 'Odd', 9)]
    }
  })
  const house = createHouse({ conversations: [seen] })
  open(house, '#/open/c')
  fireEvent.click(await screen.findByRole('button', { name: 'Details' }))
  const details = within(await screen.findByRole('region', { name: 'Details' }))
  const fact = (name: string) => details.getByText(name).nextSibling as HTMLElement
  expect(fact('Page').textContent).toBe('Lamps/lamps, 2 min')
  expect(within(fact('Page')).getByRole('link', { name: 'Lamps' }).getAttribute('href')).toBe(`${shop}/lamps`)
  const before = within(fact('Before')).getAllByRole('listitem')
  expect(before.map(({ textContent }) => textContent)).toEqual(['/büro7 min ago', 'Oddjavascript:alert(1), 9 min ago'])
  expect(within(fact('Before')).getAllByRole('link')).toHaveLength(1)

  const many = Array.from({ length: 9 }, (_, i) => page(`${shop}/${i}/${'long'.repeat(20)}`, `Page ${i}`, 10 + i))
  house.say({ t: 'conversation', conversation: { ...seen, visitor: { ...seen.visitor, before: many } } })
  const more = (await details.findByText('6 more')).parentElement!
  expect(within(more).getAllByRole('listitem')).toHaveLength(6)
  expect(details.getByText('Page 8').parentElement?.nextSibling?.textContent).toMatch(/^….{39}, 18 min ago$/)

  const { page: left, before: trail } = seen.visitor
  const gone = { online: false, page: { url: '', title: '', since: 0 }, before: [left, ...trail] }
  house.say({ t: 'conversation', conversation: { ...seen, visitor: { ...seen.visitor, ...gone } } })
  expect((await details.findByText('Was on')).nextSibling?.textContent).toContain('Lamps/lamps, 2 min ago')
})

test('names the colleague who was faster', async () => {
  const house = createHouse({ conversations: [waiting] })
  house.answer = command => {
    if (command.type !== 'accept') return
    house.say({ t: 'nack', id: command.id, code: 'rejected', message: 'taken by alex', reason: 'taken' })
    house.say({
      t: 'conversation',
      conversation: { ...waiting, assignee: 'alex', session: { ...waiting.session!, state: 'active' } }
    })
  }
  open(house)
  fireEvent.click(await screen.findByRole('button', { name: 'Accept Maya' }))
  expect(await screen.findByText('Alex was faster and is chatting with Maya.')).toBeTruthy()
})

test('clears the composer once the reply is stored, and shows it once', async () => {
  const house = createHouse({ conversations: [older] })
  house.pages.set('b', [message('b', 1, { text: 'Thank you' })])
  house.answer = () => undefined
  open(house, '#/mine/b')
  const reply = (await screen.findByRole('textbox', { name: 'Reply' })) as HTMLTextAreaElement
  await within(screen.getByRole('log')).findByText('Thank you')
  fireEvent.input(reply, { target: { value: 'You are welcome' } })
  fireEvent.keyDown(reply, { key: 'Enter' })
  expect(reply.value).toBe('')
  expect(await screen.findByText('Sending')).toBeTruthy()
  const [command] = house.commands('reply')
  expect(command).toMatchObject({ upTo: older.thread.last })
  house.say({
    t: 'message',
    message: message('b', 2, { id: command!.id, author: 'agent', by: sam, text: 'You are welcome' })
  })
  house.say({ t: 'ack', id: command!.id, at: 1 })
  await screen.findByText('Sent')
  expect(within(screen.getByRole('log')).getAllByText('You are welcome')).toHaveLength(1)
  expect(screen.queryByText('Sending')).toBeNull()
})

test('keeps the words in the composer while nothing else keeps them', async () => {
  const house = createHouse({ conversations: [older] })
  house.answer = () => undefined
  const setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  vi.stubGlobal('localStorage', { length: 0, getItem: () => null, setItem, removeItem: () => undefined })
  open(house, '#/mine/b')
  const reply = (await screen.findByRole('textbox', { name: 'Reply' })) as HTMLTextAreaElement
  fireEvent.input(reply, { target: { value: 'precious' } })
  fireEvent.keyDown(reply, { key: 'Enter' })
  await screen.findByText(/This browser keeps nothing/)
  expect(reply.value).toBe('precious')
  await waitFor(() => expect(house.commands('reply')).toHaveLength(1))
  house.say({ t: 'ack', id: house.commands('reply')[0]!.id, at: 1 })
  await waitFor(() => expect(reply.value).toBe(''))
})

test('says why a conversation stays open in which the visitor has just written', async () => {
  const house = createHouse({ conversations: [older] })
  house.answer = ({ id }) => house.say({ t: 'nack', id, code: 'rejected', reason: 'newer', message: '' })
  open(house, '#/mine/b')
  fireEvent.click(await screen.findByRole('button', { name: 'Close' }))
  await screen.findByText('Priya has written meanwhile, so the conversation stays open.')
  expect(house.commands('state')).toMatchObject([{ state: 'closed', upTo: older.thread.last }])
})

test('does not send while an input method composes', async () => {
  const house = createHouse({ conversations: [older] })
  open(house, '#/mine/b')
  const reply = await screen.findByRole('textbox', { name: 'Reply' })
  fireEvent.input(reply, { target: { value: 'にほん' } })
  fireEvent.keyDown(reply, { key: 'Enter', isComposing: true })
  fireEvent.keyDown(reply, { key: 'Enter', keyCode: 229 })
  expect(house.commands('reply')).toEqual([])
})

test('marks as read what is on the screen, once', async () => {
  const house = createHouse({ conversations: [{ ...older, unread: 1 }] })
  house.pages.set('b', [message('b', 1)])
  open(house, '#/mine/b')
  await waitFor(() => expect(house.commands('read')).toMatchObject([{ threadId: 'b', upTo: 1 }]))
  house.say({ t: 'typing', threadId: 'b', active: true })
  await screen.findByText('Priya is typing')
  expect(house.commands('read')).toHaveLength(1)
})

test('says again what was read when the server was too busy to hear it', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const house = createHouse({ conversations: [{ ...older, unread: 1 }], heartbeat: 60_000 })
  house.pages.set('b', [message('b', 1)])
  const { answer } = house
  house.answer = ({ id }) => {
    house.answer = answer
    house.say({ t: 'nack', id, code: 'busy', reason: 'failed', message: '' })
  }
  open(house, '#/mine/b')
  await waitFor(() => expect(house.commands('read')).toHaveLength(1))
  await vi.advanceTimersByTimeAsync(2000)
  expect(house.commands('read')).toMatchObject([{ upTo: 1 }, { threadId: 'b', upTo: 1 }])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(house.commands('read')).toHaveLength(2)
})

test('shows the words of the team as the visitor sees them, and those of the visitor as they are', async () => {
  const text = 'A **Wren**, see https://a.example'
  const house = createHouse({ conversations: [older] })
  house.pages.set('b', [message('b', 1, { text }), message('b', 2, { author: 'agent', text })])
  open(house, '#/mine/b')
  const log = await screen.findByRole('log')
  await waitFor(() =>
    expect([...log.querySelectorAll('strong')].map(({ textContent }) => textContent)).toEqual(['Wren'])
  )
  expect(within(log).getByText(/\*\*Wren\*\*/)).toBeTruthy()
  const links = within(log).getAllByRole('link')
  expect(links.map(link => [(link as HTMLAnchorElement).href, link.tabIndex])).toEqual([
    ['https://a.example/', 0],
    ['https://a.example/', 0]
  ])
})

test('asks before it ends a chat', async () => {
  const chat = { ...waiting, assignee: 'sam', session: { ...waiting.session!, state: 'active' as const } }
  const house = createHouse({ conversations: [chat] })
  open(house, '#/mine/a')
  fireEvent.click(await screen.findByRole('button', { name: 'End chat' }))
  expect(house.commands('end')).toEqual([])
  fireEvent.click(await screen.findByRole('button', { name: 'Yes, end it' }))
  await waitFor(() => expect(house.commands('end')).toHaveLength(1))
})

test('switches the light, and takes it back when that is refused', async () => {
  const house = createHouse()
  house.answer = command => house.say({ t: 'nack', id: command.id, code: 'forbidden', message: 'no', reason: 'owner' })
  open(house)
  const light = await screen.findByRole('switch', { name: 'House light' })
  expect(light.getAttribute('aria-checked')).toBe('true')
  fireEvent.click(light)
  await waitFor(() => expect(house.commands('settings')).toMatchObject([{ settings: { open: false } }]))
  await screen.findAllByText('The setting could not be changed. Try again.')
  expect(light.getAttribute('aria-checked')).toBe('true')
})

test('leads back to the sign-in page when the token is refused', async () => {
  const house = createHouse()
  open(house)
  await screen.findByRole('switch', { name: 'House light' })
  house.say({ t: 'bye', code: 'unauthorized', message: 'expired', retryAfter: null })
  expect(await screen.findByRole('heading', { name: 'Sign in to the inbox' })).toBeTruthy()
  expect(screen.getByText(/Your time here ran out/)).toBeTruthy()
})

test('helps when there is nothing yet', async () => {
  open(createHouse())
  expect(await screen.findByText('Nobody is waiting')).toBeTruthy()
  expect(screen.getByText(/The light is on/)).toBeTruthy()
  expect(screen.getByRole('link', { name: 'Open the shop' }).getAttribute('href')).toBe('/')
})

test('asks whether a chat goes on in which nobody writes, until somebody does', async () => {
  const since = Date.now() - 300_000
  const idle = { since, endsAt: since + 390_000 }
  const chat = conversation('d', {
    assignee: 'sam',
    session: { state: 'active', idle },
    visitor: { name: 'Maya' },
    thread: { last: 1, newest: message('d', 1, { text: 'Hello' }), at: since }
  })
  const house = createHouse({ conversations: [chat] })
  open(house, '#/open/d')
  expect(await screen.findByText(/Maya is asked whether they are still there; at \d+:\d\d.* this goes on/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Stay' }))
  await waitFor(() => expect(house.commands('accept')).toMatchObject([{ threadId: 'd' }]))
  house.say({ t: 'conversation', conversation: { ...chat, thread: { ...chat.thread, at: since + 1 } } })
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Stay' })).toBeNull())
})

test('says why the house is closed outside the hours, and when they begin', async () => {
  const house = createHouse({ conversations: [older] })
  open(house)
  const light = await screen.findByRole('switch', { name: /House light/ })
  await waitFor(() => expect(screen.getByText('Visitors can start a live chat.')).toBeTruthy())
  house.say({ t: 'opening', opening: { open: false, changesAt: Date.now() + 40 * 3_600_000, zone: 'Europe/Oslo' } })
  await waitFor(() => expect(screen.getByText(/^Outside your hours, which begin .+ at \d+:\d\d/)).toBeTruthy())
  expect(light.dataset.lit).toBe('false')
  house.say({ t: 'opening', opening: { open: true, changesAt: null, zone: 'Europe/Oslo' } })
  await waitFor(() => expect(light.dataset.lit).toBe('true'))
})
