import type { Visit } from '../../model/rule.ts'

/** How often the page is looked at, in milliseconds. */
const TICK = 500
/** After the last letter, a form counts as being filled for so long, in seconds. */
const FILLING = 60

export interface PageWatch {
  /** What this page knows; the rest of the visit is remembered elsewhere. */
  get(): Pick<Visit, 'seconds' | 'scroll' | 'exit' | 'url' | 'events' | 'idle'>
  /** The page said something. */
  say(event: string): void
  /** Why the visitor must not be spoken to now; empty: nothing is against it. */
  against(): readonly string[]
}

/**
 * Watches the page for the rules. Listens only, changes nothing: where the browser does not tell of another address, it
 * is looked at.
 *
 * @param isOurs Whether this happened in the widget.
 * @param onChange Something may hold now that did not.
 */
export function watchPage(isOurs: (event: Event) => boolean, onChange: () => void, signal: AbortSignal): PageWatch {
  let url = location.href
  let inView = 0
  let looked = performance.now()
  let deepest = 0
  let exit = false
  let events: readonly string[] = []
  /** When something was last written in a form that was not sent yet. */
  let wrote: number | undefined

  const scrolled = () => {
    const { scrollHeight, clientHeight } = document.scrollingElement ?? document.documentElement
    const room = scrollHeight - clientHeight
    deepest = Math.max(deepest, room > 0 ? Math.min(100, (100 * window.scrollY) / room) : 100)
  }
  const look = () => {
    const now = performance.now()
    // A timer that was held back while the page slept counts for nothing.
    if (!document.hidden) inView += Math.min(now - looked, 2 * TICK)
    looked = now
    if (location.href !== url) {
      url = location.href
      inView = deepest = 0
      exit = false
      wrote = undefined
    }
    onChange()
  }

  const on = (target: EventTarget | undefined, types: readonly string[], listener: (event: Event) => void) => {
    for (const type of types) target?.addEventListener(type, listener, { signal, capture: true, passive: true })
  }
  on(document, ['mouseout'], event => {
    const { relatedTarget, clientY } = event as MouseEvent
    if (relatedTarget || clientY > 0) return
    exit = true
    onChange()
  })
  on(document, ['input'], event => {
    if (!isOurs(event)) wrote = performance.now()
  })
  on(document, ['submit', 'reset'], () => {
    wrote = undefined
  })
  on(window, ['popstate', 'hashchange'], look)
  on(document, ['visibilitychange'], look)
  on((window as { navigation?: EventTarget }).navigation, ['currententrychange'], look)
  const timer = setInterval(look, TICK)
  signal.addEventListener('abort', () => clearInterval(timer))

  const idle = () => (wrote === undefined ? undefined : (performance.now() - wrote) / 1000)
  return {
    get() {
      // Not at the beginning: the page may not be laid out by then.
      if (inView > TICK) scrolled()
      return { seconds: inView / 1000, scroll: deepest, exit, url, events, idle: idle() }
    },
    say(event) {
      events = [...events, event]
      onChange()
    },
    against() {
      const since = idle()
      const field = document.activeElement?.matches('input, textarea, select, [contenteditable]')
      return [
        document.hidden && 'hidden',
        field && 'typing',
        since !== undefined && since < FILLING && 'form',
        document.querySelector('dialog[open], [aria-modal=true]') && 'dialog'
      ].filter(reason => reason !== false && !!reason) as string[]
    }
  }
}
