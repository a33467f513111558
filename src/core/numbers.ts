import type { Message } from '../model/message.ts'
import type { EndReason } from '../model/session.ts'
import type { Chat, ChatEvents } from './chat.ts'
import type { Wires } from './standby.ts'

/** How many messages are looked through for what an agent has answered. */
const LOOK_BACK = 200

/** These are told whether or not anybody counts. */
const ALWAYS: readonly string[] = ['alert', 'session', 'failed', 'opened', 'closed', 'sent']

/** `on`, which begins to count when somebody listens to what has to be counted for that. */
export function countingOn(on: Chat['on'], wires: () => Promise<Wires>): Chat['on'] {
  let counts = false
  return (name, listener) => {
    if (!counts && !ALWAYS.includes(name)) {
      counts = true
      void wires().then(count)
    }
    return on(name, listener)
  }
}

/** Tells `ChatNumbers` from what the chat tells anyway. It ends with the chat. */
function count({ rows, events, leads }: Wires): void {
  /** When a session was first seen to wait, and to be live; by this device's clock. */
  const since = new Map<string, number>()
  /** Milliseconds in that state; `undefined`: it was there before we were. */
  const lasted = (key: string) => {
    const begun = since.get(key)
    since.delete(key)
    return begun === undefined ? undefined : Date.now() - begun
  }
  const tell: typeof events.emit = (name, event) => {
    if (leads()) events.emit(name, event)
  }

  events.on('alert', ({ message }) => {
    const { threadId, author } = message
    tell('received', { threadId, author })
    if (author === 'agent' && leads()) {
      rows
        .list(['message', threadId], { before: ['message', threadId, message.position], last: LOOK_BACK })
        .then(found => {
          const answer = answered(
            found.map(({ value }) => value),
            message
          )
          if (answer) tell('answered', answer)
        })
        .catch(() => {
          /* the disk fails right now: one figure less */
        })
    }
  })

  events.on('session', ({ session: { id, threadId, state, reason, score }, was }) => {
    // Asked for again, after a transfer, it is another wait.
    if (state === 'queued') since.set(`${threadId}:queued`, since.get(`${threadId}:queued`) ?? Date.now())
    else if (state === 'active') {
      const ms = lasted(`${threadId}:queued`)
      if (ms !== undefined) tell('waited', { threadId, ms })
      since.set(`${id}:active`, Date.now())
    } else if (state === 'ended' && was !== 'ended' && reason) {
      const wait = lasted(`${threadId}:queued`)
      const talk = lasted(`${id}:active`)
      if (wait !== undefined && isLeft(reason)) tell('abandoned', { threadId, ms: wait })
      if (talk !== undefined) tell('ended', { threadId, reason, ms: talk })
      if (reason !== 'visitor' && reason !== 'agent') tell('converted', { threadId, reason })
    } else if (state === 'rated' && score) tell('rated', { threadId, score })
  })
}

/** Whether the visitor left, rather than to have chosen a message in place of the chat. */
const isLeft = (reason: EndReason) => reason === 'visitor' || reason === 'visitor-away'

/** What this message answers of those before it; `undefined`: nothing. Assistants do not count as answers. */
function answered(before: readonly Message[], { threadId, at }: Message): ChatEvents['answered'] | undefined {
  const last = before.findLastIndex(({ author }) => author === 'agent')
  const asked = before.slice(last + 1).find(({ author }) => author === 'visitor')
  return asked && { threadId, ms: at - asked.at, first: last < 0 && before[0]!.position === 1 }
}
