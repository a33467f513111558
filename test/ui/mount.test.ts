// @vitest-environment happy-dom
import { fireEvent, waitFor, within } from '@testing-library/preact'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { checkLook } from '../../src/ui/look.ts'
import { mountUi, type Widget } from '../../src/ui/mount.ts'
import { mount, mountChat } from '../../src/widget.ts'
import { AWAY, type FakeChat, fakeChat, HOME } from '../support/fake-chat.ts'
import { perform, settle } from '../support/panel.ts'

let chat: FakeChat
const widgets: Widget[] = []

beforeEach(() => {
  chat = fakeChat()
  document.body.replaceChildren()
  document.documentElement.lang = 'en'
})
afterEach(() => {
  for (const widget of widgets.splice(0)) widget.destroy()
})

const hosts = () => [...document.querySelectorAll('porchlight-chat')]
const root = () => hosts()[0]!.shadowRoot!
const see = () => within(root() as unknown as HTMLElement)
const launcher = () => root().querySelector<HTMLButtonElement>('.launcher')!
const panel = () => root().querySelector('dialog')
const isLit = () => root().querySelector('.corner')!.classList.contains('lit')

async function put(options = {}): Promise<Widget> {
  const widget = mount(chat, options)
  widgets.push(widget)
  await settle()
  return widget
}

async function opened(): Promise<void> {
  await waitFor(() => expect(panel()?.open).toBe(true))
  await settle()
}

describe('the launcher', () => {
  test('says whether somebody is home, in its name', async () => {
    await put()
    expect(launcher().getAttribute('aria-label')).toBe('Chat with us')
    chat.$availability.set(HOME)
    expect(launcher().getAttribute('aria-label')).toBe('We’re here. Chat with us')
    expect(isLit()).toBe(true)
    chat.$availability.set(AWAY)
    expect(launcher().getAttribute('aria-label')).toBe('Leave us a message')
  })

  test('goes out while there is no connection, and stays so until there is one again', async () => {
    await put()
    chat.$availability.set(HOME)
    const states = (['waiting', 'connecting', 'catching-up', 'online', 'catching-up'] as const).map(state => {
      chat.link(state)
      return [state, isLit(), launcher().getAttribute('aria-label')]
    })
    expect(states).toEqual([
      ['waiting', false, 'Leave us a message'],
      ['connecting', false, 'Leave us a message'],
      ['catching-up', false, 'Leave us a message'],
      ['online', true, 'We’re here. Chat with us'],
      ['catching-up', true, 'We’re here. Chat with us']
    ])
  })

  test('goes out while the browser is offline, though nothing is connected yet', async () => {
    const ask = vi.fn(async () => HOME)
    const never = () => Promise.reject(new Error('nobody asked for it'))
    widgets.push(mountUi({ load: never, talk: never, ask, eager: async () => false }, checkLook({})))
    await settle()
    expect(isLit()).toBe(true)

    const network = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
    ask.mockRejectedValueOnce(new Error('offline'))
    fireEvent(window, new Event('offline'))
    await settle()
    expect(isLit()).toBe(false)
    expect(launcher().getAttribute('aria-label')).toBe('Leave us a message')

    network.mockRestore()
    fireEvent(window, new Event('online'))
    await settle()
    expect(isLit()).toBe(true)
    expect(ask).toHaveBeenCalledTimes(3)
  })

  test('counts what is unread, in its badge and its name', async () => {
    await put()
    chat.put('t', { text: 'one' })
    chat.put('t', { text: 'two' })
    expect(launcher().getAttribute('aria-label')).toBe('Chat with us, 2 unread messages')
    expect(root().querySelector('.badge')!.textContent).toBe('2')
  })

  test('hides while nobody is home, if it was told to, but not from who has a conversation', async () => {
    await put({ offline: 'hide' })
    const frame = root().querySelector<HTMLElement>('.frame')!
    expect(frame.hidden).toBe(true)
    chat.$availability.set(HOME)
    expect(frame.hidden).toBe(false)
    chat.$availability.set(AWAY)
    expect(frame.hidden).toBe(true)
    chat.put('t', { author: 'visitor', text: 'hi' })
    expect(frame.hidden).toBe(false)
  })

  test('offers to take no message while nobody is home, where there are only other ways', async () => {
    await put({ offline: 'channels' })
    chat.$availability.set(AWAY)
    expect(launcher().getAttribute('aria-label')).toBe('Chat with us')
    chat.$availability.set(HOME)
    expect(launcher().getAttribute('aria-label')).toBe('We’re here. Chat with us')
  })

  test('loads the chat only when it is asked for', async () => {
    const make = vi.fn(() => chat)
    widgets.push(mount(make))
    await settle()
    expect(make).not.toHaveBeenCalled()
    fireEvent.pointerEnter(launcher())
    await settle()
    expect(make).not.toHaveBeenCalled()
    launcher().click()
    await opened()
    expect(make).toHaveBeenCalledOnce()
  })

  test('can be tried again when the chat could not be loaded', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const make = vi.fn<() => Promise<FakeChat>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue(chat)
    widgets.push(mount(make))
    await settle()
    launcher().click()
    await waitFor(() => expect(launcher().getAttribute('aria-label')).toContain('could not be opened'))
    expect(launcher().getAttribute('aria-expanded')).toBe('false')
    launcher().click()
    await opened()
    warn.mockRestore()
  })
})

