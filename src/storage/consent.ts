import type { Consent } from '../model/consent.ts'
import type { Tabs } from '../page/tabs.ts'
import { StorageError } from './errors.ts'
import type { Shared } from './open.ts'
import { forgetSession, session } from './session.ts'
import type { Change, ChatStorage } from './storage.ts'

interface Place extends Shared {
  /** Empties it, for good. */
  erase(): void | Promise<void>
}

/** Commits a change in its turn, above this storage. */
type Commit = (changes: () => Promise<readonly Change[]>) => Promise<void>

/**
 * From now on keeps what `level` allows, with everything that is there by then; where it was kept before, nothing
 * remains. Settles when that is so.
 */
export type ChangeConsent = (level: Consent) => Promise<void>

export interface Ladder extends Shared {
  /** Also makes the changes that other tabs ask for. */
  consent(commit: Commit): ChangeConsent
}

export interface Rungs {
  /** Names the database, and what is kept until the tab is closed. */
  readonly name: string
  /** What is used in place of the database. */
  readonly given: ChatStorage | undefined
  /** Opens what stays until it is deleted. */
  open(): Promise<Shared>
}

/**
 * A storage that keeps as much as the visitor allows, and may be told to keep more or less at any time. Where it keeps
 * nothing, and at each change, it is a disk that fails: memory takes over, holds everything, and gives it to the next
 * place as to a disk that works again.
 */
export async function ladder(first: Consent, { name, given, open }: Rungs): Promise<Ladder> {
  const listeners = new Set<Parameters<Tabs['listen']>[0]>()
  const pass: Parameters<Tabs['listen']>[0] = note => {
    for (const listener of [...listeners]) listener(note)
  }
  let level = first
  let place = await openPlace(first)
  let unbind = place?.tabs.listen(pass)
  let stop = () => {}
  /** Whether what is in memory has come to be in the place: until then that may be another one's. */
  let joined = !!place?.storage.durable
  /** Whether memory has yet to hear that it has to hold everything. */
  let moving = false
  /** What is in the place may have gone. */
  let onLost = () => {}
  /** The place to keep things in may have changed, and with it who shares it. */
  let onMoved = () => {}
  /** The tabs that knew what this one knows, and still may say the same to the backend: only one of them may be linked. */
  let kin: Tabs | undefined
  /** Whether this tab is the one to be linked, because the visitor is here. */
  let takes = false
  let turn: Promise<unknown> = Promise.resolve()

  async function openPlace(level: Consent): Promise<Place | undefined> {
    if (level === 'persistent') {
      const shared = await open()
      shared.storage.onLost = () => onLost()
      return { ...shared, erase: () => erase(shared.storage) }
    }
    if (level === 'none') return undefined
    try {
      const storage = await session(name)
      const eraseSession = () => {
        storage.close()
        forgetSession(name)
      }
      return { storage, tabs: alone, erase: eraseSession }
    } catch {
      // A browser that forbids even that: memory is all there is, and the interface says so.
      return undefined
    }
  }

  const erase = async (storage?: ChatStorage) => {
    if (given) return given.commit([{ drop: [] }])
    storage?.close()
    await deleteDatabase(name)
  }

  const at = () => {
    if (place && !moving) return place.storage
    moving = false
    throw new StorageError('lost', 'nothing may be kept here')
  }

  /** Gives what settles when nothing remains where it was kept before. */
  const move = async (to: Consent, isHere: boolean, commit: Commit) => {
    if (to === level && place) return {}
    const next = await openPlace(to)
    const left = place
    await commit(async () => {
      const messages = (await left?.storage.list(['message']).catch(() => [])) ?? []
      level = to
      place = next
      unbind?.()
      unbind = place?.tabs.listen(pass)
      if (joined && left?.tabs !== alone) kin = left?.tabs
      joined = false
      moving = true
      // One change at least, so that memory takes over now. Messages are all that it does not have.
      return [{ drop: ['left'] }, ...messages.map(({ key, value }) => ({ put: key, value }))]
    })
    takes = isHere
    if (!joined) onMoved()
    takes = false
    // Or what an earlier visit left.
    return { erased: left ? left.erase() : to === 'persistent' ? undefined : erase() }
  }
  const change = async (to: Consent, isHere: boolean, commit: Commit) => {
    const moved = turn.then(() => move(to, isHere, commit))
    turn = moved.catch(() => {
      /* whoever asked for it hears of it */
    })
    // Not in turn: another tab, as one that is frozen, may hold a database that is to be deleted for as long as it likes.
    await (await moved).erased
  }

  return {
    storage: {
      get durable() {
        return joined
      },
      list: async (prefix, page) => at().list(prefix, page),
      async commit(changes) {
        await at().commit(changes)
        if (joined) return
        joined = true
        onMoved()
      },
      set onLost(listener: () => void) {
        onLost = listener
      },
      finish: async app => place?.storage.finish?.(app),
      close() {
        stop()
        unbind?.()
        place?.storage.close()
      }
    },
    tabs: {
      async lead(signal, onLost, take) {
        onMoved = onLost
        await (joined ? place!.tabs : (kin ?? alone)).lead(signal, onLost, take || takes)
      },
      tell(note) {
        if (joined) place!.tabs.tell(note)
      },
      listen(listener) {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      }
    },
    consent(commit) {
      // Its own: in the tabs that keep nothing there is no other.
      const others = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`${name}:consent`)
      if (others) others.onmessage = ({ data }) => void change(data, false, commit).catch(console.warn)
      stop = () => others?.close()
      return to => {
        if (!['none', 'session', 'persistent'].includes(to))
          return Promise.reject(new TypeError(`porchlight: consent must be none, session or persistent, got ${to}`))
        others?.postMessage(to)
        return change(to, true, commit)
      }
    }
  }
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = () => reject(new StorageError('lost', 'the database could not be deleted', request.error))
  })
}

/** A tab that shares nothing with others, because nothing is kept where they could find it. */
const alone: Tabs = {
  async lead() {},
  tell() {},
  listen: () => () => {}
}
