import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bus } from '../bus/bus.ts'
import type { AssistantReply, Unanswered } from '../conversations/assistant.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Away } from '../conversations/promise.ts'
import { type Log, reasonOf } from '../log.ts'
import { type Reply, replyTo, type Script } from './script.ts'

interface BotParts {
  readonly script: Script
  readonly conversations: Conversations
  readonly bus: Bus
  readonly log: Log
  /** `undefined`: somebody is home. */
  away(): Away | undefined
  /** From when to when it takes to answer, in milliseconds. */
  readonly delay: readonly [number, number]
  /** How long each word of an answer takes, in milliseconds. */
  readonly word: number
}

/** What a restart left unanswered is still answered if it is not older than this; later it would surprise. */
const FRESH = 10 * 60_000
/** Between two tries while the store fails, in milliseconds, at the most. */
const LONGEST_WAIT = 10_000

/**
 * An assistant that answers while nobody is home. It keeps nothing in memory that matters: what it has answered is in
 * the thread, under ids made from the messages it answers.
 *
 * @returns The function that stops it.
 */
export async function startBot(parts: BotParts): Promise<() => void> {
  const { conversations, bus, log } = parts
  const stop = new AbortController()
  /** The threads that are looked at right now; `again`: something happened meanwhile. */
  const busy = new Map<string, { again: boolean }>()

  function look(threadId: string) {
    const state = busy.get(threadId)
    if (state) state.again = true
    else void attend(threadId)
  }

  async function attend(threadId: string) {
    const state = { again: true }
    busy.set(threadId, state)
    try {
      while (state.again && !stop.signal.aborted) {
        state.again = false
        await answer(threadId)
      }
    } catch (error) {
      if (!stop.signal.aborted) log.error('assistant: could not answer', { reason: reasonOf(error) })
    } finally {
      busy.delete(threadId)
    }
  }

  /** Asks the store until it answers: nobody else comes back to what the visitor has seen begin. */
  async function surely<T>(ask: () => Promise<T>): Promise<T> {
    for (let wait = 1000; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        return await ask()
      } catch (error) {
        stop.signal.throwIfAborted()
        log.error('assistant: the store failed', { reason: reasonOf(error) })
        await pause(wait, undefined, { signal: stop.signal })
      }
    }
  }

  const unanswered = (threadId: string) => surely(() => conversations.unanswered(threadId))

  async function answer(threadId: string) {
    const first = await unanswered(threadId)
    if (!first || !mayAnswer(first)) return
    type(first, true)
    try {
      const [least, most] = parts.delay
      await pause(least + Math.random() * Math.max(0, most - least), undefined, { signal: stop.signal })
      // Looked at again: meanwhile more was said, or somebody came.
      const message = await unanswered(threadId)
      if (!message || !mayAnswer(message)) return
      const reply = replyFor(parts.script, message, !parts.away())
      type(message, false)
      const said = await speak(message, reply)
      // Somebody may have come home, or gone, while it was said.
      if (said) await surely(() => conversations.answerAsAssistant(message, said, parts.away()))
    } finally {
      type(first, false)
    }
  }

  /**
   * Says an answer word by word, each time all of it so far: who connects in the middle has missed nothing.
   *
   * @returns What was said of it before the visitor had enough; `undefined`: it is no answer to the last message any more.
   */
  async function speak(to: Unanswered, reply: AssistantReply): Promise<AssistantReply | undefined> {
    const { threadId, visitorId, position } = to
    let stopped = false
    let changed = false
    const unbind = [
      bus.subscribe('stop', note => {
        stopped ||= note.threadId === threadId
      }),
      bus.subscribe('thread', note => {
        changed ||= note.threadId === threadId
      })
    ]
    try {
      let text = ''
      for (const word of reply.text.match(/\s*\S+/g) ?? []) {
        text += word
        bus.publish('growing', {
          visitorId,
          message: {
            id: reply.id,
            threadId,
            author: 'bot',
            by: reply.by,
            text,
            content: null,
            attachments: [],
            at: Date.now(),
            position: position + 1
          }
        })
        await pause(parts.word, undefined, { signal: stop.signal })
        if (changed && (await unanswered(threadId))?.messageId !== to.messageId) return undefined
        changed = false
        if (stopped) return { ...reply, text, content: { type: 'stopped' } }
      }
      return reply
    } finally {
      for (const end of unbind) end()
    }
  }

  /** With somebody home, only where it has spoken before; an answer that has begun is said to its end. */
  const mayAnswer = (message: Unanswered) => message.engaged || parts.away() !== undefined

  const type = ({ threadId, visitorId }: Unanswered, active: boolean) =>
    bus.publish('typing', { threadId, visitorId, active, agentId: null, assistant: parts.script.name })

  const unbind = bus.subscribe('thread', ({ threadId }) => look(threadId))
  for (const threadId of await conversations.unansweredSince(Date.now() - FRESH)) look(threadId)

  return () => {
    unbind()
    stop.abort()
  }
}

/** What to say, and whether the team takes over. With a person at home, a miss is reason enough. */
export function replyFor(script: Script, message: Unanswered, home: boolean): AssistantReply {
  const { messageId, threadId, text, misses, position, answers } = message
  const by = { name: script.name, picture: '' }
  const id = createHash('sha256').update(`assistant ${threadId} ${messageId}`).digest('base64url').slice(0, 22)
  const reply: Reply = answers ? { type: 'person' } : replyTo(script, text, position >> 1)
  const over = { id, by, misses: 0, handOver: true }
  switch (reply.type) {
    case 'answer': {
      const { text, form } = reply
      return { id, by, text, misses: 0, handOver: false, ...(form && { content: { type: 'form', form } }) }
    }
    case 'person':
      return { ...over, text: script.handOver }
    case 'miss': {
      const next = script.misses[misses]
      if (home || next === undefined) return { ...over, text: script.giveUp }
      return { id, by, text: next, misses: misses + 1, handOver: false }
    }
  }
}
