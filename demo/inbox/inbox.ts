import { atom, computed, type ReadableAtom, type WritableAtom } from 'nanostores'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Form } from '../../src/model/form.ts'
import type { ThreadId } from '../../src/model/thread.ts'
import type { Agent, Conversation, Presence, Settings } from '../server/wire/agent-frames.ts'
import { type Clock, createClock } from './clock.ts'
import { createCommands, type Outcome } from './commands.ts'
import { nameOf } from './context/visitor-name.ts'
import { createDrafts, type Drafts } from './conversation/drafts.ts'
import { namesOf } from './conversation/notices.ts'
import { createOutbox, type Outbox } from './conversation/outbox.ts'
import { createTimelines, type Timelines } from './conversation/timelines.ts'
import { createTyping, type Typing } from './conversation/typing.ts'
import { createUploads, type Uploads } from './conversation/uploads.ts'
import { createLink, type Link } from './link.ts'
import { createNotes, type Notes } from './notes.ts'
import { type Conversations, createConversations } from './queue/conversations.ts'
import { isQueued, isWaiting } from './queue/views.ts'
import { createRouter, type Router } from './route.ts'
import { createChime } from './settings/chime.ts'
import { createPreferences, type PreferenceStore } from './settings/preferences.ts'
import { createShelf } from './shelf.ts'
import type { Account } from './sign-in/account.ts'
import { createTeam, type Team } from './team.ts'

/** Everything one signed-in agent sees and does, without an interface. */
export interface Inbox {
  readonly account: Account
  readonly link: Link
  readonly team: Team
  readonly conversations: Conversations
  readonly timelines: Timelines
  readonly outbox: Outbox
  readonly uploads: Uploads
  readonly drafts: Drafts
  readonly typing: Typing
  readonly preferences: PreferenceStore
  readonly router: Router
  readonly notes: Notes
  readonly clock: Clock
  /** What is searched for, as typed. */
  readonly $query: WritableAtom<string>
  /** How many wait for the team. */
  readonly $waiting: ReadableAtom<number>
  /** The first picture is there. */
  readonly $ready: ReadableAtom<boolean>
  /** The conversation that is open; `undefined`: none. */
  readonly $open: ReadableAtom<Conversation | undefined>
  accept(threadId: ThreadId): Promise<void>
  end(threadId: ThreadId): Promise<void>
  /** Sends the visitor a form for their name and how to reach them. */
  askForContact(threadId: ThreadId): Promise<void>
  setState(threadId: ThreadId, state: 'open' | 'closed'): Promise<void>
  setPresence(presence: Presence): Promise<void>
  /** Whether it worked. */
  setSettings(settings: Settings): Promise<boolean>
  /** The agent has seen everything in this thread. */
  read(threadId: ThreadId): void
  signOut(): void
  close(): void
}

export interface InboxParts {
  readonly account: Account
  readonly agent: Agent
  readonly token: string
  readonly url: string
  readonly WebSocket?: typeof WebSocket
}

/** What is asked of visitors of whom nothing is known. */
const CONTACT: Form = {
  fields: [
    { name: 'name', label: 'Name', kind: 'text', required: true },
    { name: 'email', label: 'E-mail', kind: 'email', required: true },
    { name: 'phone', label: 'Phone', kind: 'text' }
  ]
}

/** How long a colleague's name may take to arrive after "somebody else has it". */
const NAME_AFTER = 400
/** When the server was too busy to take what was read, it is told again so much later, in milliseconds. */
const BUSY_AFTER = 2000

