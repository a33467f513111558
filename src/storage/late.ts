import type { TabNote } from '../page/tabs.ts'
import { alone } from './alone.ts'
import { endClaim } from './claim.ts'
import { StorageError } from './errors.ts'
import { endLeaving } from './leaving.ts'
import type { Shared } from './open.ts'
import type { LateStorage } from './storage.ts'

/**
 * A storage that does not work yet, and may never: it keeps nothing until it has taken something, and as long as it does
 * not the tab is alone, because what others store is not seen here, nor what is written here there.
 */
export function late({ storage, tabs }: Shared): Shared {
  if (!storage.durable) return { storage, tabs: alone }
  let joined = false
  let asked = false
  let onJoined = () => {}
  let isOut = false
  let ended = Number.POSITIVE_INFINITY
  /** The life that others are in. */
  let life = ended
  const hear = (note: TabNote) => {
    if (!('life' in note)) return
    life = Number(note.life ?? 0)
    if (isOut) ended = Math.min(ended, life)
  }
  /** Whoever signs out there, or in, is done with it first. */
  const endBegun = async () => {
    const [leaving] = await storage.list(['leaving'])
    const app = leaving?.value
    if (typeof app !== 'string') await endLeaving(storage)
    else if (!(await endClaim(app, tabs))) throw new StorageError('lost', 'somebody else takes it along')
  }
  const own: LateStorage = {
    /** Once it works it may fail as others do. */
    get durable() {
      return joined
    },
    get ended() {
      return ended
    },
    async list(prefix, page) {
      // It has just been asked: nobody has to wait for that again.
      if (!asked) {
        asked = true
        throw new StorageError('lost', 'not there yet')
      }
      // Once for all that is read of it. What was read meanwhile is of a life that is over, and is read again.
      if (!joined && prefix[0] === 'cursor') await endBegun()
      return storage.list(prefix, page)
    },
    async commit(changes) {
      await storage.commit(changes)
      if (joined) return
      joined = true
      onJoined()
    },
    finish: app => endClaim(app, tabs),
    set onLost(listener: () => void) {
      storage.onLost = listener
    },
    close: storage.close
  }
  return {
    storage: own,
    tabs: {
      async lead(signal, onLost, take) {
        if (joined) return tabs.lead(signal, onLost, take)
        onJoined = onLost
      },
      tell(note) {
        if (joined) return tabs.tell(note)
        if (note.type !== 'reset') return
        // It is said again as long as the disk does not know.
        if (!isOut) ended = life
        isOut = true
        // Who signs out does so everywhere: also where the disk has worked for others.
        storage.list(['life']).then(
          ([row]) => {
            const now = row?.value as number | undefined
            if ((now ?? 0) <= ended) tabs.tell({ ...note, life: now })
          },
          () => {}
        )
      },
      listen: listener => tabs.listen(note => (joined ? listener : hear)(note))
    }
  }
}
