import { hold } from '../../src/core/holding.ts'
import { stillTabs } from '../../src/page/still.ts'
import { StorageError, type StorageErrorCode } from '../../src/storage/errors.ts'
import type { ChatStorage } from '../../src/storage/storage.ts'

export const pause = (length: number) => new Promise(resolve => setTimeout(resolve, length))

/** Settles when it holds; fails with what was waited for. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`)
    await pause(20)
  }
}

/** A disk as one tab sees it, which can fail: `full` takes nothing, `lost` answers nothing. */
export function faulty(disk: ChatStorage) {
  let trouble: StorageErrorCode | undefined
  let left = 0
  const guard = <T>(work: () => Promise<T>, isWrite: boolean) => {
    if (!trouble || (trouble === 'full' && !isWrite) || left-- <= 0) return work()
    return Promise.reject(new StorageError(trouble, 'told to'))
  }
  const storage: ChatStorage = {
    durable: true,
    list: (...args) => guard(() => disk.list(...args), false),
    commit: changes => guard(() => disk.commit(changes), true),
    close() {}
  }
  return {
    storage,
    /** From now on, so many times; nothing given: never. */
    fail(how?: StorageErrorCode, times = Number.POSITIVE_INFINITY) {
      trouble = how
      left = times
    }
  }
}

/** What one tab holds, on its own, over a disk of which it knew what is on it now. */
export async function holding({ storage, fail }: ReturnType<typeof faulty>, kinds: readonly string[]) {
  const rows = (await Promise.all(['cursor', ...kinds].map(kind => storage.list([kind])))).flat()
  const known = new Map(rows.map(row => [String(row.key), row]))
  let turn: Promise<unknown> = Promise.resolve()
  let now = ''
  fail('lost')
  const held = hold(
    storage,
    kinds,
    known as never,
    said => {
      now = said
    },
    work => {
      turn = turn.then(work)
      return turn
    },
    () => {},
    async () => {},
    stillTabs()()
  )
  return {
    held,
    async mended() {
      fail()
      await eventually('everything is on the disk', () => now === 'durable')
      held.close()
    }
  }
}
