import { atom, batch, type ReadableAtom } from 'nanostores'
import type { Command } from '../model/command.ts'
import type { Cursor } from '../model/event.ts'
import type { Message } from '../model/message.ts'
import type { Session } from '../model/session.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { DeviceId, Visitor } from '../model/visitor.ts'
import type { TabNote, Tabs } from '../page/tabs.ts'
import type { StorageError } from '../storage/errors.ts'
import type { Change, ChatStorage, Key, StoragePage } from '../storage/storage.ts'
import type { Status } from './chat.ts'
import type { HoldingStorage } from './holding.ts'

/** How all of it lies in storage: key → value. The only such place. */
export interface RowTypes {
  /** `['cursor']`: up to where the backend's word is stored. Read before everything else at boot. */
  cursor: Cursor
  /** `['life']`: how often somebody signed out here. Whatever is written belongs to the life in which it was begun. */
  life: number
  /**
   * `['claimed']`: who signed in and takes all this along; `['claimed', 'life']`: the life that their rows had then;
   * `['claimed', 'id', id]`: a command that comes along; see `storage/claim`.
   */
  claimed: string | number
  /** `['came']`: ids of the commands that came along then; see there. */
  came: readonly string[]
  /**
   * `['leaving']`: signing out has begun, and whoever finds this ends it; the name of the app: somebody has signed in, and
   * takes all this along.
   */
  leaving: true | string
  /** `['device']`, `['term']`, `['credentials']`, `['visitor']`; `['credentials', 'past']`: where the backend began anew. */
  device: DeviceId
  term: number
  credentials: string
  visitor: Visitor
  /** `['lane', lane]`: the last number given in this lane; `['lane', lane, n]`: the id of what was taken back: see `discard` */
  lane: number
  /** `['outbox', lane, n]` */
  outbox: OutboxRow
  /** `['thread', threadId]` and `['session', threadId]`: the latest one of it */
  thread: Thread
  session: Session
  /** `['message', threadId, position]` */
  message: Message
  /** `['gap', threadId, position]`: messages are missing right before this position */
  gap: true
  /** `['draft', threadId]` */
  draft: string
  /** `['choice', name]`: what the visitor chose about the interface; see `chat.choose` */
  choice: string
}

/** A command that waits for its outcome. It leaves in the very commit that stores the outcome. */
export interface OutboxRow {
  readonly command: Command
  /** When it was accepted, by this device's clock; for people to read. */
  readonly at: number
  /** Not sent for so many milliseconds, so that it can be taken back; left out: at once. */
  readonly grace?: number | undefined
  /** The backend made it durable; its event, which takes this row away, has not come yet. */
  readonly acked: { readonly position: number; readonly at: number } | null
  /** It waited where the disk failed, and may have been offered there, of which no other tab knows. */
  readonly offered?: true
  /** The backend refused it for good. */
  readonly failed: { readonly reason: string } | null
}

/** A row that was stored (`value`) or dropped (`undefined`), told to those who show it. */
export interface RowChange<Kind extends keyof RowTypes = keyof RowTypes> {
  readonly key: Key
  readonly value: RowTypes[Kind] | undefined
}

/**
 * Storage as the core uses it: store first, then show here, then tell the other tabs. Every `$store` about stored
 * things is made from these changes alone, so what is shown has been stored.
 */
export interface Rows {
  /**
   * Reads everything that is always in memory (all but messages), and shows what differs from what is shown; of messages
   * it says that they have changed, if they may have.
   */
  load(): Promise<void>
  get<Kind extends keyof RowTypes>(key: readonly [Kind, ...Key]): Promise<RowTypes[Kind] | undefined>
  /** The same as it is shown here, which may be behind what other tabs have stored; of messages nothing is known. */
  known<Kind extends keyof RowTypes>(...key: readonly [Kind, ...Key]): RowTypes[Kind] | undefined
  list<Kind extends keyof RowTypes>(
    prefix: readonly [Kind, ...Key],
    page?: StoragePage
  ): Promise<readonly { readonly key: Key; readonly value: RowTypes[Kind] }[]>
  /**
   * Commits, one after the other in the order of the calls. Changes given as a function are asked for when their
   * turn has come, so that they see what the commits before have shown. No changes: nothing happens. `again`: where another
   * tab was faster, what it has stored is read, and they are asked for once more, still before the commits behind.
   *
   * @throws {Error} If somebody signed out since the call.
   */
  commit(
    changes: readonly Change[] | (() => readonly Change[] | Promise<readonly Change[]>),
    again?: boolean
  ): Promise<void>
  readonly $storage: ReadableAtom<Status['storage']>
  /**
   * Somebody signs out: from now on nothing is shown, here and at once; what waits to be sent is still known. Until the next
   * life begins. Settles when that is stored: if this page goes now, the next one finishes it.
   */
  hide(): Promise<void>
  /** Whether somebody signs out right now. */
  hidden: boolean
  /** How often somebody signed out here. */
  life(): number | undefined
  /** Up to where the backend's word is shown here. */
  cursor(): Cursor | undefined
  /** Whether this page is about to be frozen: it may begin no transaction that would keep other tabs waiting. */
  asleep: boolean
  /** Tells of what is shown already, then of each change. Returns the function that stops listening. */
  on<Kind extends keyof RowTypes>(kind: Kind, listener: (changes: readonly RowChange<Kind>[]) => void): () => void
  close(): void
}

