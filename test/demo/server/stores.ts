import { openPglite } from '../../../demo/server/store/pglite.ts'
import { openPostgres } from '../../../demo/server/store/postgres.ts'
import type { Queries, Store } from '../../../demo/server/store/store.ts'
import { startPostgres } from '../../support/postgres.ts'

/** A kind of store, to run the same tests on each. */
export interface Kind {
  readonly name: string
  /** Opens an empty one; `undefined` where this machine cannot. */
  open(): Promise<Store | undefined>
  close(): Promise<void>
}

/** A line for every adapter there is. */
export function everyKind(): readonly Kind[] {
  let postgres: ReturnType<typeof startPostgres> | undefined
  return [
    { name: 'pglite', open: () => openPglite(undefined), close: async () => {} },
    {
      name: 'postgres',
      async open() {
        postgres ??= startPostgres()
        const url = await (await postgres)?.database()
        return url === undefined ? undefined : openPostgres(url, () => {})
      },
      close: async () => (await postgres)?.stop()
    }
  ]
}

/** A store of which a statement may fail, as while its database is restarted. */
export interface Shaky extends Store {
  /** The next statements with these words fail, one by default; settles when they have. */
  failNext(words: string, times?: number): Promise<void>
  /** The rows of the next statement with these words are held back; settles once they are there, with what lets them go. */
  holdNext(words: string): Promise<() => void>
}

export function shaky(store: Store): Shaky {
  let fails: { readonly words: string; readonly told: () => void; times: number } | undefined
  let holds: { readonly words: string; readonly told: (letGo: () => void) => void } | undefined
  const through =
    (queries: Queries): Queries['query'] =>
    async (sql, params) => {
      if (holds && sql.includes(holds.words)) {
        const { told } = holds
        holds = undefined
        const rows = await queries.query<never>(sql, params)
        await new Promise<void>(told)
        return rows
      }
      if (!fails || !sql.includes(fails.words)) return queries.query(sql, params)
      fails.times--
      if (!fails.times) {
        fails.told()
        fails = undefined
      }
      return Promise.reject(new Error('the database is restarting'))
    }
  return {
    ...store,
    query: through(store),
    transaction: work => store.transaction(tx => work({ query: through(tx) })),
    failNext: (words, times = 1) =>
      new Promise(told => {
        fails = { words, told, times }
      }),
    holdNext: words =>
      new Promise(told => {
        holds = { words, told }
      })
  }
}
