import type { Tabs } from '../page/tabs.ts'
import { alone } from './alone.ts'
import type { StorageError } from './errors.ts'
import { idb } from './idb.ts'
import { compareKeys } from './keys.ts'
import { endLeaving } from './leaving.ts'
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
 * @param identity Who is here: the first one to sign in has it.
 * @returns The place. If moving has begun and the disk fails, one in memory: nobody else may see what is there, and what
 *   its owner begins anew could not be joined with it.
 */
export async function claim(
  place: Shared,
  app: string,
  open: (database: string) => Tabs,
  identity: string
): Promise<Shared> {
  const { storage } = place
  // What is to be kept nowhere, or cannot be, is not taken there.
  if (!storage.durable) return place
  const others = open(databaseName(app))
  const isWhole = await take(storage, app, identity, others, identity)
  close(others)
  if (isWhole) return place
  storage.close()
  return { storage: memory(), tabs: alone }
}

/**
 * Ends what somebody began who signed in, for whom nobody knows.
 *
 * @param others The tabs in which it is still shown.
 * @returns Whether nothing of theirs is left on its way.
 */
export async function endClaim(app: string, others: Tabs): Promise<boolean> {
  const from = idb(databaseName(app))
  try {
    const life = await read<number>(from, 'life')
    const whose = await read<string>(from, 'claimed')
    if (whose) {
      const to = idb(databaseName(app, whose))
      return await take(to, app, whose, others).finally(to.close)
    }
    // Cleared meanwhile, and put back by a tab: nobody takes it along any more.
    if ((await read(from, 'leaving')) === app) await next(from, life, others, [{ drop: ['leaving'] }])
    return true
  } finally {
    from.close()
  }
}

/** Pages in which it is still shown store no more of it, until they have heard that they are of another life: this one. */
async function next(from: ChatStorage, life: number | undefined, others: Tabs, changes: readonly Change[]) {
  const now = (life ?? 0) + 1
  await from.commit([{ expect: ['life'], value: life }, { put: ['life'], value: now }, ...changes])
  others.tell({ type: 'rows', keys: [], life: now })
  return now
}

/** Its channel is only open while somebody listens. */
const close = (tabs: Tabs) => tabs.listen(() => {})()

async function read<T>(storage: ChatStorage, key: string): Promise<T | undefined> {
  return (await storage.list([key]))[0]?.value as T | undefined
}

/** The id of the command that waits in this row; of any other row `undefined`. */
const commandOf = ({ value }: Row) => (value as { readonly command?: { readonly id: string } } | null)?.command?.id

/** The number of the page that leads, or the last one in a lane; what else lies under a lane is no number. */
const isCounter = ({ key }: Row) => key[0] === 'term' || (key[0] === 'lane' && key.length < 3)

const numberIn = (rows: readonly Row[], key: Key) =>
  rows.find(row => !compareKeys(row.key, key))?.value as number | undefined

/** That nobody counts on there meanwhile, in what is counted here or there. */
const still = (there: readonly Row[], here: readonly Row[] = []): readonly Change[] =>
  [...here, ...there].filter(isCounter).map(({ key }) => ({ expect: key, value: numberIn(there, key) }))

/**
 * What waits there already, of no device yet, is numbered behind what the device that comes has said in the same lane, and
 * whoever leads there next comes after the last one of both.
 */
function behind(moved: readonly Row[], there: readonly Row[]): readonly Change[] {
  const waiting = there.filter(({ key }) => key[0] === 'outbox')
  return [
    ...still(there, moved),
    ...waiting.map(({ key }) => ({ drop: key })),
    ...moved.map(({ key, value }) => ({ put: key, value })),
    ...waiting.map(({ key, value }) => {
      const row = value as { readonly command: object }
      const n = (numberIn(moved, ['lane', key[1]!]) ?? 0) + Number(key[2])
      return { put: [...key.slice(0, 2), n], value: { ...row, command: { ...row.command, n } } }
    }),
    ...there.filter(isCounter).map(({ key, value }) => {
      const came = numberIn(moved, key) ?? 0
      return { put: key, value: key[0] === 'term' ? Math.max(came, Number(value)) : came + Number(value) }
    })
  ]
}

