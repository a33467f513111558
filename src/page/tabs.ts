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
  /** From the tab that leads: how the link is, and what is shown but not stored. */
  | { readonly type: 'link'; readonly link: unknown }
  | { readonly type: 'ephemeral'; readonly events: readonly unknown[] }
  /** To the tab that leads: do this, because you hold the link. */
  | { readonly type: 'ask'; readonly name: string; readonly args: readonly unknown[] }
