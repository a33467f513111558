import type { Tabs } from '../page/tabs.ts'
import type { StorageError } from './errors.ts'
import { idb } from './idb.ts'
import { compareKeys } from './keys.ts'
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
  const life = await read<number>(to, 'life')
  await to.commit([{ expect: ['life'], value: life }, { drop: [] }, { put: ['life'], value: (life ?? 0) + 1 }])
}

async function read<T>(storage: ChatStorage, key: string): Promise<T | undefined> {
  return (await storage.list([key]))[0]?.value as T | undefined
}

/** The id of the command that waits in this row; of any other row `undefined`. */
const commandOf = ({ value }: Row) => (value as { readonly command?: { readonly id: string } } | null)?.command?.id

/** Of a lane, what is remembered beside the counter is none: see `lane` in core/rows. */
const isCounter = ({ key }: Row) => key[0] === 'term' || (key[0] === 'lane' && key.length < 3)

/**
 * What waits there already, of no device yet, is numbered behind what the device that comes has said in the same lane, and
 * whoever leads there next comes after the last one of both.
 */
function behind(moved: readonly Row[], there: readonly Row[]): readonly Change[] {
  const count = (rows: readonly Row[], ...key: Key) =>
    rows.find(row => !compareKeys(row.key, key))?.value as number | undefined
  const waiting = there.filter(({ key }) => key[0] === 'outbox')
  return [
    // Pages of theirs that are open may count on meanwhile.
    ...[...moved, ...there].filter(isCounter).map(({ key }) => ({ expect: key, value: count(there, ...key) })),
    ...waiting.map(({ key }) => ({ drop: key })),
    ...moved.map(({ key, value }) => ({ put: key, value })),
    ...waiting.map(({ key, value }) => {
      const row = value as { readonly command: object }
      const n = (count(moved, 'lane', key[1]!) ?? 0) + Number(key[2])
      return { put: [...key.slice(0, 2), n], value: { ...row, command: { ...row.command, n } } }
    }),
    ...there.filter(isCounter).map(({ key, value }) => {
      const came = count(moved, ...key) ?? 0
      return { put: key, value: key[0] === 'term' ? Math.max(came, Number(value)) : came + Number(value) }
    })
  ]
}

/** Settles with whether nothing is left on its way. */
async function take(to: ChatStorage, app: string, identity: string, others: Tabs): Promise<boolean> {
  const from = idb(databaseName(app))
  let claimed: unknown
  try {
    // Before the rest: with it, all that is read next is of this life.
    let life = await read<number>(from, 'life')
    const device = await read(from, 'device')
    const notes = await from.list(['claimed'])
    claimed = notes[0]?.value
    await end(to)
    const hers = await read<number>(to, 'life')
    const known = await read(to, 'device')
    if (!device || (claimed ?? identity) !== identity) return true
    /** They have signed out since this began: what had moved by then must not move again. */
    const isOver = notes.some(({ key, value }) => key[1] === 'life' && Number(value) < Number(hers))
    /** Other tabs may write no more of it: see `life` in core/rows. */
    const next = async (changes: readonly Change[]) => {
      const now = (life ?? 0) + 1
      await from.commit([{ expect: ['life'], value: life }, { put: ['life'], value: now }, ...changes])
      life = now
      others.tell({ type: 'rows', keys: [], life })
    }
    if (known && known !== device && !isOver) {
      // They have begun anew meanwhile.
      if (claimed) await next([{ drop: ['claimed'] }])
      return true
    }
    if (!claimed) {
      await next([
        { put: ['claimed'], value: identity },
        { put: ['claimed', 'life'], value: hers ?? 0 }
      ])
      claimed = identity
    }
    const rows = (await from.list([])).filter(({ key }) => key[0] !== 'life' && key[0] !== 'claimed')
    const ids = rows.flatMap(row => commandOf(row) ?? [])
    if (!known && !isOver) {
      // First, for once they have signed out nothing there tells what had moved.
      await from.commit([
        { expect: ['life'], value: life },
        ...ids.map(id => ({ put: ['claimed', 'id', id], value: id }))
      ])
      await to.commit([
        { expect: ['life'], value: hers },
        { expect: ['device'], value: undefined },
        ...behind(rows, await to.list([])),
        { put: ['came'], value: ids }
      ])
    }
    // Where it broke off: what was said since then has not moved.
    const there = known ? await read<typeof ids>(to, 'came') : undefined
    const came = new Set<unknown>(isOver ? notes.flatMap(({ key }) => key[2] ?? []) : (there ?? ids))
    const moved = rows.filter(row => !commandOf(row) || came.has(commandOf(row)))
    const now = await from.list([])
    const waiting = now.filter(({ key }) => key[0] === 'outbox')
    // Another tab may have numbered some anew meanwhile.
    const renumbered = waiting.filter(row => came.has(commandOf(row)))
    // What was said meanwhile stays, and its lane counts on: what is said next would stand before it, or take its place.
    const stays = new Set(waiting.filter(row => !came.has(commandOf(row))).map(({ key }) => key[1]))
    const goes = [...moved, ...renumbered].filter(({ key }) => key[0] !== 'lane' || !stays.has(key[1]))
    const lanes = now.filter(({ key }) => key[0] === 'lane')
    // Also after a crash between the two.
    await next([
      ...lanes.map(({ key, value }) => ({ expect: key, value: value as number })),
      { drop: ['claimed'] },
      ...goes.map(({ key }) => ({ drop: key }))
    ])
    return true
  } catch (error) {
    // Another page that loads at the same time was faster; if it is closed now, the rest is left to this one. Or something
    // was said in this very moment.
    if ((error as StorageError).code === 'taken') return take(to, app, identity, others)
    // A disk that fails leaves it where it is: no reason to have no chat.
    return !claimed
  } finally {
    from.close()
  }
}
