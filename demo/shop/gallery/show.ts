import { type Chat, createChat, memory, StorageError, stillTabs } from '../../../src/index.ts'
import { scenario } from '../../../src/testing/index.ts'
import { watchRules } from '../../../src/ui/rules/index.ts'
import { mount } from '../../../src/widget.ts'
import { withMail } from './copies.ts'
import { withFiles } from './files.ts'
import { type Stage, type State, THREAD } from './state.ts'

interface Around {
  readonly scheme: 'auto' | 'light' | 'dark'
  readonly locale: string
}

/** Brings the widget into a state, on a page of its own. Settles when what is to be seen is there. */
export async function showState(state: State, { scheme, locale }: Around): Promise<void> {
  document.body.append(backdrop())
  if (state.look?.target) document.body.append(place())
  const { storage, fill } = storageOf(state)
  const transport = withMail(withFiles(scenario(state.script, { start: Date.now() }), state), state)
  const chat = await createChat({ app: 'gallery', transport, storage, tabs: stillTabs()() })
  const source = state.broken ? () => Promise.reject<Chat>(new Error('the code did not come')) : chat
  const widget = mount(source, { scheme, locale, title: 'Fernhill Lamps', ...state.look })
  const root = document.querySelector('porchlight-chat')!.shadowRoot!
  if (state.rules) {
    await found(root, '.frame:not([hidden])')
    await watchRules({
      given: state.rules,
      name: 'gallery',
      consent: 'none',
      host: widget.host!,
      strings: undefined,
      $open: widget.$open,
      lastActivity: () => 0,
      open: threadId => widget.open(threadId, true)
    })
  }

  const find = (selector: string) => found(root, selector)
  const stage: Stage = {
    chat,
    find,
    press: async selector => (await find(selector)).click(),
    async write(selector, text) {
      const field = (await find(selector)) as HTMLInputElement
      field.value = text
      field.dispatchEvent(new Event('input', { bubbles: true }))
    },
    cue: () => chat.typing(THREAD, true),
    fill
  }

  // As for who comes back: the launcher alone asks for nothing before it is pressed.
  chat.watch()
  if (!state.early) await online(chat)
  if (state.open === 'home') widget.open()
  else if (state.open !== 'launcher') widget.open(state.open)
  await find(state.open === 'launcher' ? '.launcher' : '.panel[open] .screen')
  await state.act?.(stage)
  await find(state.sees)
}

/** Rows in memory, called durable where the interface is not to speak of it. */
function storageOf({ storage = 'durable' }: State) {
  const rows = memory()
  let full = false
  return {
    fill() {
      full = storage === 'full'
    },
    storage: {
      ...rows,
      durable: storage !== 'volatile',
      commit: (changes: Parameters<typeof rows.commit>[0]) =>
        full ? Promise.reject(new StorageError('full', 'the disk of this state is full')) : rows.commit(changes)
    }
  }
}

/** Something of a page, to see the widget lie on it. */
function backdrop(): HTMLElement {
  const main = document.createElement('main')
  main.className = 'backdrop'
  const title = document.createElement('h1')
  title.textContent = 'Fernhill Lamps'
  const words = document.createElement('p')
  words.textContent = 'Eight lamps, one workshop, and a light on the porch while somebody is home.'
  main.append(title, words)
  return main
}

/** Where the chat is a part of the page. */
function place(): HTMLElement {
  const section = document.createElement('section')
  section.className = 'place'
  return section
}

function online({ $link }: Chat): Promise<void> {
  return new Promise(resolve => {
    const unbind = $link.subscribe(({ state }) => {
      if (state !== 'online') return
      resolve()
      queueMicrotask(() => unbind())
    })
  })
}

/** Waits until there is such an element. */
function found(root: ShadowRoot, selector: string): Promise<HTMLElement> {
  return new Promise(resolve => {
    const look = () => {
      const element = root.querySelector<HTMLElement>(selector)
      if (!element) return
      observer.disconnect()
      resolve(element)
    }
    const observer = new MutationObserver(look)
    observer.observe(root, { subtree: true, childList: true, attributes: true })
    look()
  })
}
