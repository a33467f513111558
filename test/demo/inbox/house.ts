import type { Shelf } from '../../../demo/inbox/shelf.ts'
import type {
  Agent,
  AgentClientFrame,
  AgentCommand,
  AgentServerFrame,
  Conversation
} from '../../../demo/server/wire/agent-frames.ts'
import type { Message } from '../../../src/model/message.ts'
import type { Session } from '../../../src/model/session.ts'

export const sam: Agent = { id: 'sam', name: 'Sam', email: 'sam@example.com', picture: '', presence: 'online' }
const alex: Agent = { id: 'alex', name: 'Alex', email: 'alex@example.com', picture: '', presence: 'online' }

export function message(threadId: string, position: number, change: Partial<Message> = {}): Message {
  return {
    id: `${threadId}-${position}`,
    threadId,
    author: 'visitor',
    by: null,
    text: `message ${position}`,
    content: null,
    attachments: [],
    at: 1000 * position,
    position,
    ...change
  }
}

export interface ConversationChange extends Partial<Omit<Conversation, 'thread' | 'session' | 'visitor'>> {
  readonly thread?: Partial<Conversation['thread']>
  readonly session?: Partial<Session>
  readonly visitor?: Partial<Conversation['visitor']>
}

export function conversation(id: string, { thread, session, visitor, ...rest }: ConversationChange = {}): Conversation {
  return {
    thread: {
      id,
      state: 'open',
      last: 0,
      read: 0,
      theirs: { delivered: 0, read: 0 },
      unread: 0,
      newest: null,
      at: 0,
      ...thread
    },
    session: session
      ? {
          id: `${id}-session`,
          threadId: id,
          state: 'queued',
          version: 1,
          ahead: null,
          wait: null,
          agent: null,
          reason: null,
          score: null,
          ...session
        }
      : null,
    visitor: {
      id: `${id}-visitor`,
      name: '',
      email: '',
      subject: null,
      locale: 'en',
      zone: '',
      online: false,
      page: { url: '', title: '', since: 0 },
      before: [],
      since: 0,
      ...visitor
    },
    assignee: null,
    waitingSince: null,
    unread: 0,
    channel: 'web',
    ...rest
  }
}

/** A shelf in memory; `full` ones store nothing. */
export function memoryShelf({ full = false } = {}): Shelf & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>()
  return {
    values,
    get: key => values.get(key),
    put(key, value) {
      if (!full) values.set(key, structuredClone(value))
      return !full
    },
    drop: key => void values.delete(key),
    list: start => [...values].filter(([key]) => key.startsWith(start)).map(([, value]) => value)
  }
}

/** The server's end of the sockets an inbox opens, in one process: what they said, and a mouth to answer with. */
export function createHouse({ conversations = [] as readonly Conversation[], heartbeat = 1000, silent = false } = {}) {
  const sockets: HouseSocket[] = []
  const heard: AgentClientFrame[] = []
  const pages = new Map<string, readonly Message[]>()

  class HouseSocket {
    onopen?: () => void
    onmessage?: (event: { data: string }) => void
    onclose?: () => void
    readyState = 0

    constructor() {
      sockets.push(this)
      queueMicrotask(() => {
        if (this.readyState !== 0 || house.down) return this.close()
        this.readyState = 1
        this.onopen?.()
      })
    }

    send(raw: string) {
      const frame = JSON.parse(raw) as AgentClientFrame
      heard.push(frame)
      queueMicrotask(() => answer(this, frame))
    }

    say(frame: AgentServerFrame) {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) })
    }

    close() {
      if (this.readyState === 3) return
      this.readyState = 3
      queueMicrotask(() => this.onclose?.())
    }
  }

  function answer(socket: HouseSocket, frame: AgentClientFrame) {
    if (silent) return
    if (frame.t === 'hello') {
      socket.say({
        t: 'welcome',
        v: 1,
        me: sam,
        settings: { open: true, queueLimit: 90_000 },
        opening: null,
        agents: [sam, alex],
        conversations: house.conversations,
        heartbeat
      })
    }
    if (frame.t === 'history') {
      const all = (pages.get(frame.threadId) ?? []).filter(({ position }) => position < (frame.before ?? Infinity))
      const messages = all.slice(-frame.limit)
      socket.say({ t: 'page', q: frame.q, messages, more: all.length > messages.length })
    }
    if (frame.t === 'do') house.answer(frame.command)
  }

  const house = {
    WebSocket: HouseSocket as unknown as typeof WebSocket,
    sockets,
    heard,
    pages,
    conversations,
    /** Refuses new connections. */
    down: false,
    /** What happens to a command; acknowledges it unless replaced. */
    answer(command: AgentCommand) {
      house.say({ t: 'ack', id: command.id, at: 1 })
    },
    say(frame: AgentServerFrame) {
      sockets.at(-1)?.say(frame)
    },
    drop() {
      sockets.at(-1)?.close()
    },
    commands: (type: AgentCommand['type']) =>
      heard.flatMap(frame => (frame.t === 'do' && frame.command.type === type ? [frame.command] : []))
  }
  return house
}
