import { errorFrom, TransportError } from './errors.ts'
import type { ClientFrame, ServerFrame } from './frames.ts'
import type { Ack, Connection, HistoryPage } from './transport.ts'

/** What settles questions, by their names: with the frame that answers, or with what ended the connection. */
export type Pending = Map<string | number, (answer: ServerFrame | undefined, error?: unknown) => void>

/**
 * How long an answer may take, whatever else is heard meanwhile, in milliseconds: a network may go on bringing what
 * comes from there, and lose all that goes there.
 */
const UNANSWERED = 30_000

/** The half of a connection that asks and is answered. */
export type Asking = Pick<Connection, 'send' | 'history'>

export function createAsking(
  pending: Pending,
  /** @throws What ended the connection, if it is over. */
  say: (frame: ClientFrame) => void,
  onUnanswered: () => void
): Asking {
  let questions = 0
  /** Asks, and settles with the frame that answers under this name. */
  const ask = <T>(name: string | number, frame: ClientFrame, signal?: AbortSignal) =>
    new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const late = setTimeout(onUnanswered, UNANSWERED)
      const settle = (answer: ServerFrame | undefined, error?: unknown) => {
        clearTimeout(late)
        signal?.removeEventListener('abort', giveUp)
        pending.delete(name)
        if (answer?.t === 'nack') reject(errorFrom(answer))
        else if (answer?.t === 'error') reject(new TransportError('rejected', answer.message))
        else if (answer) resolve(answer as T)
        else reject(error)
      }
      const giveUp = () => settle(undefined, signal?.reason)
      signal?.addEventListener('abort', giveUp)
      pending.set(name, settle)
      try {
        say(frame)
      } catch (error) {
        settle(undefined, error)
      }
    })

  return {
    async send(command, { again, signal }) {
      const { id, position, at } = await ask<Extract<ServerFrame, { readonly t: 'ack' }>>(
        command.id,
        { t: 'send', command, again },
        signal
      )
      return { id, position: position ?? undefined, at } satisfies Ack
    },
    history({ threadId, before, limit }, signal) {
      const q = ++questions
      return ask<HistoryPage>(q, { t: 'history', q, threadId, before: before?.position ?? null, limit }, signal)
    }
  }
}
