import type { Page, PageEvent } from './page.ts'

/** The page of this window. The only file that listens on `window` and `document` for the core. */
export function browserPage(): Page {
  return {
    get visible() {
      return !document.hidden
    },
    on(event, listener) {
      const stop = new AbortController()
      const { signal } = stop
      for (const type of SOURCES[event] ?? [event]) {
        // On its way down, because some of these are the document's and do not come up again.
        window.addEventListener(type, native => applies(event, native) && listener(), { signal, capture: true })
      }
      return () => stop.abort()
    }
  }
}

/** What the browser says, by what we call it. */
const SOURCES: Partial<Record<PageEvent, readonly string[]>> = {
  show: ['visibilitychange'],
  hide: ['visibilitychange'],
  leave: ['pagehide', 'freeze'],
  return: ['pageshow', 'resume']
}

function applies(event: PageEvent, native: Event): boolean {
  if (native.type === 'visibilitychange') return document.hidden === (event === 'hide')
  return native.type !== 'pageshow' || (native as PageTransitionEvent).persisted
}