describe('opening and closing', () => {
  test('by the visitor takes the focus to the first thing to do, and back', async () => {
    chat.$availability.set(HOME)
    const widget = await put()
    launcher().focus()
    launcher().click()
    await opened()
    expect(widget.$open.get()).toBe(true)
    expect(launcher().getAttribute('aria-expanded')).toBe('true')
    expect(launcher().getAttribute('aria-controls')).toBe(panel()!.id)
    expect(root().activeElement?.textContent).toBe('Chat now')
    expect(chat.watching()).toBe(1)

    await perform(() => fireEvent.keyDown(root().activeElement!, { key: 'Escape', bubbles: true }))
    expect(panel()!.open).toBe(false)
    expect(root().activeElement).toBe(launcher())
    expect(chat.watching()).toBe(0)
  })

  test('by code leaves the focus where it is', async () => {
    const field = document.body.appendChild(document.createElement('input'))
    const widget = await put()
    field.focus()
    widget.open()
    await opened()
    expect(document.activeElement).toBe(field)
    widget.close()
    expect(document.activeElement).toBe(field)
  })

  test('by code can name a thread', async () => {
    chat.put('t', { text: 'Your lamp is ready' })
    const widget = await put()
    widget.open('t')
    await opened()
    expect(see().getByText('Your lamp is ready')).toBeTruthy()
  })

  test('Escape on the page closes it if it covers the focus, unless the page wanted the key', async () => {
    const field = document.body.appendChild(document.createElement('input'))
    const widget = await put()
    widget.open()
    await opened()
    field.focus()
    const rect = (left: number) => ({ left, right: left + 100, top: 0, bottom: 100 }) as DOMRect
    panel()!.getBoundingClientRect = () => rect(0)

    // What looks whether it does comes with the first such key.
    const looked = () => vi.dynamicImportSettled()
    field.getBoundingClientRect = () => rect(500)
    fireEvent.keyDown(field, { key: 'Escape' })
    await looked()
    expect(widget.$open.get()).toBe(true)

    field.getBoundingClientRect = () => rect(50)
    field.addEventListener('keydown', event => event.preventDefault(), { once: true })
    fireEvent.keyDown(field, { key: 'Escape' })
    await looked()
    expect(widget.$open.get()).toBe(true)

    fireEvent.keyDown(field, { key: 'Escape' })
    await vi.waitFor(() => expect(widget.$open.get()).toBe(false))
  })

  test('keeps keys from the shortcuts of the page', async () => {
    const widget = await put()
    widget.open()
    await opened()
    const shortcut = vi.fn()
    document.addEventListener('keydown', shortcut)
    fireEvent.keyDown(panel()!, { key: 'j', bubbles: true, composed: true })
    expect(shortcut).not.toHaveBeenCalled()
    document.removeEventListener('keydown', shortcut)
  })

  test('says what arrives while it is closed', async () => {
    // Comes late on a page, and would come at any time in a test.
    await import('../../src/ui/panel/earlier/index.tsx')
    await put()
    const message = chat.put('t', { text: 'hello' })
    chat.emit('alert', { message, threadId: 't' })
    await waitFor(() =>
      expect(document.querySelector('porchlight-announcer')?.textContent).toBe('New message from Mara Lind')
    )
  })

  test('hides and shows', async () => {
    const widget = await put()
    widget.hide()
    expect(root().querySelector<HTMLElement>('.frame')!.hidden).toBe(true)
    widget.show()
    expect(root().querySelector<HTMLElement>('.frame')!.hidden).toBe(false)
  })
})

