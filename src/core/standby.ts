import { atom } from 'nanostores'
import type { Availability } from '../model/availability.ts'
import type { Hint } from '../model/command.ts'
import type { ServerEvent } from '../model/event.ts'
import type { Message, MessageId } from '../model/message.ts'
import type { Thread, ThreadId } from '../model/thread.ts'
import type { DeviceId } from '../model/visitor.ts'
import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'
import type { ChatStorage } from '../storage/storage.ts'
import type { Connection } from '../transport/transport.ts'
import { nextDelay } from './backoff.ts'
import type { ChatEvents, LinkState, Listening } from './chat.ts'
import { createDevice } from './device.ts'
import { createEmitter, type Emitter } from './emitter.ts'
import type { InboxParts } from './inbox.ts'
import { createLeader } from './leader.ts'
import { createLink } from './link.ts'
import type { ChatOptions } from './options.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createRows, type Rows } from './rows.ts'
import { createThreads } from './threads.ts'

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
  readonly tabs: Tabs
  readonly events: Emitter<WireEvents>
  readonly duties: Duties
  thread(id: ThreadId): Thread | undefined
  /** Whether this tab holds the link; another one is asked by a note. */
  leads(): boolean
}

/** What only the tab that leads can do, because it holds the link. */
export interface Duties {
  hint(hint: Hint): void
  /** Asks the backend for the page before this message (`null`: for the newest), and stores it. */
  older(threadId: ThreadId, before: Pick<Message, 'id' | 'position'> | null): Promise<void>
  wake(): void
  /** Somebody looks, or looks away; `look` names them. */
  watch(look: string, active: boolean): void
  /** Says that this tab leads, and how its link is. */
  beat(): void
  /** Takes back a message that has failed, or that was not offered to the backend yet; `keep`: its words as a draft. */
  discard(id: MessageId, keep?: boolean): Promise<void>
  /** Tells the backend that the visitor of this life signed out; nothing, if the next one is here already. */
  forget(life: number | undefined): void
}

interface WireEvents extends ChatEvents {
  /** Shown, not stored. */
  readonly ephemeral: ServerEvent
  readonly close: undefined
}

/** How long nobody must have looked before the link is let go, in milliseconds. */
const LINGER = 15_000

/** How often each tab looks at what is stored, whether or not it was told, in milliseconds. */
const SCAN = 20_000

/** An attempt before which one waits for up to 30 s. */
const LONG = 6

