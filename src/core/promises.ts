import type { ThreadId } from '../model/thread.ts'
import type { Chat, Entry } from './chat.ts'
import type { Standby } from './standby.ts'

/** Timers hold 31 bits, and a machine may sleep. */
const LONGEST = 3_600_000

function dueIn(entries: readonly Entry[]): number | undefined {
  const last = entries.findLast(({ message: { author, content } }) => {
    const code = content?.type === 'notice' && 'code' in content && content.code
    return author === 'agent' || code === 'joined' || code === 'promised'
  })?.message.content
  return last?.type === 'notice' && 'due' in last ? last.due : undefined
}

type Events = Standby['wires']['events']
type Look = (threadId: ThreadId) => number | undefined

/** One for each chat. */
const watches = new WeakMap<Events, Look>()

/**
 * When the answer was promised that has not come yet, in milliseconds since the epoch; `undefined`: none. The thread is
 * watched from then on, and each promise that passes without an answer is told of once.
 */
export function promised(threadId: ThreadId, $messages: Chat['$messages'], events: Events): number | undefined {
  const look = watches.get(events) ?? watch($messages, events)
  watches.set(events, look)
  return look(threadId)
}

function watch($messages: Chat['$messages'], { on, emit }: Events): Look {
  const timers = new Map<ThreadId, ReturnType<typeof setTimeout> | undefined>()
  const told = new Set<string>()

  function look(threadId: ThreadId): number | undefined {
    clearTimeout(timers.get(threadId))
    const due = dueIn($messages.get()[threadId]?.entries ?? [])
    const left = (due ?? Number.POSITIVE_INFINITY) - Date.now()
    const name = `${threadId} ${due}`
    const timer = left > 0 && left < Number.POSITIVE_INFINITY
    timers.set(threadId, timer ? setTimeout(look, Math.min(left, LONGEST), threadId) : undefined)
    if (left <= 0 && due !== undefined && !told.has(name)) {
      told.add(name)
      emit('promise-missed', { threadId, due })
    }
    return due
  }

  const unbind = $messages.listen(() => {
    for (const threadId of timers.keys()) look(threadId)
  })
  on('close', () => {
    unbind()
    for (const timer of timers.values()) clearTimeout(timer)
  })
  return look
}
