/**
 * What the core may know about the page it runs in, and nothing more: no DOM. The browser's implementation is the
 * only file that touches `window` events.
 */
export interface Page {
  readonly url: string
  readonly title: string
  /** `false` is certain, `true` is a guess; browsers only know when there is no network at all. */
  readonly online: boolean
  readonly visible: boolean
  /** Returns the function that stops listening. */
  on(event: PageEvent, listener: () => void): () => void
}

export type PageEvent =
  | 'online'
  | 'offline'
  | 'show'
  | 'hide'
  /** The page is about to be frozen or left: last moment to let go of sockets. */
  | 'leave'
  /** Back from the freezer or the back/forward cache. */
  | 'return'
  /** The address changed, with or without a page load. */
  | 'navigate'
