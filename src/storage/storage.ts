/** Where a row lives. Parts compare as IndexedDB compares them: numbers before strings. */
export type Key = readonly (string | number)[]

export interface Row {
  readonly key: Key
  readonly value: unknown
}

export type Change =
  | { readonly put: Key; readonly value: unknown }
  /** This row and all below it: what `list` finds under this key. `[]` is everything there is. */
  | { readonly drop: Key }
  /**
   * A condition, not a change: the whole commit fails with `taken` unless this row holds this very value when the
   * commit runs; `undefined`: unless there is no such row. It is how tabs hand out numbers.
   */
  | { readonly expect: Key; readonly value: string | number | undefined }

/**
 * A small ordered store that survives the page.
 *
 * The only promise that matters: a commit happens whole or not at all. The core puts an event and the cursor
 * behind it, or an acknowledged message and the removal of its outbox entry, into one commit and builds on
 * nothing else.
 */
export interface ChatStorage {
  /** Whether rows outlive the page; `false` may become `true`. */
  readonly durable: boolean

  /**
   * Rows whose key starts with these parts, in key order. `['a']` finds `['a']` and `['a', 1]`, not `['ab']`.
   * `before` and `last` read backwards from an end: the newest 50 of 100,000 cost what 50 cost.
   */
  list(prefix: Key, page?: StoragePage): Promise<readonly Row[]>

  /**
   * Applies all changes in their order, or none. Values are copied, as by `structuredClone`. Settles when the
   * browser says that they are on disk, where it can say so.
   *
   * @throws {StorageError} `taken`, `full` or `lost`.
   */
  commit(changes: readonly Change[]): Promise<void>

  /**
   * To be called when what is stored may have gone or may be another's by now, without waiting for somebody to come and
   * be told `lost`: all is looked at again, and what went is put back. Given by the core.
   */
  onLost?: (() => void) | undefined

  /**
   * Ends what somebody began who has signed in and takes all of this along: see `claim`. Given by whoever opens it, with
   * the name of the app.
   */
  finish?: ((app: string) => Promise<unknown>) | undefined

  /** Lets go of the database. Calling anything afterwards rejects with `lost`. */
  close(): void
}

/** One that may begin to work after somebody has signed out: see `late`. */
export interface LateStorage extends ChatStorage {
  /** The last life on the disk in which whoever signed out here can have been, as far as other tabs have told of it. */
  readonly ended: number
}

export interface StoragePage {
  /** Only rows whose key sorts before this one. */
  readonly before?: Key
  /** Only so many, the last ones. */
  readonly last?: number
}
