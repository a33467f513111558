import { isStorageError, type StorageErrorCode } from '../storage/errors.ts'
import { compareKeys, startsWith, taken } from '../storage/keys.ts'
import type { Change, ChatStorage, Key, Row, StoragePage } from '../storage/storage.ts'
import type { RowChange } from './rows.ts'

/** How often a disk that took nothing is asked again, in milliseconds. */
const RETRY = 5000
/** How many messages of each thread stay on a disk that is full. */
const KEPT = 50

/**
 * What to do about a storage that failed. Lost, it may be back by now: if it came back empty, what memory knows is put
 * into it. If it still does not take anything, memory holds what it is given.
 *
 * @param why What the first failure was; `false`: it was looked after already, and failed again.
 * @param known What is in memory of it.
 * @param show Shows what is not there any more.
 * @returns The storage to go on with.
 */
export async function lookAfter(
  disk: ChatStorage,
  why: StorageErrorCode | false,
  known: ReadonlyMap<string, RowChange>,
  show: (changes: readonly RowChange[]) => void,
  onState: (state: 'durable' | 'degraded') => void
): Promise<ChatStorage> {
  const holding = hold(disk, known, onState)
  if (why !== 'lost') return holding
  try {
    if (known.has('device') && !(await disk.list(['device'])).length) {
      await disk.commit([...known.values()].map(({ key, value }) => ({ put: key, value })))
      // Not put back: the messages before it are gone.
      show([{ key: ['cursor'], value: undefined }])
    }
    return disk
  } catch {
    // Whatever it is now, the holding storage says so.
    return holding
  }
}

type Write = Exclude<Change, { readonly expect: Key }>

/**
 * A storage over a disk that does not take what it is given: it is full, closed or silent. Memory holds what was not
 * taken, everything reads as if it had been, and each commit tries again, and every few seconds. A full disk is made
 * room on first: older messages can be fetched again, what waits to be sent cannot.
 *
 * @param known What is always in memory of it: the disk is not asked for it while it cannot be trusted to answer.
 * @param onState Hears whether everything is on the disk (`durable`), or memory holds some of it (`degraded`).
 */
export function hold(
  disk: ChatStorage,
  known: ReadonlyMap<string, RowChange>,
  onState: (state: 'durable' | 'degraded') => void
): ChatStorage {
  /** What the disk has not taken, by key: of each row only the last word. Empty: it takes everything. */
  let held = new Map<string, Write>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const begin = () => {
    held = new Map([...known].map(([id, { key, value }]) => [id, { put: key, value }]))
  }

  /** Tries to get it all onto the disk. */
  const write = async (more: readonly Write[]) => {
    clearTimeout(timer)
    held = new Map([...held, ...more.map(one => [String(keyOf(one)), one] as const)])
    const all = held
    const life = known.get('life')?.value as number | undefined
    const changes: readonly Change[] = [{ expect: ['life'], value: life }, ...all.values()]
    try {
      await disk.commit(changes).catch(async error => {
        if (codeOf(error) !== 'full') throw error
        await makeRoom(disk)
        await disk.commit(changes)
      })
      if (held === all) held = new Map()
    } catch (error) {
      // Signed out in another tab: nothing of this may be written any more.
      if (codeOf(error) === 'taken') held = new Map()
    }
    onState(held.size ? 'degraded' : 'durable')
    if (held.size && !closed) timer = setTimeout(() => write([]), RETRY)
  }

  const list = async (prefix: Key, page: StoragePage = {}): Promise<readonly Row[]> => {
    const { before, last } = page
    if (!held.size) {
      try {
        return await disk.list(prefix, page)
      } catch {
        begin()
        await write([])
      }
    }
    // What cannot be read is missing until it can; what memory holds is what counts.
    const stored = await disk.list(prefix).catch((): readonly Row[] => [])
    const rows = new Map(stored.map(row => [String(row.key), row]))
    for (const [id, one] of held) {
      const key = keyOf(one)
      if (!startsWith(key, prefix)) continue
      if ('put' in one) rows.set(id, { key, value: structuredClone(one.value) })
      else rows.delete(id)
    }
    const found = [...rows.values()]
      .filter(({ key }) => !before || compareKeys(key, before) < 0)
      .sort((a, b) => compareKeys(a.key, b.key))
    return last === undefined ? found : found.slice(Math.max(0, found.length - last))
  }

  return {
    durable: disk.durable,
    list,
    async commit(changes) {
      if (!held.size) {
        try {
          return await disk.commit(changes)
        } catch (error) {
          if (!codeOf(error) || codeOf(error) === 'taken') throw error
          begin()
        }
      }
      const writes: Write[] = []
      for (const change of structuredClone(changes)) {
        if (!('expect' in change)) writes.push(change)
        else {
          const found = (await list(change.expect)).find(({ key }) => String(key) === String(change.expect))
          if (found?.value !== change.value) throw taken(change.expect)
        }
      }
      await write(writes)
    },
    close() {
      closed = true
      clearTimeout(timer)
      disk.close()
    }
  }
}

const keyOf = (write: Write) => ('put' in write ? write.put : write.drop)

const codeOf = (error: unknown) => (isStorageError(error) ? error.code : undefined)

/** Drops all but the newest messages of each thread. */
async function makeRoom(disk: ChatStorage): Promise<void> {
  const kept = new Map<unknown, number>()
  const drops: Change[] = []
  for (const { key } of [...(await disk.list(['message']))].reverse()) {
    const count = (kept.get(key[1]) ?? 0) + 1
    kept.set(key[1], count)
    if (count > KEPT) drops.push({ drop: key })
  }
  await disk.commit(drops)
}
