import { isStorageError } from './errors.ts'
import { idb } from './idb.ts'
import { databaseName } from './probe.ts'
import type { ChatStorage, Key } from './storage.ts'

/**
 * Moves what somebody wrote before the site knew who they are into their own database, with the device that wrote it:
 * the backend then takes it for theirs, and nothing is sent twice. What was there before under their name stays, and is
 * not mixed with it.
 *
 * @param app Whose database of visitors that nobody knows is looked at.
 * @param to The database of the one who signed in.
 */
export async function claim(app: string, to: ChatStorage): Promise<void> {
  const from = idb(databaseName(app))
  try {
    const rows = await from.list([])
    const row = (key: string) => rows.find(one => one.key[0] === key)?.value
    const [known] = await to.list(['device'])
    const moved = rows.filter(({ key }) => key[0] !== 'life')
    if (!row('device')) return
    if (!known) {
      await to.commit([
        { expect: ['device'], value: undefined },
        ...moved.map(({ key, value }) => ({ put: key, value }))
      ])
    }
    // Also after a crash between the two. Other tabs must write no more of it: see `life` in core/rows.
    if (!known || known.value === row('device')) {
      const life: Key = ['life']
      await from.commit([{ drop: [] }, { put: life, value: ((row('life') as number | undefined) ?? 0) + 1 }])
    }
  } catch (error) {
    // Another page that loads at the same time was faster; if it is closed now, the rest is left to this one.
    if (isStorageError(error) && error.code === 'taken') return claim(app, to)
    // A disk that fails leaves it where it is: no reason to have no chat.
  } finally {
    from.close()
  }
}
