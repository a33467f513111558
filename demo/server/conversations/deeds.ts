import type { Command } from '../../../src/model/command.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import { columns } from '../store/store.ts'
import type { Offer } from './accept.ts'
import { judgeAnswers } from './answers.ts'
import { eraseAll } from './erase.ts'
import { append, appendAll } from './feed.ts'
import { findFiles, notUploaded } from './files.ts'
import { type Placing, placeAll, type Target } from './place.ts'
import { type Beginning, promise } from './promise.ts'
import { notYours, type Refusal, refuse } from './refusal.ts'
import { storable } from './rows.ts'
import { endSession, latestSession, liveSession, rateSession, startSession } from './sessions.ts'
import { findThread, type ThreadRow, type Writing } from './writing.ts'

export type Done = { readonly position: number | null } | Refusal

/** An offer to be done, of a kind of command. */
type Due<Kind extends Command = Command> = Pick<Offer, 'device' | 'visitorId' | 'away' | 'form' | 'refusal'> & {
  readonly command: Kind
}

/**
 * Does what visitors' commands say, in a transaction that has locked the visitors; at most one command of each. A refusal
 * comes before anything is changed. Messages are placed together, whoever says them: they are nearly all there is.
 *
 * @param addressed What {@link findAddressed} found once the visitors were locked.
 */
export async function performAll(
  w: Writing,
  all: readonly Due[],
  addressed: ReadonlyMap<Due, Addressed>
): Promise<readonly Done[]> {
  const said = await sayAll(w, all.filter(isMessage), addressed)
  const ends: Done[] = []
  for (const one of all) {
    ends.push(one.refusal ?? said.get(one) ?? (await perform(w, one.command as Exclude<Command, Message>, one)))
  }
  return ends
}

type Message = Of<'message'>

const isMessage = (one: Due): one is Due<Message> => !one.refusal && one.command.type === 'message'

/** The thread a message is for, and whether another message there has its id. */
type Addressed = Target & Pick<ThreadRow, 'waiting_since' | 'bot_silent'> & { readonly taken: boolean }

/** The threads that messages are for, of those that are there. */
export async function findAddressed(w: Writing, all: readonly Due[]): Promise<ReadonlyMap<Due, Addressed>> {
  const messages = all.filter(isMessage)
  const rows = await w.query<Addressed & { readonly nth: number }>(
    `SELECT t.id, t.visitor_id, t.state, t.last, t.team_read, t.waiting_since, t.bot_silent, said.nth, m.id IS NOT NULL AS taken
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS said (thread_id, id, nth)
       JOIN threads t ON t.id = said.thread_id
       LEFT JOIN messages m ON m.thread_id = said.thread_id AND m.id = said.id`,
    columns(
      messages,
      one => one.command.threadId,
      one => one.command.id
    )
  )
  return new Map(rows.map(row => [messages[row.nth - 1]!, row]))
}

function perform(w: Writing, command: Exclude<Command, Message>, by: Due): Promise<Done> {
  switch (command.type) {
    case 'read':
      return read(w, command, by)
    case 'start':
      return start(w, command, by)
    case 'end':
      return end(w, command, by)
    case 'rate':
      return rate(w, command, by)
    case 'identify':
      return identify(w, command, by)
    case 'erase':
      return eraseAll(w, by.visitorId).then(() => done)
    case 'void':
      return done
  }
}

/** Went well, and put nothing into the thread. */
const done: Promise<Done> = Promise.resolve({ position: null })

async function sayAll(
  w: Writing,
  all: readonly Due<Message>[],
  addressed: ReadonlyMap<Due, Addressed>
): Promise<ReadonlyMap<Due, Done>> {
  const ends = new Map<Due, Done>()
  const placings: Placing[] = []
  const waits: Beginning[] = []
  const files = await findFiles(
    w,
    all.map(one => ({ owner: one.device, ids: one.command.attachments.map(({ id }) => id) }))
  )
  const made = await makeThreads(
    w,
    all
      .filter(one => !addressed.has(one) && !flawOf(one.command))
      .map(({ command, visitorId }) => ({ threadId: command.threadId, visitorId }))
  )
  const answering = all.filter(({ command }) => command.answers)
  const judged = await judgeAnswers(
    w,
    answering.map(({ command: { threadId, answers }, form }) => ({ threadId, ...answers!, first: form }))
  )
  const answers = new Map(answering.map((one, i) => [one, judged[i]!]))
  for (const [i, one] of all.entries()) {
    const { id, threadId, text } = one.command
    const attachments = files[i]
    const answer = answers.get(one)
    const found = addressed.get(one)
    const thread = found ?? made.get(threadId)
    const flaw = flawOf(one.command)
    if (flaw) ends.set(one, flaw)
    else if (thread?.visitor_id !== one.visitorId) ends.set(one, notYours)
    else if (found?.taken) {
      ends.set(one, refuse('id-conflict', 'command.id: another message of this thread has it'))
    } else if (!attachments) {
      ends.set(one, notUploaded)
    } else if (answer && 'code' in answer) {
      ends.set(one, answer)
    } else {
      placings.push({ thread, id, author: 'visitor', text, attachments, ...answer })
      const away = thread.waiting_since === null ? one.away?.() : undefined
      // Whom the assistant answers waits for the team only when it hands over.
      if (away && (thread.bot_silent || !away.assistant)) waits.push({ thread, away })
      // Nobody else places anything there while the visitor is locked.
      ends.set(one, { position: thread.last + 1 })
    }
  }
  w.alongside(placeAll(w, placings))
  await promise(w, await outsideOfChats(w, waits))
  return ends
}

