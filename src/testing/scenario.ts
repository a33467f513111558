import type { Availability } from '../model/availability.ts'
import type { ServerEvent } from '../model/event.ts'
import type { Content, Message, Person } from '../model/message.ts'
import { mayBecome, type Session } from '../model/session.ts'
import type { ThreadId } from '../model/thread.ts'
import type { DeviceId } from '../model/visitor.ts'
import { TransportError } from '../transport/errors.ts'
import type { Capabilities, Connection, ConnectRequest } from '../transport/transport.ts'
import { createBackend } from './backend.ts'
import { type MemoryTransport, memoryTransport } from './memory.ts'
import { checkScript, type ScenarioLink, type ScenarioStep, type Who } from './scenario-steps.ts'

export type { ScenarioLink, ScenarioStep, VisitorDeed, Who } from './scenario-steps.ts'

/** A transport that plays a script, and has the switches of the memory transport besides. */
export interface Scenario extends MemoryTransport {
  /** Settles when the last step has been played. */
  readonly ended: Promise<void>
}

export interface ScenarioOptions {
  /** When the script starts, in milliseconds since the epoch; default: a moment of the 5th of May 2026. */
  readonly start?: number
  readonly capabilities?: Partial<Capabilities>
}

const START = Date.UTC(2026, 4, 5, 9, 30)

/**
 * Plays a script as one visitor's backend, without a network: for pictures, demos and tests of an interface.
 *
 * It begins with the first attempt to connect: steps up to the first that takes time or waits are what the backend knows
 * by then, all others happen before the visitor's eyes. Times come from the script and ids from a counter, so that the
 * same script gives the same messages each time.
 *
 * ```ts
 * const transport = scenario([
 *   { do: 'availability', open: true, people: ['Mara Lind'], replyAfter: 120_000 },
 *   { do: 'await', what: 'message' },
 *   { do: 'typing', by: 'Mara Lind' },
 *   { do: 'wait', for: 1500 },
 *   { do: 'say', text: 'Good morning! How can I help?', by: 'Mara Lind' }
 * ])
 * const chat = await createChat({ app: 'demo', transport, storage: memory() })
 * ```
 *
 * @throws {TypeError} If a step is wrong: names it, what came, and what would be right.
 */
