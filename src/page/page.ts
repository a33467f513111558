/**
 * What the core may know about the page it runs in, and nothing more: no DOM. The browser's implementation is the
 * only file that touches `window` events.
 */
export interface Page {
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
