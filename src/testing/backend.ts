import { type Command, laneOf } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { createId } from '../model/id.ts'
import { type Author, type Message, upsert } from '../model/message.ts'
import type { Session } from '../model/session.ts'
import { createThread, type Thread, type ThreadId, withMessage, withReceipt } from '../model/thread.ts'
import type { DeviceId } from '../model/visitor.ts'

/** What became of a command, the same for ever. */
export type Outcome =
  | { readonly position: number | undefined; readonly at: number }
  | { readonly refused: string }
  /** Not an outcome: the number that should have come. */
  | { readonly expected: number }

/**
 * The smallest honest backend: for each device an append-only log that can be read from any cursor, commands that are
 * done once however often they come, and nothing else.
 */
export interface Backend {
  accept(device: DeviceId, command: Command): Outcome
  /** What came after this cursor; `undefined` if that cannot be said any more. */
  since(device: DeviceId, cursor: Cursor | undefined): readonly ServerEvent[] | undefined
  /** The state that a `reset` carries, and the latest live session of each thread, which follow it. */
  snapshot(device: DeviceId): {
    readonly cursor: Cursor
    readonly threads: readonly Thread[]
    readonly sessions: readonly Session[]
  }
  history(device: DeviceId, threadId: ThreadId, before: number | undefined, limit: number): readonly Message[]
  /** Calls `listener` after each change of this device's log. Returns the function that stops it. */
  watch(device: DeviceId, listener: () => void): () => void

  /** Writes into a thread as somebody else: what `more` does not say is made up. */
  say(device: DeviceId, threadId: ThreadId, text: string, author?: Author, more?: Said): Message
  /** Changes the live session of a thread. */
  session(device: DeviceId, session: Session): void
  /** Tells how far the other side has come, or (`by`) the visitor on another device. */
  receipt(
    device: DeviceId,
    threadId: ThreadId,
    mark: { delivered: number; read: number },
    by?: 'visitor' | 'agent'
  ): void
  /** Says that messages of a thread, those right before this position, were left out. */
  gap(device: DeviceId, threadId: ThreadId, before: number): void
  /** The next command of this type is refused, with this reason. */
  refuse(type: Command['type'], reason: string): void
  /** Forgets the log, so that every cursor of before is too old. Messages stay. */
  trim(device: DeviceId): void
  /** Forgets everything, as a server whose disk was replaced. */
  wipe(): void
}

/** What else there is to say about a message. */
export type Said = { readonly [Name in 'id' | 'by' | 'content' | 'attachments' | 'at']?: Message[Name] | undefined }

interface Visit {
  log: ServerEvent[]
  /** How many events were trimmed off the log's beginning. */
  trimmed: number
  readonly threads: Map<ThreadId, Thread>
  readonly messages: Map<ThreadId, Message[]>
  readonly sessions: Map<ThreadId, Session>
  readonly outcomes: Map<string, Outcome>
  readonly lanes: Map<string, number>
}

/**
 * @param now Milliseconds since the epoch; default: the clock.
 * @param newId What names the messages that are said here; default: random.
 */