export function createInbox({ account, agent, token, url, WebSocket }: InboxParts): Inbox {
  const shelf = (name: string) => createShelf(() => localStorage, `porchlight-inbox/${name}/`)
  const notes = createNotes()
  const link = createLink({ url, token, ...(WebSocket ? { WebSocket } : {}) })
  const commands = createCommands(link)
  const team = createTeam(agent)
  const conversations = createConversations()
  const timelines = createTimelines(link)
  const outbox = createOutbox({ shelf: shelf(`reply/${agent.id}`), run: commands.run })
  const drafts = createDrafts(shelf(`draft/${agent.id}`))
  const uploads = createUploads('/api', token)
  const typing = createTyping((threadId, active) => link.send({ t: 'typing', threadId, active }))
  const preferences = createPreferences(shelf('browser'))
  const router = createRouter()
  const chime = createChime()
  const $ready = atom(false)
  const readUpTo = new Map<ThreadId, number>()
  const telling = new Map<ThreadId, ReturnType<typeof setTimeout>>()

  const $open = computed([conversations.$conversations, router.$route], (all, { threadId }) =>
    threadId === undefined ? undefined : all[threadId]
  )
  const $waiting = computed(conversations.$conversations, all => Object.values(all).filter(isWaiting).length)

  function isShown(threadId: ThreadId) {
    return router.$route.get().threadId === threadId && document.visibilityState === 'visible'
  }

  /** Tells of everyone who asked for a live chat and did not before. */
  function tellOfQueued(before: ReadonlySet<ThreadId>, now: readonly Conversation[]) {
    const fresh = now.filter(one => isQueued(one) && !before.has(one.thread.id))
    if (fresh.length === 0) return
    const [first] = fresh
    notes.speak(
      fresh.length === 1
        ? `${nameOf(first!.visitor)} is waiting for a live chat`
        : `${fresh.length} visitors are waiting for a live chat`
    )
    if (preferences.$preferences.get().sound) chime.play()
  }

  const queuedNow = () =>
    new Set(
      Object.values(conversations.$conversations.get())
        .filter(isQueued)
        .map(one => one.thread.id)
    )

  const unbinds = [
    link.on('welcome', frame => {
      const before = queuedNow()
      team.welcome(frame)
      conversations.welcome(frame.conversations)
      for (const { thread } of frame.conversations) if (thread.newest) outbox.arrived(thread.newest)
      if ($ready.get()) tellOfQueued(before, frame.conversations)
      readUpTo.clear()
      $ready.set(true)
    }),
    link.on('frame', frame => {
      switch (frame.t) {
        case 'conversation': {
          const before = queuedNow()
          conversations.put(frame.conversation)
          return tellOfQueued(before, [frame.conversation])
        }
        case 'message': {
          const { message } = frame
          timelines.message(message)
          outbox.arrived(message)
          conversations.message(message)
          if (message.author !== 'visitor') return
          typing.theirs(message.threadId, false)
          const from = conversations.get(message.threadId)
          if (from && isShown(message.threadId))
            notes.speak(`${nameOf(from.visitor)}: ${message.text || namesOf(message)}`)
          return
        }
        case 'page':
          for (const message of frame.messages) outbox.arrived(message)
          return
        case 'typing':
          return typing.theirs(frame.threadId, frame.active)
        case 'agents':
          return team.agents(frame.agents)
        case 'settings':
          return team.settings(frame.settings)
        case 'opening':
          return team.opening(frame.opening)
      }
    }),
    link.on('refused', () => account.refused())
  ]

  /** Runs what makes sense only now; what was said before the link broke is said again, what comes after is not. */
  async function now(run: () => Promise<Outcome>, sorry: (reason: string) => string): Promise<Outcome> {
    if (link.$link.get().state !== 'online') {
      notes.say('You are not connected. Try again in a moment.')
      return { ok: false, code: 'offline', reason: '' }
    }
    const outcome = await run()
    if (!outcome.ok && outcome.code !== 'closed') notes.say(sorry(outcome.reason))
    return outcome
  }

  async function accept(threadId: ThreadId) {
    const run = async () => {
      const outcome = await commands.run({ type: 'accept', threadId })
      // Who was faster comes with the conversation, a moment before or after.
      if (!outcome.ok && outcome.reason === 'taken') await new Promise(resolve => setTimeout(resolve, NAME_AFTER))
      return outcome
    }
    await now(run, reason => whyNotAccepted(threadId, reason))
  }

  function whyNotAccepted(threadId: ThreadId, reason: string): string {
    const conversation = conversations.get(threadId)
    const colleague =
      conversation?.assignee === agent.id
        ? undefined
        : (team.nameOf(conversation?.assignee ?? null) ?? conversation?.session?.agent?.name)
    const visitor = conversation ? nameOf(conversation.visitor) : 'this visitor'
    if (reason === 'taken') return `${colleague ?? 'A colleague'} was faster and is chatting with ${visitor}.`
    if (reason === 'gone') return `${visitor} is not waiting any more.`
    return 'This chat could not be accepted. Try again.'
  }

  async function setState(threadId: ThreadId, state: 'open' | 'closed') {
    const conversation = conversations.get(threadId)
    const seen = state === 'closed' && conversation ? { upTo: conversation.thread.last } : {}
    const { ok } = await now(
      () => commands.run({ type: 'state', threadId, state, ...seen }),
      reason =>
        reason === 'newer' && conversation
          ? `${nameOf(conversation.visitor)} has written meanwhile, so the conversation stays open.`
          : `The conversation could not be ${state === 'closed' ? 'closed' : 'opened again'}. Try again.`
    )
    if (!ok || state === 'open') return
    notes.say('Conversation closed.', { label: 'Undo', run: () => void setState(threadId, 'open') })
  }

  /** Says it until the server has taken it; where more was read meanwhile, that says it. */
  async function tellRead(threadId: ThreadId, upTo: number) {
    clearTimeout(telling.get(threadId))
    const outcome = await commands.run({ type: 'read', threadId, upTo })
    if (outcome.ok || outcome.code !== 'busy' || readUpTo.get(threadId) !== upTo) return
    telling.set(threadId, setTimeout(tellRead, BUSY_AFTER, threadId, upTo))
  }

  function close() {
    for (const unbind of unbinds) unbind()
    for (const timer of telling.values()) clearTimeout(timer)
    for (const part of [outbox, uploads, commands, link, timelines, drafts, typing, router, notes, chime]) part.close()
  }

  return {
    account,
    link,
    team,
    conversations,
    timelines,
    outbox,
    uploads,
    drafts,
    typing,
    preferences,
    router,
    notes,
    clock: createClock(),
    $query: atom(''),
    $waiting,
    $ready,
    $open,
    accept,
    async end(threadId) {
      await now(
        () => commands.run({ type: 'end', threadId }),
        () => 'The chat could not be ended. Try again.'
      )
    },
    async askForContact(threadId) {
      await now(
        () => commands.run({ type: 'reply', threadId, text: 'How do we best reach you?', form: CONTACT }),
        () => 'That could not be asked. Try again.'
      )
    },
    setState,
    async setPresence(presence) {
      const run = () => team.choosePresence(presence, commands.run({ type: 'presence', presence }))
      await now(run, () => 'Your presence could not be changed. Try again.')
    },
    async setSettings(settings) {
      const run = () => team.chooseSettings(settings, commands.run({ type: 'settings', settings }))
      return (await now(run, () => 'The setting could not be changed. Try again.')).ok
    },
    read(threadId) {
      const conversation = conversations.get(threadId)
      const upTo = conversation?.thread.last ?? 0
      if (!conversation || upTo <= (readUpTo.get(threadId) ?? conversation.thread.theirs.read)) return
      if (link.$link.get().state !== 'online') return
      readUpTo.set(threadId, upTo)
      conversations.read(threadId, upTo)
      void tellRead(threadId, upTo)
    },
    signOut() {
      drafts.clear()
      outbox.clear()
      void account.signOut()
    },
    close
  }
}

export const InboxContext = createContext<Inbox | undefined>(undefined)

export function useInbox(): Inbox {
  const inbox = useContext(InboxContext)
  if (!inbox) throw new Error('useInbox: expected to be inside an InboxContext, was not')
  return inbox
}
