import type { Chat, LinkState, Listening } from '../core/chat.ts'
import type { Availability } from '../model/availability.ts'
import type { ThreadId } from '../model/thread.ts'
import css from './launcher.css?inline'
import { createLauncher, make } from './launcher.ts'
import type { Look } from './look.ts'
import type { Panel } from './panel.ts'
import { adopt } from './sheet.ts'
import { createStore, type Readable } from './store.ts'
import { allStrings, directionOf, firstStrings, negotiate, type Strings } from './strings.ts'
import { applyTheme } from './theme.ts'

/** The interface on a page. Everything may be called at any time, in any order. */
export interface Widget {
  /**
   * Opens the panel, on this thread if one is named. Opened by code it does not take the focus, so that nobody is
   * pulled out of what they were typing; `focus`: because a visitor pressed something, it does.
   */
  open(threadId?: ThreadId, focus?: boolean): void
  close(): void
  toggle(): void
  /** Shows the launcher again after `hide`. */
  show(): void
  /** Takes launcher and panel from the page; the chat goes on. */
  hide(): void
  /** What it is in, on the page; `undefined` on a server. */
  readonly host: HTMLElement | undefined
  /** Whether the panel is open, or is about to be. */
  readonly $open: Readable<boolean>
  /** Removes everything from the page. The chat is its maker's to close. */
  destroy(): void
}

/** Where the interface gets its chat from, when it needs one. */
export interface ChatSource<Ear extends Listening> {
  /** What listens: enough for the launcher. Not asked again once it has answered. */
  load(): Promise<Ear>
  /** What makes the whole chat of it, fetched together with the panel. */
  talk(): Promise<(ear: Ear) => Chat>
  /** Whether somebody is home, asked without a chat. */
  ask?(signal: AbortSignal): Promise<Availability>
  /** Settles with `true` if the chat should be loaded without waiting for the visitor. */
  eager(): Promise<boolean>
}

const nothing = () => {}

