import type { Chat, Listening } from '../core/chat.ts'
import type { Availability } from '../model/availability.ts'
import type { ThreadId } from '../model/thread.ts'
import { type Announcer, joinAnnouncer } from './announcer.ts'
import css from './launcher.css?inline'
import { createLauncher } from './launcher.ts'
import { checkLook, type LookOptions } from './look.ts'
import type { Panel, PanelModule } from './panel.ts'
import { adopt } from './sheet.ts'
import { createStore, type Readable } from './store.ts'
import { allWords, firstWords, negotiate, type Words } from './strings.ts'
import { applyTheme } from './theme.ts'

/** The interface on a page. Everything may be called at any time, in any order. */
export interface Widget {
  /**
   * Opens the panel, on this thread if one is named. Opened by code it does not take the focus, so that nobody is
   * pulled out of what they were typing.
   */
  open(threadId?: ThreadId): void
  close(): void
  toggle(): void
  /** Shows the launcher again after `hide`. */
  show(): void
  /** Takes launcher and panel from the page; the chat goes on. */
  hide(): void
  /** Whether the panel is open, or is about to be. */
  readonly $open: Readable<boolean>
  /** Removes everything from the page. The chat is its maker's to close. */
  destroy(): void
}

/** Where the interface gets its chat from, when it needs one. */
export interface ChatSource {
  /** What listens: enough for the launcher. */
  load(): Promise<Listening>
  /** The whole of the same chat, fetched together with the panel. */
  talk(): Promise<Chat>
  /** Whether somebody is home, asked without a chat. */
  ask?(signal: AbortSignal): Promise<Availability>
  /** Settles with `true` if the chat should be loaded without waiting for the visitor. */
  readonly eager?: Promise<boolean>
}

