import type { Chat, Timeline } from '../../../src/core/chat.ts'
import { startStandby } from '../../../src/core/standby.ts'
import { talk } from '../../../src/core/talk.ts'
import { alone } from '../../../src/page/browser-tabs.ts'
import { type StillPage, stillPage } from '../../../src/page/still.ts'
import type { Change, Row } from '../../../src/storage/storage.ts'
import { websocket } from '../../../src/transport/websocket.ts'
import { hashOf, type Recorder } from '../history.ts'
import type { House } from '../house/house.ts'
import type { Network } from '../world/network.ts'
import type { Owner, World } from '../world/time.ts'
import { createDisk, type Disk } from './disk.ts'
import { createScribe } from './scribe.ts'
import { type Bar, createBar } from './tabs.ts'

/** One browser of a visitor: a disk, and tabs that share it. */
export interface Browser {
  readonly name: string
  readonly disk: Disk
  readonly bar: Bar
  /** Those that are open, frozen ones included. */
  readonly tabs: readonly Tab[]
  /** Who uses it now: another one after each reset. */
  who(): string
  /** Where the chat's rows lie. */
  readonly database: string
  open(): Tab
  /** Is told before each step of a tab at which it may die. */
  at: (tab: Tab, boundary: string) => void
}

export interface Tab {
  readonly node: string
  readonly owner: Owner
  readonly page: StillPage
  /** Missing until the tab has started. */
  chat: Chat | undefined
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

const DATABASE = 'porchlight:shop'

export function createBrowser(name: string, parts: BrowserParts): Browser {
  const { world, recorder, network, house } = parts
  const { record } = recorder
  const disk = createDisk(world)
  const bar = createBar(world)
  const everybody = world.owner(name)
  /** Threads in which somebody typed. */
  const typed = new Set<string>()
  let tabs: readonly Tab[] = []
  let opened = 0

  const shared = scribeOf(disk, name, true)

  function scribeOf(disk: Disk, dev: string, durable: boolean) {
    return createScribe({ recorder, house, disk, database: DATABASE, dev, durable })
  }

  const browser: Browser = {
    name,
    disk,
    bar,
    database: DATABASE,
    who: shared.who,
    at() {},
    get tabs() {
      return tabs
    },
    open() {
      const tab = openTab(`${name}/tab${++opened}`)
      tabs = [...tabs, tab]
      return tab
    }
  }

  function openTab(node: string): Tab {
    const owner = world.owner(node)
    const page = stillPage()
    const user = {
      owner,
      onLost: () => void record('world', 'fault', { kind: 'note lost', dev: name }),
      onFailed(error: Error & { code?: string }) {
        failing = true
        record(node, 'fault', { kind: 'storage', error: error.code })
      },
      onWorks() {
        if (failing) record(node, 'fault', { kind: 'storage works' })
        failing = false
      },
      onReleased: () => void record(node, 'lead', { what: 'lose', dev: isKept ? name : node }),
      onLanded: (_: string, changes: readonly Change[], before: ReadonlyMap<string, Row>) =>
        scribe.landed(node, changes, before),
      at: (boundary: string) => browser.at(tab, boundary)
    }
    // A page that finds no storage works from memory, as somebody whom nobody else knows.
    const isKept = !disk.trouble
    const ownDisk = isKept ? disk : createDisk(world, false)
    const scribe = isKept ? shared : scribeOf(ownDisk, node, false)
    const shown = new Map<string, Timeline>()
    let dirty = false
    let failing = false
    let asleep = { warned: false }

    const gone = () => {
      owner.alive = false
      tabs = tabs.filter(other => other !== tab)
      network.left(owner)
      bar.left(owner)
    }

    const tab: Tab = {
      node,
      owner,
      page,
      chat: undefined,
      reset() {
        tab.act(chat => {
          scribe.leaving()
          record(node, 'reset', { dev: name, who: scribe.who() })
          chat.reset().catch(() => {})
        })
      },
      draft(thread, text) {
        tab.act(chat => {
          typed.add(thread)
          record(node, 'draft', { thread, what: 'typed', hash: hashOf(text) })
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
        world.plan(30, everybody, () => {
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
          record(node, 'render', { thread, who: scribe.who(), entries: entriesOf(timeline) })
        }
        for (const thread of shown.keys()) {
          if (now[thread]) continue
          shown.delete(thread)
          record(node, 'render', { thread, who: scribe.who(), entries: [] })
        }
      }
    }

    const start = async () => {
      const standby = await startStandby({
        options: {
          app: 'shop',
          transport: websocket('wss://chat.example/api/socket', {
            WebSocket: network.socketsOf({ owner, node, device: name })
          })
        },
        storage: ownDisk.open(DATABASE, user),
        page,
        tabs: isKept ? bar.open(user) : alone
      })
      // What no disk takes is accepted all the same, and held in memory.
      standby.wires.rows.on('outbox', changes => scribe.shown(node, changes))
      const chat = talk(standby)
      tab.chat = chat
      record(node, 'boot', { who: scribe.who() })
      const load = () => {
        for (const { id } of chat.$threads.get()) chat.load(id).catch(() => {})
      }
      let storage = ''
      const status = () => {
        if (chat.$status.get().storage === storage) return
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
        record(node, 'draft', { thread, what: 'shown', hash: draft === undefined ? undefined : hashOf(draft) })
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

function entriesOf({ entries }: Timeline) {
  return entries.map(({ message, delivery, gap }) => ({
    cid: message.id,
    seq: message.position || null,
    state: delivery ?? 'received',
    hash: hashOf(message.text),
    ...(gap ? { gap } : {})
  }))
}
