/** The other tabs of this site, in this browser, with this visitor. */
export interface Tabs {
  /**
   * Settles when this tab leads; it leads until `signal` aborts, or `onLost` says that another tab took over. Alone, it
   * leads at once.
   *
   * @param take Do not wait for the tab that leads: it is frozen, or nobody looks at it.
   */
  lead(signal: AbortSignal, onLost: () => void, take?: boolean): Promise<void>

  /** Tells the others. They may miss it: storage is the truth, a note says where to look. */
  tell(note: TabNote): void

  /** Returns the function that stops listening. Never called with this tab's own notes. */
  listen(listener: (note: TabNote) => void): () => void
}

export type TabNote =
  /**
   * These rows changed; read them again. `cursor`: the one that was stored with them, `after` the one before, so that a
   * note that was missed is noticed. `life`: whose rows they are.
   */
  | {
      readonly type: 'rows'
      readonly keys: readonly (readonly (string | number)[])[]
      readonly after?: unknown
      readonly cursor?: unknown
      readonly life?: unknown
    }
  /**
   * From the tab that leads, every few seconds: it lives, whether nobody sees it, how the link is, whether somebody is
   * home, and how this browser is called in this life.
   */
  | {
      readonly type: 'link'
      readonly link: unknown
      readonly hidden: boolean
      readonly availability: unknown
      readonly device: unknown
      readonly life: unknown
    }
  /** From the tab that leads: what is shown but not stored. */
  | { readonly type: 'ephemeral'; readonly events: readonly unknown[] }
  /** To the tab that leads: do this, because you hold the link. */
  | { readonly type: 'ask'; readonly name: string; readonly args: readonly unknown[] }
  /** A tab whose disk has failed asks others for `left`. */
  | { readonly type: 'holds' }
  /**
   * These commands have left the outbox of a tab whose disk has failed, and what keeps their numbers, if they are not to
   * be said: what is on the disk does not tell.
   */
  | {
      readonly type: 'left'
      readonly rows: readonly (readonly [id: string, instead: unknown, isFailed?: boolean])[]
      readonly life: unknown
    }
  /** Somebody signs out, in this life: show nothing of theirs from now on. */
  | { readonly type: 'reset'; readonly life: number | undefined }
