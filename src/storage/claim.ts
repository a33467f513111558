import type { Tabs } from '../page/tabs.ts'
import type { StorageError } from './errors.ts'
import { idb } from './idb.ts'
import { late } from './late.ts'
import { memory } from './memory.ts'
import type { Shared } from './open.ts'
import { databaseName } from './probe.ts'
import type { Change, ChatStorage, Key, Row } from './storage.ts'

/**
 * Moves what somebody wrote before the site knew who they are into their own database, with the device that wrote it:
 * the backend then takes it for theirs, and nothing is sent twice. What was there before under their name stays, and is
 * not mixed with it. Where that broke off, as when the page was left, whoever comes next ends it, before they see any of it.
 *
 * @param place The database of whoever is here.
 * @param app Whose database of visitors that nobody knows is looked at.
 * @param open The tabs of a database: those in which it is still shown look again, and find that it is gone.
 * @param identity Who is here: the first one to sign in has it. Left out: somebody whom nobody knows.
 * @returns The place. If moving has begun and the disk fails, one in memory: nobody else may see what is there, and what
 *   its owner begins anew could not be joined with it.
 */
export async function claim(
  place: Shared,
  app: string,
  open: (database: string) => Tabs,
  identity?: string
): Promise<Shared> {
  const { storage, tabs } = place
  // What is to be kept nowhere, or cannot be, is not taken there.
  if (!storage.durable) return place
  const whose = identity ?? (await storage.list(['claimed']).catch(() => []))[0]?.value
  if (!whose) return place
  const to = identity ? storage : idb(databaseName(app, String(whose)))
  const others = identity ? open(databaseName(app)) : tabs
  const isWhole = await take(to, app, String(whose), others)
  close(others)
  if (!identity) to.close()
  if (isWhole) return place
  storage.close()
  return late({ storage: memory(), tabs })
}

/** Its channel is only open while somebody listens. */
const close = (tabs: Tabs) => tabs.listen(() => {})()

/** Ends a signing out that broke off there: what comes next must not go with it. */
async function end(to: ChatStorage): Promise<void> {
  const [leaving] = await to.list(['leaving'])
  if (!leaving) return
  const life = (await to.list(['life']))[0]?.value as number | undefined
  await to.commit([{ expect: ['life'], value: life }, { drop: [] }, { put: ['life'], value: (life ?? 0) + 1 }])
}

/** The id of the command that waits in this row; of any other row `undefined`. */
const commandOf = ({ value }: Row) => (value as { readonly command?: { readonly id: string } } | null)?.command?.id

/** What waits there already, of no device yet, is numbered behind what the device that comes has said in the same lane. */
function behind(moved: readonly Row[], waiting: readonly Row[], lanes: readonly Row[]): readonly Change[] {
  const last = ([, lane]: Key) => Number(moved.find(({ key }) => key[0] === 'lane' && key[1] === lane)?.value ?? 0)
  return [
    ...waiting.map(({ key }) => ({ drop: key })),
    ...moved.map(({ key, value }) => ({ put: key, value })),
    ...waiting.map(({ key, value }) => {
      const row = value as { readonly command: object }
      const n = last(key) + Number(key[2])
      return { put: [...key.slice(0, 2), n], value: { ...row, command: { ...row.command, n } } }
    }),
    // But for what is remembered beside the counters: see `lane` in core/rows.
    ...lanes
      .filter(({ key }) => key.length < 3)
      .map(({ key, value }) => ({ put: key, value: last(key) + Number(value) }))
  ]
}

/** Settles with whether nothing is left on its way. */
async function take(to: ChatStorage, app: string, identity: string, others: Tabs): Promise<boolean> {
  const from = idb(databaseName(app))
  let claimed: unknown
  try {
    const read = async (key: string) => (await from.list([key]))[0]?.value as string | number | undefined
    // Before the rest: with it, all that is read next is of this life.
    let life = (await read('life')) as number | undefined
    const device = await read('device')
    claimed = await read('claimed')
    await end(to)
    const [known] = await to.list(['device'])
    if (!device || (claimed ?? identity) !== identity) return true
    /** Other tabs may write no more of it: see `life` in core/rows. */
    const next = async (changes: readonly Change[]) => {
      const now = (life ?? 0) + 1
      await from.commit([{ expect: ['life'], value: life }, { put: ['life'], value: now }, ...changes])
      life = now
      others.tell({ type: 'rows', keys: [], life })
    }
    if (known && known.value !== device) {
      // They have begun anew meanwhile.
      if (claimed) await next([{ drop: ['claimed'] }])
      return true
    }
    if (!claimed) {
      await next([{ put: ['claimed'], value: identity }])
      claimed = identity
    }
    const rows = (await from.list([])).filter(({ key }) => key[0] !== 'life' && key[0] !== 'claimed')
    const ids = rows.flatMap(row => commandOf(row) ?? [])
    if (!known) {
      await to.commit([
        { expect: ['device'], value: undefined },
        ...behind(rows, await to.list(['outbox']), await to.list(['lane'])),
        { put: ['came'], value: ids }
      ])
    }
    // Where it broke off: what was said since then has not moved.
    const stored = known && (await to.list(['came']))[0]?.value
    const came = new Set<unknown>((stored as typeof ids | undefined) ?? ids)
    const moved = rows.filter(row => !commandOf(row) || came.has(commandOf(row)))
    const clear = async (): Promise<void> => {
      const now = await from.list([])
      const waiting = now.filter(({ key }) => key[0] === 'outbox')
      // Another tab may have numbered some anew meanwhile.
      const renumbered = waiting.filter(row => came.has(commandOf(row)))
      // What was said meanwhile stays, and its lane counts on: what is said next would stand before it, or take its place.
      const stays = new Set(waiting.filter(row => !came.has(commandOf(row))).map(({ key }) => key[1]))
      const goes = [...moved, ...renumbered].filter(({ key }) => key[0] !== 'lane' || !stays.has(key[1]))
      const lanes = now.filter(({ key }) => key[0] === 'lane')
      try {
        await next([
          ...lanes.map(({ key, value }) => ({ expect: key, value: value as number })),
          { drop: ['claimed'] },
          ...goes.map(({ key }) => ({ drop: key }))
        ])
      } catch (error) {
        if ((error as StorageError).code !== 'taken' || (await read('life')) !== life) throw error
        // Something was said in this very moment. All has moved already, and its owner may have signed out since: only this
        // is looked at anew, or it would move a second time.
        return clear()
      }
    }
    // Also after a crash between the two.
    await clear()
    return true
  } catch (error) {
    // Another page that loads at the same time was faster; if it is closed now, the rest is left to this one.
    if ((error as StorageError).code === 'taken') return take(to, app, identity, others)
    // A disk that fails leaves it where it is: no reason to have no chat.
    return !claimed
  } finally {
    from.close()
  }
}
