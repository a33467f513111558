// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AWAY, type FakeChat, fakeChat, HOME } from '../../support/fake-chat.ts'
import { perform, type ShownPanel, settle, showPanel } from '../../support/panel.ts'

const MARA = { name: 'Mara Lind', picture: '' }
let chat: FakeChat
let shown: ShownPanel

beforeEach(() => {
  chat = fakeChat()
  chat.$availability.set(HOME)
})
afterEach(() => {
  shown.panel.dispose()
  vi.useRealTimers()
})

const show = async (options = {}) => {
  shown = await showPanel(chat, { threadId: 't', ...options })
  // The parts of a live chat come late.
  if (Object.keys(chat.$sessions.get()).length > 0) await settle()
  return shown.see
}
const press = (name: string | RegExp) => perform(() => fireEvent.click(shown.see.getByRole('button', { name })))

describe('delivery', () => {
  test('is told by an icon and by words', async () => {
    const at = new Date(2026, 4, 5, 10, 2).getTime()
    for (const delivery of ['read', 'delivered', 'sent', 'queued'] as const) {
      chat.put('t', { author: 'visitor', text: delivery, delivery, at })
    }
    const see = await show()
    for (const words of ['Read', 'Delivered', 'Sent', 'Not sent yet']) {
      expect(see.getByText(words)).toBeTruthy()
      expect(see.getByRole('article', { name: new RegExp(`^You, .*10:02.*, ${words}$`) })).toBeTruthy()
    }
    for (const name of ['read', 'delivered', 'sent', 'queued']) {
      expect(shown.root.querySelector(`.i-${name}`)).toBeTruthy()
    }
  })

  test('that failed can be tried again or deleted, and the focus goes on to the composer', async () => {
    chat.put('t', { id: 'm1', author: 'visitor', text: 'lost', delivery: 'failed' })
    chat.put('t', { id: 'm2', author: 'visitor', text: 'lost too', delivery: 'failed', reason: 'too-long' })
    const see = await show()
    expect(see.getAllByText('Not sent')).toHaveLength(2)
    await perform(() => fireEvent.click(see.getAllByRole('button', { name: 'Try again' })[0]!))
    expect(chat.calls).toContain('retry m1')
    await perform(() => fireEvent.click(see.getAllByRole('button', { name: 'Delete' }).at(-1)!))
    expect(chat.calls).toContain('discard m2')
    expect(see.queryByText('lost too')).toBeNull()
    expect(shown.root.activeElement?.getAttribute('aria-label')).toBe('Write a message')
  })

  test('is said aloud once it is sent, and as an alert when it failed', async () => {
    const message = chat.put('t', { author: 'visitor', text: 'hello', delivery: 'queued' })
    await show()
    await perform(() => {
      const { entries, more } = chat.$messages.get().t!
      chat.$messages.set({ t: { entries: entries.map(entry => ({ ...entry, delivery: 'sent' })), more } })
    })
    expect(shown.said).toEqual(['Sent'])
    await perform(() => chat.emit('failed', { id: message.id, threadId: 't' }))
    expect(shown.alerts).toEqual(['Not sent'])
  })
})

