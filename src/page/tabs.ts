/** The other tabs of this site, in this browser, with this visitor. */
export interface Tabs {
  /** Settles when this tab leads; it leads until `signal` aborts. Alone, it leads at once. */
  lead(signal: AbortSignal): Promise<void>

  /** Tells the others. They may miss it: storage is the truth, a note says where to look. */
  tell(note: TabNote): void

  /** Returns the function that stops listening. Never called with this tab's own notes. */
  listen(listener: (note: TabNote) => void): () => void
}

export type TabNote =
  /** These rows changed; read them again. */
  | { readonly type: 'rows'; readonly keys: readonly (readonly (string | number)[])[] }
  /** Shown, not stored: typing, availability. From the tab that leads. */
  | { readonly type: 'ephemeral'; readonly events: readonly unknown[] }
  /** To the tab that leads: say this to the backend, or be online because somebody looks. */
  | { readonly type: 'hint'; readonly hint: unknown }
  | { readonly type: 'watch'; readonly active: boolean; readonly tab: string }
  /** From the tab that leads: how the link is. */
  | { readonly type: 'link'; readonly link: unknown }
  | { readonly type: 'reset' }
