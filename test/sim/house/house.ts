import { createProcessBus } from '../../../demo/server/bus/process.ts'
import type { Offer } from '../../../demo/server/conversations/accept.ts'
import { type Conversations, createConversations } from '../../../demo/server/conversations/conversations.ts'
import { moveConversations } from '../../../demo/server/conversations/move.ts'
import { createWrite } from '../../../demo/server/conversations/writing.ts'
import { createAgents } from '../../../demo/server/identity/agents.ts'
import { createDevices } from '../../../demo/server/identity/devices.ts'
import { hashSecret } from '../../../demo/server/identity/secrets.ts'
import type { Verifier } from '../../../demo/server/identity/visitors.ts'
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
  /** Whose a device's secret is: the browser's it lies in, and as whom it is used from now on. */
  introduce(secret: string, dev: string, who: string): void
  /** What histories call the device of this secret: `dev1.2` is the second one that this browser has been. */
  deviceOf(secret: string): string | undefined
  /** The server that runs has said this cursor to this device, so it is one of its own epoch and of that visitor. */
  noteCursor(cursor: string, secret: string): void
  /** The epoch of the store that a cursor is of; the cursor's own name for its log, if nobody ever said it. */
  epochOf(cursor: string): string
  /** Where each thread of the cursor's visitor is, as far as it goes. */
  covered(cursor: string): ReadonlyMap<string, number>
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
  /** Browsers by the hash of their secret. */
  const known = new Map<string, Guest>()
  const names = new Map<string, string>()
  /** What was recorded of each thread: its last position, and the number of that in the visitor's feed. */
  let marks = new Map<string, { readonly seq: number; readonly feed: number }>()
  /** Those that wait for the end of a transaction: which of them it was about shows when it is over. */
  const offered = new Set<Offer>()
  /** Commands whose outcome was recorded. */
  let outcomes = new Set<string>()
  /** Messages with their numbers in their visitors' feeds; one such book for each epoch of the store. */
  const books = new Map<string, Entry[]>()
  let book: Entry[] = []
  /** Which log each cursor is of, by what the cursors call it. */
  const logs = new Map<string, { readonly epoch: string; readonly visitor: string }>()
  let epoch = ''
  const backups: Backup[] = []
  let running: Running | undefined
  let store: MortalStore<Label> | undefined
  let backupDue = false
  let started = 0

  /** What histories call the visitor whom the server calls so. */
  const whoIs = (visitorId: string): string => {
    const name = names.get(visitorId)
    if (name !== undefined) return name
    const [row] = database.query<{ subject: string | null; hash: string | null }>(
      `SELECT (SELECT subject FROM verified WHERE visitor_id = $1) AS subject,
         (SELECT hash FROM devices WHERE visitor_id = $1 LIMIT 1) AS hash`,
      [visitorId]
    )
    const found = row?.subject ?? known.get(row?.hash ?? '')?.who ?? ''
    names.set(visitorId, found)
    return found
  }

  const onVisitors = (moved: readonly [from: string, to: string] | undefined) => {
    names.clear()
    if (!moved) return
    // What one visitor was told is now told to another one, under other numbers.
    const [from, to] = moved
    book = book.filter(({ visitor }) => visitor !== from && visitor !== to)
    const rows = database.query<{ seq: number; thread_id: string; position: number }>(
      `SELECT seq, thread_id, position FROM events WHERE visitor_id = $1 AND kind = 'message' ORDER BY seq`,
      [to]
    )
    for (const { seq, thread_id, position } of rows) {
      book.push({ visitor: to, feed: seq, thread: thread_id, seq: position })
    }
    books.set(epoch, book)
  }

  /** Records what has come into a thread since the last look, said by these or by others. Gives the ids. */
  const lookAt = (thread: string, offers: readonly Offer[]) => {
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
      const who = whoIs(visitor_id)
      marks.set(thread, { seq: position, feed: feed ?? 0 })
      book.push({ visitor: visitor_id, feed: feed ?? 0, thread, seq: position })
      const own = offers.find(({ command }) => command.id === id)
      record('srv', 'commit', {
        cid: id,
        thread,
        seq: position,
        hash: hashOf(exact ?? text),
        who,
        feed,
        ...(author === 'visitor' && own ? { ...deviceIn(own), cseq: own.command.n, term: own.term } : { author })
      })
    }
    return rows.map(({ id }) => id)
  }

  const deviceIn = ({ device: hash }: Offer) => {
    const { dev, device } = known.get(hash) ?? {}
    return { dev, device }
  }

  /** What became of an offer, if that is written down by now. */
  const outcomeOf = ({ command, device: hash, term }: Offer) => {
    const [device] = database.query<{ term: number }>('SELECT term FROM devices WHERE hash = $1', [hash])
    // Refused for the sake of a newer tab, which may have offered the very same.
    if (!device || device.term > term) return undefined
    const [outcome] = database.query<OutcomeRow>(
      'SELECT code, position, reason FROM commands WHERE device = $1 AND id = $2',
      [hash, command.id]
    )
    return outcome
  }

  /** Records what a transaction did. A repeated command writes nothing, but that is a story to tell, too. */
  const onCommitted = (label: Label | undefined) => {
    const done = [...offered].flatMap(offer => {
      const outcome = outcomeOf(offer)
      return outcome ? { offer, outcome } : []
    })
    const offers = done.map(({ offer }) => offer)
    const threads = new Set(offers.map(({ command }) => laneOf(command)))
    if (label) threads.add(label.thread)
    const placed = new Set([...threads].flatMap(thread => lookAt(thread, offers)))
    for (const { offer, outcome } of done) {
      const { command, device: hash, term } = offer
      offered.delete(offer)
      const key = `${hash} ${command.id}`
      const dup = outcomes.has(key)
      outcomes.add(key)
      if (placed.has(command.id) && !dup) continue
      record('srv', 'commit', {
        cid: command.id,
        thread: laneOf(command),
        seq: outcome.position,
        ...deviceIn(offer),
        who: known.get(hash)?.who,
        cseq: command.n,
        term,
        op: command.type,
        ...(dup ? { dup } : {}),
        ...(outcome.code === null ? {} : { refused: outcome.reason || outcome.code })
      })
    }
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
        onVisitors,
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
      offered.clear()
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
      names.clear()
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
    introduce(secret, dev, who) {
      names.clear()
      const hash = hashSecret(secret)
      const count = [...known.values()].filter(guest => guest.dev === dev).length
      known.set(hash, { dev, device: known.get(hash)?.device ?? `${dev}.${count + 1}`, who })
    },
    deviceOf: secret => known.get(hashSecret(secret))?.device,
    noteCursor(cursor, secret) {
      if (logs.has(logOf(cursor))) return
      const [device] = database.query<{ visitor_id: string }>('SELECT visitor_id FROM devices WHERE hash = $1', [
        hashSecret(secret)
      ])
      logs.set(logOf(cursor), { epoch, visitor: device?.visitor_id ?? '' })
    },
    epochOf: cursor => logs.get(logOf(cursor))?.epoch ?? logOf(cursor),
    covered(cursor) {
      const log = logs.get(logOf(cursor))
      const number = Number(cursor.split('.')[1])
      const last = new Map<string, number>()
      for (const { visitor, feed, thread, seq } of books.get(log?.epoch ?? '') ?? []) {
        if (visitor === log?.visitor && feed <= number) last.set(thread, Math.max(seq, last.get(thread) ?? 0))
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
        offered.add(offer)
        return real.accept(offer).finally(() => offered.delete(offer))
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
      verifier,
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

/** The site's tokens in these histories are the visitor's name and a number; the names of both kinds are enough. */
const verifier: Verifier = {
  verify: async token => ({
    subject: token.split('.')[0]!,
    name: '',
    email: '',
    token,
    expiresAt: Date.now() + 3_600_000
  })
}

interface Guest {
  readonly dev: string
  readonly device: string
  readonly who: string
}

interface OutcomeRow {
  readonly code: string | null
  readonly position: number | null
  readonly reason: string
}

/** What a transaction is about, as far as the record needs to know. */
interface Label {
  readonly thread: string
}

interface Entry {
  readonly visitor: string
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
