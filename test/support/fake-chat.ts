import { atom, type WritableAtom } from 'nanostores'
import type { Chat, ChatEvents, Entry, LinkState, Status, Timeline, Typist } from '../../src/core/chat.ts'
import { createEmitter } from '../../src/core/emitter.ts'
import type { Found } from '../../src/core/search.ts'
import type { Availability } from '../../src/model/availability.ts'
import type { Answered, Author, Delivery, Message, NoticeCode, Person } from '../../src/model/message.ts'
import type { Session } from '../../src/model/session.ts'
import { createThread, type Thread, type ThreadId, withMessage } from '../../src/model/thread.ts'
import type { Visitor } from '../../src/model/visitor.ts'

/** A chat whose every state can be set by hand, and which remembers what was asked of it. */
export interface FakeChat extends Chat {
  readonly $visitor: WritableAtom<Visitor>
  readonly $threads: WritableAtom<readonly Thread[]>
  readonly $sessions: WritableAtom<Readonly<Record<ThreadId, Session>>>
  readonly $messages: WritableAtom<Readonly<Record<ThreadId, Timeline>>>
  readonly $drafts: WritableAtom<Readonly<Record<ThreadId, string>>>
  readonly $choices: WritableAtom<Readonly<Record<string, string>>>
  readonly $unread: WritableAtom<number>
  readonly $typing: WritableAtom<Readonly<Record<ThreadId, Typist>>>
  readonly $availability: WritableAtom<Availability | undefined>
  readonly $link: WritableAtom<LinkState>
  readonly $status: WritableAtom<Status>
  /** Everything that was asked of it, as `name argument argument`. */
  readonly calls: string[]
  /** The answers that were sent. */
  readonly answers: Omit<Answered, 'type'>[]
  /** How many are watching. */
  readonly watching: () => number
  /** How sending goes: `undefined` stores at once. */
  onSend: ((threadId: ThreadId, text: string) => Promise<void>) | undefined
  onOlder: ((threadId: ThreadId) => Promise<void>) | undefined
  /** When an answer was promised that has not come. */
  due: number | undefined
  onSearch: ((query: string) => readonly Found[]) | undefined
  emit<Name extends keyof ChatEvents>(name: Name, event: ChatEvents[Name]): void
  /** A message arrives, or is there already. */
  put(threadId: ThreadId, message: PutMessage): Message
  session(threadId: ThreadId, change: Partial<Session>): void
  link(state: LinkState['state'], syncedAt?: number): void
}

export interface PutMessage {
  readonly id?: string
  readonly author?: Author
  readonly by?: Person | null
  readonly text?: string
  readonly notice?: NoticeCode
  readonly name?: string
  readonly due?: number
  readonly at?: number
  readonly delivery?: Delivery
  readonly reason?: string
  readonly content?: Message['content']
  readonly gap?: boolean
  readonly growing?: boolean
  readonly attachments?: Message['attachments']
}

const CAPABILITIES = { history: true, upload: false, typing: true, receipts: true, sessions: true }

