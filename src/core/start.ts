import type { Hint } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { createId } from '../model/id.ts'
import { MAX_TEXT } from '../model/message.ts'
import { createThread, type ThreadId } from '../model/thread.ts'
import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'
import type { Change, ChatStorage } from '../storage/storage.ts'
import { watchAlerts } from './alerts.ts'
import { createAvailability } from './availability.ts'
import type { Chat, ChatEvents, LinkState } from './chat.ts'
import { createDrafts } from './drafts.ts'
import { createEmitter } from './emitter.ts'
import { createInbox } from './inbox.ts'
import { createLeader } from './leader.ts'
import { createLink } from './link.ts'
import { createMessages } from './messages.ts'
import type { ChatOptions } from './options.ts'
import { createOutbox } from './outbox.ts'
import { createRows } from './rows.ts'
import { createSessions } from './sessions.ts'
import { createStatus } from './status.ts'
import { createThreads } from './threads.ts'
import { createTyping } from './typing.ts'
import { createVisitor } from './visitor.ts'
import { linked, until } from './waiting.ts'

export interface ChatParts {
  readonly options: ChatOptions
  readonly storage: ChatStorage
  readonly page: Page
  readonly tabs: Tabs
}

/** How long nobody must have looked before the link is let go, in milliseconds. */
const LINGER = 15_000
/** How long to wait for older messages that another tab fetches. */
const OLDER_DEADLINE = 10_000

