import type { Message } from '../../../src/model/message.ts'
import type { Mailing } from '../../../src/transport/transport.ts'
import type { Conversations } from '../conversations/conversations.ts'
import type { Files } from '../files/files.ts'
import { createSecret } from '../identity/secrets.ts'
import type { Limits } from '../limits.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'
import { createBuckets } from '../wire/rate.ts'
import { type CopiedThread, composeCopy } from './compose.ts'
import { MailError, type MailedFile, type Mailer } from './mailer.ts'

/** Copies of conversations that visitors have sent to them by e-mail. */
export interface Copies {
  /** Lets a visitor's connection ask for copies, until it leaves. */
  admit(visitorId: string): Promise<{ readonly desk: Mailing; leave(): void }>
  /** Sends one. Settles when the mail server has taken it, or with why there is none. */
  send(wanted: Wanted): Promise<CopyRefusal | undefined>
}

export interface Wanted {
  readonly ticket: string
  /** `null`: all conversations of the visitor. */
  readonly threadId: string | null
  readonly to: string
  /** Where the request came from. */
  readonly address: string
}

/** Why no copy was sent: `reason` picks what people read. */
export interface CopyRefusal {
  readonly reason: 'ticket' | 'forbidden' | 'empty' | 'email' | 'too-fast' | 'too-many' | 'mail-refused' | 'mail-failed'
  readonly message: string
  /** Milliseconds. */
  readonly retryAfter?: number
}

interface CopiesParts {
  readonly mailer: Mailer
  readonly store: Store
  readonly conversations: Conversations
  readonly files: Files
  readonly limits: Limits
  readonly log: Log
}

/** One address: what would be read as a second one, or end the line, is in none. */
const ADDRESS = /^[^\s@<>"(),:;\\[\]\p{Cc}]{1,64}@[^\s@<>"(),:;\\[\]\p{Cc}]+\.[^\s@<>"(),:;\\[\]\p{Cc}.]+$/u
/** Messages asked of the store at a time. */
const PAGE = 100

export function createCopies({ mailer, store, conversations, files, limits, log }: CopiesParts): Copies {
  const tickets = new Map<string, string>()
  const ofVisitor = createBuckets(limits.copies)
  const ofAddress = createBuckets(limits.copiesFromAddress)
  const ofRecipient = createBuckets(limits.copiesToRecipient)

  const visitorRow = async (visitorId: string) => {
    const [row] = await store.query<{ email: string; locale: string; zone: string }>(
      'SELECT email, locale, zone FROM visitors WHERE id = $1',
      [visitorId]
    )
    return row ?? { email: '', locale: '', zone: '' }
  }

  /** The newest messages of a thread, at most so many, oldest first; `undefined` if it is not this visitor's. */
  async function read(threadId: string, visitorId: string, most: number): Promise<CopiedThread | undefined> {
    const messages: Message[] = []
    for (;;) {
      const before = messages[0]?.position ?? null
      const limit = Math.min(PAGE, most - messages.length)
      const page = await conversations.page({ threadId, before, limit }, visitorId)
      if (!page) return undefined
      messages.unshift(...page.messages)
      if (!page.more || messages.length >= most) return { messages, complete: !page.more }
    }
  }

  async function readAll(
    threadIds: readonly string[],
    visitorId: string
  ): Promise<readonly CopiedThread[] | undefined> {
    const threads: CopiedThread[] = []
    let room = limits.copiedMessages
    for (const id of threadIds) {
      if (room < 1) break
      const thread = await read(id, visitorId, room)
      if (!thread) return undefined
      room -= thread.messages.length
      if (thread.messages.length) threads.push(thread)
    }
    return threads
  }

  /** The files of these messages by their ids, as far as there is room for them in a mail. */
  async function filesOf(threads: readonly CopiedThread[]): Promise<ReadonlyMap<string, MailedFile>> {
    const found = new Map<string, MailedFile>()
    let room = limits.copiedFiles
    for (const { id, url, size } of threads.flatMap(({ messages }) => messages).flatMap(said => said.attachments)) {
      if (size > room) continue
      const file = await files.find(url.split('/')[1]!)
      const source = await file?.read()
      if (!file || !source) continue
      const parts: Buffer[] = []
      for await (const part of source as AsyncIterable<Buffer>) parts.push(part)
      room -= size
      found.set(id, { name: file.name, mime: file.mime, content: Buffer.concat(parts) })
    }
    return found
  }

  return {
    async admit(visitorId) {
      const ticket = createSecret()
      const { email } = await visitorRow(visitorId)
      tickets.set(ticket, visitorId)
      return {
        desk: { url: 'copies', ticket, ...(email && { to: email }) },
        leave: () => tickets.delete(ticket)
      }
    },

    async send({ ticket, threadId, to, address }) {
      const visitorId = tickets.get(ticket)
      if (!visitorId) return refuse('ticket', 'ticket: expected the one of a connection that is open')
      if (!ADDRESS.test(to)) return refuse('email', 'to: expected one address such as name@shop.example')
      const pause = ofAddress.take(address) || ofVisitor.take(visitorId)
      if (pause) return refuse('too-fast', `expected at most ${limits.copies.burst} copies an hour`, pause)
      const threads = await readAll(
        threadId === null ? await conversations.threadsOf(visitorId) : [threadId],
        visitorId
      )
      if (!threads) return refuse('forbidden', 'threadId: this thread is not one of yours')
      if (!threads.length) return refuse('empty', 'threadId: expected a conversation in which something was said')
      const wait = ofRecipient.take(to.toLowerCase())
      if (wait) return refuse('too-many', 'to: this address has had enough copies for today', wait)
      const carried = await filesOf(threads)
      const { locale, zone } = await visitorRow(visitorId)
      const mail = composeCopy({ threads, site: mailer.site, locale, zone, carried: new Set(carried.keys()) })
      try {
        await mailer.send({ ...mail, to, files: [...carried.values()] })
      } catch (error) {
        if (!(error instanceof MailError)) throw error
        log.warn('copies: a mail was not sent', { reason: error.message })
        return error.outcome === 'refused'
          ? refuse('mail-refused', 'to: the mail server takes nothing for this address')
          : refuse('mail-failed', 'the mail server could not be reached, or took nothing just now')
      }
      log.info('copies: sent')
      return undefined
    }
  }
}

const refuse = (reason: CopyRefusal['reason'], message: string, retryAfter?: number): CopyRefusal => ({
  reason,
  message,
  ...(retryAfter !== undefined && { retryAfter })
})