describe('on the page', () => {
  test('leaves nothing behind when destroyed', async () => {
    const before = document.documentElement.outerHTML
    const listening = new Map<string, number>()
    for (const target of [window, document]) {
      const add = target.addEventListener.bind(target)
      vi.spyOn(target, 'addEventListener').mockImplementation(((type: string, listener: never, options: never) => {
        listening.set(type, (listening.get(type) ?? 0) + 1)
        const { signal } = (options ?? {}) as { signal?: AbortSignal }
        signal?.addEventListener('abort', () => listening.set(type, listening.get(type)! - 1))
        add(type, listener, options)
      }) as never)
      const remove = target.removeEventListener.bind(target)
      vi.spyOn(target, 'removeEventListener').mockImplementation(((type: string, listener: never) => {
        listening.set(type, (listening.get(type) ?? 0) - 1)
        remove(type, listener)
      }) as never)
    }
    const widget = await put()
    widget.open('t')
    await opened()
    widget.destroy()
    widget.destroy()
    expect(document.documentElement.outerHTML).toBe(before)
    expect([...listening].filter(([, count]) => count > 0)).toEqual([])
    expect(chat.watching()).toBe(0)
    for (const store of [chat.$availability, chat.$unread, chat.$threads, chat.$messages, chat.$typing]) {
      expect((store as unknown as { lc: number }).lc).toBe(0)
    }
    vi.restoreAllMocks()
  })

  test('comes back when a framework swaps or empties the body', async () => {
    await put()
    document.body.replaceChildren()
    await waitFor(() => expect(hosts()).toHaveLength(1))
    const body = document.createElement('body')
    document.body.replaceWith(body)
    await waitFor(() => expect(body.querySelector('porchlight-chat')).toBeTruthy())
    document.body.replaceChildren()
    await waitFor(() => expect(hosts()).toHaveLength(1))
  })

  test('is in the element that was asked for, and back in it when a framework empties that', async () => {
    const place = document.body.appendChild(document.createElement('section'))
    place.id = 'help'
    for (const target of ['#help', place]) {
      const widget = await put({ target })
      expect(place.querySelectorAll('porchlight-chat')).toHaveLength(1)
      place.replaceChildren()
      await waitFor(() => expect(place.querySelectorAll('porchlight-chat')).toHaveLength(1))
      expect(hosts()).toHaveLength(1)
      widget.destroy()
      expect(place.childNodes).toHaveLength(0)
    }
    const widget = await put({ target: place })
    place.remove()
    document.body.append('another route')
    await settle()
    expect(hosts()).toHaveLength(0)
    widget.destroy()
  })

  test.each([['#'], ['#nowhere'], [null], [7]])('is nowhere if the element that was asked for is %o', target => {
    expect(() => mount(chat, { target: target as never })).toThrow(
      `porchlight: option target must be an element of the page, or a selector of one, got ${JSON.stringify(target)}`
    )
    expect(hosts()).toHaveLength(0)
  })

  test('two widgets share nothing', async () => {
    const first = await put()
    const second = await put()
    first.open()
    await opened()
    expect(second.$open.get()).toBe(false)
    first.destroy()
    expect(document.querySelectorAll('porchlight-announcer')).toHaveLength(0)
    expect(hosts()).toHaveLength(1)
  })

  test('speaks the language of the page, from right to left where that is how it is read', async () => {
    document.documentElement.lang = 'ar'
    await put()
    expect(root().querySelector<HTMLElement>('.frame')!.dir).toBe('rtl')
    expect(root().querySelector<HTMLElement>('.frame')!.lang).toBe('ar')
    await waitFor(() => expect(launcher().getAttribute('aria-label')).toBe('تحدّث معنا'))
  })

  test('takes own words for some of ours', async () => {
    await put({ strings: { launcherUnknown: 'Ask the lamp maker' } })
    expect(launcher().getAttribute('aria-label')).toBe('Ask the lamp maker')
  })
})

describe('options', () => {
  test.each([
    [{ mode: 'chat' }, 'porchlight: option mode must be one of both, live, messages, got "chat"'],
    [{ offline: true }, 'porchlight: option offline must be one of show, hide, form, channels, got true'],
    [{ scheme: 'night' }, 'porchlight: option scheme must be one of auto, light, dark, inherit, got "night"'],
    [{ position: 'left' }, 'porchlight: option position must be one of end, start, got "left"'],
    [{ title: 7 }, 'porchlight: option title must be text, got 7'],
    [{ locale: 'en_GB!' }, 'porchlight: option locale must be a tag such as pt-BR, got "en_GB!"'],
    [{ strings: { title: 5 } }, 'porchlight: option strings must be texts by their keys, got {"title":5}']
  ])('%o is refused with a reason', (options, message) => {
    expect(() => mount(chat, options as never)).toThrow(message as string)
    expect(hosts()).toHaveLength(0)
  })

  test.each([
    [{}, 'porchlight: option app must be a name of up to 64 letters, digits, - or _, got undefined'],
    [{ app: 'a b' }, 'porchlight: option app must be a name of up to 64 letters, digits, - or _, got "a b"'],
    [{ app: 'shop', server: 5 }, /option server must be an address/],
    [{ app: 'shop', token: 'x' }, /option token must be a function/]
  ])('%o is refused by mountChat', (options, message) => {
    expect(() => mountChat(options as never)).toThrow(message as string)
  })
})
