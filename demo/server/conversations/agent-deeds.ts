import { createHash } from 'node:crypto'
import { type Hours, openBetween } from '../routing/hours.ts'
import type { AgentCommand, Settings } from '../wire/agent-frames.ts'
import { canonical, type Outcome } from './accept.ts'
import { append, tellAgain, writeMeta } from './feed.ts'
import { findFiles, notUploaded } from './files.ts'
import { isTaken, place } from './place.ts'
import { type Refusal, refuse } from './refusal.ts'
import { acceptSession, endSession, type Joining, keepSession, liveSession } from './sessions.ts'
import { lockThread, type ThreadRow, type Writing } from './writing.ts'

/**
 * Does what an agent's command says, once: with the record of it in the same transaction. Locks the agent before any
 * visitor, so that a command sent twice at once is done once.
 *
 * @param hours Of which waits are measured.
 */
export async function acceptOfAgent(
  w: Writing,
  agentId: string,
  command: AgentCommand,
  hours: Hours | undefined
): Promise<Outcome> {
  const [agent] = await w.query<Joining>('SELECT id, name, picture FROM agents WHERE id = $1 FOR NO KEY UPDATE', [
    agentId
  ])
  if (!agent)
    return { accepted: false, code: 'unauthorized', reason: 'gone', message: 'this agent is not there any more' }
  const [known] = await w.query<Known>(
    'SELECT hash, code, reason, message, at FROM agent_commands WHERE agent_id = $1 AND id = $2',
    [agentId, command.id]
  )
  const hash = createHash('sha256').update(canonical(command)).digest('base64url')
  if (known && known.hash !== hash) {
    const message = 'command.id: another command of this agent had it'
    return { accepted: false, code: 'rejected', reason: 'id-conflict', message }
  }
  if (known) {
    if ('threadId' in command) await tellAgain(w, [command.threadId])
    w.tell('queue', {})
    return outcomeOf(known.code === null ? undefined : { ...known, code: known.code }, known.at)
  }
  const refusal = await perform(w, agent, command, hours)
  await w.query(
    `INSERT INTO agent_commands (agent_id, id, hash, code, reason, message, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [agentId, command.id, hash, refusal?.code ?? null, refusal?.reason ?? '', refusal?.message ?? '', w.at]
  )
  return outcomeOf(refusal, w.at)
}

interface Known {
  readonly hash: string
  readonly code: Refusal['code'] | null
  readonly reason: string
  readonly message: string
  readonly at: number
}

const outcomeOf = (refusal: Refusal | undefined, at: number): Outcome =>
  refusal
    ? { accepted: false, code: refusal.code, reason: refusal.reason, message: refusal.message }
    : { accepted: true, position: null, at }

type Done = Promise<Refusal | undefined>

async function perform(w: Writing, agent: Joining, command: AgentCommand, hours: Hours | undefined): Done {
  if (command.type === 'presence') return setPresence(w, agent, command)
  if (command.type === 'settings') return setSettings(w, command.settings)
  const thread = await lockThread(w, command.threadId)
  if (!thread) return refuse('not-found', 'command.threadId: there is no such thread')
  switch (command.type) {
    case 'accept':
      return take(w, agent, thread)
    case 'reply':
      return reply(w, agent, thread, command, hours)
    case 'end':
      return end(w, agent, thread)
    case 'read':
      return read(w, thread, command.upTo)
    case 'state':
      return setState(w, agent, thread, command)
  }
}

async function take(w: Writing, agent: Joining, thread: ThreadRow): Done {
  const session = await liveSession(w, thread.id)
  if (!session) return refuse('gone', 'nobody waits in this thread any more')
  if (session.state === 'active') {
    if (session.agent_id === agent.id) {
      await keepSession(w, session)
      return undefined
    }
    return refuse('taken', `${session.agent_name ?? 'a colleague'} was faster`)
  }
  await acceptSession(w, thread, session, agent)
}

async function reply(
  w: Writing,
  agent: Joining,
  thread: ThreadRow,
  { id, text, files = [], upTo, form }: Of<'reply'>,
  hours: Hours | undefined
): Done {
  if (!text.trim() && !files.length) return refuse('empty', 'command.text: expected more than white space')
  if (await isTaken(w, thread.id, id)) return refuse('id-conflict', 'command.id: another message of this thread has it')
  const [attachments] = await findFiles(w, [{ owner: agent.id, ids: files }])
  if (!attachments) return notUploaded
  const session = await liveSession(w, thread.id)
  // Whoever answers somebody who waits has taken the chat.
  if (session?.state === 'queued') await acceptSession(w, thread, session, agent)
  if (thread.waiting_since !== null) {
    await w.query('INSERT INTO answers (thread_id, at, took) VALUES ($1, $2, $3)', [
      thread.id,
      w.at,
      // A clock that was set back makes no wait shorter than nothing.
      hours ? openBetween(hours, thread.waiting_since, w.at) : Math.max(0, w.at - thread.waiting_since)
    ])
    w.tell('figures', {})
  }
  await w.query('UPDATE threads SET assignee = COALESCE(assignee, $2), bot_silent = true WHERE id = $1', [
    thread.id,
    agent.id
  ])
  const asking = form && { content: { type: 'form', form } as const }
  await place(w, thread, { id, author: 'agent', text, agentId: agent.id, by: agent, attachments, ...asking })
  if (upTo === undefined) return
  // What was said while the reply waited for a network nobody has seen, and it is no answer to that.
  await w.query(
    `UPDATE threads SET team_read = $2, unread_team = missed.count, waiting_since = missed.since
     FROM (SELECT count(*) AS count, min(at) AS since FROM messages
       WHERE thread_id = $1 AND position > $2 AND author = 'visitor') AS missed
     WHERE id = $1 AND missed.count > 0`,
    [thread.id, Math.max(upTo, thread.team_read)]
  )
}

async function end(w: Writing, agent: Joining, thread: ThreadRow): Done {
  const session = await liveSession(w, thread.id)
  if (session) await endSession(w, thread, session, 'agent', agent.name)
  return undefined
}

async function read(w: Writing, thread: ThreadRow, upTo: number): Done {
  const mark = Math.min(upTo, thread.last)
  if (mark <= thread.team_read) return
  await w.query(
    `UPDATE threads SET team_read = $2, team_delivered = GREATEST(team_delivered, $2),
       unread_team = (SELECT count(*) FROM messages m
         WHERE m.thread_id = $1 AND m.position > $2 AND m.author = 'visitor')
     WHERE id = $1`,
    [thread.id, mark]
  )
  await append(w, thread.visitor_id, thread.id, { kind: 'receipt', by: 'agent' })
}

async function setState(w: Writing, agent: Joining, thread: ThreadRow, { state, upTo }: Of<'state'>): Done {
  if (state === thread.state) return
  if (state === 'closed' && upTo !== undefined && (await hasWritten(w, thread, upTo))) {
    return refuse('newer', 'command.upTo: the visitor has written since')
  }
  const session = await liveSession(w, thread.id)
  if (state === 'closed' && session) await endSession(w, thread, session, 'agent', agent.name)
  // Done is done: nobody waits, and the assistant may answer the next question.
  await w.query(
    `UPDATE threads SET state = $2,
       waiting_since = CASE WHEN $2 = 'closed' THEN NULL ELSE waiting_since END,
       bot_silent = CASE WHEN $2 = 'closed' THEN false ELSE bot_silent END,
       bot_misses = CASE WHEN $2 = 'closed' THEN 0 ELSE bot_misses END
     WHERE id = $1`,
    [thread.id, state]
  )
  await append(w, thread.visitor_id, thread.id, { kind: 'thread' })
}

/** Whether the visitor has written after this position. */
async function hasWritten(w: Writing, { id }: ThreadRow, after: number): Promise<boolean> {
  const rows = await w.query(
    `SELECT 1 FROM messages WHERE thread_id = $1 AND position > $2 AND author = 'visitor' LIMIT 1`,
    [id, after]
  )
  return rows.length > 0
}

async function setPresence(w: Writing, agent: Joining, { presence }: Of<'presence'>): Done {
  await w.query('UPDATE agents SET presence = $2 WHERE id = $1', [agent.id, presence])
  w.tell('agents', {})
  return undefined
}

async function setSettings(w: Writing, { open, queueLimit }: Settings): Done {
  await writeMeta(w, 'settings', JSON.stringify({ open, queueLimit }))
  w.tell('settings', {})
  return undefined
}

type Of<Type extends AgentCommand['type']> = Extract<AgentCommand, { readonly type: Type }>