/** Puts the launcher on the page at once; the rest follows when a visitor shows interest. */
export function mountUi<Ear extends Listening>(source: ChatSource<Ear>, look: Look): Widget {
  const $open = createStore(false)
  // On a server there is no page to be on.
  if (typeof document === 'undefined')
    return {
      host: undefined,
      open: nothing,
      close: nothing,
      toggle: nothing,
      show: nothing,
      hide: nothing,
      $open,
      destroy: nothing
    }

  const life = new AbortController()
  const { signal } = life
  const host = document.createElement('porchlight-chat')
  const root = host.attachShadow({ mode: 'open' })
  adopt(root, css)
  const locale = negotiate(look.locale, document.documentElement.lang, navigator.languages)
  // In English the words are there before the next frame; else the launcher waits for its name.
  const frame = make('div', {
    class: 'frame',
    'data-position': look.position,
    lang: locale,
    dir: directionOf(locale),
    hidden: ''
  })
  applyTheme(frame, look, host)
  const { element, button, show } = createLauncher()
  frame.append(element)
  root.append(frame)

  let strings: Partial<Strings> | undefined
  let chat: Listening | undefined
  let panel: Panel | undefined
  /** Whether somebody is home, as far as is known: from a chat that is connected, else from what was asked. */
  let home: boolean | undefined
  let shown = false
  let hidden = false
  let failed = false

  const paint = () => {
    if (!strings) return
    const open = $open.get()
    shown &&= open
    if (chat) {
      // In between it stays as it was: a light must not flicker.
      const known: Partial<Record<LinkState['state'], boolean | undefined>> = {
        online: chat.$availability.get()?.open,
        waiting: false
      }
      home = known[chat.$link.get().state] ?? home
    }
    const lit = home && navigator.onLine
    // Where nobody takes messages, it does not offer to.
    const said = look.offline === 'channels' ? lit || undefined : lit
    show({ open: shown, lit: said, busy: open && !shown, failed }, chat?.$unread.get() ?? 0, strings, locale)
    frame.hidden = hidden || (look.offline === 'hide' && !lit && !open && !chat?.$threads.get().length)
  }

  const ask = () => {
    if (document.hidden) return
    source.ask?.(signal).then(({ open }) => {
      home = open
      paint()
      // Not known then: the next look at the page asks again.
    }, paint)
  }

  const loadChat = once(async () => {
    const ear = await source.load()
    if (!signal.aborted) {
      chat = ear
      for (const unbind of [
        ear.$link.listen(paint),
        ear.$availability.listen(paint),
        ear.$unread.listen(paint),
        ear.$threads.listen(paint),
        // Who gets an answer is about to open the panel, and it knows how to say it.
        ear.on('alert', ({ message }) => loadPanel().then(({ hear }) => hear(message), nothing))
      ])
        signal.addEventListener('abort', unbind)
      paint()
    }
    return ear
  })

  const fetchPanel = () => Promise.all([import('./panel/index.tsx'), source.talk(), allStrings(locale)])

  const loadPanel = once(async () => {
    const [[{ openPanel }, talk, all], ear] = await Promise.all([fetchPanel(), loadChat()])
    panel = await openPanel({
      root,
      frame,
      launcher: button,
      chat: talk(ear),
      look,
      locale,
      strings: all,
      signal,
      onClose: close
    })
    return panel
  })
  /**
   * Fetches the code that opening will need, when it looks as if it will be opened. Nothing is run, stored or asked by
   * it: a pointer that passes by has not decided anything.
   */
  const prepare = () => fetchPanel().catch(nothing)

  const open = async (threadId?: ThreadId, focus = false) => {
    if (signal.aborted) return
    failed = hidden = false
    $open.set(true)
    try {
      const { show } = await loadPanel()
      // Closed or destroyed meanwhile.
      if (!$open.get()) return
      show(threadId, focus)
      shown = true
      paint()
    } catch (error) {
      if (!$open.get()) return
      failed = true
      $open.set(false)
      console.warn(error)
    }
  }
  const close = () => {
    $open.set(false)
    panel?.hide()
  }
  const toggle = (focus: boolean) => ($open.get() ? close() : void open(undefined, focus))

  $open.listen(paint)
  button.onclick = () => toggle(true)
  button.onpointerenter = button.onfocus = prepare
  for (const event of ['online', 'offline', 'visibilitychange']) addEventListener(event, ask, life)

  /** Puts the host on the page, and back when a framework swaps the body or empties it. */
  const attach = () => {
    const page = document.documentElement
    const parent = look.target ?? document.body ?? page
    // A page that really does not want it would otherwise fight us for ever.
    if (!host.isConnected && tries--) {
      parent.append(host)
      // Out of the document, a modal dialog lost its place on top.
      if (shown) void open()
    }
    for (const watched of [page, parent]) observer.observe(watched, { childList: true })
  }
  let tries = 50
  const observer = new MutationObserver(attach)
  attach()

  void firstStrings(locale).then(loaded => {
    strings = { ...loaded, ...look.strings }
    paint()
  })
  ask()
  source
    .eager()
    .then<unknown>(yes => {
      if (!yes) return
      if (!(look.left! in sessionStorage)) return loadChat()
      void open(sessionStorage[look.left!])
      // Not for a tab that is made from this one.
      delete sessionStorage[look.left!]
    })
    .catch(nothing)

  return {
    host,
    open,
    close,
    toggle: () => toggle(false),
    show() {
      hidden = false
      paint()
    },
    hide() {
      hidden = true
      close()
      paint()
    },
    $open,
    destroy() {
      $open.set(false)
      observer.disconnect()
      host.remove()
      life.abort()
    }
  }
}

/** The same promise for all callers, unless it failed: then the next caller tries again. */
export function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined
  return () =>
    (running ??= work().catch(error => {
      running = undefined
      throw error
    }))
}
