import type { Page, PageEvent } from './page.ts'

/** The page of this window. The only file that listens on `window` and `document` for the core. */
export function browserPage(): Page {
  return {
    get visible() {
      return document.visibilityState === 'visible'
    },
    on(event, listener) {
      const stop = new AbortController()
      for (const [target, type, applies] of sources(event)) {
        target?.addEventListener(type, native => applies?.(native) === false || listener(), { signal: stop.signal })
      }
      return () => stop.abort()
    }
  }
}

type Source = readonly [target: EventTarget | undefined, type: string, applies?: (event: Event) => boolean]

function sources(event: PageEvent): readonly Source[] {
  switch (event) {
    case 'show':
      return [[document, 'visibilitychange', () => !document.hidden]]
    case 'hide':
      return [[document, 'visibilitychange', () => document.hidden]]
    case 'leave':
      return [
        [window, 'pagehide'],
        [document, 'freeze']
      ]
    case 'return':
      return [
        [window, 'pageshow', shown => (shown as PageTransitionEvent).persisted],
        [document, 'resume']
      ]
    default:
      return [[window, event]]
  }
}
