import { openPglite } from '../../../demo/server/store/pglite.ts'
import { openPostgres } from '../../../demo/server/store/postgres.ts'
import type { Store } from '../../../demo/server/store/store.ts'
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