/** Puts the launcher on the page at once; the rest follows when a visitor shows interest. */
export function mountUi(source: ChatSource, options: LookOptions): Widget {
  if (typeof document === 'undefined') return inertWidget()
  const look = checkLook(options)
  const life = new AbortController()
  const { signal } = life
  const $open = createStore(false)

  const host = document.createElement('porchlight-chat')
  const root = host.attachShadow({ mode: 'open' })
  adopt(root, css)
  const frame = document.createElement('div')
  frame.className = 'frame'
  frame.dataset.position = look.position
  applyTheme(frame, look, host)
  const launcher = createLauncher()
  frame.append(launcher.element)
  root.append(frame)

  let words: Words | undefined
  let announcer: Announcer | undefined
  let chat: Listening | undefined
  let panel: Panel | undefined
  let asked: Availability | undefined
  let askedAt = 0
  let hidden = false
  let failed = false
  /** How the panel was asked for, while its parts are being fetched. */
  let pending: { readonly threadId: ThreadId | undefined; readonly focus: boolean } | undefined
  let opener: HTMLElement | undefined

  const availability = () => chat?.$availability.get() ?? asked

  const paint = () => {
    if (!words || signal.aborted) return
    const lit = availability()?.open
    launcher.show({
      words,
      open: $open.get() && !pending,
      lit,
      unread: chat?.$unread.get() ?? 0,
      busy: pending !== undefined,
      failed
    })
    const known = chat !== undefined && chat.$threads.get().length > 0
    const away = look.offline === 'hide' && !lit && !known && !$open.get()
    frame.hidden = hidden || away
  }

  const ask = () => {
    if (!source.ask || Date.now() - askedAt < 60_000) return
    askedAt = Date.now()
    source.ask(signal).then(
      answer => {
        asked = answer
        paint()
      },
      () => {
        // Not known then: the launcher says neither, and the next look at the page asks again.
        askedAt = 0
      }
    )
  }

  const loadChat = once(async () => {
    const loaded = await source.load()
    if (signal.aborted) return loaded
    chat = loaded
    for (const store of [chat.$availability, chat.$unread, chat.$threads]) {
      signal.addEventListener('abort', (store as Readable<unknown>).listen(paint))
    }
    signal.addEventListener(
      'abort',
      chat.on('alert', ({ message }) => {
        if (words && !$open.get()) {
          announcer?.say(words.t('announceNew', { name: message.by?.name || words.t('team') }))
        }
      })
    )
    paint()
    return chat
  })

  const loadTalk = once(async () => {
    await loadChat()
    return source.talk()
  })
  const loadPanel = once((): Promise<PanelModule> => import('./panel/index.tsx'))
  const locale = negotiate(look.locale, document.documentElement.lang, navigator.languages ?? [])
  const loadWords = once(() => allWords(locale, look.strings))

  /** Fetches what opening will need, when it looks as if it will be opened. */
  const prepare = () => {
    Promise.all([loadPanel(), loadTalk(), loadWords()]).catch(() => {
      // Tried again, and reported, when it is really wanted.
    })
  }

  const open = async (threadId: ThreadId | undefined, focus: boolean) => {
    if (signal.aborted) return
    if ($open.get() && !pending) return panel?.show(threadId, focus)
    opener = document.activeElement instanceof HTMLElement ? document.activeElement : undefined
    pending = { threadId, focus }
    failed = hidden = false
    $open.set(true)
    paint()
    try {
      const [{ openPanel }, ready, all] = await Promise.all([loadPanel(), loadTalk(), loadWords()])
      // Without a body there is no announcer yet, and `attach` comes back to this.
      if (signal.aborted || !pending || !announcer) return
      panel ??= openPanel(root, frame, { chat: ready, look, words: all, announcer, onClose: close })
      const wanted = pending
      pending = undefined
      launcher.button.setAttribute('aria-controls', panel.element.id)
      panel.show(wanted.threadId, wanted.focus)
    } catch (error) {
      if (signal.aborted) return
      pending = undefined
      failed = true
      $open.set(false)
      console.warn('porchlight: the chat could not be opened', error)
      if (words) announcer?.alert(words.t('launcherFailed'))
    }
    paint()
  }

  const close = () => {
    if (!$open.get()) return
    const within = root.activeElement !== null
    pending = undefined
    $open.set(false)
    panel?.hide()
    paint()
    if (!within) return
    const back = opener?.isConnected && opener !== document.body && opener !== host ? opener : launcher.button
    back.focus({ preventScroll: true })
  }

  void firstWords(locale, look.strings).then(loaded => {
    words = loaded
    frame.lang = loaded.locale
    frame.dir = loaded.dir
    paint()
  })
  // In English the words are there before the next frame; else the launcher waits for its name.
  frame.hidden = true

  const attach = () => {
    if (signal.aborted) return
    announcer ??= joinAnnouncer()
    document.body.append(host)
    signal.addEventListener(
      'abort',
      keepAttached(host, () => panel?.restore())
    )
    if (pending) void open(pending.threadId, pending.focus)
  }
  if (document.body) attach()
  else document.addEventListener('DOMContentLoaded', attach, { once: true, signal })

  const { button } = launcher
  button.addEventListener('click', () => ($open.get() ? close() : void open(undefined, true)))
  for (const intent of ['pointerenter', 'focus', 'touchstart']) {
    button.addEventListener(intent, prepare, { once: true, passive: true })
  }

  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask(), { signal })

  ask()
  void source.eager?.then(yes => {
    if (yes && !signal.aborted) {
      loadChat().catch(() => {
        // As in `prepare`.
      })
    }
  })

  return {
    open: threadId => void open(threadId, false),
    close,
    toggle: () => ($open.get() ? close() : void open(undefined, false)),
    show() {
      hidden = false
      paint()
    },
    hide() {
      close()
      hidden = true
      paint()
    },
    $open,
    destroy() {
      if (signal.aborted) return
      $open.set(false)
      life.abort()
      panel?.dispose()
      announcer?.leave()
      host.remove()
    }
  }
}

/** On a server there is no page to be on. */
function inertWidget(): Widget {
  const nothing = () => {}
  return {
    open: nothing,
    close: nothing,
    toggle: nothing,
    show: nothing,
    hide: nothing,
    $open: createStore(false),
    destroy: nothing
  }
}

/** The same promise for all callers, unless it failed: then the next caller tries again. */
function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined
  return () => {
    running ??= work().catch(error => {
      running = undefined
      throw error
    })
    return running
  }
}

/** Puts the host back when a framework swaps the body or empties it. Returns the function that stops that. */
function keepAttached(host: HTMLElement, restored: () => void): () => void {
  let times = 0
  const observer = new MutationObserver(() => {
    // A page that really does not want it would otherwise fight us for ever.
    if (!host.isConnected && document.body && times++ < 50) {
      document.body.append(host)
      restored()
    }
    watch()
  })
  const watch = () => {
    observer.disconnect()
    for (const element of [document.documentElement, document.body]) {
      if (element) observer.observe(element, { childList: true })
    }
  }
  watch()
  return () => observer.disconnect()
}
