import type { TabNote, Tabs } from '../../../src/page/tabs.ts'
import type { Owner, World } from '../world/time.ts'

/** The lock and the channel that the tabs of one database share. */
export interface Bar {
  open(tab: BarUser): Tabs
  /** Who has the lock. */
  holder(): string | undefined
  /** The tab has died: its lock is free, its notes are read by nobody. */
  left(owner: Owner): void
}

export interface BarUser {
  readonly owner: Owner
  onLost(): void
  /** Led, and does not any more. */
  onReleased(): void
  at(boundary: string): void
}

interface Waiting {
  readonly owner: Owner
  grant(): void
  /** Another one took the lock. */
  lost(): void
}

/** What the browser takes to hand a lock on, in milliseconds. */
const HAND_OVER = 2

/** @param notes Share of notes that are lost, and from when to when one takes, at the moment. */
export function createBar(
  world: World,
  notes: () => { readonly loss: number; readonly latency: readonly [number, number] }
): Bar {
  const listeners = new Map<Owner, Set<(note: TabNote) => void>>()
  /** When the last note arrives at each tab. */
  const arrives = new Map<Owner, number>()
  let queue: Waiting[] = []
  let holder: Waiting | undefined

  const next = () => {
    holder = undefined
    const first = queue.shift()
    if (!first) return
    holder = first
    world.plan(HAND_OVER, first.owner, first.grant)
  }

  return {
    open(tab) {
      const { owner } = tab
      const own = new Set<(note: TabNote) => void>()
      listeners.set(owner, own)
      return {
        lead: (signal, onLost, take) =>
          new Promise((resolve, reject) => {
            if (!owner.alive) return
            tab.at('lock asked')
            if (!owner.alive) return
            if (signal.aborted) return reject(signal.reason)
            const giveUp = () => {
              if (holder === waiting) next()
              else queue = queue.filter(other => other !== waiting)
              reject(signal.reason)
            }
            const waiting: Waiting = {
              owner,
              lost: () => world.plan(HAND_OVER, owner, onLost),
              grant() {
                if (signal.aborted) return
                signal.removeEventListener('abort', giveUp)
                signal.addEventListener('abort', release, { once: true })
                tab.at('lock given')
                resolve()
              }
            }
            const release = () => {
              if (!owner.alive) return
              tab.onReleased()
              if (holder === waiting) next()
            }
            if (take) {
              holder?.lost()
              holder = waiting
              world.plan(HAND_OVER, owner, waiting.grant)
              signal.addEventListener('abort', giveUp, { once: true })
              return
            }
            signal.addEventListener('abort', giveUp, { once: true })
            queue.push(waiting)
            if (!holder) next()
          }),
        tell(note) {
          if (!owner.alive) return
          tab.at(`note ${note.type} told`)
          for (const [other, set] of listeners) {
            if (other === owner || !set.size) continue
            if (world.random.chance(notes().loss)) {
              tab.onLost()
              continue
            }
            const copy = structuredClone(note)
            const [least, most] = notes().latency
            // Late, but in the order in which they were told.
            const at = Math.max(arrives.get(other) ?? 0, world.now() + least + world.random.next() * (most - least))
            arrives.set(other, at)
            world.plan(at - world.now(), other, () => {
              for (const listener of [...set]) listener(copy)
            })
          }
        },
        listen(listener) {
          own.add(listener)
          return () => {
            own.delete(listener)
          }
        }
      }
    },
    holder: () => holder?.owner.name,
    left(owner) {
      listeners.delete(owner)
      queue = queue.filter(other => other.owner !== owner)
      if (holder?.owner === owner) next()
    }
  }
}