type RowsNote = Extract<TabNote, { readonly type: 'rows' }>

/** What is always in memory: all but `cursor`, read first, and `message`, read by the page. */
const KEPT: readonly (keyof RowTypes)[] = [
  'life',
  'leaving',
  'device',
  'term',
  'credentials',
  'visitor',
  'lane',
  'thread',
  'session',
  'outbox',
  'gap',
  'draft',
  'choice'
]

export function createRows(given: ChatStorage, tabs: Tabs): Rows {
  /** What everything is read from and written to, until it fails; nothing, when it was closed. */
  let disk: ChatStorage | undefined = given
  let storage: ChatStorage & Partial<HoldingStorage> = given
  const $storage = atom<Status['storage']>(given.durable ? 'durable' : 'volatile')
  const listeners = new Set<readonly [kind: string, listener: (changes: readonly RowChange<never>[]) => void]>()
  /** What is shown of the kinds that are always in memory: a load finds what has gone, a late listener what there is. */
  const inMemory = new Map<string, RowChange>()
  let turn: Promise<unknown> = Promise.resolve()

  const all = () => [...inMemory.values()]

  const ofKind = (changes: readonly RowChange[], kind: string) =>
    changes.filter(({ key }) => key[0] === kind) as RowChange<never>[]

  const known: Rows['known'] = (...key) => inMemory.get(String(key))?.value as never
  const life = () => known('life')
  const cursor = () => known('cursor')

  const show = (given: readonly RowChange[]) => {
    const said = given.flatMap(change => (change.key.length ? [change] : all().map(gone)))
    for (const { key, value } of said) {
      if (key[0] === 'life' && value !== life()) rows.hidden = false
      if (key[0] === 'leaving' && value) rows.hidden = true
    }
    // Signed out: until the next life begins, what still moves is what it takes to send what waits.
    const changes = rows.hidden
      ? [...all().filter(isSeen), ...said].map(change => (isSeen(change) ? gone(change) : change))
      : said
    for (const change of changes) {
      if (change.value === undefined) inMemory.delete(String(change.key))
      else if (change.key[0] !== 'message') inMemory.set(String(change.key), change)
    }
    batch(() => {
      for (const [kind, listener] of listeners) {
        const relevant = ofKind(changes, kind)
        if (relevant.length) listener(relevant)
      }
    })
  }

  /** What changes there are among these: conditions are none. */
  const shown = (changes: readonly { readonly put?: Key; readonly drop?: Key; readonly value?: unknown }[]) =>
    changes.flatMap(({ put, drop: key = put, value }) => (key ? { key, value: value as never } : []))

  /** Another tab changed these: what storage says now is what counts. */
  const refresh = async ({ keys, after, cursor: is, life: of }: RowsNote) => {
    // Not the cursor that is stored by now: that vouches for what the next note tells.
    const values = await Promise.all(keys.map(key => (key[0] === 'cursor' ? is : rows.get(key as never))))
    if (
      // The note before was missed, or somebody else is here by now: then it may be told late, of the one before.
      cursor() !== after ||
      life() !== of ||
      (await rows.get(['life'])) !== of ||
      keys.some(
        ([kind, ...lane], i) =>
          // All went, perhaps before what is here by now came.
          !kind ||
          // The number vouches for the row behind it: that note was missed, or this one is read so late that the number is
          // another one's by now.
          (kind === 'lane' && (values[i] !== keys[i + 1]?.[2] || !((values[i] as number) <= known(kind, ...lane)! + 1)))
      )
    )
      return load()
    // Where the disk fails meanwhile, some of it is from before.
    if (!storage.holds?.()) show(keys.map((key, i) => ({ key, value: values[i] as never })))
  }

  const unbind = tabs.listen(note => {
    // Missing it makes this tab late, never wrong: what it shows is behind the cursor of the tab that leads.
    if (note.type === 'rows' && !rows.asleep) inTurn(() => refresh(note)).catch(() => {})
  })

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => {
      /* whoever asked for it hears of it */
    })
    return done
  }

  /** Works on the storage; if that fails for a reason that is the disk's, again after it was looked after. */
  const access = async <T>(work: (on: ChatStorage) => Promise<T>): Promise<T> => {
    const used = storage
    try {
      return await work(used)
    } catch (error) {
      if (used !== disk || (error as StorageError).code === 'taken') throw error
      const { hold } = await import('./holding.ts')
      if (storage === disk) storage = hold(disk, KEPT, inMemory, $storage.set, inTurn, show, load, tabs)
      return work(storage)
    }
  }

  const load = async () => {
    // Before the rows: another tab may store between two reads, and a cursor ahead of the rows loses messages.
    const found = [
      ...(await rows.list(['cursor'])),
      ...(await Promise.all(KEPT.map(kind => rows.list([kind])))).flat()
    ] as RowChange[]
    const left = new Map(inMemory)
    const news = found.filter(({ key, value }) => {
      const known = left.get(String(key))
      left.delete(String(key))
      // That may be of another life than the one before.
      return key[0] === 'leaving' || JSON.stringify(value) !== JSON.stringify(known?.value)
    })
    for (const row of left.values()) news.unshift(gone(row))
    // Where the cursor has moved there are messages; where it has gone there are none.
    if (news.some(({ key }) => key[0] === 'cursor')) news.unshift(gone({ key: ['message'] }))
    show(news)
  }

  given.onLost = () => inTurn(load).catch(() => {})

  const rows: Rows = {
    $storage,
    hidden: false,
    life,
    cursor,
    known,
    asleep: false,
    load: () => inTurn(load),
    async get(key) {
      const [found] = await rows.list(key)
      return found?.key.length === key.length ? (found.value as never) : undefined
    },
    list: (prefix, page) => access(on => on.list(prefix, page)) as Promise<never>,
    async commit(given, again) {
      const mine = life()
      const work = async (): Promise<void> => {
        const changes = typeof given === 'function' ? await given() : given
        if (!changes.length) return
        try {
          await access(on => on.commit([{ expect: ['life'], value: mine }, ...changes]))
        } catch (error) {
          const isOver = (await rows.get(['life'])) !== mine
          if (!isOver && !(again && (error as StorageError).code === 'taken')) throw error
          await load()
          if (!isOver) return work()
          throw new Error('signed out')
        }
        const visible = shown(changes)
        const after = cursor()
        show(visible)
        // What only memory holds, nobody else can read.
        if (!storage.holds?.())
          tabs.tell({ type: 'rows', keys: visible.map(({ key }) => key), after, cursor: cursor(), life: life() })
      }
      await inTurn(work)
      await storage.sure?.()
    },
    hide() {
      show([{ key: ['leaving'], value: true }])
      return rows.commit([{ put: ['leaving'], value: true }])
    },
    on(kind, listener) {
      const entry = [kind, listener] as const
      listeners.add(entry)
      const before = ofKind(all(), kind)
      if (before.length) listener(before)
      return () => {
        listeners.delete(entry)
      }
    },
    close() {
      disk = undefined
      unbind()
      listeners.clear()
      // What was written before is stored first, such as half a word; a disk that has failed is not waited for.
      if (storage === given) void inTurn(async () => given.close())
      else storage.close()
    }
  }
  return rows
}

/** Threads, sessions, drafts, gaps, messages, and who it was. The rest is needed to send what waits. */
const isSeen = ({ key }: RowChange) => /^(th|s|dr|g|m|v)/.test(key[0] as string)

const gone = ({ key }: Pick<RowChange, 'key'>): RowChange => ({ key, value: undefined })

/** A store's copy of rows by thread, after these changes. */
export function patched<Value>(
  known: Readonly<Record<ThreadId, Value>>,
  changes: readonly { readonly key: Key; readonly value: Value | undefined }[]
): Readonly<Record<ThreadId, Value>> {
  const next = { ...known }
  for (const { key, value } of changes) {
    const id = String(key[1])
    if (value === undefined) delete next[id]
    else next[id] = value
  }
  return next
}