describe('the list', () => {
  test('says in words where messages are missing, also before those words are there', async () => {
    chat.put('t', { text: 'one' })
    chat.put('t', { text: 'three', gap: true })
    const see = await show()
    expect(shown.root.querySelector('.list')?.textContent).not.toContain('gap')
    expect(await see.findByText('Messages are missing here.')).toBeTruthy()
  })

  test('is a log that never speaks by itself', async () => {
    const see = await show()
    const log = see.getByRole('log')
    expect(log.getAttribute('aria-live')).toBe('off')
    expect(log.getAttribute('aria-label')).toBe('Messages in this conversation')
  })

  test('lets the announcer say what arrives, with its author, and not what was there', async () => {
    chat.put('t', { text: 'old' })
    await show()
    expect(shown.said).toEqual([])
    await perform(() => {
      chat.put('t', { text: 'new', at: new Date(2026, 4, 5, 10, 2).getTime() })
    })
    expect(shown.said).toHaveLength(1)
    expect(shown.said[0]).toMatch(/^Mara Lind, .*10:02.*: new$/)
  })

  test('lets an answer that grows be heard in whole sentences, each once, and be stopped', async () => {
    chat.put('t', { text: 'old' })
    const see = await show()
    const grow = async (text: string, growing = true) => {
      await perform(() => {
        const { entries, more } = chat.$messages.get().t!
        const kept = entries.filter(({ message }) => message.id !== 'answer')
        chat.$messages.set({ t: { entries: kept, more } })
        chat.put('t', { id: 'answer', author: 'bot', by: { name: 'Fern', picture: '' }, text, growing })
      })
      await settle()
    }
    await grow('It takes')
    expect(shown.said).toEqual([])
    await grow('It takes an **E27**. At most 1.5')
    await grow('It takes an **E27**. At most 1.5 amperes. And')
    expect(shown.said).toEqual(['Fern: It takes an E27.', 'At most 1.5 amperes.'])
    await perform(() => see.getByRole('button', { name: 'Stop answering' }).click())
    expect(chat.calls).toContain('stop t')
    await grow('It takes an **E27**. At most 1.5 amperes. And', false)
    expect(shown.said.slice(2)).toEqual(['And'])
    expect(see.queryByRole('button', { name: 'Stop answering' })).toBeNull()
    expect(see.getAllByRole('article')).toHaveLength(2)
  })

  test('sums up what comes in a burst', async () => {
    vi.useFakeTimers()
    chat.put('t', { text: 'old' })
    await show()
    for (let i = 0; i < 10; i++) {
      await perform(() => {
        chat.put('t', { text: `news ${i}` })
      })
    }
    await perform(() => vi.advanceTimersByTime(600))
    expect(shown.said.at(-1)).toBe('7 new messages')
    expect(shown.said).toHaveLength(4)
  })

  test('renders at most 150 rows of any number', async () => {
    for (let i = 0; i < 2000; i++) chat.put('t', { text: `message ${i}`, at: 1_700_000_000_000 + i * 3_600_000 })
    await show()
    expect(shown.root.querySelectorAll('.rows > *').length).toBeLessThanOrEqual(150)
    expect(shown.see.getByText('message 1999')).toBeTruthy()
  })

  test('moves between messages by arrow keys, with one stop for Tab', async () => {
    chat.put('t', { text: 'one' })
    chat.put('t', { text: 'two, see https://example.com' })
    const see = await show()
    await settle()
    const log = see.getByRole('log')
    expect(see.getByRole('link', { hidden: true }).tabIndex).toBe(-1)
    await perform(() => log.focus())
    await settle()
    await perform(() => fireEvent.keyDown(log, { key: 'ArrowUp' }))
    expect(shown.root.activeElement?.textContent).toContain('two')
    await perform(() => fireEvent.keyDown(shown.root.activeElement!, { key: 'Enter' }))
    expect(shown.root.activeElement?.tagName).toBe('A')
    await perform(() => fireEvent.keyDown(shown.root.activeElement!, { key: 'Escape' }))
    await perform(() => fireEvent.keyDown(shown.root.activeElement!, { key: 'ArrowUp' }))
    expect(shown.root.activeElement?.textContent).toContain('one')
    await perform(() => fireEvent.keyDown(shown.root.activeElement!, { key: 'Escape' }))
    expect(shown.root.activeElement).toBe(log)
    expect(shown.closed()).toBe(0)
  })

  test('offers to copy the message that was pressed', async () => {
    const written: string[] = []
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: async (text: string) => written.push(text) } })
    chat.put('t', { text: 'one' })
    chat.put('t', { text: 'two' })
    const see = await show()
    expect(see.queryByRole('button', { name: 'Copy this message' })).toBeNull()
    await perform(() => see.getAllByRole('article')[1]!.focus())
    await settle()
    await perform(() => see.getByRole('button', { name: 'Copy this message' }).click())
    vi.unstubAllGlobals()
    expect(written).toEqual(['two'])
    expect(shown.said.at(-1)).toBe('Copied')
  })

  test('says why a message was not taken', async () => {
    chat.put('t', { author: 'visitor', text: 'long', delivery: 'failed', reason: 'too-long' })
    chat.put('t', { author: 'visitor', text: 'odd', delivery: 'failed', reason: 'odd' })
    const see = await show()
    await settle()
    expect(see.getByText('It is too long. Send it in parts.')).toBeTruthy()
    expect(see.getByText(/It was not taken/)).toBeTruthy()
  })

  test('shows text as text, and safe addresses as links', async () => {
    chat.put('t', { text: '<img src=x> javascript:alert(1) https://example.com/a).' })
    const see = await show()
    expect(shown.root.querySelector('.bubble img')).toBeNull()
    const link = see.getByRole('link', { hidden: true }) as HTMLAnchorElement
    expect(link.getAttribute('href')).toBe('https://example.com/a')
    expect(link.rel).toBe('noopener noreferrer nofollow ugc')
    expect(link.target).toBe('_blank')
  })

  test('draws a line where the unread begin, and keeps it', async () => {
    chat.put('t', { text: 'known' })
    await chat.read('t')
    chat.put('t', { text: 'unknown' })
    const see = await show()
    expect(see.getByText('New').tagName).toBe('H3')
    await vi.waitFor(() => expect(chat.calls.filter(call => call === 'read t')).toHaveLength(2), 5000)
    await perform(() => {
      chat.put('t', { text: 'another' })
    })
    const rows = [...shown.root.querySelectorAll('.rows > *')].map(row => row.textContent)
    expect(rows.indexOf('New')).toBe(rows.findIndex(row => row?.includes('unknown')) - 1)
  })

  test('counts a message as read when it was in view for a second, in a tab that is seen and a panel that is open', async () => {
    chat.put('t', { text: 'unknown' })
    await show()
    vi.useFakeTimers()
    const see = (hidden: boolean) =>
      perform(() => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      })
    const pass = (ms: number) => perform(() => vi.advanceTimersByTimeAsync(ms))
    await see(true)
    await pass(5000)
    await see(false)
    await pass(999)
    await see(true)
    await pass(5000)
    await see(false)
    await pass(999)
    await perform(() => shown.panel.hide())
    await pass(5000)
    expect(chat.calls).not.toContain('read t')
    await perform(() => shown.panel.show('t', false))
    await pass(999)
    expect(chat.calls).not.toContain('read t')
    await pass(1)
    expect(chat.calls.filter(call => call === 'read t')).toHaveLength(1)
  })

  test('counts all as read at once when the visitor answers', async () => {
    chat.put('t', { text: 'How large is it?' })
    const see = await show()
    const area = see.getByRole('textbox', { name: 'Write a message' }) as HTMLTextAreaElement
    area.value = 'Small'
    fireEvent.input(area)
    await perform(() => fireEvent.keyDown(area, { key: 'Enter' }))
    await settle()
    expect(chat.calls.filter(call => /^(send|read)/.test(call))).toEqual(['send t Small', 'read t'])
  })

  test('loads what is older, and offers to try again when that fails', async () => {
    chat.put('t', { text: 'newest' })
    chat.$messages.set({ t: { entries: chat.$messages.get().t!.entries, more: true } })
    let fail = true
    chat.onOlder = async () => {
      if (fail) throw new Error('offline')
      const { entries } = chat.$messages.get().t!
      const older = { ...entries[0]!, message: { ...entries[0]!.message, id: 'older', text: 'older', position: 0 } }
      chat.$messages.set({ t: { entries: [older, ...entries], more: false } })
    }
    const see = await show()
    Object.defineProperty(see.getByRole('log'), 'clientHeight', { value: 100 })
    await perform(() => fireEvent.scroll(see.getByRole('log')))
    await settle()
    expect(see.getByText('Earlier messages could not be loaded.')).toBeTruthy()
    fail = false
    await press('Try again')
    await settle()
    expect(see.getByText('older')).toBeTruthy()
    expect(shown.said).toContain('Earlier messages loaded')
  })

  test('throws nothing into the page when it is told of a scroll after it is gone', async () => {
    chat.put('t', { text: 'newest' })
    const list = (await show()).getByRole('log')
    const errors: unknown[] = []
    const note = (event: ErrorEvent) => errors.push(event.error)
    window.addEventListener('error', note)
    await perform(() => shown.panel.dispose())
    list.dispatchEvent(new Event('scroll'))
    window.removeEventListener('error', note)
    expect(errors).toEqual([])
  })
})

