import type { Command } from '../../../src/model/command.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import { append } from './feed.ts'
import { place } from './place.ts'
import { notYours, type Refusal, refuse } from './refusal.ts'
import { storable } from './rows.ts'
import { endSession, latestSession, liveSession, rateSession, startSession } from './sessions.ts'
import { findThread, type ThreadRow, type Writing } from './writing.ts'

export type Done = { readonly position: number | null } | Refusal

interface Circumstances {
  readonly visitorId: string
  readonly home: boolean
}

/**
 * Does what a visitor's command says, in a transaction that has locked the visitor. A refusal comes before anything
 * is changed.
 */
export function perform(w: Writing, command: Command, by: Circumstances): Promise<Done> {
  switch (command.type) {
    case 'message':
      return say(w, command, by)
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
    case 'void':
      return done
  }
}

/** Went well, and put nothing into the thread. */
const done: Promise<Done> = Promise.resolve({ position: null })

async function say(w: Writing, command: Of<'message'>, by: Circumstances): Promise<Done> {
  const { id, threadId, text, attachments } = command
  if (attachments.length) return refuse('attachments', 'command.attachments: this server takes no files', 'unsupported')
  if (!text.trim()) return refuse('empty', 'command.text: expected more than white space')
  if (text.length > LIMITS.text) {
    return refuse('too-long', `command.text: expected at most ${LIMITS.text} characters, got ${text.length}`)
  }
  const [known] = await w.query<ThreadRow & { readonly taken: boolean }>(
    `SELECT t.*, EXISTS (SELECT 1 FROM messages m WHERE m.thread_id = t.id AND m.id = $2) AS taken
     FROM threads t WHERE t.id = $1`,
    [threadId, id]
  )
  const thread = await ownThread(w, threadId, by.visitorId, known)
  if (!thread) return notYours
  if (known?.taken) return refuse('id-conflict', 'command.id: another message of this thread has it')
  return { position: await place(w, thread, { id, author: 'visitor', text }) }
}

async function read(w: Writing, { threadId, upTo }: Of<'read'>, by: Circumstances): Promise<Done> {
  const thread = await findOwn(w, threadId, by.visitorId)
  if (!thread) return notYours
  const mark = Math.min(upTo, thread.last)
  if (mark > thread.visitor_read) {
    await w.query('UPDATE threads SET visitor_read = $2 WHERE id = $1', [threadId, mark])
    await append(w, by.visitorId, threadId, { kind: 'receipt', by: 'visitor' })
  }
  return done
}

async function start(w: Writing, { threadId }: Of<'start'>, by: Circumstances): Promise<Done> {
  const thread = await ownThread(w, threadId, by.visitorId, await findThread(w, threadId))
  if (!thread) return notYours
  await startSession(w, thread, by.home)
  return done
}

async function end(w: Writing, { threadId, as }: Of<'end'>, by: Circumstances): Promise<Done> {
  const thread = await findOwn(w, threadId, by.visitorId)
  if (!thread) return notYours
  const session = await liveSession(w, threadId)
  // It may have ended while this was on its way.
  if (session) await endSession(w, thread, session, as === 'done' ? 'visitor' : 'as-message')
  return done
}

async function rate(w: Writing, command: Of<'rate'>, by: Circumstances): Promise<Done> {
  const thread = await findOwn(w, command.threadId, by.visitorId)
  if (!thread) return notYours
  const session = await latestSession(w, command.threadId)
  if (session?.id !== command.sessionId || session.state !== 'ended' || session.agent_id === null) {
    return refuse('not-rateable', 'command.sessionId: expected the latest chat of this thread, ended and not rated')
  }
  await rateSession(w, session, command.score, storable(command.note))
  return done
}

async function identify(w: Writing, { name, email }: Of<'identify'>, by: Circumstances): Promise<Done> {
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

/** The visitor's thread of this id, made now if nobody has it. */
async function ownThread(
  w: Writing,
  threadId: string,
  visitorId: string,
  known: ThreadRow | undefined
): Promise<ThreadRow | undefined> {
  if (known) return known.visitor_id === visitorId ? known : undefined
  const [made] = await w.query<{ id: string }>(
    `INSERT INTO threads (id, visitor_id, at, since) VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING RETURNING id`,
    [threadId, visitorId, w.at]
  )
  if (!made) return undefined
  await append(w, visitorId, threadId, { kind: 'thread' })
  return findThread(w, threadId)
}

async function findOwn(w: Writing, threadId: string, visitorId: string): Promise<ThreadRow | undefined> {
  const thread = await findThread(w, threadId)
  return thread?.visitor_id === visitorId ? thread : undefined
}
