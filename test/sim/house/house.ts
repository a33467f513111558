import { createProcessBus } from '../../../demo/server/bus/process.ts'
import type { Offer } from '../../../demo/server/conversations/accept.ts'
import { type Conversations, createConversations } from '../../../demo/server/conversations/conversations.ts'
import { moveConversations } from '../../../demo/server/conversations/move.ts'
import { createWrite } from '../../../demo/server/conversations/writing.ts'
import { createAgents } from '../../../demo/server/identity/agents.ts'
import { createDevices } from '../../../demo/server/identity/devices.ts'
import { hashSecret } from '../../../demo/server/identity/secrets.ts'
import { defaultLimits, type Limits } from '../../../demo/server/limits.ts'
import type { Log } from '../../../demo/server/log.ts'
import { createPresence, type Presence } from '../../../demo/server/routing/presence.ts'
import { createRouting } from '../../../demo/server/routing/routing.ts'
import { createVisitorDoor, type VisitorDoor } from '../../../demo/server/wire/visitors.ts'
import { laneOf } from '../../../src/model/command.ts'
import { hashOf, type Recorder } from '../history.ts'
import type { Door } from '../world/network.ts'
import type { Owner, World } from '../world/time.ts'
import { createStore, type Database, type Memory, type MortalStore } from './database.ts'

/** The server, which may die and come back, and the database that outlives it. */
export interface House {
  /** Nobody opens while the server is down. */
  door(): Door | undefined
  running(): Running | undefined
  start(): void
  /** Ends at once, with nothing said and nothing finished. */
  crash(): void
  /** Says goodbye, finishes what has begun. */
  stop(): void
  /** Remembers how the data is now. */
  backup(): void
  /** Takes the data back to the last backup. The server must be down. */
  restore(): boolean
  /** What the database says at the end. */
  audit(): void
  /** Who a browser is, from its secret. */
  introduce(secret: string, device: string, who: string): void
  /** The server that runs has said this cursor, so it is one of its own epoch. */
  noteCursor(cursor: string): void
  /** The epoch of the store that a cursor is of; the cursor's own name for its log, if nobody ever said it. */
  epochOf(cursor: string): string
  /** Where each thread of a visitor is, as far as this cursor goes. */
  covered(who: string, cursor: string): ReadonlyMap<string, number>
  at: (boundary: string) => void
  onStarted: (running: Running) => void
}

export interface Running {
  readonly owner: Owner
  readonly conversations: Conversations
  readonly presence: Presence
  readonly door: VisitorDoor
}

interface HouseParts {
  readonly world: World
  readonly recorder: Recorder
  readonly database: Database
  readonly limits: Partial<Limits>
}