describe('a live chat', () => {
  test('shows the place in the queue, and the way out of it', async () => {
    chat.session('t', { state: 'queued', ahead: 2, wait: 170_000 })
    const see = await show()
    expect(see.getByText('2 people are before you')).toBeTruthy()
    expect(see.getByText('Takes about 3 minutes')).toBeTruthy()
    expect(see.getByText('Waiting')).toBeTruthy()
    await press('Leave it as a message instead')
    expect(chat.calls).toContain('end t message')
  })

  test('names who joined', async () => {
    chat.put('t', { notice: 'joined', name: 'Mara' })
    chat.session('t', { state: 'active', agent: MARA })
    const see = await show()
    expect(see.getByRole('heading', { level: 2, name: 'Mara Lind' })).toBeTruthy()
    expect(see.getByText('Mara joined')).toBeTruthy()
  })

  test('is not said to be live while there is no connection', async () => {
    chat.session('t', { state: 'active', agent: MARA })
    const see = await show()
    expect(see.getByText('Live now')).toBeTruthy()
    for (const state of ['catching-up', 'waiting', 'connecting'] as const) {
      await perform(() => chat.link(state))
      expect(see.queryByText('Live now')).toBeNull()
      expect(shown.root.querySelector('.head.live')).toBeNull()
      expect(see.getByRole('heading', { name: 'Mara Lind' })).toBeTruthy()
    }
    await perform(() => chat.link('online'))
    expect(see.getByText('Live now')).toBeTruthy()
  })

  test('is ended only after asking; Escape takes the question back', async () => {
    chat.session('t', { state: 'active', agent: MARA })
    const see = await show()
    await press('End chat')
    expect(chat.calls.some(call => call.startsWith('end'))).toBe(false)
    expect(shown.root.activeElement?.textContent).toBe('End chat')
    await perform(() => fireEvent.keyDown(shown.root.activeElement!, { key: 'Escape' }))
    expect(see.queryByText('End this chat?')).toBeNull()
    expect(shown.root.activeElement?.getAttribute('aria-label')).toBe('Write a message')

    await press('End chat')
    await perform(() => fireEvent.click(see.getAllByRole('button', { name: 'End chat' }).at(-1)!))
    expect(chat.calls).toContain('end t done')
  })

  test('can be rated with native radios, with a note, or not at all', async () => {
    chat.session('t', { state: 'ended', agent: MARA, reason: 'agent' })
    const see = await show()
    const radios: HTMLElement[] = see.getAllByRole('radio')
    expect(radios.map(radio => radio.closest('label')?.textContent)).toEqual(['Bad', 'Poor', 'Okay', 'Good', 'Great'])
    await perform(() => fireEvent.click(radios[3]!))
    ;(see.getByRole('textbox', { name: 'Anything to add? (optional)' }) as HTMLTextAreaElement).value = 'quick'
    await press('Send rating')
    expect(chat.calls).toContain('rate t 4 quick')
    expect(see.queryByRole('radio')).toBeNull()
    expect(see.getByText('Thank you. That helps us.')).toBeTruthy()

    await perform(() => chat.session('t', { id: 'next', state: 'ended', agent: MARA, score: null }))
    await press('Skip')
    expect(see.queryByRole('radio')).toBeNull()
  })

  test('can begin in a thread of messages while somebody is home', async () => {
    chat.put('t', { author: 'visitor', text: 'hi' })
    const see = await show()
    await press('Chat now')
    expect(chat.calls).toContain('start t')
    await perform(() => chat.$availability.set(AWAY))
    expect(see.queryByText('Somebody is here.')).toBeNull()
  })

  test('is followed by a new one where there are only live chats', async () => {
    chat.put('t', { author: 'visitor', text: 'hi' })
    chat.session('t', { state: 'rated', agent: MARA, reason: 'agent', score: 5 })
    await show({ mode: 'live' })
    expect(shown.see.queryByRole('textbox')).toBeNull()
    await press('Chat now')
    expect(chat.calls).toContain('start t')
    expect(shown.see.getByRole('textbox')).toBeTruthy()
  })

  test('shows who is typing', async () => {
    chat.put('t', { text: 'hi' })
    const see = await show()
    await perform(() => chat.$typing.set({ t: { by: MARA } }))
    expect(see.getByRole('img', { name: 'Mara Lind is typing' })).toBeTruthy()
    // Nobody in particular has no initials.
    await perform(() => chat.$typing.set({ t: { by: null } }))
    expect(see.getByRole('img', { name: 'our team is typing' })).toBeTruthy()
    expect(shown.root.querySelector('.typing .avatar')?.textContent).toBe('')
  })
})