export function fakeChat(): FakeChat {
  const emitter = createEmitter<ChatEvents>()
  let watching = 0
  let made = 0
  const calls: string[] = []

  const chat: FakeChat = {
    $visitor: atom({ name: '', email: '' }),
    $threads: atom([]),
    $sessions: atom({}),
    $messages: atom({}),
    $drafts: atom({}),
    $choices: atom({}),
    $unread: atom(0),
    $typing: atom({}),
    $availability: atom<Availability | undefined>(undefined),
    $link: atom<LinkState>({ state: 'online', retryAt: undefined, syncedAt: undefined, capabilities: CAPABILITIES }),
    $status: atom<Status>({ link: 'online', syncedAt: undefined, waiting: 0, storage: 'durable' }),
    calls,
    watching: () => watching,
    answers: [],
    onSend: undefined,
    onOlder: undefined,
    onSearch: undefined,
    due: undefined,
    emit: emitter.emit,
    on: emitter.on,

    newThread: () => `new-${++made}`,
    async load(threadId, from) {
      calls.push(`load ${threadId}${from ? ` ${from}` : ''}`)
      if (!chat.$messages.get()[threadId]) setTimeline(threadId, [], false)
    },
    async search(query) {
      calls.push(`search ${query}`)
      return chat.onSearch?.(query) ?? []
    },
    async promised(threadId) {
      calls.push(`promised ${threadId}`)
      return chat.due
    },
    async older(threadId) {
      calls.push(`older ${threadId}`)
      await chat.onOlder?.(threadId)
    },
    async send(threadId, { text, answers }) {
      if (answers) chat.answers.push(answers)
      calls.push(`send ${threadId} ${text}`)
      await chat.onSend?.(threadId, text)
      const content = answers ? ({ type: 'answers', ...answers } as const) : null
      const message = chat.put(threadId, { author: 'visitor', text, content, delivery: 'queued' })
      if (!answers) chat.draft(threadId, '')
      return message.id
    },
    async retry(id) {
      calls.push(`retry ${id}`)
      change(id, 'queued')
    },
    async discard(id) {
      calls.push(`discard ${id}`)
      for (const [threadId, { entries, more }] of Object.entries(chat.$messages.get())) {
        setTimeline(
          threadId,
          entries.filter(({ message }) => message.id !== id),
          more
        )
      }
    },
    async undo(id) {
      calls.push(`undo ${id}`)
      const { message } = Object.values(chat.$messages.get())
        .flatMap(({ entries }) => entries)
        .find(entry => entry.message.id === id)!
      await chat.discard(id)
      chat.draft(message.threadId, message.text)
    },
    draft(threadId, text) {
      chat.$drafts.set({ ...chat.$drafts.get(), [threadId]: text })
    },
    async choose(name, value) {
      calls.push(`choose ${name} ${value}`)
      chat.$choices.set({ ...chat.$choices.get(), [name]: value })
    },
    async read(threadId) {
      calls.push(`read ${threadId}`)
      setThread(threadId, thread => ({ ...thread, read: thread.last, unread: 0 }))
    },
    typing(threadId, active) {
      calls.push(`typing ${threadId} ${active}`)
    },
    stop(threadId) {
      calls.push(`stop ${threadId}`)
    },
    async start(threadId) {
      calls.push(`start ${threadId}`)
      setThread(threadId, thread => thread)
      chat.session(threadId, { state: 'queued', ahead: 1, wait: 120_000, agent: null, reason: null })
    },
    async end(threadId, as = 'done') {
      calls.push(`end ${threadId} ${as}`)
      chat.session(threadId, { state: 'ended', reason: as === 'done' ? 'visitor' : 'as-message' })
    },
    async rate(threadId, score, note = '') {
      calls.push(`rate ${threadId} ${score} ${note}`)
      chat.session(threadId, { state: 'rated', score })
    },
    async identify(visitor) {
      calls.push(`identify ${JSON.stringify(visitor)}`)
      chat.$visitor.set({ ...chat.$visitor.get(), ...visitor })
    },
    async reset() {
      calls.push('reset')
    },
    watch() {
      watching++
      let over = false
      return () => {
        if (!over) watching--
        over = true
      }
    },
    reconnect() {
      calls.push('reconnect')
    },
    close() {
      calls.push('close')
    },

    put(threadId, given) {
      const { entries, more } = chat.$messages.get()[threadId] ?? { entries: [], more: false }
      const position = (entries.at(-1)?.message.position ?? 0) + 1
      const author = given.author ?? (given.notice ? 'system' : 'agent')
      const message: Message = {
        id: given.id ?? `${threadId}-${position}`,
        threadId,
        author,
        by: given.by === undefined ? (author === 'agent' ? { name: 'Mara Lind', picture: '' } : null) : given.by,
        text: given.text ?? '',
        content: given.notice
          ? { type: 'notice', code: given.notice, name: given.name ?? '', due: given.due }
          : (given.content ?? null),
        attachments: given.attachments ?? [],
        at: given.at ?? Date.now(),
        position
      }
      const delivery = author === 'visitor' ? (given.delivery ?? 'sent') : undefined
      const entry: Entry = {
        message,
        delivery,
        reason: given.reason ?? '',
        gap: given.gap ?? false,
        growing: given.growing ?? false
      }
      setTimeline(threadId, [...entries, entry], more)
      setThread(threadId, thread => withMessage(thread, message))
      return message
    },
    session(threadId, change) {
      const known = chat.$sessions.get()[threadId]
      chat.$sessions.set({
        ...chat.$sessions.get(),
        [threadId]: {
          id: `session-${threadId}`,
          threadId,
          state: 'queued',
          ahead: null,
          wait: null,
          agent: null,
          reason: null,
          score: null,
          ...known,
          version: (known?.version ?? 0) + 1,
          ...change
        }
      })
    },
    link(state, syncedAt) {
      chat.$link.set({ ...chat.$link.get(), state, syncedAt })
      chat.$status.set({ ...chat.$status.get(), link: state, syncedAt })
    }
  }

  const setTimeline = (threadId: ThreadId, entries: readonly Entry[], more: boolean) =>
    chat.$messages.set({ ...chat.$messages.get(), [threadId]: { entries, more } })

  const setThread = (threadId: ThreadId, change: (thread: Thread) => Thread) => {
    const known = chat.$threads.get().find(({ id }) => id === threadId) ?? createThread(threadId, Date.now())
    const others = chat.$threads.get().filter(({ id }) => id !== threadId)
    chat.$threads.set([...others, change(known)].sort((a, b) => b.at - a.at))
    chat.$unread.set(chat.$threads.get().reduce((sum, { unread }) => sum + unread, 0))
  }

  const change = (id: string, delivery: Delivery) => {
    for (const [threadId, { entries, more }] of Object.entries(chat.$messages.get())) {
      if (!entries.some(({ message }) => message.id === id)) continue
      setTimeline(
        threadId,
        entries.map(entry => (entry.message.id === id ? { ...entry, delivery, reason: '' } : entry)),
        more
      )
    }
  }

  return chat
}

export const PEOPLE: readonly Person[] = [
  { name: 'Mara Lind', picture: '' },
  { name: 'Jonas Weber', picture: '' },
  { name: 'Ida Holm', picture: '' }
]

export const HOME: Availability = { open: true, people: PEOPLE, replyAfter: 120_000, wait: 60_000, assistant: false }
export const AWAY: Availability = { open: false, people: PEOPLE, replyAfter: 7_200_000, wait: null, assistant: false }
