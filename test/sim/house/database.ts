import { type PGlite, protocol } from '@electric-sql/pglite'
import { migrate } from '../../../demo/server/store/migrate.ts'
import type { Param, Queries, Store } from '../../../demo/server/store/store.ts'
import type { Owner, World } from '../world/time.ts'
import { openPostgres } from './postgres.ts'
import { createWire, type Field } from './wire.ts'

/**
 * A PostgreSQL in this very thread. Statements take no time and let nothing else happen, so that what comes after what is
 * up to the simulated clock alone.
 */
export interface Database {
  query<Row>(sql: string, params?: readonly Param[]): readonly Row[]
  /** Begins a history with empty tables; `end` makes them empty again. */
  begin(): void
  end(): void
  /** Remembers how things are now, to be gone back to any number of times. Not while a transaction is open. */
  remember(): Memory
  goBack(to: Memory): void
}

export type Memory = string

/** The team, which is the same in every history. */
export const AGENTS = ['agent1', 'agent2']

/** Histories after which the remains of those before are cleared away. */
const TIDY_AFTER = 25

export async function openDatabase(): Promise<Database> {
  const real = globalThis.setTimeout
  // The database sets a timer now and then to keep statistics. It must not ring in the middle of a history, at a moment
  // that no seed decides.
  const timers: ReturnType<typeof setTimeout>[] = []
  globalThis.setTimeout = ((...args: Parameters<typeof real>) => {
    const timer = real(...args)
    timers.push(timer)
    return timer
  }) as typeof real
  const pg = await openPostgres()
  const database = createDatabase(pg)
  await migrate({
    name: 'memory',
    query: async (sql, params) => database.query(sql, params),
    transaction: async work => work({ query: async (sql, params) => database.query(sql, params) }),
    script: async sql => void (await pg.exec(sql.replaceAll('CREATE TABLE', 'CREATE UNLOGGED TABLE'))),
    close: async () => {}
  })
  for (const [i, id] of AGENTS.entries()) {
    const insert = 'INSERT INTO agents (id, name, email, password, since) VALUES ($1, $1, $2, $3, $4)'
    database.query(insert, [id, `${id}@example.com`, '', i])
  }
  globalThis.setTimeout = real
  for (const timer of timers) clearTimeout(timer)
  return database
}

function createDatabase(pg: PGlite): Database {
  const wire = createWire()
  const statements = new Map<string, { readonly name: string; readonly fields: readonly Field[] }>()
  let memories = 0
  let histories = 0

  const ask = (question: Uint8Array) => {
    const { setTimeout } = globalThis
    globalThis.setTimeout = silent
    // Answers before it returns: nothing here is to be written to a disk.
    void pg.execProtocolRawStream(question, { syncToFs: false, onRawData: wire.take })
    globalThis.setTimeout = setTimeout
    const refusal = wire.refusal()
    if (refusal) throw errorIn(refusal)
  }
  const query = <Row>(sql: string, params: readonly Param[] = []): readonly Row[] => {
    let prepared = statements.get(sql)
    if (!prepared) {
      const name = `s${statements.size}`
      ask(wire.prepare(name, sql))
      prepared = { name, fields: wire.fields() }
      statements.set(sql, prepared)
    }
    ask(wire.run(prepared.name, params))
    return wire.rows(prepared.fields) as Row[]
  }

  return {
    query,
    // One transaction around a whole history: undoing it costs less than emptying tables.
    begin() {
      if (histories++ % TIDY_AFTER === TIDY_AFTER - 1) query('VACUUM')
      query('BEGIN')
    },
    end: () => void query('ROLLBACK'),
    remember() {
      const name = `m${memories++ % 8}`
      query(`SAVEPOINT ${name}`)
      return name
    },
    goBack: to => void query(`ROLLBACK TO SAVEPOINT ${to}`)
  }
}

function errorIn(answer: Uint8Array): unknown {
  let error: unknown
  new protocol.Parser().parse(answer, message => {
    if (message.name === 'error') error = message
  })
  return error
}

/** A timer that never rings. */
const silent = (() => undefined) as unknown as typeof setTimeout

/** The store of one server. It dies with it: what was not committed by then never is. */
export interface MortalStore<Label> extends Store {
  /** What the next transaction is about: left here right before `transaction` is called. */
  label: Label | undefined
  /** Whether a transaction is open. */
  busy(): boolean
  die(): void
}

interface StoreParts<Label> {
  readonly world: World
  readonly owner: Owner
  readonly database: Database
  /** A transaction was committed and is closed. */
  onCommitted(label: Label | undefined): void
  /** A transaction made visitors known; `moved`: made everything of the first the second's. */
  onVisitors(moved: readonly [from: string, to: string] | undefined): void
  /** A place at which the server may die. */
  at(boundary: string): void
}

/** After it was asked for, a transaction takes its time, and another moment until whoever asked hears of it. */
export function createStore<Label>(parts: StoreParts<Label>): MortalStore<Label> {
  const { world, owner, database, onCommitted, onVisitors, at } = parts
  let busy = false
  let met = false
  let moved: readonly [from: string, to: string] | undefined
  let turn: Promise<unknown> = Promise.resolve()
  /** There is one connection, so a transaction has the store for itself, and a statement outside waits for its end. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(() => (owner.alive ? work() : never()))
    turn = mine.catch(() => {})
    return mine
  }
  // Code of a dead server may run on for a moment, but it reaches nobody.
  const ask: Queries['query'] = async (sql, params) => {
    if (!owner.alive) return never()
    met ||= /INTO verified/.test(sql)
    if (sql.startsWith('UPDATE threads SET visitor_id')) moved = params as unknown as readonly [string, string]
    return database.query(sql, params) as never
  }
  const later = (most: number) =>
    new Promise<void>(resolve => world.plan(world.random.next() * most, owner, () => resolve()))
  const undo = () => {
    busy = false
    database.query('ROLLBACK TO SAVEPOINT tx')
    database.query('RELEASE SAVEPOINT tx')
  }

  const store: MortalStore<Label> = {
    name: 'simulated',
    label: undefined,
    busy: () => busy,
    query: (sql, params) => alone(() => ask(sql, params)),
    script: () => Promise.reject(new Error('a simulated server does not migrate')),
    transaction(work) {
      const { label } = store
      store.label = undefined
      return alone(async () => {
        at('transaction begun')
        if (!owner.alive) return never()
        database.query('SAVEPOINT tx')
        busy = true
        met = false
        moved = undefined
        const asked: Promise<unknown>[] = []
        const query: Queries['query'] = (sql, params) => {
          const rows = ask(sql, params)
          rows.catch(() => {})
          asked.push(rows)
          return rows as never
        }
        let result: Awaited<ReturnType<typeof work>>
        try {
          result = await work({ query })
          // Whether or not anybody else waited for them.
          await Promise.all(asked)
          await later(3)
        } catch (error) {
          undo()
          throw error
        }
        at('transaction ready')
        if (!owner.alive) return never()
        database.query('RELEASE SAVEPOINT tx')
        busy = false
        if (met) onVisitors(moved)
        onCommitted(label)
        at('transaction committed')
        await later(1)
        return result
      })
    },
    close: async () => {},
    die() {
      if (busy) undo()
    }
  }
  return store
}

const never = () => new Promise<never>(() => {})