/** Settles with whether nothing of theirs is left on its way. */
async function take(to: ChatStorage, app: string, whose: string, others: Tabs, identity?: string): Promise<boolean> {
  const from = idb(databaseName(app))
  let claimed: string | undefined
  try {
    // Before the rest, so that this fails where somebody signs out of it meanwhile.
    let life = await read<number>(from, 'life')
    claimed = await read(from, 'claimed')
    const device = await read(from, 'device')
    const leaving = await read<true | string>(from, 'leaving')
    // Nobody's, or another one's; or whoever wrote it is signing out of it.
    if (!device || (claimed ?? identity) !== whose || leaving === true) return true
    const begin = async (changes: readonly Change[]) => {
      life = await next(from, life, others, changes)
    }
    const over = [{ drop: ['claimed'] }, { drop: ['leaving'] }]
    const note = (ids: readonly string[]) => ids.map(id => ({ put: ['claimed', 'id', id], value: id }))
    const idsIn = (rows: readonly Row[]) => rows.flatMap(row => commandOf(row) ?? [])

    await endLeaving(to)
    const known = await read(to, 'device')
    const came = await read<readonly string[]>(to, 'came')
    // After the rest, which may be of a life that is over.
    const hers = await read<number>(to, 'life')
    if (!claimed) {
      if (known && known !== device) return true
      const rows = await from.list([])
      const notes = [
        { put: ['claimed'], value: whose },
        { put: ['claimed', 'life'], value: hers ?? 0 }
      ]
      await begin([
        { expect: ['leaving'], value: leaving },
        // Until it is over nobody is shown any of it, nor says anything more.
        { put: ['leaving'], value: app },
        ...still(rows),
        ...notes,
        ...note(idsIn(rows))
      ])
      claimed = whose
    }

    const all = await from.list([])
    const noted = all.filter(({ key }) => key[0] === 'claimed')
    /** They have signed out since this began: what had moved by then must not move again. */
    const isOver = noted.some(({ key, value }) => key[1] === 'life' && hers !== undefined && value !== hers)
    if (known && known !== device && !isOver) {
      // They have begun anew meanwhile.
      await begin(over)
      return true
    }
    const rows = all.filter(({ key }) => !['life', 'leaving', 'claimed'].includes(String(key[0])))
    const ids = idsIn(rows)
    if (!known && !isOver) {
      // What was said since it was noted comes along; once they have signed out, only this tells what had moved.
      await from.commit([{ expect: ['life'], value: life }, ...note(ids)])
      await to.commit([
        { expect: ['life'], value: hers },
        { expect: ['device'], value: undefined },
        ...behind(rows, await to.list([])),
        { put: ['came'], value: ids }
      ])
    }

    // Where it broke off: what was said since it moved has not.
    const along = new Set<unknown>(isOver ? noted.flatMap(({ key }) => key[2] ?? []) : known ? (came ?? ids) : ids)
    const now = await from.list([])
    // What was said meanwhile stays, and its lane counts on: what is said next would stand before it, or take its place.
    const waiting = now.filter(commandOf)
    const stays = new Set(waiting.filter(row => !along.has(commandOf(row))).map(({ key }) => key[1]))
    const isGone = (row: Row) => {
      const [kind, lane] = row.key
      if (commandOf(row)) return along.has(commandOf(row))
      if (kind === 'lane') return !stays.has(lane!)
      // What somebody begins to write meanwhile stays as well.
      return kind === 'message' || rows.some(({ key }) => !compareKeys(key, row.key))
    }
    const gone = now.filter(isGone)
    // The device that came may have counted on where it was.
    if (!isOver) await raise(to, hers, gone.filter(isCounter))
    await begin([...still(now), ...over, ...gone.map(({ key }) => ({ drop: key }))])
    return true
  } catch (error) {
    // Another page was faster: one that takes it along, too, or one in which something was said in this very moment.
    if ((error as StorageError).code === 'taken') return take(to, app, whose, others, identity)
    // A disk that fails leaves it where it is: no reason to have no chat.
    return !claimed
  } finally {
    from.close()
  }
}

/** Lets them count there behind these numbers. */
async function raise(to: ChatStorage, life: number | undefined, counters: readonly Row[]): Promise<void> {
  const there = [...(await to.list(['lane'])), ...(await to.list(['term']))]
  const higher = counters.filter(({ key, value }) => Number(value) > (numberIn(there, key) ?? 0))
  const expects = higher.map(({ key }) => ({ expect: key, value: numberIn(there, key) }))
  await to.commit([
    { expect: ['life'], value: life },
    ...expects,
    ...higher.map(({ key, value }) => ({ put: key, value }))
  ])
}
