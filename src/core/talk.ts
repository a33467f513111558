import { atom } from 'nanostores'
import { type Deed, laneOf, MAX_WAITING } from '../model/command.ts'
import { createId } from '../model/id.ts'
import { MAX_TEXT } from '../model/message.ts'
import { createThread, type Thread, type ThreadId, withReceipt } from '../model/thread.ts'
import type { Visitor } from '../model/visitor.ts'
import type { Change } from '../storage/storage.ts'
import type { Chat } from './chat.ts'
import { createDrafts } from './drafts.ts'
import { empty } from './leaving.ts'
import { createMessages } from './messages.ts'
import { findRow, putRow } from './outbox-row.ts'
import { patched } from './rows.ts'
import { createSessions } from './sessions.ts'
import type { Duties, Standby } from './standby.ts'
import { createStatus } from './status.ts'
import { createTyping } from './typing.ts'
import { until } from './waiting.ts'

const NOBODY: Visitor = { name: '', email: '' }
/** How long signing out waits for what is not sent yet. */
const GOODBYE = 3000

const recovery = () => import('./recovery.ts')

/** The whole chat: what a visitor sees and does in a thread, on top of what listens already. Loads with the panel. */
export function talk({ wires, ...standby }: Standby): Chat {
  const { rows, outbox, page, tabs, events, duties, thread, leads } = wires
  const end = new AbortController()
  // At hand before it is needed: a disk may fail while no file can be fetched.
  import('./holding.ts').catch(console.warn)
  const sessions = createSessions(rows)
  const messages = createMessages(rows, thread)
  const drafts = createDrafts(rows, page)
  const $visitor = atom<Visitor>(NOBODY)
  rows.on('visitor', changes => $visitor.set(changes.at(-1)?.value ?? NOBODY))
  const $choices = atom<Readonly<Record<string, string>>>({})
  rows.on('choice', changes => $choices.set(patched($choices.get(), changes)))

  /** Has something done by the tab that leads; `true`: by another one, so that its outcome is still to come. */
  const ask = async <Name extends keyof Duties>(name: Name, ...args: Parameters<Duties[Name]>): Promise<boolean> => {
    const elsewhere = !leads()
    if (elsewhere) tabs.tell({ type: 'ask', name, args })
    else await (duties[name] as (...args: unknown[]) => unknown)(...args)
    return elsewhere
  }
  const typing = createTyping(rows, hint => void ask('hint', hint))

  /**
   * Accepts a command, in one commit with what is made of its thread as it is stored: what this tab knows of it may be
   * old. Settles with its id when it is stored.
   */
  const accept = async (
    deed: Deed,
    also: (stored: Thread | undefined) => readonly Change[],
    grace?: number
  ): Promise<string> => {
    // Somebody signs out, here or in another tab: it is said by whoever is here when that is over.
    if (rows.hidden) await until(end.signal, done => rows.on('life', () => rows.hidden || done()))
    const lane = laneOf(deed)
    const id = createId()
    await rows.commit(async () => {
      // Another tab was faster; or we were, and the commit that was given up was done after all.
      if (findRow(outbox, id)) return []
      const last = rows.known('lane', lane)
      // What the backend says of the thread comes with a cursor, and whoever leads may store it in this very moment.
      const cursor = await rows.get(['cursor'])
      const stored = await rows.get(['thread', lane])
      const n = (last ?? 0) + 1
      // First: what is said may only be known by now.
      const more = also(stored)
      return [
        { expect: ['cursor'], value: cursor },
        // Another tab may have taken the number, or given others anew: then the whole commit fails, and is made again.
        { expect: ['lane', lane], value: last },
        { put: ['lane', lane], value: n },
        putRow({ command: { ...deed, id, n }, at: Date.now(), grace, acked: null, failed: null }),
        ...more
      ]
    }, true)
    return id
  }

  const leave = async (pending: 'flush' | 'discard', hidden: Promise<void>) => {
    const life = rows.life()
    try {
      await hidden
      if (pending === 'flush') {
        await until(end.signal, done => outbox.$waiting.subscribe(waiting => waiting || done()), GOODBYE)
      }
      // Or somebody else has begun there meanwhile.
      if (rows.hidden) {
        await ask('forget', life)
        await empty(rows, life)
      }
    } catch (error) {
      // Unless another tab did it.
      if (rows.life() === life) throw error
    }
  }

  /** The row of a thread that only begins. */
  const begun = (threadId: ThreadId, stored: Thread | undefined): readonly Change[] =>
    stored ? [] : [{ put: ['thread', threadId], value: createThread(threadId, Date.now()) }]

  events.on('ephemeral', event => {
    if (rows.hidden) return
    if (event.type === 'typing') typing.show(event.threadId, event.active, event.by)
    else if (event.type === 'session') sessions.show(event.session)
    else if (event.type === 'message') messages.show(event.message)
  })
  events.on('alert', ({ threadId }) => typing.show(threadId, false, null))
  let was = sessions.$sessions.get()
  sessions.$sessions.listen(now => {
    for (const session of Object.values(now)) {
      const { id, state } = was[session.threadId] ?? {}
      const before = id === session.id ? state : undefined
      if (before !== session.state) events.emit('session', { session, was: before })
    }
    was = now
  })
  events.on('close', () => {
    end.abort()
    drafts.close()
    typing.close()
    sessions.close()
  })

  return {
    ...standby,
    $visitor,
    $status: createStatus(standby.$link, outbox.$waiting, rows.$storage),
    $sessions: sessions.$sessions,
    $messages: messages.$messages,
    $drafts: drafts.$drafts,
    $choices,
    $typing: typing.$typing,

    newThread: createId,
    load: messages.load,
    older: async threadId => (await recovery()).older(threadId, messages, ask, end.signal),

    async send(threadId, { text, attachments = [], grace, answers }) {
      const trimmed = typeof text === 'string' ? text.trim() : ''
      if (!(trimmed || attachments[0]) || trimmed.length > MAX_TEXT) {
        throw new TypeError(`porchlight: text must have 1 to ${MAX_TEXT} characters, got ${trimmed.length}`)
      }
      const draft = drafts.$drafts.get()[threadId]
      const id = await accept(
        { type: 'message', threadId, text: trimmed, attachments, answers },
        stored => {
          // Now, not when it was called: as many may have been asked for in between.
          if (outbox.$waiting.get() >= MAX_WAITING) {
            throw new RangeError(`porchlight: ${MAX_WAITING} commands wait to be sent`)
          }
          // Files, a quick reply or a form's answers leave alone what is half written.
          const isDone = (!draft || trimmed.startsWith(draft.trim())) && drafts.forget(threadId, draft)
          return [...begun(threadId, stored), ...(isDone ? [{ drop: ['draft', threadId] }] : [])]
        },
        grace
      )
      typing.tell(threadId, false)
      events.emit('sent', { threadId })
      return id
    },
    erase: async () => (await recovery()).erase(accept, outbox, rows, end.signal),
    retry: async id => (await recovery()).retry(id, outbox, accept),
    async discard(id) {
      // Whether it was offered, the tab that leads knows; of what has failed there is nothing to know.
      await (findRow(outbox, id)?.failed ? duties.discard(id) : ask('discard', id))
    },
    undo: async id => (await recovery()).undo(id, drafts, outbox, rows, ask, end.signal),
    search: async (...given) => (await import('./search.ts')).search(rows, ...given),
    promised: async threadId => (await import('./promises.ts')).promised(threadId, messages.$messages, events),
    draft: drafts.write,
    choose: (name, value) => rows.commit([{ put: ['choice', name], value }]),
    async read(threadId) {
      const known = thread(threadId)
      if (!known || known.read >= known.last) return
      const { last } = known
      await accept({ type: 'read', threadId, upTo: last }, (stored = known) => [
        { put: ['thread', threadId], value: withReceipt(stored, 'visitor', { delivered: 0, read: last }) }
      ])
    },
    typing: typing.tell,
    stop: threadId => void ask('hint', { type: 'stop', threadId }),
    identify: async said => (await recovery()).identify(accept, $visitor.get, said),

    async start(threadId) {
      await accept({ type: 'start', threadId }, stored => begun(threadId, stored))
    },
    async end(threadId, as = 'done') {
      await accept({ type: 'end', threadId, as }, none)
    },
    reset({ pending = 'flush' } = {}) {
      const hidden = rows.hide()
      tabs.tell({ type: 'reset', life: rows.life() })
      return leave(pending, hidden)
    },
    watch() {
      const look = createId()
      duties.watch(look, true)
      void ask('watch', look, true)
      events.emit('opened', undefined)
      return () => {
        events.emit('closed', undefined)
        duties.watch(look, false)
        void ask('watch', look, false)
      }
    },
    reconnect: () => void ask('wake'),
    // What is shown once that is there: whoever had the chat may have signed out meanwhile.
    rate: async (threadId, ...given) =>
      (await import('./rating.ts')).rate(accept, sessions.$sessions.get()[threadId], ...given)
  }
}

const none = () => []
