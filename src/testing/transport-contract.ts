import type { Command, Deed } from '../model/command.ts'
import type { Cursor, ServerEvent } from '../model/event.ts'
import { createId } from '../model/id.ts'
import type { Attachment, Message } from '../model/message.ts'
import type { DeviceId } from '../model/visitor.ts'
import { isTransportError } from '../transport/errors.ts'
import type { Connection, Transport, Upload } from '../transport/transport.ts'
import { check, failure, same, within } from './assert.ts'

/** A transport, a backend behind it for one visitor, and what a suite must be able to do to both. */
export interface Rig {
  readonly transport: Transport
  /** A device that the backend has not seen. */
  readonly device: DeviceId
  /** Says something in a thread of this visitor, as somebody else. */
  say(threadId: string, text: string): Promise<void>
  /** Makes every cursor that was given out so far too old. */
  trim(): Promise<void>
  /** What the backend has in a thread, in its order. */
  stored(threadId: string): Promise<readonly Message[]>
  /** Cuts every live link. */
  drop(): void
  /** Refuses new links, and cuts those there are. */
  offline(is: boolean): void
  /** Commands are done, but their acknowledgements do not arrive, and the link is cut. */
  loseAcks(is: boolean): void
  /** Everything stays open, but nothing is heard any more; `undefined` if this rig cannot do that. */
  silence?: (() => void) | undefined
  /** The peer says something that is not the protocol; `undefined` if this rig cannot do that. */
  babble?: (() => void) | undefined
  close(): Promise<void> | void
}

export type TransportCase = readonly [title: string, run: (rig: Rig) => Promise<void>]

/** How long anything on a loopback may take. A heartbeat may take longer: see `silence`. */
const SOON = 5000

/** A connection whose events are collected. */
interface Session extends Connection {
  readonly events: readonly ServerEvent[]
  readonly ended: Promise<unknown>
  abort(reason?: unknown): void
  /** Settles when an event passes; rejects when the link ends before. */
  until(what: string, holds: (events: readonly ServerEvent[]) => boolean): Promise<void>
  cursor(): Cursor | undefined
}

async function connect(rig: Rig, cursor?: Cursor, term = 1): Promise<Session> {
  const controller = new AbortController()
  const connection = await within(
    SOON,
    rig.transport.connect({
      device: rig.device,
      term,
      token: undefined,
      credentials: undefined,
      cursor,
      signal: controller.signal
    }),
    'connect'
  )
  const events: ServerEvent[] = []
  let changed = () => {}
  const ended = (async () => {
    try {
      for await (const batch of connection.incoming) {
        check(batch.length > 0, 'a batch is never empty')
        events.push(...batch)
        changed()
      }
    } catch (error) {
      return error
    } finally {
      changed()
    }
    throw new Error('contract: incoming must end by throwing')
  })()
  return {
    ...connection,
    events,
    ended,
    abort: reason => controller.abort(reason),
    cursor: () => events.findLast(event => event.cursor)?.cursor,
    until: (what, holds) =>
      within(
        SOON,
        (async () => {
          let over = false
          ended
            .finally(() => {
              over = true
            })
            .catch(() => {})
          while (!holds(events)) {
            if (over) throw new Error(`contract: ${what}: the link ended first`)
            await new Promise<void>(resolve => {
              changed = resolve
            })
          }
        })(),
        what
      )
  }
}

const caughtUp = (events: readonly ServerEvent[]) => events.some(({ type }) => type === 'caught-up')
const messages = (events: readonly ServerEvent[]) =>
  events.flatMap(event => (event.type === 'message' && event.cursor ? [event.message] : []))
const texts = (events: readonly ServerEvent[]) => messages(events).map(({ text }) => text)

/** Commands of one thread, numbered as the core numbers them. */
function lane(threadId: string) {
  let n = 0
  return {
    message: (text: string): Command => ({ type: 'message', id: createId(), n: ++n, threadId, text, attachments: [] }),
    numbered: (deed: Deed): Command => ({ ...deed, id: createId(), n: ++n })
  }
}
const first = { again: false }
const again = { again: true }