/** Those that were not said in a live chat, where nobody waits for messages. */
async function outsideOfChats(w: Writing, waits: readonly Beginning[]): Promise<readonly Beginning[]> {
  const begun = waits.filter(({ away }) => away.due !== null)
  if (!begun.length) return begun
  const live = await w.query<{ thread_id: string }>(
    `SELECT thread_id FROM sessions WHERE thread_id = ANY($1::text[]) AND state IN ('queued', 'active')`,
    [begun.map(({ thread }) => thread.id)]
  )
  const chatting = new Set(live.map(row => row.thread_id))
  return begun.filter(({ thread }) => !chatting.has(thread.id))
}

function flawOf({ text, attachments }: Message): Refusal | undefined {
  if (!text.trim() && !attachments.length) return refuse('empty', 'command.text: expected more than white space')
  if (text.length > LIMITS.text) {
    return refuse('too-long', `command.text: expected at most ${LIMITS.text} characters, got ${text.length}`)
  }
  return undefined
}

async function read(w: Writing, { threadId, upTo }: Of<'read'>, by: Due): Promise<Done> {
  const thread = await findOwn(w, threadId, by.visitorId)
  if (!thread) return notYours
  const mark = Math.min(upTo, thread.last)
  if (mark > thread.visitor_read) {
    await w.query(
      `UPDATE threads SET visitor_read = $2, unread_visitor = (SELECT count(*) FROM messages m
         WHERE m.thread_id = $1 AND m.position > $2 AND m.author IN ('agent', 'bot'))
       WHERE id = $1`,
      [threadId, mark]
    )
    await append(w, by.visitorId, threadId, { kind: 'receipt', by: 'visitor' })
    // Counted here: a device that has only heard of some of the messages cannot tell how many are left to read.
    await append(w, by.visitorId, threadId, { kind: 'thread' })
  }
  return done
}

async function start(w: Writing, { threadId }: Of<'start'>, by: Due): Promise<Done> {
  const thread =
    (await findThread(w, threadId)) ?? (await makeThreads(w, [{ threadId, visitorId: by.visitorId }])).get(threadId)
  if (thread?.visitor_id !== by.visitorId) return notYours
  const away = by.away?.()
  await startSession(w, thread, away?.awaited ? undefined : away)
  return done
}

async function end(w: Writing, { threadId, as }: Of<'end'>, by: Due): Promise<Done> {
  const thread = await findOwn(w, threadId, by.visitorId)
  if (!thread) return notYours
  const session = await liveSession(w, threadId)
  // It may have ended while this was on its way.
  if (session) await endSession(w, thread, session, as === 'done' ? 'visitor' : 'as-message')
  return done
}

async function rate(w: Writing, command: Of<'rate'>, by: Due): Promise<Done> {
  const thread = await findOwn(w, command.threadId, by.visitorId)
  if (!thread) return notYours
  const session = await latestSession(w, command.threadId)
  if (session?.id !== command.sessionId || session.state !== 'ended' || session.agent_id === null) {
    return refuse('not-rateable', 'command.sessionId: expected the latest chat of this thread, ended and not rated')
  }
  await rateSession(w, session, command.score, storable(command.note))
  return done
}

async function identify(w: Writing, { name, email }: Of<'identify'>, by: Due): Promise<Done> {
  if (email && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    return refuse('email', 'command.email: expected an address such as name@example.com, or nothing')
  }
  // What the site vouched for stays: beside it, agents take what a visitor typed for true.
  await w.query(
    `UPDATE visitors v SET name = COALESCE(NULLIF(s.name, ''), $2), email = COALESCE(NULLIF(s.email, ''), $3)
     FROM (SELECT 1) AS one LEFT JOIN verified s ON s.visitor_id = $1 WHERE v.id = $1`,
    [by.visitorId, storable(name.trim()), storable(email)]
  )
  w.tell('visit', { visitorId: by.visitorId })
  return done
}

type Of<Type extends Command['type']> = Extract<Command, { readonly type: Type }>

/** Makes threads, each for its visitor, but for those that somebody else has made meanwhile. */
async function makeThreads(
  w: Writing,
  wanted: readonly { readonly threadId: string; readonly visitorId: string }[]
): Promise<ReadonlyMap<string, ThreadRow>> {
  if (!wanted.length) return new Map()
  const made = await w.query<ThreadRow>(
    `INSERT INTO threads (id, visitor_id, at, since)
     SELECT id, visitor_id, $3, $3 FROM unnest($1::text[], $2::text[]) AS wanted (id, visitor_id)
     ON CONFLICT DO NOTHING RETURNING *`,
    [
      ...columns(
        wanted,
        one => one.threadId,
        one => one.visitorId
      ),
      w.at
    ]
  )
  await appendAll(
    w,
    made.map(({ id, visitor_id }) => ({ visitorId: visitor_id, threadId: id, kind: 'thread' }))
  )
  return new Map(made.map(thread => [thread.id, thread]))
}

async function findOwn(w: Writing, threadId: string, visitorId: string): Promise<ThreadRow | undefined> {
  const thread = await findThread(w, threadId)
  return thread?.visitor_id === visitorId ? thread : undefined
}