export function createHouse({ world, recorder, database, limits: given }: HouseParts): House {
  const { record } = recorder
  const limits: Limits = { ...defaultLimits, ...given }
  /** Browsers by the hash of their secret, and by the name that the server gave to the visitor. */
  const known = new Map<string, Guest>()
  const visitors = new Map<string, Guest>()
  /** What was recorded of each thread: its last position, and the number of that in the visitor's feed. */
  let marks = new Map<string, { readonly seq: number; readonly feed: number }>()
  /** Commands whose outcome was recorded. */
  let outcomes = new Set<string>()
  /** Messages with their numbers in their visitors' feeds; one such book for each epoch of the store. */
  const books = new Map<string, Entry[]>()
  let book: Entry[] = []
  /** The epoch of each log that a cursor has named. */
  const logs = new Map<string, string>()
  let epoch = ''
  const backups: Backup[] = []
  let running: Running | undefined
  let store: MortalStore<Label> | undefined
  let backupDue = false
  let started = 0

  /** Records what has come into a thread since the last look. */
  const lookAt = (thread: string, offer: Offer | undefined) => {
    const { seq, feed } = marks.get(thread) ?? { seq: 0, feed: 0 }
    const rows = database.query<MessageRow>(
      `SELECT m.position, m.id, m.author, m.text, m.exact, t.visitor_id, e.seq AS feed
       FROM threads t JOIN messages m ON m.thread_id = t.id
         LEFT JOIN events e ON e.visitor_id = t.visitor_id AND e.seq > $3 AND e.kind = 'message' AND e.thread_id = t.id
           AND e.position = m.position
       WHERE t.id = $1 AND m.position > $2 ORDER BY m.position`,
      [thread, seq, feed]
    )
    for (const { position, id, author, text, exact, visitor_id, feed } of rows) {
      const { who = '', device } = visitors.get(visitor_id) ?? {}
      marks.set(thread, { seq: position, feed: feed ?? 0 })
      book.push({ who, feed: feed ?? 0, thread, seq: position })
      const own = offer?.command.id === id ? offer : undefined
      record('srv', 'commit', {
        cid: id,
        thread,
        seq: position,
        hash: hashOf(exact ?? text),
        who,
        feed,
        ...(author === 'visitor' ? { dev: device, cseq: own?.command.n, term: own?.term } : { author })
      })
    }
    return rows
  }

  /** Records what a transaction did. */
  const onCommitted = (label: Label | undefined) => {
    if (!label) return
    const { thread, offer } = label
    const rows = lookAt(thread, offer)
    if (!offer) return
    const { command, device: hash, term } = offer
    const [outcome] = database.query<{ code: string | null; position: number | null; reason: string }>(
      'SELECT code, position, reason FROM commands WHERE device = $1 AND id = $2',
      [hash, command.id]
    )
    if (!outcome) return
    const key = `${hash} ${command.id}`
    const dup = outcomes.has(key)
    outcomes.add(key)
    if (rows.some(row => row.id === command.id)) return
    record('srv', 'commit', {
      cid: command.id,
      thread,
      seq: outcome.position,
      dev: known.get(hash)?.device,
      who: known.get(hash)?.who,
      cseq: command.n,
      term,
      op: command.type,
      ...(dup ? { dup } : {}),
      ...(outcome.code === null ? {} : { refused: outcome.reason || outcome.code })
    })
  }

  const house: House = {
    at() {},
    onStarted() {},
    door: () => running && { owner: running.owner, welcome: running.door.welcome as unknown as Door['welcome'] },
    running: () => running,
    start() {
      if (running) return
      const owner = world.owner(`srv${++started}`)
      const mine = createStore<Label>({
        world,
        owner,
        database,
        onCommitted(label) {
          onCommitted(label)
          if (backupDue) house.backup()
        },
        at: name => house.at(name)
      })
      store = mine
      const log: Log = {
        info() {},
        warn() {},
        error: (what, facts) => owner.alive && record('srv', 'error', { what, ...facts })
      }
      world.plan(0, owner, () => {
        join(mine, owner, log).then(
          joined => {
            running = joined
            epoch = readEpoch()
            books.set(epoch, book)
            record('srv', 'boot', { epoch })
            house.onStarted(joined)
          },
          error => log.error('start', { reason: String(error) })
        )
      })
    },
    crash() {
      if (!running) return
      running.owner.alive = false
      store?.die()
      running = undefined
      record('srv', 'crash')
    },
    stop() {
      running?.door.close(1000)
    },
    backup() {
      if (store?.busy()) {
        backupDue = true
        return
      }
      backupDue = false
      const copies = { marks: new Map(marks), outcomes: new Set(outcomes), book: [...book] }
      backups.push({ memory: database.remember(), at: record('srv', 'backup'), ...copies })
    },
    restore() {
      const last = backups.at(-1)
      if (!last || running) return false
      database.goBack(last.memory)
      // Whoever restores a backup says so: cursors of what came after it must not count.
      database.query(`DELETE FROM meta WHERE name = 'epoch'`)
      marks = new Map(last.marks)
      outcomes = new Set(last.outcomes)
      book = [...last.book]
      record('world', 'fault', { kind: 'rollback', to: last.at })
      return true
    },
    audit() {
      for (const { id: thread } of database.query<{ id: string }>('SELECT id FROM threads ORDER BY id')) {
        const rows = database.query<MessageRow>(
          'SELECT position, id, text, exact FROM messages WHERE thread_id = $1 ORDER BY position',
          [thread]
        )
        const entries = rows.map(row => ({ seq: row.position, cid: row.id, hash: hashOf(row.exact ?? row.text) }))
        record('srv', 'log', { thread, head: entries.at(-1)?.seq ?? 0, entries })
      }
    },
    introduce(secret, device, who) {
      known.set(hashSecret(secret), { device, who })
    },
    noteCursor: cursor => void logs.set(logOf(cursor), epoch),
    epochOf: cursor => logs.get(logOf(cursor)) ?? logOf(cursor),
    covered(who, cursor) {
      const number = cursor.split('.')[1]
      const last = new Map<string, number>()
      for (const entry of books.get(house.epochOf(cursor)) ?? []) {
        if (entry.who === who && entry.feed <= Number(number)) last.set(entry.thread, entry.seq)
      }
      return last
    }
  }

  const readEpoch = () =>
    database.query<{ value: string }>(`SELECT value FROM meta WHERE name = 'epoch'`)[0]?.value ?? ''

  async function join(store: MortalStore<Label>, owner: Owner, log: Log): Promise<Running> {
    const bus = createProcessBus(error => log.error('bus', { reason: String(error) }))
    const real = await createConversations({ store, bus, limits })
    const conversations: Conversations = {
      ...real,
      accept(offer) {
        const guest = known.get(offer.device)
        if (guest) visitors.set(offer.visitorId, guest)
        store.label = { thread: laneOf(offer.command), offer }
        return real.accept(offer)
      },
      acceptOfAgent(agentId, command) {
        if ('threadId' in command) store.label = { thread: command.threadId }
        return real.acceptOfAgent(agentId, command)
      },
      end(chat, reason) {
        store.label = { thread: chat.threadId }
        return real.end(chat, reason)
      }
    }
    const startedAt = Date.now()
    const presence = createPresence(bus, startedAt)
    const team = createAgents(store, limits.agentToken).all
    const routing = await createRouting({
      conversations,
      team,
      presence,
      bus,
      log,
      assistant: false,
      startedAt,
      limits
    })
    const devices = createDevices(createWrite(store, bus), moveConversations)
    const door = createVisitorDoor({
      conversations,
      devices,
      verifier: undefined,
      house: { ...presence, ...routing },
      bus,
      limits,
      log
    })
    return { owner, conversations, presence, door }
  }

  return house
}

const logOf = (cursor: string) => cursor.split('.')[0]!

interface Guest {
  readonly device: string
  readonly who: string
}

/** What a transaction is about, as far as the record needs to know. */
interface Label {
  readonly thread: string
  readonly offer?: Offer
}

interface Entry {
  readonly who: string
  readonly feed: number
  readonly thread: string
  readonly seq: number
}

interface Backup {
  readonly memory: Memory
  /** Number of the event at which it was taken. */
  readonly at: number
  readonly marks: ReadonlyMap<string, { readonly seq: number; readonly feed: number }>
  readonly outcomes: ReadonlySet<string>
  readonly book: readonly Entry[]
}

interface MessageRow {
  readonly position: number
  readonly id: string
  readonly author: string
  readonly text: string
  readonly exact: string | null
  readonly visitor_id: string
  readonly feed: number | null
}
