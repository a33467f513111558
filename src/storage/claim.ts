import { isStorageError } from './errors.ts'
import { idb } from './idb.ts'
import { databaseName } from './probe.ts'
import type { ChatStorage } from './storage.ts'

/**
 * Moves what somebody wrote before the site knew who they are into their own database, with the device that wrote it:
 * the backend then takes it for theirs, and nothing is sent twice. What was there before under their name stays, and is
 * not mixed with it. Where that broke off, as when the page was left, whoever comes next ends it, before they see any of it.
 *
 * @param storage The database of whoever is here.
 * @param app Whose database of visitors that nobody knows is looked at.
 * @param identity Who is here: the first one to sign in has it. Left out: somebody whom nobody knows.
 */
export async function claim(storage: ChatStorage, app: string, identity?: string): Promise<void> {
  // What is to be kept nowhere, or cannot be, is not taken there.
  if (!storage.durable) return
  if (identity) return take(storage, app, identity)
  const [claimed] = await storage.list(['claimed']).catch(() => [])
  if (!claimed) return
  const whose = String(claimed.value)
  const to = idb(databaseName(app, whose))
  await take(to, app, whose)
  to.close()
}

async function take(to: ChatStorage, app: string, identity: string): Promise<void> {
  const from = idb(databaseName(app))
  try {
    const read = async (key: string) => (await from.list([key]))[0]?.value as string | number | undefined
    // Before the rest: with it, all that is read next is of this life.
    let life = (await read('life')) as number | undefined
    const device = await read('device')
    const claimed = await read('claimed')
    const [known] = await to.list(['device'])
    if (!device || (claimed ?? identity) !== identity || (known && known.value !== device)) return
    /** Other tabs may write no more of it: see `life` in core/rows. */
    const next = () => [
      { expect: ['life'], value: life },
      { put: ['life'], value: (life ?? 0) + 1 }
    ]
    if (!claimed) {
      await from.commit([...next(), { put: ['claimed'], value: identity }])
      life = (life ?? 0) + 1
    }
    const rows = await from.list([])
    const moved = rows.filter(({ key }) => key[0] !== 'life' && key[0] !== 'claimed')
    if (!known) {
      await to.commit([
        { expect: ['device'], value: undefined },
        ...moved.map(({ key, value }) => ({ put: key, value }))
      ])
    }
    // Also after a crash between the two.
    await from.commit([...next(), { drop: ['claimed'] }, ...moved.map(({ key }) => ({ drop: key }))])
  } catch (error) {
    // Another page that loads at the same time was faster; if it is closed now, the rest is left to this one.
    if (isStorageError(error) && error.code === 'taken') return take(to, app, identity)
    // A disk that fails leaves it where it is: no reason to have no chat.
  } finally {
    from.close()
  }
}