describe('the banner', () => {
  test.each(['refused', 'unauthorized'] as const)('is not denied by a promise below it: %s', async state => {
    const see = await show()
    expect(see.getByText('Write to us. The answer waits for you here.')).toBeTruthy()
    await perform(() => chat.link(state))
    expect(see.queryByText('Write to us. The answer waits for you here.')).toBeNull()
  })

  test('stays silent for two seconds, then tells the truth', async () => {
    vi.useFakeTimers()
    const see = await show()
    await perform(() => chat.link('connecting'))
    await perform(() => vi.advanceTimersByTime(1900))
    expect(see.queryByText('Connecting…')).toBeNull()
    await perform(() => vi.advanceTimersByTime(200))
    expect(see.getByText('Connecting…')).toBeTruthy()

    await perform(() => chat.link('waiting', new Date().setHours(10, 2, 0, 0)))
    expect(see.getByText(/No connection to us\. What you write is kept and sent later\..*10:02/)).toBeTruthy()
    await perform(() => fireEvent.click(see.getByRole('button', { name: 'Try again' })))
    expect(chat.calls).toContain('reconnect')

    await perform(() => chat.link('catching-up'))
    expect(see.getByText('Catching up…')).toBeTruthy()
    await perform(() => chat.link('online'))
    expect(see.getByText('Connected again.')).toBeTruthy()
    await perform(() => vi.advanceTimersByTime(2100))
    expect(see.queryByText('Connected again.')).toBeNull()
  })

  test.each([
    ['unauthorized', 'Please sign in on this page to go on.'],
    ['refused', 'Chat is not available here.']
  ] as const)('says at once when the visitor is %s', async (state, words) => {
    chat.link(state)
    const see = await show()
    await settle()
    expect(see.getByText(words)).toBeTruthy()
  })

  test.each([
    ['volatile', /Nothing is saved here/],
    ['degraded', /Saving does not work now/]
  ] as const)('says when storage is %s', async (storage, words) => {
    chat.$status.set({ ...chat.$status.get(), storage })
    const see = await show()
    expect(see.getByText(words)).toBeTruthy()
    // What would be lost is named once there is something, where the bar does not ask for it anyway.
    const unsent = () => see.queryByText(/Not all is sent yet: keep this page open/)
    expect(unsent()).toBeNull()
    await perform(() => chat.$status.set({ ...chat.$status.get(), waiting: 1 }))
    expect(!!unsent()).toBe(storage === 'volatile')
    const closing = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(closing)
    expect(closing.defaultPrevented).toBe(true)
  })
})
