import type { Page, PageEvent } from './page.ts'

/** The page of this window. The only file that listens on `window` and `document` for the core. */
export function browserPage(): Page {
  return {
    get url() {
      return location.href
    },
    get title() {
      return document.title
    },
    get online() {
      return navigator.onLine
    },
    get visible() {
      return document.visibilityState === 'visible'
    },
    on(event, listener) {
      const stop = new AbortController()
      const { signal } = stop
      SOURCES[event](listener, signal)
      return () => stop.abort()
    }
  }
}

type Source = (listener: () => void, signal: AbortSignal) => void

const SOURCES: Readonly<Record<PageEvent, Source>> = {
  online: (listener, signal) => addEventListener('online', listener, { signal }),
  offline: (listener, signal) => addEventListener('offline', listener, { signal }),
  show: (listener, signal) => onVisibility('visible', listener, signal),
  hide: (listener, signal) => onVisibility('hidden', listener, signal),
  leave(listener, signal) {
    addEventListener('pagehide', listener, { signal })
    document.addEventListener('freeze', listener, { signal })
  },
  return(listener, signal) {
    addEventListener('pageshow', event => event.persisted && listener(), { signal })
    document.addEventListener('resume', listener, { signal })
  },
  navigate(listener, signal) {
    addEventListener('popstate', listener, { signal })
    addEventListener('hashchange', listener, { signal })
    // Where it exists it also tells of history.pushState, which nothing else does.
    ;(globalThis as { navigation?: EventTarget }).navigation?.addEventListener('navigatesuccess', listener, { signal })
  }
}

function onVisibility(state: DocumentVisibilityState, listener: () => void, signal: AbortSignal): void {
  document.addEventListener('visibilitychange', () => document.visibilityState === state && listener(), { signal })
}