export function createBackend(now: () => number = Date.now, newId: () => string = createId): Backend {
  const visits = new Map<DeviceId, Visit>()
  const listeners = new Map<DeviceId, Set<() => void>>()
  const refusals: (readonly [type: Command['type'], reason: string])[] = []
  let epoch = newId()

  const visitOf = (device: DeviceId): Visit => {
    let visit = visits.get(device)
    if (!visit) {
      visit = {
        log: [],
        trimmed: 0,
        threads: new Map(),
        messages: new Map(),
        sessions: new Map(),
        outcomes: new Map(),
        lanes: new Map()
      }
      visits.set(device, visit)
    }
    return visit
  }
  const cursorOf = (visit: Visit) => `${epoch}.${visit.trimmed + visit.log.length}`

  const append = (visit: Visit, event: ServerEvent) => {
    visit.log.push({ ...event, cursor: `${epoch}.${visit.trimmed + visit.log.length + 1}` })
  }
  const tell = (device: DeviceId) => {
    for (const listener of [...(listeners.get(device) ?? [])]) listener()
  }

  const place = (visit: Visit, draft: Omit<Message, 'position' | 'at'>, at = now()): Message => {
    const thread = visit.threads.get(draft.threadId) ?? createThread(draft.threadId, at)
    const message: Message = { ...draft, at, position: thread.last + 1 }
    visit.threads.set(thread.id, withMessage(thread, message))
    visit.messages.set(thread.id, [...(visit.messages.get(thread.id) ?? []), message])
    append(visit, { type: 'message', message })
    return message
  }

  const perform = (visit: Visit, command: Command): Outcome => {
    const refusal = refusals.findIndex(([type]) => type === command.type)
    if (refusal >= 0) return { refused: refusals.splice(refusal, 1)[0]![1] }
    if (command.type === 'message') {
      if (!command.text.trim() && !command.attachments.length) return { refused: 'empty' }
      const { id, threadId, text, attachments, answers } = command
      const { position, at } = place(visit, {
        id,
        threadId,
        author: 'visitor',
        by: null,
        text,
        content: answers ? { type: 'answers', ...answers } : null,
        attachments
      })
      return { position, at }
    }
    if (command.type === 'erase') {
      for (const [threadId, messages] of visit.messages) {
        for (const message of messages) {
          const erased: Message = { ...message, text: '', content: { type: 'erased' }, attachments: [] }
          visit.messages.set(threadId, [...upsert(visit.messages.get(threadId)!, erased)])
          append(visit, { type: 'message', message: erased })
        }
      }
    }
    const thread = 'threadId' in command ? visit.threads.get(command.threadId) : undefined
    if (command.type === 'read' && thread) {
      visit.threads.set(thread.id, withReceipt(thread, 'visitor', { delivered: 0, read: command.upTo }))
    }
    return { position: undefined, at: now() }
  }

  return {
    accept(device, command) {
      const visit = visitOf(device)
      const known = visit.outcomes.get(command.id)
      if (known) return known
      const lane = laneOf(command)
      const expected = (visit.lanes.get(lane) ?? 0) + 1
      if (command.n > expected) return { expected }
      // Not remembered: with a number of its own, this command is welcome.
      if (command.n < expected) return { refused: 'seq-reuse' }
      const outcome = perform(visit, command)
      visit.lanes.set(lane, expected)
      visit.outcomes.set(command.id, outcome)
      tell(device)
      return outcome
    },
    since(device, cursor) {
      const visit = visitOf(device)
      const [of, at] = cursor?.split('.') ?? []
      const from = Number(at) - visit.trimmed
      if (of !== epoch || !(from >= 0 && from <= visit.log.length)) return undefined
      return visit.log.slice(from)
    },
    snapshot(device) {
      const visit = visitOf(device)
      return { cursor: cursorOf(visit), threads: [...visit.threads.values()], sessions: [...visit.sessions.values()] }
    },
    history(device, threadId, before, limit) {
      const all = visitOf(device).messages.get(threadId) ?? []
      const earlier = before === undefined ? all : all.filter(({ position }) => position < before)
      return earlier.slice(Math.max(0, earlier.length - limit))
    },
    watch(device, listener) {
      const set = listeners.get(device) ?? new Set()
      listeners.set(device, set.add(listener))
      return () => {
        set.delete(listener)
      }
    },
    say(device, threadId, text, author = 'agent', { id = newId(), by, content = null, attachments = [], at } = {}) {
      const known = author === 'agent' ? { name: 'Sam', picture: '' } : null
      const draft = { id, threadId, author, by: by === undefined ? known : by, text, content, attachments }
      const message = place(visitOf(device), draft, at)
      tell(device)
      return message
    },
    session(device, session) {
      const visit = visitOf(device)
      visit.sessions.set(session.threadId, session)
      append(visit, { type: 'session', session })
      tell(device)
    },
    receipt(device, threadId, mark, by = 'agent') {
      const visit = visitOf(device)
      const thread = visit.threads.get(threadId)
      if (thread) visit.threads.set(threadId, withReceipt(thread, by, mark))
      append(visit, { type: 'receipt', threadId, by, ...mark })
      tell(device)
    },
    gap(device, threadId, before) {
      append(visitOf(device), { type: 'gap', threadId, before })
      tell(device)
    },
    refuse(type, reason) {
      refusals.push([type, reason])
    },
    trim(device) {
      const visit = visitOf(device)
      // One event more than there was, so that even the newest cursor of before is behind the log's beginning.
      visit.trimmed += visit.log.length + 1
      visit.log = []
    },
    wipe() {
      visits.clear()
      epoch = newId()
    }
  }
}
