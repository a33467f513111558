import type { Command } from '../../../src/model/command.ts'
import type { Attachment } from '../../../src/model/message.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import type { Refusal } from '../conversations/refusal.ts'
import { storable } from '../conversations/rows.ts'
import { parseJson } from './body.ts'

/** The members a command is made of, and nothing that came along with them. */
export function known(command: Command): Command {
  const { id, n } = command
  switch (command.type) {
    case 'message': {
      const { threadId, text, answers } = command
      // Which files they are is all that counts: what they are is known here.
      const attachments = command.attachments.map(({ id }) => ({ id }) as Attachment)
      return {
        id,
        n,
        type: 'message',
        threadId,
        text,
        attachments,
        ...(answers && { answers: { to: answers.to, values: answers.values } })
      }
    }
    case 'read':
      return { id, n, type: 'read', threadId: command.threadId, upTo: command.upTo }
    case 'start':
    case 'void':
      return { id, n, type: command.type, threadId: command.threadId }
    case 'end':
      return { id, n, type: 'end', threadId: command.threadId, as: command.as }
    case 'rate': {
      const { threadId, sessionId, score, note } = command
      return { id, n, type: 'rate', threadId, sessionId, score, note }
    }
    case 'erase':
      return { id, n, type: 'erase' }
    case 'identify':
      return { id, n, type: 'identify', name: command.name, email: command.email }
  }
}

/** Ids end up in keys and in other ids: printable ASCII, so that they are the same everywhere. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LIMITS.id && /^[!-~]+$/.test(value)
}

/** The first member of a command that is an id and does not look like one. */
export function badId(command: Command): string | undefined {
  if (!isId(command.id)) return 'command.id'
  if ('threadId' in command && !isId(command.threadId)) return 'command.threadId'
  if (command.type === 'message' && !command.attachments.every(({ id }) => isId(id))) return 'command.attachments'
  const to = command.type === 'message' ? command.answers?.to : undefined
  if (to != null && !isId(to)) return 'command.answers.to'
  if (command.type === 'rate' && !isId(command.sessionId)) return 'command.sessionId'
  return undefined
}

/** A command that is refused for its form. */
export interface Refused {
  readonly id: string
  readonly refusal: Refusal
  /** What stands for it in its lane; `undefined`: it names none there could be, so nothing waits behind it. */
  readonly command: Command | undefined
}

/** A command in a frame whose form is wrong, see {@link refused}; `undefined`: there is none. */
export function refusable(raw: string, problem: string): Refused | undefined {
  const { t, command } = parseJson(raw) ?? {}
  return t === 'send' && typeof command === 'object' && command !== null ? refused(command, problem) : undefined
}

/**
 * A command whose form is wrong, but of which one can tell which it is. Where one can tell where it stands, too, it is
 * refused and remembered like any other, because what is never answered would block the lane behind it for ever.
 */
export function refused(command: object, problem: string): Refused | undefined {
  const { id, n, type, threadId, text } = command as Readonly<Record<string, unknown>>
  if (!isId(id) || !Number.isSafeInteger(n) || (n as number) < 1 || typeof type !== 'string') return undefined
  const lane =
    type === 'identify' || type === 'erase'
      ? { type }
      : isId(threadId)
        ? { type: 'void' as const, threadId }
        : undefined
  const tooLong = typeof text === 'string' && text.length > LIMITS.text
  return {
    id,
    // Stands in its lane under its own id; of what it said only as much is kept as tells it from another.
    command:
      lane &&
      ({
        ...lane,
        id,
        n: n as number,
        said: { type, text: typeof text === 'string' ? text : null }
      } as unknown as Command),
    // Remembered, too, and it may end in what came instead.
    refusal: { code: 'rejected', reason: tooLong ? 'too-long' : 'invalid', message: storable(problem) }
  }
}
