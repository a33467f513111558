import type { ServerEvent } from '../model/event.ts'
import { TransportError } from '../transport/errors.ts'
import { createQueue } from '../transport/queue.ts'
import type { Capabilities, Connection, ConnectRequest, Transport } from '../transport/transport.ts'
import { type Backend, createBackend } from './backend.ts'

/** A transport without a network, and the switches to make it as bad as one. */
export interface MemoryTransport extends Transport {
  readonly backend: Backend
  /** Cuts every open connection. */
  drop(): void
  /** While offline, connecting fails and everything open is cut. */
  offline(is: boolean): void
  /** While acknowledgements are lost, commands are done but nobody is told. */
  loseAcks(is: boolean): void
  /** Says something that has no cursor to all connections: typing, availability. */
  ephemeral(event: ServerEvent): void
}

const CAPABILITIES: Capabilities = { history: true, upload: false, typing: true, receipts: true, sessions: true }

export interface MemoryOptions {
  /** Shared by several transports; default: one of its own. */
  readonly backend?: Backend
  readonly capabilities?: Partial<Capabilities>
  /** How long everything takes, in milliseconds; default: as long as a microtask. */
  readonly delay?: number
}

/** For demos, tests and development without a server: the whole protocol, in this page. */
export function memoryTransport({
  backend = createBackend(),
  capabilities,
  delay
}: MemoryOptions = {}): MemoryTransport {
  /** Addresses of files that were uploaded; they live as long as the page. */
  const files = new Map<string, string>()
  const open = new Set<{ fail(error: unknown): void; push(event: ServerEvent): void }>()
  let isOffline = false
  let acksLost = false

  const travel = () => (delay ? new Promise(resolve => setTimeout(resolve, delay)) : Promise.resolve())

  const connect = async (request: ConnectRequest): Promise<Connection> => {
    const { signal, device } = request
    signal.throwIfAborted()
    await travel()
    signal.throwIfAborted()
    if (isOffline) throw new TransportError('offline', 'the memory transport was told to be offline')

    const incoming = createQueue<ServerEvent>()
    const pending = new Set<(error: unknown) => void>()
    let cursor = request.cursor
    let over: { readonly error: unknown } | undefined

    const fail = (error: unknown) => {
      if (over) return
      over = { error }
      open.delete(link)
      unwatch()
      signal.removeEventListener('abort', abort)
      incoming.fail(error)
      for (const reject of pending) reject(error)
    }
    const abort = () => fail(signal.reason)
    const link = { fail, push: (event: ServerEvent) => incoming.push(event) }

    const pump = () => {
      const missed = backend.since(device, cursor)
      const { sessions, ...state } = backend.snapshot(device)
      cursor = state.cursor
      if (missed) incoming.push(...missed)
      else
        incoming.push(
          { type: 'reset', ...state },
          ...sessions.map(session => ({ type: 'session' as const, session, cursor: state.cursor }))
        )
    }
    const unwatch = backend.watch(device, pump)
    open.add(link)
    signal.addEventListener('abort', abort)
    pump()
    incoming.push({ type: 'caught-up' })

    /** Does `work` after the way there, and answers after the way back, unless the link is cut meanwhile. */
    const ask = <T>(work: () => T | undefined, aborted?: AbortSignal) =>
      new Promise<T>((resolve, reject) => {
        if (over) return reject(over.error)
        if (aborted?.aborted) return reject(aborted.reason)
        const giveUp = () => reject(aborted?.reason)
        pending.add(reject)
        aborted?.addEventListener('abort', giveUp)
        travel()
          .then(() => {
            if (over) return
            const answer = work()
            // No answer: the link looks alive, but whoever asked waits until it is cut.
            if (answer !== undefined) resolve(answer)
          })
          .catch(reject)
          .finally(() => {
            pending.delete(reject)
            aborted?.removeEventListener('abort', giveUp)
          })
      })

    return {
      capabilities: { ...CAPABILITIES, ...capabilities },
      incoming,
      send: (command, { signal }) =>
        ask(() => {
          const outcome = backend.accept(device, command)
          if (acksLost) {
            queueMicrotask(() => fail(new TransportError('closed', 'the acknowledgement was lost with the link')))
            return undefined
          }
          if ('refused' in outcome) throw new TransportError('rejected', 'refused', { reason: outcome.refused })
          if ('expected' in outcome) {
            throw new TransportError('busy', 'out of order', { reason: `expected:${outcome.expected}` })
          }
          return { id: command.id, ...outcome }
        }, signal),
      hint() {},
      history: ({ threadId, before, limit }, signal) =>
        ask(() => {
          const messages = backend.history(device, threadId, before?.position, limit)
          return { messages, more: (messages[0]?.position ?? 1) > 1 }
        }, signal),
      upload: ({ id, name, file, onProgress }, signal) =>
        ask(() => {
          if (!capabilities?.upload) throw new TransportError('unsupported', 'the memory transport takes no files')
          onProgress(1)
          const url = files.get(id) ?? URL.createObjectURL(file)
          files.set(id, url)
          return { id, name, mime: file.type, size: file.size, url }
        }, signal)
    }
  }

  const cut = (error: unknown) => {
    for (const link of [...open]) link.fail(error)
  }
  return {
    name: 'memory',
    connect,
    backend,
    drop: () => cut(new TransportError('closed', 'the link was cut')),
    offline(is) {
      isOffline = is
      if (is) cut(new TransportError('closed', 'the network went away'))
    },
    loseAcks(is) {
      acksLost = is
    },
    ephemeral(event) {
      for (const link of [...open]) link.push(event)
    }
  }
}
