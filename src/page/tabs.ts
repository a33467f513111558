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
  /** To the tab that leads: somebody looks at this tab, or does not any more. */
  | { readonly type: 'watch'; readonly tab: string; readonly active: boolean }
  /** To the tab that leads: say this, fetch this, try again now. */
  | { readonly type: 'hint'; readonly hint: unknown }
  | {
      readonly type: 'older'
      readonly threadId: string
      readonly before: { readonly id: string; readonly position: number } | null
    }
  | { readonly type: 'wake' }