/** Opens a thread with one message in it, and waits until its event is here. */
async function opened(rig: Rig) {
  const threadId = createId()
  const write = lane(threadId)
  const link = await connect(rig)
  await link.until('caught-up', caughtUp)
  await link.send(write.message('first'), first)
  await link.until('the echo', events => texts(events).includes('first'))
  return { threadId, write, link }
}

/** The same with a file, and how to upload it and put it into a message; no `upload`: this transport takes none. */
async function withFiles(rig: Rig) {
  const { threadId, write, link } = await opened(rig)
  const file: Upload = { id: createId(), file: new Blob(['a lamp']), name: 'lamp.txt', onProgress() {} }
  return {
    threadId,
    write,
    link,
    file,
    upload: link.capabilities.upload ? link.upload : undefined,
    carry: (text: string, attachment: Attachment) =>
      write.numbered({ type: 'message', threadId, text, attachments: [attachment] })
  }
}

/**
 * What every transport must do, one test a line:
 * `for (const [title, run] of transportContract) it(title, () => run(rig()))`, with a new rig for each.
 */
export const transportContract: readonly TransportCase[] = [
  [
    'connects, and begins with reset without a cursor',
    async rig => {
      const link = await connect(rig)
      await link.until('caught-up', caughtUp)
      same(link.events.find(({ cursor }) => cursor)?.type, 'reset', 'the first durable event')
      check(
        link.events.findIndex(({ type }) => type === 'reset') <
          link.events.findIndex(({ type }) => type === 'caught-up'),
        'reset comes before caught-up'
      )
      link.abort()
    }
  ],
  [
    'delivers in order, each durable event with a cursor',
    async rig => {
      const { threadId, link } = await opened(rig)
      const said = Array.from({ length: 20 }, (_, i) => `line ${i}`)
      for (const text of said) await rig.say(threadId, text)
      await link.until('all lines', events => texts(events).length >= 21)
      same(texts(link.events), ['first', ...said], 'texts')
      same(
        messages(link.events).map(({ position }) => position),
        said.map((_, i) => i + 1).concat(21),
        'positions'
      )
      const cursors = link.events.flatMap(({ cursor, type }) => (cursor && type === 'message' ? [cursor] : []))
      same(new Set(cursors).size, cursors.length, 'different cursors')
      link.abort()
    }
  ],
  [
    'keeps what arrives before anyone reads',
    async rig => {
      const { threadId, link, write } = await opened(rig)
      const cursor = link.cursor()
      await rig.say(threadId, 'early')
      link.abort()
      const controller = new AbortController()
      const connection = await rig.transport.connect({
        device: rig.device,
        term: 2,
        token: undefined,
        credentials: undefined,
        cursor,
        signal: controller.signal
      })
      await connection.send(write.message('also early'), first)
      await new Promise(resolve => setTimeout(resolve, 50))
      const found: string[] = []
      for await (const batch of connection.incoming) {
        found.push(...texts(batch))
        if (found.includes('also early')) break
      }
      same(found, ['early', 'also early'], 'texts')
      controller.abort()
    }
  ],
  [
    'resumes after a cursor, nothing lost or repeated',
    async rig => {
      const { threadId, link } = await opened(rig)
      await rig.say(threadId, 'heard')
      await link.until('heard', events => texts(events).includes('heard'))
      const cursor = link.cursor()
      link.abort()
      await link.ended
      for (const text of ['missed 1', 'missed 2', 'missed 3']) await rig.say(threadId, text)
      const back = await connect(rig, cursor, 2)
      await back.until('caught-up', caughtUp)
      check(!back.events.some(({ type }) => type === 'reset'), 'no reset where a cursor is good')
      same(texts(back.events), ['missed 1', 'missed 2', 'missed 3'], 'what was missed, before caught-up')
      await rig.say(threadId, 'live')
      await back.until('live', events => texts(events).includes('live'))
      same(texts(back.events).at(-1), 'live', 'what follows')
      back.abort()
    }
  ],
  [
    'says reset when the cursor is too old, with all threads and where to go on from',
    async rig => {
      const { threadId, link } = await opened(rig)
      const cursor = link.cursor()
      link.abort()
      await link.ended
      await rig.say(threadId, 'missed')
      await rig.trim()
      const back = await connect(rig, cursor, 2)
      await back.until('caught-up', caughtUp)
      const reset = back.events.find(({ cursor }) => cursor)
      check(reset?.type === 'reset', 'the first durable event is a reset')
      same(
        reset.threads.map(({ id, last }) => [id, last]),
        [[threadId, 2]],
        'threads'
      )
      const next = back.cursor()
      back.abort()
      await back.ended
      await rig.say(threadId, 'after')
      const third = await connect(rig, next, 3)
      await third.until('caught-up', caughtUp)
      same(texts(third.events), ['after'], 'resumed from the cursor of the reset')
      third.abort()
    }
  ],
  [
    'settles send with the acknowledgement',
    async rig => {
      const { threadId, write, link } = await opened(rig)
      const command = write.message('second')
      const ack = await within(SOON, link.send(command, first), 'send')
      same([ack.id, ack.position], [command.id, 2], 'id and position')
      check(ack.at > 1e12, 'at is in milliseconds since the epoch')
      same(
        (await rig.stored(threadId)).map(({ text }) => text),
        ['first', 'second'],
        'stored'
      )
      link.abort()
    }
  ],
  [
    'gives the same acknowledgement for the same id, with one effect',
    async rig => {
      const { threadId, write, link } = await opened(rig)
      const command = write.message('once')
      const ack = await link.send(command, first)
      const repeated = await within(SOON, link.send(command, again), 'send again')
      same([repeated.id, repeated.position, repeated.at], [ack.id, ack.position, ack.at], 'acknowledgement')
      link.abort()
      const back = await connect(rig, undefined, 2)
      same((await back.send(command, again)).position, ack.position, 'position over another connection')
      same(
        (await rig.stored(threadId)).map(({ text }) => text),
        ['first', 'once'],
        'stored'
      )
      back.abort()
    }
  ],
  [
    'does a command once whose acknowledgement was lost',
    async rig => {
      const { threadId, write, link } = await opened(rig)
      const command = write.message('unsure')
      rig.loseAcks(true)
      const error = await failure(within(SOON, link.send(command, first), 'send'), 'a send whose answer is lost')
      check(isTransportError(error) && error.retry === 'later', 'it fails with a TransportError that says later')
      rig.loseAcks(false)
      await link.ended
      const back = await connect(rig, link.cursor(), 2)
      same((await back.send(command, again)).position, 2, 'position')
      same(
        (await rig.stored(threadId)).map(({ text }) => text),
        ['first', 'unsure'],
        'stored'
      )
      back.abort()
    }
  ],
  [
    'echoes own messages on incoming, under the id of the command',
    async rig => {
      const { write, link } = await opened(rig)
      const command = write.message('mine')
      await link.send(command, first)
      await link.until('the echo', events => texts(events).includes('mine'))
      const echo = messages(link.events).at(-1)
      same([echo?.id, echo?.author, echo?.position], [command.id, 'visitor', 2], 'echo')
      link.abort()
    }
  ],
  [
    'refuses for good and stays usable',
    async rig => {
      const { threadId, write, link } = await opened(rig)
      const command = write.message('   ')
      const error = await failure(within(SOON, link.send(command, first), 'send'), 'an empty message')
      check(isTransportError(error) && error.retry === 'never', 'it fails with a TransportError that says never')
      check(Boolean(error.reason), 'with a reason')
      const repeated = await failure(within(SOON, link.send(command, again), 'send again'), 'the same once more')
      check(isTransportError(repeated) && repeated.reason === error.reason, 'the same refusal again')
      same((await link.send(write.message('fine'), first)).position, 2, 'position of the next')
      same(
        (await rig.stored(threadId)).map(({ text }) => text),
        ['first', 'fine'],
        'stored'
      )
      link.abort()
    }
  ],
  [
    'rejects pending sends and ends incoming with a retryable error when the link drops',
    async rig => {
      const { write, link } = await opened(rig)
      const pending = failure(link.send(write.message('in flight'), first), 'a send while the link drops')
      rig.drop()
      const error = await within(SOON, link.ended, 'the end of incoming')
      check(isTransportError(error) && error.retry === 'later', 'incoming ends with a TransportError that says later')
      await within(SOON, Promise.race([pending, Promise.resolve()]), 'the pending send')
      const late = await failure(link.send(write.message('too late'), first), 'a send after the end')
      check(isTransportError(late) && late.retry === 'later', 'send after the end rejects with a TransportError')
    }
  ],
  [
    'refuses to connect offline, retryable',
    async rig => {
      rig.offline(true)
      const error = await failure(connect(rig), 'connecting offline')
      check(isTransportError(error) && error.retry === 'later', 'a TransportError that says later')
      rig.offline(false)
      const link = await connect(rig)
      link.abort()
    }
  ],
  [
    'rejects with the reason when aborted while connecting',
    async rig => {
      const controller = new AbortController()
      const reason = new Error('changed my mind')
      const request = {
        device: rig.device,
        term: 1,
        token: undefined,
        credentials: undefined,
        cursor: undefined,
        signal: controller.signal
      }
      const connecting = rig.transport.connect(request)
      controller.abort(reason)
      check((await failure(within(SOON, connecting, 'connect'), 'connecting')) === reason, 'the reason itself')
      check((await failure(rig.transport.connect(request), 'connecting again')) === reason, 'aborted before')
    }
  ],
  [
    'ends incoming and pending sends with the reason when aborted',
    async rig => {
      const { write, link } = await opened(rig)
      const reason = new Error('enough')
      const pending = failure(link.send(write.message('in flight'), first), 'a send while aborted')
      link.abort(reason)
      check((await within(SOON, link.ended, 'the end of incoming')) === reason, 'incoming ends with the reason itself')
      check((await within(SOON, pending, 'the pending send')) === reason, 'send rejects with the reason itself')
    }
  ],
  [
    'leaves the connection alone when one call is aborted',
    async rig => {
      const { threadId, write, link } = await opened(rig)
      const controller = new AbortController()
      const command = write.message('maybe')
      const sending = link.send(command, { again: false, signal: controller.signal })
      controller.abort(new Error('not now'))
      await sending.catch(() => {})
      same((await link.send(command, again)).position, 2, 'sent again')
      const history = new AbortController()
      history.abort(new Error('not now'))
      await failure(link.history({ threadId, before: undefined, limit: 5 }, history.signal), 'history after abort')
      await rig.say(threadId, 'still here')
      await link.until('still here', events => texts(events).includes('still here'))
      link.abort()
    }
  ],
  [
    'pages history backwards',
    async rig => {
      const { threadId, link } = await opened(rig)
      for (let i = 2; i <= 7; i++) await rig.say(threadId, `line ${i}`)
      const newest = await link.history({ threadId, before: undefined, limit: 3 })
      same([newest.messages.map(({ position }) => position), newest.more], [[5, 6, 7], true], 'the newest page')
      const earlier = await link.history({ threadId, before: newest.messages[0], limit: 3 })
      same([earlier.messages.map(({ position }) => position), earlier.more], [[2, 3, 4], true], 'the page before')
      const oldest = await link.history({ threadId, before: earlier.messages[0], limit: 3 })
      same([oldest.messages.map(({ position }) => position), oldest.more], [[1], false], 'the oldest page')
      link.abort()
    }
  ],
  [
    'keeps two connections apart',
    async rig => {
      const { threadId, link } = await opened(rig)
      const other = await connect({ ...rig, device: createId() })
      await other.until('caught-up', caughtUp)
      await rig.say(threadId, 'for one only')
      await link.until('for one only', events => texts(events).includes('for one only'))
      check(!texts(other.events).includes('for one only'), 'another device hears nothing of it')
      other.abort()
      await other.ended
      await rig.say(threadId, 'still')
      await link.until('still', events => texts(events).includes('still'))
      link.abort()
    }
  ],
  [
    'rejects with unsupported what it says it cannot do',
    async rig => {
      const link = await connect(rig)
      if (!link.capabilities.upload && link.upload) {
        const file = { id: createId(), file: new Blob(['x']), name: 'x.txt', onProgress() {} }
        const error = await failure(link.upload(file), 'upload without the capability')
        check(isTransportError(error) && error.code === 'unsupported', 'code unsupported')
      }
      link.abort()
    }
  ],
  [
    'says where a copy by e-mail is asked for, with a ticket of this connection alone, if it sends any',
    async rig => {
      const link = await connect(rig)
      const other = await connect({ ...rig, device: createId() })
      const [mail, theirs] = [link.capabilities.mail, other.capabilities.mail]
      if (mail) {
        check(typeof mail.url === 'string' && !!mail.ticket, 'an address and a ticket')
        check(mail.ticket !== theirs?.ticket, 'another device has another ticket')
        check(!mail.url.includes(mail.ticket), 'no ticket is in an address')
      }
      link.abort()
      other.abort()
      await other.ended
    }
  ],
  [
    'uploads a file that a message then carries',
    async rig => {
      const { threadId, link, file, upload, carry } = await withFiles(rig)
      if (!upload) return
      const shares: number[] = []
      const attachment = await upload({ ...file, onProgress: share => shares.push(share) })
      check(
        attachment.id === file.id && attachment.name === file.name,
        'the attachment has the id and name of the file'
      )
      check(attachment.size === file.file.size && attachment.url !== '', 'and its size, and an address')
      check(
        shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share <= 1),
        'progress rises to 1 at the most'
      )
      await link.send(carry('with a file', attachment), first)
      await link.until('the echo', events => texts(events).includes('with a file'))
      const echo = messages(link.events).find(({ text }) => text === 'with a file')
      same(echo?.attachments[0]?.url, attachment.url, 'the address in the echo')
      const stored = await rig.stored(threadId)
      same(
        stored.at(-1)?.attachments.map(({ name }) => name),
        [file.name],
        'what the backend has'
      )
      link.abort()
    }
  ],
  [
    'gives the same attachment for the same upload',
    async rig => {
      const { link, file, upload } = await withFiles(rig)
      if (!upload) return
      const [once, twice] = await Promise.all([upload(file), upload(file)])
      same(twice, once, 'two at once')
      same(await upload(file), once, 'once more')
      link.abort()
      const next = await connect(rig, link.cursor(), 2)
      same(await next.upload!(file), once, 'on the next connection')
      next.abort()
    }
  ],
  [
    'carries a message with nothing but a file',
    async rig => {
      const { link, file, upload, carry } = await withFiles(rig)
      if (!upload) return
      await link.send(carry('', await upload(file)), first)
      await link.until('the echo', events => messages(events).some(({ attachments }) => attachments.length === 1))
      link.abort()
    }
  ],
  [
    'gives up an upload with the reason, and keeps the connection',
    async rig => {
      const { link, write, file, upload } = await withFiles(rig)
      if (!upload) return
      const reason = new Error('not that one')
      const error = await failure(upload(file, AbortSignal.abort(reason)), 'an upload that was given up')
      check(error === reason, 'rejects with the reason')
      await link.send(write.message('still'), first)
      link.abort()
    }
  ],
  [
    'ends with timeout when nothing is heard any more',
    async rig => {
      if (!rig.silence) return
      const link = await connect(rig)
      rig.silence()
      const error = await within(SOON, link.ended, 'noticing the silence')
      check(isTransportError(error) && error.code === 'timeout', 'code timeout')
    }
  ],
  [
    'ends with protocol when the peer does not speak it',
    async rig => {
      if (!rig.babble) return
      const link = await connect(rig)
      rig.babble()
      const error = await within(SOON, link.ended, 'noticing the babble')
      check(isTransportError(error) && error.code === 'protocol', 'code protocol')
    }
  ]
]