export function scenario(
  script: readonly ScenarioStep[],
  { start = START, capabilities = {} }: ScenarioOptions = {}
): Scenario {
  checkScript(script)
  let made = 0
  const newId = () => `scenario-${++made}`
  /** Milliseconds since the start, by the waits of the script. */
  let elapsed = 0
  const now = () => start + elapsed
  const backend = createBackend(now, newId)
  const wire = memoryTransport({ backend, capabilities })
  const { until, tell } = createWaiting()

  const world: World = { link: 'up', history: 'there', acknowledges: true, availability: undefined }
  const sessions = new Map<ThreadId, Session>()
  /** What the visitor did, and no step has awaited yet. */
  const deeds: { readonly type: string; readonly threadId?: ThreadId }[] = []
  const open = new Set<object>()
  let device: DeviceId = ''
  let current: ThreadId = 'thread'
  let finish: () => void
  const ended = new Promise<void>(resolve => {
    finish = resolve
  })

  const heard = (deed: { readonly type: string; readonly threadId?: ThreadId }) => {
    deeds.push(deed)
    tell()
  }
  const last = (threadId: ThreadId) => backend.history(device, threadId, undefined, 1)[0]?.position ?? 0
  const pause = async (length: number) => {
    await new Promise(resolve => setTimeout(resolve, length))
    elapsed += length
  }
  /** Says what is not stored, to somebody who is there. */
  const pass = async (event: ServerEvent) => {
    await until(() => open.size > 0)
    wire.ephemeral(event)
  }
  const change = (part: Partial<World>) => {
    const was = world.link
    Object.assign(world, part)
    if (was === 'catching-up' && world.link === 'up') wire.ephemeral({ type: 'caught-up' })
    if (isCut(world.link)) wire.drop()
    tell()
  }

  const stream = async (step: Step<'stream'>, threadId: ThreadId) => {
    const { text, author = 'bot', by, content = null, every = 60, final = true } = step
    const id = newId()
    let grown = ''
    const isStopped = () => deeds.some(deed => deed.type === 'stop' && deed.threadId === threadId)
    for (const word of text.match(/\s*\S+/g) ?? []) {
      grown += word
      const message: Message = {
        id,
        threadId,
        author,
        by: personOf(by) ?? null,
        text: grown,
        content: null,
        attachments: [],
        at: now(),
        position: last(threadId) + 1
      }
      await pass({ type: 'message', message })
      await pause(every)
      if (isStopped()) break
    }
    const end = isStopped() ? ({ type: 'stopped' } as const) : (content as Content | null)
    if (final) backend.say(device, threadId, isStopped() ? grown : text, author, { id, by: personOf(by), content: end })
  }

  const moveSession = (step: Step<'session'>, threadId: ThreadId) => {
    const { state, ahead = null, wait = null, agent, reason = null, score = null, idle } = step
    const known = sessions.get(threadId)
    const before = known && (known.state === state || mayBecome(known.state, state)) ? known : undefined
    const session: Session = {
      id: before?.id ?? newId(),
      threadId,
      state,
      version: (before?.version ?? 0) + 1,
      ahead,
      wait,
      agent: personOf(agent === undefined ? before?.agent : agent) ?? null,
      reason: reason ?? before?.reason ?? null,
      score,
      idle: idle ? { since: start + idle.since, endsAt: start + idle.endsAt } : null
    }
    sessions.set(threadId, session)
    backend.session(device, session)
  }

  /** Does a step; what takes time gives a promise of its end. */
  const play = (step: ScenarioStep): Promise<void> | void => {
    const threadId = ('thread' in step ? step.thread : undefined) ?? current
    switch (step.do) {
      case 'availability': {
        const { open, people = [], replyAfter = null, wait = null, assistant = false, opensAt, zone, form } = step
        const availability = {
          open,
          people: people.map(one => personOf(one)!),
          replyAfter,
          wait,
          assistant,
          opensAt: opensAt === undefined ? opensAt : start + opensAt,
          zone,
          form
        }
        wire.ephemeral({ type: 'availability', availability })
        return change({ availability })
      }
      case 'say': {
        const { text, author, by, content, attachments, at } = step
        const said = { by: personOf(by), content: content as Content | null | undefined, attachments }
        backend.say(device, threadId, text, author, { ...said, at: at === undefined ? at : start + at })
        return
      }
      case 'notice': {
        const { code, name = '', due, at } = step
        const content = { type: 'notice', code, name, due: due === undefined ? due : start + due } as Content
        backend.say(device, threadId, code, 'system', { content, at: at === undefined ? at : start + at })
        return
      }
      case 'typing':
        return pass({ type: 'typing', threadId, active: step.active ?? true, by: personOf(step.by) ?? null })
      case 'stream':
        return stream(step, threadId)
      case 'session':
        return moveSession(step, threadId)
      case 'receipt': {
        const { mark, by = 'agent', upTo = last(threadId) } = step
        return backend.receipt(device, threadId, { delivered: upTo, read: mark === 'read' ? upTo : 0 }, by)
      }
      case 'gap':
        return until(() => open.size > 0).then(() => backend.gap(device, threadId, step.before))
      case 'wait':
        return pause(step.for)
      case 'await':
        return until(() => deeds.some(({ type }) => type === step.what)).then(() => {
          const [deed] = deeds.splice(0, deeds.findIndex(({ type }) => type === step.what) + 1).slice(-1)
          current = deed?.threadId ?? current
        })
      case 'refuse':
        return backend.refuse(step.what ?? 'message', step.reason)
      case 'acknowledge':
        return change({ acknowledges: step.is })
      case 'history':
        return change({ history: step.is })
      case 'link':
        return change({ link: step.is })
      case 'drop':
        return wire.drop()
    }
  }

  let begun = false
  /** Up to the first step that takes time it is done when this returns. */
  const begin = async () => {
    if (begun) return
    begun = true
    for (const step of script) {
      const end = play(step)
      if (end) await end
    }
    finish()
  }

  /** What arrives, as far as the link lets it through. */
  async function* listen({ incoming }: Connection, signal: AbortSignal) {
    const line = {}
    open.add(line)
    tell()
    try {
      for await (const batch of incoming) {
        await until(() => world.link !== 'silent', signal)
        yield world.link === 'catching-up' ? batch.filter(({ type }) => type !== 'caught-up') : batch
      }
    } finally {
      open.delete(line)
    }
  }

  return {
    ...wire,
    name: 'scenario',
    ended,
    async connect(request: ConnectRequest) {
      const { signal } = request
      signal.throwIfAborted()
      device = request.device
      void begin()
      await until(() => world.link !== 'connecting', signal)
      if (isCut(world.link)) throw new TransportError(world.link as 'offline', `the script says ${world.link}`)
      const connection = await wire.connect(request)
      const { availability } = world
      if (availability) wire.ephemeral({ type: 'availability', availability })
      return {
        ...connection,
        incoming: listen(connection, signal),
        async send(command, options) {
          await until(() => world.link !== 'silent', signal)
          const answer = connection.send(command, options)
          // Whoever waits for it hears of a failure; nobody else has to.
          await answer.then(
            () => heard(command),
            () => heard(command)
          )
          await until(() => world.acknowledges || isCut(world.link), options.signal ?? signal)
          return answer
        },
        hint: heard,
        async history(asked, aborted) {
          await until(() => world.history !== 'late' || isCut(world.link), aborted ?? signal)
          if (world.history === 'failing') throw new TransportError('busy', 'the script lets history fail')
          return connection.history(asked, aborted)
        }
      }
    }
  }
}

interface World {
  readonly link: ScenarioLink
  readonly history: Step<'history'>['is']
  readonly acknowledges: boolean
  readonly availability: Availability | undefined
}

type Step<Name extends ScenarioStep['do']> = Extract<ScenarioStep, { readonly do: Name }>

const isCut = (link: ScenarioLink) => link !== 'up' && link !== 'catching-up' && link !== 'silent'

function personOf<None extends null | undefined>(who: Who | None): Person | None {
  return typeof who === 'string' ? { name: who, picture: '' } : who
}

/** Waiting for what others change, and say so with `tell`. */
function createWaiting() {
  const waiting = new Set<() => void>()
  return {
    tell() {
      for (const look of [...waiting]) look()
    },
    until: (holds: () => boolean, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (signal?.aborted) reject(signal.reason)
          else if (holds()) resolve()
          else return
          waiting.delete(look)
          signal?.removeEventListener('abort', look)
        }
        waiting.add(look)
        signal?.addEventListener('abort', look)
        look()
      })
  }
}
