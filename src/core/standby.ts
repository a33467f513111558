import type { Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { createId } from '../model/id.ts'
import type { Message } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'
import type { ChatStorage } from '../storage/storage.ts'
import { watchAlerts } from './alerts.ts'
import { createAvailability } from './availability.ts'
import type { ChatEvents, LinkState, Listening } from './chat.ts'
import { createEmitter, type Emitter } from './emitter.ts'
import { createInbox, type InboxParts } from './inbox.ts'
import { createLeader } from './leader.ts'
import { createLink } from './link.ts'
import type { ChatOptions } from './options.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createRows, type Rows } from './rows.ts'
import { createStatus } from './status.ts'
import { createThreads } from './threads.ts'
import { createVisitor } from './visitor.ts'
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
  say(hint: Hint): void
  /**
   * Asks the backend for the page before this message (`null`: for the newest). Settles when it is stored and shown;
   * with `true` if another tab had to be asked, whose answer is still to come.
   */
  fetchOlder(threadId: ThreadId, before: Pick<Message, 'id' | 'position'> | null): Promise<boolean>
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

  const threads = createThreads(rows)
  const { $availability, show: showAvailability } = createAvailability()
  const visitor = createVisitor(rows)
  const outbox = createOutbox(rows, ({ id, ...deed }) => {
    if (deed.type === 'message') events.emit('failed', { id, threadId: deed.threadId })
  })

  let cursor: Cursor | undefined
  rows.on('cursor', changes => {
    cursor = changes.at(-1)?.value
  })

  const showEphemeral = (shown: readonly ServerEvent[]) => {
    for (const event of shown) {
      if (event.type === 'availability') showAvailability(event.availability)
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
    visitor,
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
  const watch = (name: string, active: boolean) => {
    if (active) watching.add(name)
    else watching.delete(name)
    if (name === tab) tabs.tell({ type: 'watch', tab, active })
    weigh()
  }

  const leader = createLeader({
    tabs,
    page,
    async onLead(signal) {
      await catchUp()
      await link.run(visitor.nextTerm, signal)
    },
    onFollow() {
      link.follow({ ...link.$link.get(), state: 'following' })
      if (watchers) tabs.tell({ type: 'watch', tab, active: true })
    }
  })

  /** After a time in which notes may have been missed: what is stored now is what counts. */
  const catchUp = async () => {
    await rows.load()
    events.emit('refresh', undefined)
  }

  /** For a tab that has just come: how the link is, and whether somebody is home. */
  const tellAll = () => {
    tabs.tell({ type: 'link', link: link.$link.get() })
    const availability = $availability.get()
    if (availability) tabs.tell({ type: 'ephemeral', events: [{ type: 'availability', availability }] })
  }

  /** Done by the tab that leads: by this one, or by telling it. */
  const say = (hint: Hint) => {
    if (leader.leads()) link.connection()?.hint(hint)
    else tabs.tell({ type: 'hint', hint })
  }
  const fetchOlder: Wires['fetchOlder'] = async (threadId, before) => {
    const connection = link.connection()
    if (!leader.leads()) tabs.tell({ type: 'older', threadId, before })
    else if (connection?.capabilities.history) {
      const recovery = await import('./recovery.ts')
      await recovery.fetchOlder(inboxParts, connection, threadId, before ?? undefined)
    }
    return !leader.leads()
  }

  const unbind = [
    tabs.listen(note => {
      if (note.type === 'ephemeral') showEphemeral(note.events as readonly ServerEvent[])
      if (!leader.leads()) {
        if (note.type === 'link') link.follow(note.link as LinkState)
        return
      }
      if (note.type === 'hint') say(note.hint as Hint)
      if (note.type === 'wake') link.wake()
      if (note.type === 'older') fetchOlder(note.threadId, note.before).catch(ignore)
      if (note.type === 'watch') {
        watch(note.tab, note.active)
        tellAll()
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

  watchAlerts(rows, message => {
    // After the commit has been shown whole: the thread's own mark says whether it was read elsewhere.
    queueMicrotask(() => {
      const { threadId, position } = message
      if (position > (threads.get(threadId)?.read ?? 0)) events.emit('alert', { message, threadId })
    })
  })

  await rows.load()
  weigh()

  return {
    $visitor: visitor.$visitor,
    $threads: threads.$threads,
    $unread: threads.$unread,
    $availability,
    $link: link.$link,
    $status: createStatus(link.$link, outbox.$waiting, storage.durable ? 'durable' : 'volatile'),
    async identify(said) {
      const next = { ...visitor.$visitor.get(), ...said }
      await outbox.add({ type: 'identify', ...next }, [{ put: ['visitor'], value: next }])
    },
    reset: rows.clear,
    watch() {
      let active = true
      if (!watchers++) watch(tab, true)
      return () => {
        if (active && !--watchers) watch(tab, false)
        active = false
      }
    },
    reconnect() {
      link.wake()
      tabs.tell({ type: 'wake' })
    },
    on: events.on,
    close() {
      events.emit('close', undefined)
      for (const stop of unbind) stop()
      leader.close()
      clearTimeout(linger)
      rows.close()
    },
    wires: { rows, outbox, page, events, thread: threads.get, say, fetchOlder }
  }
}

/** The failures passed here have been said already, by the link or by a message that stays where it is. */
function ignore(): void {}
