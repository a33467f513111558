import type { OutboxRow, RowChange } from '../../../src/core/rows.ts'
import { laneOf } from '../../../src/model/command.ts'
import type { Message } from '../../../src/model/message.ts'
import type { Thread } from '../../../src/model/thread.ts'
import type { Change, Key, Row } from '../../../src/storage/storage.ts'
import { hashOf, type Recorder } from '../history.ts'
import type { House } from '../house/house.ts'
import type { Disk } from './disk.ts'

/** Records what the rows of one database mean: of a browser's, or of a page's own where nothing is kept. */
export interface Scribe {
  /** Which of the browser's places for rows it is: `dev1`, `dev1:ada`, or the page where nothing is kept. */
  readonly place: string
  /**
   * Who uses it in this life, of the disk's or of a page's: another one after each signing out, but for those whom the
   * site knows.
   */
  who(life: number | undefined): string
  /** Who is there by what the disk has now, which a page may not have read yet. */
  now(): string
  /** Whether this life has ended: a page may not have heard of the next one. */
  isOver(life: number | undefined): boolean
  /** Somebody begins to sign out: what is stored until that is over is of interest to nobody. */
  leaving(): void
  /** A commit has landed. `before` is what was there. */
  landed(node: string, changes: readonly Change[], before: ReadonlyMap<string, Row>): void
  /** A tab has rows in its outbox, whether the disk took them or not. */
  shown(node: string, changes: readonly RowChange<'outbox'>[], life: number | undefined): void
  /** A page has a device, which may be in its memory alone. */
  met(secret: string | undefined, life: number | undefined): void
  /** In a page a life has begun, which its memory alone may know: until the disk takes that, nobody has signed out there. */
  left(node: string, life: number | undefined): void
}

/** What all scribes of one browser know. */
interface Memory {
  /** Commands, and whether they are only kept in memory. */
  readonly accepted: Map<string, boolean>
  readonly ended: Set<string>
}

interface ScribeParts {
  readonly recorder: Recorder
  readonly house: House
  readonly disk: Disk
  readonly database: string
  /** Which device it is to the server. */
  readonly dev: string
  readonly identity: string | undefined
  readonly place: string
  readonly memory: Memory
  /** The life that the database of somebody whom the site knows is in. */
  lifeIn(identity: string): unknown
  /** Whether a tab has the lock: one that has lost it may just have taken a number that it has no use for. */
  leads(node: string): boolean
}