/** Joins the parts, and settles when everything stored is loaded. */
export async function startStandby({ options, storage, page, tabs }: ChatParts): Promise<Standby> {
  const events = createEmitter<WireEvents>()
  const rows = createRows(storage, tabs)
  const { on, emit } = events
  const {
    $threads,
    $unread,
    get: thread
  } = createThreads(rows, message => {
    // What the visitor wrote behind it while there was no network is no news; what is, is told when the commit has been
    // shown whole. What was stored before is shown when nobody can listen yet.
    if (message.author !== 'visitor') queueMicrotask(() => emit('alert', { message, threadId: message.threadId }))
  })
  const $availability = atom<Availability | undefined>(undefined)
  const outbox = createOutbox(rows)
  const device = createDevice(rows)

  rows.on('cursor', () => {
    // The database was lost, and with it what came before.
    if (!rows.cursor()) link.restart()
  })
  rows.on('life', () => {
    device.heard = undefined
    // Nothing of the old link may go on, not even of one that was made while this page began.
    link.restart()
  })

  const hear = (said: readonly ServerEvent[]) => {
    for (const event of said) {
      if (event.type === 'availability') $availability.set(event.availability)
      else emit('ephemeral', event)
    }
  }

  /** Ends this life, unless another tab does so. */
  const end = (life = rows.life()) =>
    recovery()
      .then(late => late.finish(rows, life, storage))
      .catch(ignore)

  const inbox: InboxParts = { rows, thread, threads: $threads.get, outbox, from: undefined }

  const receive = async (connection: Connection, signal: AbortSignal, onStored: () => void): Promise<never> => {
    for await (const batch of connection.incoming) {
      const stored = batch.filter(({ cursor }) => cursor !== undefined)
      if (stored.length) await (await import('./inbox.ts')).store(inbox, stored, connection, signal)
      // Also where it was lost while that was stored.
      signal.throwIfAborted()
      const shown = batch.filter(({ cursor, type }) => cursor === undefined && type !== 'caught-up')
      if (shown.length) {
        hear(shown)
        tabs.tell({ type: 'ephemeral', events: shown })
      }
      if (batch.some(({ type }) => type === 'caught-up')) link.caughtUp()
      onStored()
    }
    throw new Error('incoming ended')
  }

  const send = async (connection: Connection, signal: AbortSignal) => {
    while (!outbox.all().length) await outbox.changed(signal)
    return (await import('./sending.ts')).flush(wires, connection, signal)
  }

  const link = createLink({
    transport: options.transport,
    device,
    token: () => options.token?.(),
    cursor() {
      inbox.from = rows.cursor()
      return inbox.from
    },
    onForgotten: end,
    serve: (connection, signal) =>
      new Promise<never>((_, fail) => {
        // What a `reset` says of the past must not be taken for what is answered now.
        new Promise<void>(joined => receive(connection, signal, joined).catch(fail))
          .then(() => send(connection, signal))
          .catch(fail)
      })
  })
  const { $link } = link

  /** Who looks, in this tab and, as far as this one was told, in others. */
  const looks = new Set<string>()
  let linger: ReturnType<typeof setTimeout> | undefined
  const weigh = () => {
    clearTimeout(linger)
    // Somebody looks, something waits to be said, or somebody may answer.
    if (looks.size || outbox.$waiting.get() || $threads.get().length) link.want(true)
    // A click that closes and opens again must not cost a reconnect.
    else linger = setTimeout(link.want, LINGER, false)
  }

  const recovery = () => import('./recovery.ts')

  const duties: Duties = {
    hint: hint => link.connection()?.hint(hint),
    older: async (threadId, before) => (await recovery()).fetchOlder(inbox, link.connection(), threadId, before),
    discard: async (id, keep) => (await recovery()).discard(id, outbox, rows, keep),
    wake: link.wake,
    watch(look, active) {
      // Known, or two tabs would go on telling each other.
      if (looks.has(look) === active) return
      if (active) looks.add(look)
      else looks.delete(look)
      weigh()
      // For a tab that has just come.
      duties.beat()
    },
    beat() {
      if (leader.leads())
        tabs.tell({
          type: 'link',
          link: $link.get(),
          hidden: !page.visible,
          availability: $availability.get(),
          device: rows.known('device'),
          life: rows.life()
        })
    },
    forget(life) {
      if (rows.life() === life) link.connection()?.forget?.()
    }
  }

  const leader = createLeader({
    tabs,
    page,
    beat: duties.beat,
    async onLead(signal) {
      await rows.load()
      outbox.offered = new Set(outbox.all().map(({ command }) => command.id))
      await link.run(signal)
    },
    onFollow() {
      link.follow({ ...$link.get(), state: 'following' })
    }
  })

  const wires: Wires = { rows, outbox, page, tabs, events, duties, thread, leads: leader.leads }

  /** What only this tab holds, only this tab can send. */
  const takeOver = () => rows.$storage.get() === 'degraded' && leader.take()

  const unbind = [
    tabs.listen(note => {
      if (note.type === 'ephemeral') hear(note.events as readonly ServerEvent[])
      else if (note.type === 'reset') {
        // Whoever said so may die before the disk knows.
        if (note.life === rows.life()) rows.hide().catch(ignore)
      } else if (note.type === 'ask') {
        if (leader.leads() && Object.hasOwn(duties, note.name)) {
          ;(async () => duties[note.name as 'watch'](...(note.args as [string, boolean])))().catch(ignore)
        }
      } else if (note.type === 'link' && !leader.leads()) {
        leader.hear(note.hidden)
        if (note.life === rows.life()) device.heard = note.device as DeviceId
        const heard = note.link as LinkState
        link.follow(heard)
        // Another one may lead by now, or a note may have been missed.
        if (heard.state === 'idle')
          for (const look of looks) tabs.tell({ type: 'ask', name: 'watch', args: [look, true] })
        $availability.set(note.availability as Availability)
      }
    }),
    $link.listen(duties.beat),
    rows.$storage.listen(takeOver),
    outbox.$waiting.listen(waiting => {
      weigh()
      if (waiting) link.wake()
    }),
    $threads.listen(weigh),
    page.on('online', link.wake),
    // A socket may look open for a long time after the network has gone.
    page.on('offline', link.lost),
    page.on('show', link.wake),
    page.on('leave', () => {
      rows.asleep = true
    }),
    page.on('return', () => {
      rows.asleep = false
      rows.load().catch(ignore)
    })
  ]

  let wasHidden = false
  // A note may have been missed, or a tab may have died with one unsaid, or while it signed out.
  const scan = setInterval(() => {
    if (!rows.asleep) {
      // Another one whose disk has failed as well may have led since. Not each time: two that both hold something slow, as a
      // large file, would cut each other off for ever.
      if (outbox.$waiting.get() && !leader.leads() && nextDelay(LONG) > SCAN / 2) takeOver()
      void (wasHidden && rows.hidden ? end() : rows.load().catch(ignore))
    }
    wasHidden = rows.hidden
  }, SCAN)

  await rows.load()
  if (rows.hidden) await end()
  weigh()

  return {
    $threads,
    $unread,
    $availability,
    $link,
    on,
    close() {
      emit('close', undefined)
      for (const stop of unbind) stop()
      leader.close()
      clearTimeout(linger)
      clearInterval(scan)
      rows.close()
    },
    wires
  }
}

/** The failures passed here have been said already, by the link or by a message that stays where it is. */
function ignore(): void {}
