import type { Chat, Timeline } from '../../../src/core/chat.ts'
import { startStandby } from '../../../src/core/standby.ts'
import { talk } from '../../../src/core/talk.ts'
import { type StillPage, stillPage } from '../../../src/page/still.ts'
import { claim } from '../../../src/storage/claim.ts'
import { openStorage } from '../../../src/storage/open.ts'
import { databaseName } from '../../../src/storage/probe.ts'
import type { Change, Row } from '../../../src/storage/storage.ts'
import { websocket } from '../../../src/transport/websocket.ts'
import { hashOf, type Recorder } from '../history.ts'
import type { House } from '../house/house.ts'
import type { Network } from '../world/network.ts'
import type { Owner, World } from '../world/time.ts'
import { createDisk, type Disk, type DiskUser } from './disk.ts'
import { idb } from './idb.ts'
import { createScribe, type Scribe } from './scribe.ts'
import { type Bar, type BarUser, createBar } from './tabs.ts'

/** One browser of a visitor: a disk, and tabs that share it. */
export interface Browser {
  readonly name: string
  readonly disk: Disk
  /** How good the channel between its tabs is. */
  notes: { readonly loss: number; readonly latency: readonly [number, number] }
  /** Whom the site knows the visitor as, from now on: pages that are opened are theirs. */
  identity: string | undefined
  /** Gives this one tokens from now on, and those that were asked for in vain. */
  know(identity: string): void
  /** Those that are open, frozen ones included. */
  readonly tabs: readonly Tab[]
  /** Opens a page, as the one whom the site knows unless told otherwise. */
  open(as?: { readonly identity: string | undefined }): Tab
  /** Whose messages wait on its disk; `undefined`: those of somebody whom the site does not know. */
  waiting(): readonly (string | undefined)[]
  /** Is told before each step of a tab at which it may die. */
  at: (tab: Tab, boundary: string) => void
}

export interface Tab {
  readonly node: string
  readonly owner: Owner
  readonly page: StillPage
  readonly identity: string | undefined
  /** Whether what it stores outlives it. */
  keeps: boolean
  /** Missing until the tab has started. */
  chat: Chat | undefined
  /** Who the visitor is: another one after each signing out. */
  who(): string
  /** Does something in this tab, as if somebody clicked. */
  act(work: (chat: Chat) => unknown): void
  draft(thread: string, text: string): void
  /** Signs out. */
  reset(): void
  /** Left as pages are: with a chance to tidy up. */
  close(): void
  /** Gone from one moment to the next. */
  crash(): void
  /** Stops between two moments; `warned`: the page hears of it before and afterwards. */
  freeze(warned: boolean): void
  thaw(): void
  show(visible: boolean): void
  /** Records what it shows by now, if that has changed. */
  look(): void
}

interface BrowserParts {
  readonly world: World
  readonly recorder: Recorder
  readonly network: Network
  readonly house: House
}

const APP = 'shop'
/** How long a page that is closed may go on with what it does, in milliseconds. */
const LINGER = 30

