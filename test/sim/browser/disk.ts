import { StorageError } from '../../../src/storage/errors.ts'
import type { Change, ChatStorage, Key, Row } from '../../../src/storage/storage.ts'
import type { Owner, World } from '../world/time.ts'

/** What is wrong with a disk: it takes nothing, nothing works, or there is no answer, though it may do what was asked. */
export type Trouble = 'full' | 'lost' | 'hang'

/** The databases of one browser, which outlive its tabs. */
export interface Disk {
  readonly trouble: Trouble | undefined
  begin(trouble: Trouble): void
  /** Everything works again; what hung until now is done. */
  mend(): void
  /** The database as one tab sees it. What the tab asked for and is not done when it dies never is. */
  open(name: string, tab: DiskUser): ChatStorage
  names(): readonly string[]
  /** What lies there, in order. */
  rows(name: string, prefix?: Key): readonly Row[]
  /** Deletes a database, as people and browsers do; whoever has it open is told once. */
  wipe(name: string): void
}

export interface DiskUser {
  readonly owner: Owner
  /** A commit has landed: from now on a crash does not undo it. `undone` is what was there before. */
  onLanded(name: string, changes: readonly Change[], before: ReadonlyMap<string, Row>): void
  onFailed(error: StorageError): void
  /** Something was done on the disk. */
  onWorks(): void
  /** A place at which the tab may die. */
  at(boundary: string): void
}

/** How long the adapter for IndexedDB waits for an answer, in milliseconds. */
const PATIENCE = 2000

/** @param durable Whether rows outlive the page; where they do not, each page has a disk of its own. */
export function createDisk(world: World, durable = true): Disk {
  const databases = new Map<string, Map<string, Row>>()
  const of = (name: string) => {
    const rows = databases.get(name) ?? new Map<string, Row>()
    databases.set(name, rows)
    return rows
  }
  let trouble: Trouble | undefined
  /** What was asked for while there was no answer. */
  const hanging: (() => void)[] = []
  /** Counts how often databases were deleted. */
  let wipes = 0
  /** Transactions on one database come one after the other, in the order in which they were asked for. */
  let free = 0

  const disk: Disk = {
    get trouble() {
      return trouble
    },
    begin(given) {
      trouble = given
    },
    mend() {
      trouble = undefined
      for (const work of hanging.splice(0)) work()
    },
    names: () => [...databases.keys()],
    rows: (name, prefix = []) => found(of(name), prefix),
    wipe(name) {
      databases.delete(name)
      wipes++
    },
    open(name, tab) {
      const { owner } = tab
      let closed = false
      let known = wipes
      /** How often it has answered. */
      let answers = 0

      /** Does `work` when the disk comes to it, and settles a moment later. */
      const inTurn = <T>(kind: string, about: string, work: () => T) =>
        new Promise<T>((resolve, reject) => {
          if (!owner.alive) return
          tab.at(`${kind} of ${about} asked`)
          if (closed) return reject(new StorageError('lost', 'this storage was closed'))
          const { random } = world
          free = Math.max(free, world.now()) + 0.1 + random.next() * (kind === 'commit' ? 6 : 1)
          let answered = false
          const act = () => {
            answered = true
            try {
              tab.at(`${kind} of ${about} begun`)
              if (!owner.alive) return
              if (trouble === 'lost' || (trouble === 'full' && kind === 'commit')) {
                throw new StorageError(trouble, `the simulated disk is ${trouble}`)
              }
              if (known !== wipes) {
                known = wipes
                throw new StorageError('lost', 'opened anew')
              }
              const result = work()
              answers++
              tab.onWorks()
              tab.at(`${kind} of ${about} done`)
              if (kind === 'list') resolve(result)
              else world.plan(random.next() * 2, owner, () => resolve(result))
            } catch (error) {
              if ((error as StorageError).code !== 'taken') tab.onFailed(error as StorageError)
              reject(error)
            }
          }
          world.plan(free - world.now(), owner, () => {
            if (trouble !== 'hang') return act()
            // Nobody waits for ever. What was asked for may still be done, much later.
            const before = answers
            world.plan(PATIENCE, owner, () => {
              if (answered) return
              const error = new StorageError('lost', 'no answer')
              // It answers again by now, if to something else.
              if (answers === before) tab.onFailed(error)
              reject(error)
            })
            if (random.chance(0.5)) hanging.push(() => world.plan(0, owner, act))
          })
        })

      return {
        durable,
        list: (prefix, page = {}) =>
          inTurn('list', String(prefix[0] ?? 'all'), () => {
            const rows = found(of(name), prefix)
            const earlier = page.before ? rows.filter(({ key }) => compareKeys(key, page.before!) < 0) : rows
            return page.last === undefined ? earlier : earlier.slice(Math.max(0, earlier.length - page.last))
          }),
        commit(changes) {
          const copies = frozen(structuredClone(changes))
          return inTurn('commit', kindsIn(copies), () => {
            const before = of(name)
            databases.set(name, applied(before, copies))
            tab.onLanded(name, copies, before)
          })
        },
        close() {
          closed = true
        }
      }
    }
  }
  return disk
}

/** The kinds of rows that are written. */
function kindsIn(changes: readonly Change[]): string {
  const keys = changes.flatMap(change => ('put' in change ? [change.put] : 'drop' in change ? [change.drop] : []))
  return [...new Set(keys.map(key => key[0]))].join(', ')
}

function applied(rows: ReadonlyMap<string, Row>, changes: readonly Change[]): Map<string, Row> {
  const next = new Map(rows)
  for (const change of changes) {
    if ('put' in change) next.set(JSON.stringify(change.put), { key: change.put, value: change.value })
    else if ('drop' in change) for (const { key } of found(next, change.drop)) next.delete(JSON.stringify(key))
    else if (next.get(JSON.stringify(change.expect))?.value !== change.value) {
      throw new StorageError('taken', `row ${JSON.stringify(change.expect)} is not what was expected`)
    }
  }
  return next
}

function found(rows: ReadonlyMap<string, Row>, prefix: Key): readonly Row[] {
  return [...rows.values()]
    .filter(({ key }) => prefix.every((part, i) => key[i] === part))
    .sort((a, b) => compareKeys(a.key, b.key))
}

/** The order of IndexedDB: numbers before strings, a prefix before what it begins. */
function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x !== y) return typeof x === typeof y ? (x < y ? -1 : 1) : typeof x === 'number' ? -1 : 1
  }
  return a.length - b.length
}

/** What lies on a disk does not change under the one who reads it: a write to it shows as an error. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) frozen(member)
  }
  return value
}