export function createScribe(parts: ScribeParts): Scribe {
  const { recorder, house, disk, database, dev, identity, place, memory, lifeIn, leads } = parts
  const { record } = recorder
  const { accepted, ended } = memory
  /** What each tab has in its outbox, by key. */
  const outboxes = new Map<string, Map<string, OutboxRow>>()
  /** The life that each tab has shown last. */
  const lives = new Map<string, number | undefined>()
  let generation = 1
  let secret: unknown
  let isLeaving = false
  /** The life on the disk. */
  let lived: number | undefined
  /** Who it is in each life; those above the one on the disk are only in the memory of pages. */
  const names = new Map<number | undefined, string>([[undefined, `${place}#1`]])
  /** Lives whose rows somebody took along. */
  const claimed = new Set<number | undefined>()
  /** Whose rows are being taken along. */
  let claimant = ''
  /** What was said of each thread. */
  let claims = new Map<string, string>()

  const who = (life: number | undefined) => {
    // A page that finds an emptied disk counts from nothing, and is still the one who was here.
    const isBare = life === undefined && !disk.rows(database).length
    return identity ?? names.get(isBare ? lived : life) ?? names.get(lived)!
  }
  /** Somebody who was not here before. */
  const another = () => `${place}#${++generation}`
  /** Events about rows in a place of their own say so. */
  const mark = place === dev && !place.includes('/') ? {} : { disk: place }

  const accept = (node: string, { command }: OutboxRow, volatile: boolean, author: string) => {
    const { id, n, type } = command
    accepted.set(id, volatile)
    const words = type === 'message' ? { hash: hashOf(command.text) } : { op: type }
    record(node, 'accept', { cid: id, dev, who: author, thread: laneOf(command), cseq: n, ...words, volatile, ...mark })
  }

  const end = (node: string, cid: string, reason: string) => {
    if (ended.has(cid)) return
    ended.add(cid)
    record(node, 'state', { cid, to: 'cancelled', reason })
  }

  const introduce = (node: string, from: string, reason: string, more: object = {}) =>
    record(node, 'ident', { dev, from, to: identity ? 'nobody' : who(lived), reason, ...more, ...mark })

  /** Whoever comes now starts from nothing. */
  const forget = () => {
    secret = undefined
    isLeaving = false
    claims = new Map()
  }

  const waits = (node: string, row: OutboxRow, was: OutboxRow | undefined, author: string) => {
    const { id, n } = row.command
    // Held in memory until now, or moved to the one who signed in.
    if (!was && accepted.get(id) !== false) accept(node, row, false, author)
    if (was && was.command.n !== n) record(node, 'renumber', { cid: id, cseq: n })
    if (row.failed && !was?.failed) {
      record(node, 'state', { cid: id, from: 'queued', to: 'failed', reason: row.failed.reason || 'refused' })
    }
    if (row.acked && !was?.acked) record(node, 'state', { cid: id, from: 'queued', to: 'sent' })
    if (!row.acked && was?.acked) record(node, 'state', { cid: id, from: 'sent', to: 'queued', reason: 'epoch' })
  }

  const marks = (node: string, { id, read, theirs }: Thread, was: Thread | undefined) => {
    const moved = (by: string, now: number, before = 0) => {
      if (now !== before) record(node, 'read', { thread: id, id: by, seq: now, disk: place })
    }
    moved('visitor', read, was?.read)
    moved('team', theirs.read, was?.theirs.read)
  }

  /** Up to where each thread is whole on this disk, as far as its cursor claims. */
  const cover = (node: string, isMoved: boolean, touched: ReadonlySet<string>) => {
    const cursor = disk.rows(database, ['cursor'])[0]?.value as string | undefined
    if (!cursor || (!isMoved && !touched.size)) return
    const epoch = house.epochOf(cursor)
    const covered = house.covered(cursor)
    // Gone from the log, as after it was taken back.
    const left = [...claims.keys()].filter(thread => !covered.has(thread)).map(thread => [thread, 0] as const)
    for (const [thread, head] of [...covered, ...left]) {
      const claim = `${epoch} ${head}`
      if (!touched.has(thread) && claims.get(thread) === claim) continue
      claims.set(thread, claim)
      const gaps = gapsIn(disk, database, thread)
      const contiguous = Math.min(head, ...gaps.map(({ from }) => from - 1))
      record(node, 'cursor', { dev, who: who(lived), thread, epoch, contiguous, head, gaps, ...mark })
    }
  }

  /** Rows that left the outbox otherwise than by being done. */
  const endOf = (row: OutboxRow, instead: OutboxRow | undefined): string | undefined =>
    row.failed ? 'dismissed' : instead?.command.type === 'void' ? 'discarded' : undefined

  /** What only a page has, it loses when its visitor signs out; whoever signs in should have had it. */
  const lost = ({ command }: OutboxRow, life: number | undefined) => {
    const isKept = disk.rows(database, ['outbox']).some(({ value }) => (value as OutboxRow).command.id === command.id)
    return isKept || claimed.has(life) ? undefined : 'signed out'
  }

  return {
    place,
    who,
    now: () => who(lived),
    // Without a life, a page whose disk has one has dropped what was of the last, and is about to read who is here by now.
    isOver: life =>
      (names.has(life) || (life === undefined && disk.rows(database).length > 0)) && (life ?? 0) < (lived ?? 0),
    met(given, life) {
      if (given && house.deviceOf(given) === undefined) house.introduce(given, dev, who(life))
    },
    left(node, life) {
      if (life === undefined || life <= (lived ?? 0)) return
      if (!names.has(life)) names.set(life, another())
      const to = identity ? 'nobody' : who(life)
      record(node, 'ident', { dev, from: who(lived), to, reason: 'signed out', volatile: true, ...mark })
    },
    leaving() {
      isLeaving = true
    },
    landed(node, changes, before) {
      const writes = changes.flatMap(change =>
        'put' in change
          ? [{ key: change.put, value: change.value }]
          : 'drop' in change
            ? rowsUnder(before, change.drop).map(({ key }) => ({ key, value: undefined }))
            : []
      )
      const was = (key: Key) => before.get(JSON.stringify(key))?.value
      /** Only the last word on a row is ever seen. */
      const last = (key: Key) => writes.findLast(write => String(write.key) === String(key))?.value
      const expects = (kind: string) => changes.some(change => 'expect' in change && change.expect[0] === kind)
      const put = (kind: string) =>
        writes.findLast(({ key, value }) => String(key) === kind && value !== undefined)?.value
      const device = put('device')
      const life = put('life') as number | undefined
      const isEmptied = changes.some(change => 'drop' in change && !change.drop.length)
      /** Who signs in, and takes all that is here along. */
      const heir = (put('claimed') ??
        (writes.some(({ key }) => String(key) === 'claimed') ? was(['claimed']) : undefined)) as string | undefined
      const isOut = life !== undefined && life !== was(['life']) && (isEmptied || heir !== undefined)
      const former = who(lived)
      /** What was said while the rest was on its way already: it is not taken along. */
      const stays = () => {
        const touched = new Set(writes.map(({ key }) => String(key)))
        const cids = [...before.values()].flatMap(({ key, value }) => {
          if (touched.has(String(key)) || was(['claimed']) === undefined) return []
          if (key[0] === 'outbox') return [(value as OutboxRow).command.id]
          return key[0] === 'message' ? [(value as Message).id] : []
        })
        return cids.length ? { stays: cids } : {}
      }
      const begin = () => {
        if (!isOut) return
        const next = names.get(life) ?? another()
        names.set(life, next)
        if (heir !== undefined && was(['claimed']) !== undefined && !writes.some(({ key }) => key[0] === 'device')) {
          // They have begun anew meanwhile, and take nothing: whoever was here is here again.
          record(node, 'ident', { dev, from: claimant, to: next, reason: 'given up', still: next, ...mark })
          lived = life
          return introduce(node, former, 'given up', { still: next })
        }
        if (heir !== undefined) claimed.add(lived)
        if (put('claimed') !== undefined) claimant = former
        lived = life
        forget()
        const along = { joined: heir, ...(put('claimed') !== undefined ? { begun: true } : {}), ...stays() }
        introduce(node, former, heir ? 'claimed' : 'signed out', heir === undefined ? {} : along)
      }
      if (!before.size) {
        // Deleted: lives are counted anew. Whoever puts everything back is still the one who was here; another device is
        // another visitor to the server, though nobody has signed out.
        const isNew = secret !== undefined && device !== secret
        // Unless whoever signs out right then still knows how often that was.
        if (!isOut) {
          for (const known of [...names.keys()]) if ((known ?? 0) <= (lived ?? 0)) names.delete(known)
          lived = life
        }
        names.set(lived, isNew ? another() : former)
        if (isNew) {
          forget()
          introduce(node, former, 'emptied', { still: who(lived) })
        }
      } else if (!isOut && life !== undefined) {
        // Put back by one who still knows how often that was, into what another one has put back.
        if (!names.has(life)) names.set(life, former)
        lived = life
      }
      // First all goes, then something of the next life may come.
      if (isEmptied) begin()
      /** Of a life that has ended, if this tab has not heard of that. */
      const author = who(lived)
      const waiting = new Map(
        [...before.values()].flatMap(({ key, value }) =>
          key[0] === 'outbox' ? [[(value as OutboxRow).command.id, value as OutboxRow] as const] : []
        )
      )
      const kept = new Set(writes.map(({ value }) => (value as Partial<OutboxRow> | undefined)?.command?.id))
      // Where its heir has signed out since it set out, it is gone with the rest.
      const ofHeir = [was(['claimed', 'life']), heir && lifeIn(heir)]
      const goesAlong = heir !== undefined && (ofHeir.includes(undefined) || ofHeir[0] === ofHeir[1])
      const touched = new Set<string>()

      for (const { key, value } of writes) {
        const thread = String(key[1])
        if (key[0] === 'outbox') {
          const before = was(key) as OutboxRow | undefined
          if (value) waits(node, value as OutboxRow, waiting.get((value as OutboxRow).command.id), author)
          if (!before || kept.has(before.command.id)) continue
          const reason = goesAlong ? undefined : isOut ? 'signed out' : endOf(before, value as OutboxRow | undefined)
          if (reason) end(node, before.command.id, reason)
        } else if (key[0] === 'message') {
          touched.add(thread)
          const { id, text } = (value ?? {}) as Message
          if (value) record(node, 'apply', { thread, seq: key[2], cid: id, hash: hashOf(text), who: author, ...mark })
          else if (was(key)) record(node, 'forget', { thread, seq: key[2], ...mark })
        } else if (key[0] === 'gap') touched.add(thread)
        else if (key[0] === 'thread' && value && !isLeaving && value === last(key))
          marks(node, value as Thread, was(key) as Thread | undefined)
        // Given back to a disk that works again, together with the rest, it is not a new one.
        else if (key[0] === 'term' && value && expects('term') && !expects('device') && leads(node))
          record(node, 'lead', { epoch: value, what: 'gain', dev: place })
      }
      if (!isEmptied) begin()
      if (device !== undefined && device !== secret) {
        if (secret !== undefined) {
          const from = who(lived)
          names.set(lived, another())
          forget()
          introduce(node, from, 'another device')
        }
        secret = device
        house.introduce(String(device), dev, who(lived))
      }
      cover(node, put('cursor') !== undefined, touched)
    },
    shown(node, changes, life) {
      const rows = outboxes.get(node) ?? new Map<string, OutboxRow>()
      outboxes.set(node, rows)
      const was = lives.get(node)
      lives.set(node, life)
      const kept = new Set(changes.map(({ value }) => value?.command.id))
      for (const { key, value } of changes) {
        const before = rows.get(String(key))
        if (value && !accepted.has(value.command.id)) accept(node, value, true, who(life))
        // Sent already, and numbers were given anew: notes of the one may come before those of the other.
        const isSent = () =>
          disk.rows(database, ['message']).some(({ value }) => (value as Message).id === before?.command.id)
        const reason =
          before &&
          !kept.has(before.command.id) &&
          (was === life ? !isSent() && endOf(before, value) : lost(before, was))
        if (reason) end(node, before.command.id, reason)
        if (value) rows.set(String(key), value)
        else rows.delete(String(key))
      }
    }
  }
}

const rowsUnder = (rows: ReadonlyMap<string, Row>, prefix: Key) =>
  [...rows.values()].filter(({ key }) => prefix.every((part, i) => key[i] === part))

function gapsIn(disk: Disk, database: string, thread: string) {
  const positions = disk.rows(database, ['message', thread]).map(row => Number(row.key[2]))
  return disk.rows(database, ['gap', thread]).map(row => {
    const before = Number(row.key[2])
    return { from: Math.max(0, ...positions.filter(position => position < before)) + 1, to: before - 1 }
  })
}