/** Joins the parts into a chat, and settles when everything stored is loaded. */
export async function startChat({ options, storage, page, tabs }: ChatParts): Promise<Chat> {
  const life = new AbortController()
  const events = createEmitter<ChatEvents>()
  const rows = createRows(storage, tabs)
  const tab = createId()

  const threads = createThreads(rows)
  const sessions = createSessions(rows)
  const messages = createMessages(rows, threads.get)
  const drafts = createDrafts(rows, page)
  const availability = createAvailability()
  const visitor = createVisitor(rows)
  const outbox = createOutbox(rows, ({ id, ...deed }) => {
    if (deed.type === 'message') events.emit('failed', { id, threadId: deed.threadId })
  })

  let cursor: Cursor | undefined
  rows.on('cursor', changes => {
    cursor = changes.at(-1)?.value
  })

  /** Tabs that somebody looks at, this one included. */
  const watching = new Set<string>()
  let watchers = 0
  let linger: ReturnType<typeof setTimeout> | undefined

  const showEphemeral = (shown: readonly ServerEvent[]) => {
    for (const event of shown) {
      if (event.type === 'typing') typing.show(event.threadId, event.active, event.by)
      else if (event.type === 'availability') availability.show(event.availability)
      else if (event.type === 'session') sessions.show(event.session)
      else if (event.type === 'message') messages.show(event.message)
    }
  }

  const inbox = createInbox({
    rows,
    thread: threads.get,
    threads: () => threads.$threads.get(),
    waiting: outbox.find,
    allWaiting: outbox.all,
    onEphemeral(shown) {
      showEphemeral(shown)
      tabs.tell({ type: 'ephemeral', events: shown })
    },
    onCaughtUp: () => link.caughtUp()
  })

  const link = createLink({
    transport: options.transport,
    page,
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

  const say = (hint: Hint) => {
    if (leader.leads()) link.connection()?.hint(hint)
    else tabs.tell({ type: 'hint', hint })
  }
  const typing = createTyping(say)

  /** Somebody looks, something waits to be said, or somebody may answer. */
  const wanted = () => watching.size > 0 || outbox.$waiting.get() > 0 || threads.$threads.get().length > 0
  const weigh = () => {
    clearTimeout(linger)
    // A click that closes and opens again must not cost a reconnect.
    if (wanted()) link.want(true)
    else linger = setTimeout(() => link.want(false), LINGER)
  }
  const watch = (name: string, active: boolean) => {
    if (active) watching.add(name)
    else watching.delete(name)
    weigh()
  }

  /** After a time in which notes may have been missed: what is stored now is what counts. */
  const catchUp = async () => {
    await rows.load()
    await messages.refresh()
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

  /** Shows older messages: those stored, else those the backend has, if this tab may ask it. */
  const older = async (threadId: ThreadId): Promise<void> => {
    await messages.load(threadId)
    const before = await messages.older(threadId)
    if (before === undefined) return
    if (leader.leads()) {
      const connection = link.connection()
      if (connection?.capabilities.history) await inbox.fetchOlder(connection, threadId, before ?? undefined)
      return
    }
    tabs.tell({ type: 'older', threadId })
    const shown = messages.$messages.get()[threadId]
    await until(life.signal, done => {
      const timer = setTimeout(done, OLDER_DEADLINE)
      const stop = messages.$messages.listen(now => {
        if (now[threadId] !== shown) done()
      })
      return () => {
        clearTimeout(timer)
        stop()
      }
    }).catch(ignore)
  }

  const unbind = [
    tabs.listen(note => {
      if (note.type === 'ephemeral') showEphemeral(note.events as readonly ServerEvent[])
      if (note.type === 'link' && !leader.leads()) link.follow(note.link as LinkState)
      if (!leader.leads()) return
      if (note.type === 'hint') link.connection()?.hint(note.hint as Hint)
      if (note.type === 'wake') link.wake()
      if (note.type === 'older') older(note.threadId).catch(ignore)
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
    page.on('online', () => link.wake()),
    page.on('show', () => link.wake()),
    page.on('return', () => {
      catchUp().catch(ignore)
    })
  ]
  /** For a tab that has just come: how the link is, and whether somebody is home. */
  const tellAll = () => {
    tabs.tell({ type: 'link', link: link.$link.get() })
    const open = availability.$availability.get()
    if (open) tabs.tell({ type: 'ephemeral', events: [{ type: 'availability', availability: open }] })
  }

  watchAlerts(rows, message => {
    typing.show(message.threadId, false, null)
    // After the commit has been shown whole: the thread's own mark says whether it was read elsewhere.
    queueMicrotask(() => {
      const { threadId, position } = message
      if (position > (threads.get(threadId)?.read ?? 0)) events.emit('alert', { message, threadId })
    })
  })
  let was = sessions.$sessions.get()
  unbind.push(
    sessions.$sessions.listen(now => {
      const before = was
      was = now
      for (const session of Object.values(now)) {
        const known = before[session.threadId]
        const state = known?.id === session.id ? known.state : undefined
        if (state !== session.state) events.emit('session', { session, was: state })
      }
    })
  )

  rows.on('device', changes => {
    // Somebody new: nothing of the old link may go on.
    if (changes.some(({ value }) => value === undefined)) link.restart()
  })

  await rows.load()
  weigh()

  /** The row of a thread that only begins. */
  const begun = (threadId: ThreadId): readonly Change[] =>
    threads.get(threadId) ? [] : [{ put: ['thread', threadId], value: createThread(threadId, Date.now()) }]

  return {
    $visitor: visitor.$visitor,
    $threads: threads.$threads,
    $sessions: sessions.$sessions,
    $messages: messages.$messages,
    $drafts: drafts.$drafts,
    $unread: threads.$unread,
    $typing: typing.$typing,
    $availability: availability.$availability,
    $link: link.$link,
    $status: createStatus(link.$link, outbox.$waiting, storage.durable ? 'durable' : 'volatile'),

    newThread: createId,
    load: messages.load,
    older,

    async send(threadId, { text }) {
      const trimmed = typeof text === 'string' ? text.trim() : ''
      if (!trimmed) throw new TypeError('porchlight: a message needs text, got none')
      if (trimmed.length > MAX_TEXT) {
        throw new TypeError(`porchlight: a message has at most ${MAX_TEXT} characters, got ${trimmed.length}`)
      }
      const command = await outbox.add({ type: 'message', threadId, text: trimmed, attachments: [] }, [
        ...begun(threadId),
        { drop: ['draft', threadId] }
      ])
      drafts.forget(threadId)
      typing.tell(threadId, false)
      return command.id
    },
    retry: outbox.retry,
    discard: outbox.discard,
    draft: drafts.write,
    async read(threadId) {
      const thread = threads.get(threadId)
      if (!thread || thread.read >= thread.last) return
      await outbox.add({ type: 'read', threadId, upTo: thread.last }, [
        { put: ['thread', threadId], value: { ...thread, read: thread.last, unread: 0 } }
      ])
    },
    typing: typing.tell,

    async start(threadId) {
      await outbox.add({ type: 'start', threadId }, begun(threadId))
    },
    async end(threadId, as = 'done') {
      await outbox.add({ type: 'end', threadId, as })
    },
    async rate(threadId, score, note = '') {
      if (!Number.isInteger(score) || score < 1 || score > 5) {
        throw new TypeError(`porchlight: a rating is a whole number from 1 to 5, got ${score}`)
      }
      const session = sessions.$sessions.get()[threadId]
      if (session) await outbox.add({ type: 'rate', threadId, sessionId: session.id, score, note })
    },
    async identify(said) {
      const next = { ...visitor.$visitor.get(), ...said }
      await outbox.add({ type: 'identify', ...next }, [{ put: ['visitor'], value: next }])
    },
    reset: rows.clear,

    watch() {
      let active = true
      if (!watchers++) {
        watch(tab, true)
        if (!leader.leads()) tabs.tell({ type: 'watch', tab, active: true })
      }
      return () => {
        if (!active) return
        active = false
        if (--watchers) return
        watch(tab, false)
        if (!leader.leads()) tabs.tell({ type: 'watch', tab, active: false })
      }
    },
    reconnect() {
      link.wake()
      if (!leader.leads()) tabs.tell({ type: 'wake' })
    },
    on: events.on,
    close() {
      for (const stop of unbind) stop()
      life.abort()
      leader.close()
      drafts.close()
      typing.close()
      sessions.close()
      clearTimeout(linger)
      rows.close()
    }
  }
}

/** The failures passed here have been said already, by the link or by a message that stays where it is. */
function ignore(): void {}
