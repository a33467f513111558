import { atom } from 'nanostores'
import type { Availability } from '../model/availability.ts'
import type { Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { createId } from '../model/id.ts'
import type { Message } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'
import type { ChatStorage } from '../storage/storage.ts'
import type { ChatEvents, LinkState, Listening } from './chat.ts'
import { createDevice } from './device.ts'
import { createEmitter, type Emitter } from './emitter.ts'
import { createInbox, type InboxParts } from './inbox.ts'
import { createLeader } from './leader.ts'
import { createLink } from './link.ts'
import type { ChatOptions } from './options.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createRows, type Rows } from './rows.ts'
import { createThreads } from './threads.ts'
import { linked } from './waiting.ts'

export interface ChatParts {
  readonly options: ChatOptions
  readonly storage: ChatStorage
  readonly page: Page
  readonly tabs: Tabs
}

/**
 * A chat that listens but does not talk yet: it keeps the link, stores what arrives, sends what waits, and knows how
 * much is unread. All that a launcher needs; `talk` makes the whole chat of it when somebody wants to.
 */
export interface Standby extends Listening {
  /** For `talk` alone. */
  readonly wires: Wires
}

export interface Wires {
  readonly rows: Rows
  readonly outbox: Outbox
  readonly page: Page
  readonly events: Emitter<WireEvents>
  thread(id: ThreadId): Thread | undefined
  /** Whether what is stored outlives the page. */
  readonly durable: boolean
  /** Has something done by the tab that leads; `true`: by another one, so that its outcome is still to come. */
  ask<Name extends keyof Duties>(name: Name, ...args: Parameters<Duties[Name]>): Promise<boolean>
}

/** What only the tab that leads can do, because it holds the link. */
interface Duties {
  hint(hint: Hint): void
  /** Asks the backend for the page before this message (`null`: for the newest), and stores it. */
  older(threadId: ThreadId, before: Pick<Message, 'id' | 'position'> | null): Promise<void>
  wake(): void
  watch(tab: string, active: boolean): void
}

interface WireEvents extends ChatEvents {
  /** Shown, not stored. */
  readonly ephemeral: ServerEvent
  /** Notes of other tabs may have been missed: read again what is shown. */
  readonly refresh: undefined
  readonly close: undefined
}

/** How long nobody must have looked before the link is let go, in milliseconds. */
const LINGER = 15_000

/** Joins the parts, and settles when everything stored is loaded. */
export async function startStandby({ options, storage, page, tabs }: ChatParts): Promise<Standby> {
  const events = createEmitter<WireEvents>()
  const rows = createRows(storage, tabs)
  const tab = createId()

  let ready = false
  const threads = createThreads(rows, message => {
    // What was stored before is no news; what is new is told when the commit has been shown whole.
    if (ready) queueMicrotask(() => events.emit('alert', { message, threadId: message.threadId }))
  })
  const $availability = atom<Availability | undefined>(undefined)
  const device = createDevice(rows)
  const outbox = createOutbox(rows, ({ id, ...deed }) => {
    if (deed.type === 'message') events.emit('failed', { id, threadId: deed.threadId })
  })

  let cursor: Cursor | undefined
  rows.on('cursor', changes => {
    cursor = changes.at(-1)?.value
  })

  const showEphemeral = (shown: readonly ServerEvent[]) => {
    for (const event of shown) {
      if (event.type === 'availability') $availability.set(event.availability)
      else events.emit('ephemeral', event)
    }
  }

  const inboxParts: InboxParts = {
    rows,
    thread: threads.get,
    threads: threads.$threads.get,
    waiting: outbox.find,
    allWaiting: outbox.all,
    onEphemeral(shown) {
      showEphemeral(shown)
      tabs.tell({ type: 'ephemeral', events: shown })
    },
    onCaughtUp: () => link.caughtUp()
  }
  const inbox = createInbox(inboxParts)

  const link = createLink({
    transport: options.transport,
    device,
    token: () => options.token?.(),
    cursor: () => cursor,
    serve: async (connection, signal) => {
      const both = linked(signal)
      try {
        return await Promise.race([inbox.receive(connection, both.signal), outbox.flush(connection, both.signal)])
      } finally {
        both.abort()
      }
    }
  })

  /** Tabs that somebody looks at, this one included. */
  const watching = new Set<string>()
  let watchers = 0
  let linger: ReturnType<typeof setTimeout> | undefined
  const weigh = () => {
    clearTimeout(linger)
    // Somebody looks, something waits to be said, or somebody may answer.
    if (watching.size || outbox.$waiting.get() || threads.$threads.get().length) link.want(true)
    // A click that closes and opens again must not cost a reconnect.
    else linger = setTimeout(link.want, LINGER, false)
  }
  const leader = createLeader({
    tabs,
    page,
    async onLead(signal) {
      // Asked for when nobody led yet, it was said to nobody.
      if (watchers) duties.watch(tab, true)
      await catchUp()
      await link.run(device.nextTerm, signal)
    },
    onFollow() {
      link.follow({ ...link.$link.get(), state: 'following' })
      if (watchers) tabs.tell({ type: 'ask', name: 'watch', args: [tab, true] })
    }
  })

  /** After a time in which notes may have been missed: what is stored now is what counts. */
  const catchUp = async () => {
    await rows.load()
    events.emit('refresh', undefined)
  }

  const duties: Duties = {
    hint: hint => link.connection()?.hint(hint),
    async older(threadId, before) {
      const connection = link.connection()
      if (!connection?.capabilities.history) return
      const recovery = await import('./recovery.ts')
      await recovery.fetchOlder(inboxParts, connection, threadId, before ?? undefined)
    },
    wake: link.wake,
    watch(name, active) {
      if (active) watching.add(name)
      else watching.delete(name)
      weigh()
      // For a tab that has just come: how the link is, and whether somebody is home.
      tabs.tell({ type: 'link', link: link.$link.get() })
      const availability = $availability.get()
      if (availability) tabs.tell({ type: 'ephemeral', events: [{ type: 'availability', availability }] })
    }
  }
  const ask: Wires['ask'] = async (name, ...args) => {
    const elsewhere = !leader.leads()
    if (elsewhere) tabs.tell({ type: 'ask', name, args })
    else await (duties[name] as (...args: unknown[]) => unknown)(...args)
    return elsewhere
  }

  const unbind = [
    tabs.listen(note => {
      if (note.type === 'ephemeral') showEphemeral(note.events as readonly ServerEvent[])
      if (!leader.leads()) {
        if (note.type === 'link') link.follow(note.link as LinkState)
        return
      }
      if (note.type === 'ask' && Object.hasOwn(duties, note.name)) {
        ask(note.name as 'hint', ...(note.args as [Hint])).catch(ignore)
      }
    }),
    link.$link.listen(state => {
      if (leader.leads()) tabs.tell({ type: 'link', link: state })
    }),
    outbox.$waiting.listen(waiting => {
      weigh()
      if (waiting) link.wake()
    }),
    threads.$threads.listen(weigh),
    page.on('online', link.wake),
    // A socket may look open for a long time after the network has gone.
    page.on('offline', link.lost),
    page.on('show', link.wake),
    page.on('return', () => catchUp().catch(ignore)),
    rows.on('device', changes => {
      // Somebody new: nothing of the old link may go on.
      if (changes.some(({ value }) => value === undefined)) link.restart()
    })
  ]

  await rows.load()
  ready = true
  weigh()

  return {
    $threads: threads.$threads,
    $unread: threads.$unread,
    $availability,
    $link: link.$link,
    reset: rows.clear,
    watch() {
      const look = (active: boolean) => void ask('watch', tab, active)
      let active = true
      if (!watchers++) look(true)
      return () => {
        if (active && !--watchers) look(false)
        active = false
      }
    },
    reconnect: () => void ask('wake'),
    on: events.on,
    close() {
      events.emit('close', undefined)
      for (const stop of unbind) stop()
      leader.close()
      clearTimeout(linger)
      rows.close()
    },
    wires: { rows, outbox, page, events, thread: threads.get, durable: storage.durable, ask }
  }
}

/** The failures passed here have been said already, by the link or by a message that stays where it is. */
function ignore(): void {}
