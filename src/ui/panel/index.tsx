import { render } from 'preact'
import { isLive } from '../../model/session.ts'
import type { Panel, PanelParts } from '../panel.ts'
import { adopt } from '../sheet.ts'
import { createStore } from '../store.ts'
import { App } from './App.tsx'
import { type Around, AroundProvider, type LatePart, type View } from './around.ts'
import { createLiveRegion } from './live-region.ts'
import css from './panel.css?inline'
import { createTimes } from './times.ts'
import { createWords } from './words.ts'

/** From here down the panel takes the whole screen. */
const SMALL = '(max-width: 479.98px), (max-height: 479.98px)'

/** Makes the panel, closed, unless it is too late for that. Keeps the promise of `ui/panel.ts`. */
export async function openPanel(parts: PanelParts): Promise<Panel> {
  const { root, frame, launcher, chat, locale, strings, signal } = parts
  // A list, as it is or as JSON.
  const look = /^\w/.test(parts.look.mode) ? parts.look : (await import('../modes.ts')).withModes(parts.look, chat)
  signal.throwIfAborted()
  // What is a part of the page neither covers it nor goes away.
  const onClose = look.target ? () => {} : parts.onClose
  const words = createWords(locale, { ...strings, ...look.strings })
  const announcer = parts.announcer ?? createLiveRegion(signal)
  adopt(root, css)
  const element = document.createElement('dialog')
  element.id = 'panel'
  element.className = 'panel'
  element.setAttribute('part', 'panel')
  element.setAttribute('aria-labelledby', 'title')
  frame.prepend(element)
  element.tabIndex = -1
  launcher.setAttribute('aria-controls', element.id)

  const $view = createStore<View>({ threadId: undefined, open: false, focus: 0 })
  const $trouble = createStore('')
  const adopted = new Set<LatePart>()
  let unwatch = () => {}
  /** What had the focus before. */
  let opener: Element | null = null
  let quiet: ReturnType<typeof setTimeout> | undefined

  const around: Around = {
    chat,
    look,
    words,
    times: createTimes(words),
    announcer,
    $view,
    $trouble,
    go: (threadId, at) => $view.set({ threadId, at, open: true, focus: $view.get().focus + (at ? 0 : 1) }),
    close: onClose,
    adopt(part) {
      if (!adopted.has(part)) {
        adopt(root, part.css)
        words.learn(part.words ?? {})
      }
      adopted.add(part)
    },
    async attempt(work, key = 'failedAction') {
      try {
        await work
        $trouble.set('')
        return true
      } catch (error) {
        console.warn('porchlight:', error)
        if (signal.aborted || !key) return false
        $trouble.set(words.t(key))
        announcer.alert(words.t(key))
        clearTimeout(quiet)
        quiet = setTimeout(() => $trouble.set(''), 8000)
        return false
      }
    }
  }
  render(
    <AroundProvider value={around}>
      <App />
    </AroundProvider>,
    element
  )

  const small = window.matchMedia(look.target ? 'not all' : SMALL)
  /** Opens the dialog as the size of the page asks for: beside the page, or instead of it. */
  const display = (focus: boolean) => {
    element.close()
    element.classList.toggle('full', small.matches)
    if (small.matches) {
      element.showModal()
      // Itself, not the button that was found first: nobody opens it in order to close it.
      element.focus()
    }
    // Not `show()`: that takes the focus, and somebody may be typing on the page.
    else element.open = true
    if (focus) $view.set({ ...$view.get(), focus: $view.get().focus + 1 })
  }
  small.addEventListener('change', () => $view.get().open && display(false), { signal })
  element.addEventListener('cancel', event => {
    // The back gesture of a phone, or an Escape that nobody wanted more.
    event.preventDefault()
    onClose()
  })

  for (const type of ['keydown', 'keypress', 'keyup', 'paste'] as const) {
    root.addEventListener(
      type,
      event => {
        const { key, isComposing, defaultPrevented } = event as KeyboardEvent
        if (type === 'keydown' && key === 'Escape' && !isComposing && !defaultPrevented) onClose()
        // The page sees only our host element as the target and would take a visitor's letters for its own shortcuts.
        event.stopPropagation()
      },
      { signal }
    )
  }
  document.addEventListener(
    'keydown',
    event => {
      // Escape also uncovers what has the focus on the page: see WCAG 2.4.11.
      if (event.key === 'Escape' && !event.defaultPrevented && element.open)
        import('./reach/index.tsx').then(({ covers }) => covers(element) && onClose()).catch(console.warn)
    },
    { signal }
  )

  // The keyboard of a phone covers the page without making it smaller.
  const { visualViewport } = window
  const fitScreen = () => {
    element.style.setProperty('--top', `${visualViewport?.offsetTop ?? 0}px`)
    element.style.setProperty('--height', `${visualViewport?.height ?? innerHeight}px`)
  }
  for (const type of ['resize', 'scroll']) visualViewport?.addEventListener(type, fitScreen, { signal })

  window.addEventListener(
    'pagehide',
    () => {
      const { open, threadId } = $view.get()
      // Where it takes the whole screen, who goes to another page wants to see that.
      if (look.left && open && !small.matches && chat.$status.get().storage !== 'volatile')
        try {
          sessionStorage[look.left] = chat.$threads.get().find(({ id }) => id === threadId)?.id ?? ''
        } catch {
          // It is full.
        }
    },
    { signal }
  )
  signal.addEventListener('abort', () => {
    clearTimeout(quiet)
    unwatch()
    render(null, element)
  })

  return {
    element,
    show(threadId, focus) {
      const view = $view.get()
      const live = Object.values(chat.$sessions.get()).find(isLive)?.threadId
      if (!view.open) {
        unwatch = chat.watch()
        opener = root.activeElement ?? document.activeElement
      }
      $view.set({ ...view, open: true, threadId: threadId || view.threadId || live })
      fitScreen()
      display(focus)
    },
    hide() {
      const view = $view.get()
      if (!view.open) return
      const within = root.activeElement
      $view.set({ ...view, open: false })
      unwatch()
      element.close()
      if (!within) return
      const back = opener?.isConnected && opener !== document.body ? opener : launcher
      ;(back as HTMLElement).focus({ preventScroll: true })
    },
    hear(message) {
      around.heard = message
      around.hear?.(message)
    }
  }
}