export function createBrowser(name: string, parts: BrowserParts): Browser {
  const { world, recorder, network, house } = parts
  const { record } = recorder
  const everybody = world.owner(name)
  const disk = createDisk(world)
  const scribes = new Map<string, Scribe>()
  const bars = new Map<string, Bar>()
  /** Commands that were accepted in this browser, and those that were taken back. */
  const memory = { accepted: new Map<string, boolean>(), ended: new Set<string>() }
  /** Threads in which somebody typed. */
  const typed = new Set<string>()
  /** Whom the site gives tokens. */
  const known = new Set<string>()
  /** What waits for a token, by whose it is. */
  const asked = new Map<string, (() => void)[]>()
  let tabs: readonly Tab[] = []
  let opened = 0

  const lifeIn = (identity: string) => disk.rows(databaseName(APP, identity), ['life'])[0]?.value
  const scribeOf = (database: string) => {
    const identity = identityIn(database)
    const scribe =
      scribes.get(database) ??
      createScribe({
        recorder,
        house,
        disk,
        database,
        dev: name,
        identity,
        place: identity ? `${name}:${identity}` : name,
        memory,
        lifeIn,
        leads: node => barOf(database).holder() === node
      })
    scribes.set(database, scribe)
    return scribe
  }
  const barOf = (database: string) => {
    const bar = bars.get(database) ?? createBar(world, () => browser.notes)
    bars.set(database, bar)
    return bar
  }

  const browser: Browser = {
    name,
    disk,
    notes: { loss: 0, latency: [0, 20] },
    identity: undefined,
    know(identity) {
      known.add(identity)
      for (const give of asked.get(identity) ?? []) give()
      asked.delete(identity)
    },
    at() {},
    get tabs() {
      return tabs
    },
    open({ identity } = browser) {
      const tab = openTab(`${name}/tab${++opened}`, identity)
      tabs = [...tabs, tab]
      return tab
    },
    waiting: () =>
      disk
        .names()
        .filter(database => disk.rows(database, ['outbox']).length)
        .map(identityIn)
  }

  function openTab(node: string, identity: string | undefined): Tab {
    const owner = world.owner(node)
    const page = stillPage()
    const database = databaseName(APP, identity)
    const shown = new Map<string, Timeline>()
    let scribe = scribeOf(database)
    let dirty = false
    let failing = false
    /** Whether it is the browser's own place that keeps nothing so far: what was asked of the disk before may still land. */
    let mayKeep = false
    let asleep = { warned: false }
    let lifeOf = (): number | undefined => undefined

    const user: DiskUser & BarUser = {
      owner,
      onLost: () => void record('world', 'fault', { kind: 'note lost', dev: name }),
      onReleased: () => void record(node, 'lead', { what: 'lose', dev: scribe.place }),
      onFailed({ code }) {
        failing = true
        record(node, 'fault', { kind: 'storage', error: code })
      },
      onWorks() {
        if (failing) record(node, 'fault', { kind: 'storage works' })
        failing = false
      },
      onLanded(database: string, changes: readonly Change[], before: ReadonlyMap<string, Row>) {
        scribeOf(database).landed(node, changes, before)
        // One that only ends what broke off there still keeps its own in memory.
        const expects = changes.some(change => 'expect' in change && change.expect[0] === 'cursor')
        const ends = !expects && changes.some(change => 'drop' in change && !change.drop.length)
        if (mayKeep && !tab.keeps && !ends) join()
      },
      at: boundary => browser.at(tab, boundary)
    }
    owner.databases = name => disk.open(name, user)

    /** The disk works at last: what was only in the memory of this page is now the browser's. */
    const join = () => {
      const { place } = scribe
      const from = tab.who()
      tab.keeps = true
      scribe = scribeOf(database)
      const to = scribe.now()
      record(node, 'ident', { dev: node, from, to, reason: 'kept', joined: to, disk: place })
    }

    /** Who is here, and where their rows lie, if that is not the browser's own place. */
    const about = () => ({ who: tab.who(), ...(scribe.place === name ? {} : { disk: scribe.place }) })

    const gone = () => {
      owner.alive = false
      tabs = tabs.filter(other => other !== tab)
      network.left(owner)
      for (const bar of bars.values()) bar.left(owner)
    }

    const tab: Tab = {
      node,
      owner,
      page,
      identity,
      keeps: true,
      chat: undefined,
      who: () => scribe.who(lifeOf()),
      reset() {
        tab.act(chat => {
          scribe.leaving()
          // Another page may just have done it: then nobody is here to sign out, and this one is about to hear so.
          if (!scribe.isOver(lifeOf())) record(node, 'reset', { dev: name, who: tab.who(), disk: scribe.place })
          chat.reset().catch(() => {})
        })
      },
      draft(thread, text) {
        tab.act(chat => {
          // Nobody types in a page that nobody sees, where a moment may take a second.
          if (!page.visible) return
          typed.add(thread)
          record(node, 'draft', { thread, what: 'typed', hash: hashOf(text), ...about() })
          chat.draft(thread, text)
        })
      },
      act(work) {
        world.plan(0, owner, () => {
          if (tab.chat) work(tab.chat)
        })
      },
      close() {
        let closed = false
        tabs = tabs.filter(other => other !== tab)
        world.plan(0, owner, () => {
          page.emit('leave')
          tab.chat?.close()
          closed = tab.chat !== undefined
        })
        world.plan(LINGER, everybody, () => {
          if (!owner.alive) return
          record(node, 'close', closed ? { timers: owner.timers } : {})
          gone()
        })
      },
      crash() {
        if (!owner.alive) return
        record(node, 'crash')
        gone()
      },
      freeze(warned) {
        if (owner.frozen) return
        record(node, 'fault', { kind: 'freeze', warned })
        asleep = { warned }
        world.plan(0, owner, () => {
          if (warned) page.emit('leave')
        })
        world.plan(0, everybody, () => {
          owner.frozen = true
        })
      },
      thaw() {
        if (!owner.frozen) return
        record(node, 'fault', { kind: 'thaw' })
        world.thaw(owner)
        if (asleep.warned) world.plan(0, owner, () => page.emit('return'))
      },
      show(visible) {
        owner.grain = visible ? 0 : 1000
        world.plan(0, owner, () => {
          page.visible = visible
          page.emit(visible ? 'show' : 'hide')
        })
      },
      look() {
        if (!dirty) return
        dirty = false
        const now = tab.chat?.$messages.get() ?? {}
        for (const [thread, timeline] of Object.entries(now)) {
          if (shown.get(thread) === timeline) continue
          shown.set(thread, timeline)
          record(node, 'render', { thread, ...about(), entries: entriesOf(timeline) })
        }
        for (const thread of shown.keys()) {
          if (now[thread]) continue
          shown.delete(thread)
          record(node, 'render', { thread, ...about(), entries: [] })
        }
      }
    }

    /** As `on-page.ts` does it, with the parts that are simulated. */
    const start = async () => {
      const own = await openStorage(idb(database), barOf(database).open(user))
      const place = identity ? await claim(own, APP, name => barOf(name).open(user), identity) : own
      mayKeep = place === own
      const { storage, tabs } = place
      // A page that finds no storage works from memory, as somebody whom no other page knows.
      if (!storage.durable) {
        tab.keeps = false
        scribe = createScribe({
          recorder,
          house,
          disk: createDisk(world),
          database,
          dev: node,
          identity,
          place: node,
          memory,
          lifeIn,
          leads: () => false
        })
      }
      const standby = await startStandby({
        options: {
          app: APP,
          identity,
          token: identity ? () => tokenFor(identity) : undefined,
          transport: websocket('wss://chat.example/api/socket', {
            WebSocket: network.socketsOf({ owner, node, device: name })
          })
        } as Parameters<typeof startStandby>[0]['options'],
        storage,
        page,
        tabs
      })
      const { rows } = standby.wires
      // What no disk takes is accepted all the same, and held in memory. A page that has died in the middle of something
      // ends that, but nobody sees it.
      rows.on('outbox', changes => owner.alive && scribe.shown(node, changes, rows.life()))
      lifeOf = rows.life
      rows.on('life', () => owner.alive && scribe.left(node, rows.life()))
      rows.on('device', changes => owner.alive && scribe.met(changes.at(-1)?.value, rows.life()))
      const chat = talk(standby)
      tab.chat = chat
      record(node, 'boot', about())
      watch(chat)
    }

    /** A token of the site's, while somebody is signed in there. */
    const tokenFor = async (identity: string) => {
      if (browser.identity !== identity && !known.has(identity)) {
        await new Promise<void>(resolve => {
          const give = () => world.plan(0, owner, () => resolve())
          asked.set(identity, [...(asked.get(identity) ?? []), give])
        })
      }
      return `${identity}.${world.random.whole(0, 1e9)}`
    }

    const watch = (chat: Chat) => {
      const load = () => {
        for (const { id } of chat.$threads.get()) chat.load(id).catch(() => {})
      }
      let storage = ''
      const status = () => {
        if (chat.$status.get().storage === storage || !owner.alive) return
        storage = chat.$status.get().storage
        record(node, 'storage', { state: storage })
      }
      chat.$messages.listen(() => {
        dirty = true
      })
      chat.$threads.listen(load)
      chat.$status.listen(status)
      chat.watch()
      for (const thread of typed) {
        const draft = chat.$drafts.get()[thread]
        const hash = draft === undefined ? undefined : hashOf(draft)
        record(node, 'draft', { thread, what: 'shown', hash, ...about() })
      }
      status()
      load()
    }

    world.plan(0, owner, () => {
      start().catch(error => record(node, 'error', { what: 'start', reason: String(error) }))
    })
    return tab
  }

  return browser
}

/** Whose database it is. */
const identityIn = (database: string): string | undefined => database.split(':')[2]

function entriesOf({ entries }: Timeline) {
  return entries.map(({ message, delivery, gap }) => ({
    cid: message.id,
    seq: message.position || null,
    state: delivery ?? 'received',
    hash: hashOf(message.text),
    ...(gap ? { gap } : {})
  }))
}
