/** A value that a statement may carry. JSON travels as text, with a cast in the statement. */
export type Param = Single | readonly Single[]

export type Single = string | number | boolean | null

export interface Queries {
  /** Runs one statement with `$1`, `$2` … in it. Whole numbers of any size come back as numbers. */
  query<Row>(sql: string, params?: readonly Param[]): Promise<readonly Row[]>
}

/**
 * Where everything lies that must outlive this process. One dialect, PostgreSQL's, and two adapters.
 *
 * The only promise that matters: when `transaction` settles, all of it is durable, or it rejects and nothing happened.
 */
export interface Store extends Queries {
  /** For people: where the data is. */
  readonly name: string

  /**
   * Runs `work` as one transaction. Statements are done in the order they are given, whether or not anybody waits for
   * one before giving the next; if any of them fails, nothing of it happened. May run `work` again when the database
   * had to give up on it, so `work` has no effects but its statements.
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>

  /** Runs several statements without parameters; for migrations. */
  script(sql: string): Promise<void>

  /** Waits for what runs, then lets go. Anything afterwards rejects. */
  close(): Promise<void>
}

/**
 * A list as the columns that a statement puts together again with `unnest`, which fills short ones up with nulls: of a
 * column that holds nothing else, nothing is sent.
 */
export function columns<Item>(
  list: readonly Item[],
  ...picks: readonly ((item: Item) => Single)[]
): readonly (readonly Single[])[] {
  return picks.map(pick => {
    const values = list.map(pick)
    return values.every(value => value === null) ? [] : values
  })
}
