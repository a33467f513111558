import { useEffect, useRef, useState } from 'preact/hooks'
import type { Conversation as Data } from '../../server/wire/agent-frames.ts'
import { time } from '../clock.ts'
import { nameOf } from '../context/visitor-name.ts'
import { Confirm } from '../Dialog.tsx'
import { Face } from '../Face.tsx'
import { Icon, Lantern } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { Wait } from '../queue/Row.tsx'
import { isChatting, isQueued } from '../queue/views.ts'
import { useShortcuts } from '../use-shortcuts.ts'
import { useStore } from '../use-store.ts'
import { Composer } from './Composer.tsx'
import { Timeline } from './Timeline.tsx'

/** The middle pane: what was said, and where the answer is written. */
export function Conversation({ details, onDetails }: ConversationProps) {
  const { $open, router } = useInbox()
  const conversation = useStore($open)
  const { threadId } = useStore(router.$route)
  const loaded = useRef(false)
  useEffect(() => {
    loaded.current = true
  }, [])
  if (conversation) {
    return (
      <Opened
        key={conversation.thread.id}
        conversation={conversation}
        chosen={loaded.current}
        details={details}
        onDetails={onDetails}
      />
    )
  }
  return (
    <section class="conversation conversation-none" aria-label="Conversation">
      {threadId === undefined ? <Nothing /> : <Unknown />}
    </section>
  )
}

export interface ConversationProps {
  /** Whether the pane about the visitor is shown. */
  readonly details: boolean
  onDetails(show: boolean): void
}

function Opened({ conversation, chosen, details, onDetails }: OpenedProps) {
  const inbox = useInbox()
  const { thread, visitor } = conversation
  const name = nameOf(visitor)
  const me = useStore(inbox.team.$me).id
  const { assignee } = conversation
  const live = isChatting(conversation) && (assignee === null || assignee === me)
  const queued = isQueued(conversation)
  const closed = thread.state === 'closed'
  const [asking, setAsking] = useState<'end' | 'close'>()
  const titleRef = useRef<HTMLHeadingElement>(null)
  const replyRef = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    inbox.timelines.open(thread.id)
    // What it was chosen with may be gone: in a stack of panes, the whole list is.
    if (chosen && document.activeElement === document.body) titleRef.current?.focus({ preventScroll: true })
  }, [])

  // The button that did it may be gone: accepted, one wants to write; ended, one is still here.
  const drawn = useRef(false)
  useEffect(() => {
    const lost = drawn.current && document.activeElement === document.body
    drawn.current = true
    if (!lost) return
    if (live) replyRef.current?.focus()
    else titleRef.current?.focus({ preventScroll: true })
  }, [live, queued, closed])

  function close() {
    // Closing ends what is live, and that cannot be undone.
    if (isChatting(conversation) || queued) setAsking('close')
    else void inbox.setState(thread.id, 'closed')
  }

  const reopen = () => void inbox.setState(thread.id, 'open')

  useShortcuts({
    r: () => replyRef.current?.focus(),
    e: closed ? reopen : close,
    i: () => onDetails(!details),
    u: () => inbox.router.go({ threadId: undefined }),
    ...(queued ? { a: () => void inbox.accept(thread.id) } : {})
  })

  return (
    <section class="conversation" aria-label={`Conversation with ${name}`}>
      <header class="conversation-head">
        <button
          type="button"
          class="button-icon conversation-back"
          aria-label="Back to the list"
          onClick={() => inbox.router.go({ threadId: undefined })}
        >
          <Icon name="back" />
        </button>
        <Face id={visitor.id} name={name} online={visitor.online} />
        <div class="conversation-who">
          <h2 ref={titleRef} tabIndex={-1}>
            {name}
          </h2>
          <Now conversation={conversation} />
        </div>
        <div class="conversation-buttons">
          {queued && (
            <button type="button" class="button button-lamp" onClick={() => void inbox.accept(thread.id)}>
              Accept
            </button>
          )}
          {live && (
            <button type="button" class="button" onClick={() => setAsking('end')}>
              <Icon name="end" />
              <span class="button-words">End chat</span>
            </button>
          )}
          {closed ? (
            <button type="button" class="button" onClick={reopen}>
              <Icon name="reopen" />
              <span class="button-words">Reopen</span>
            </button>
          ) : (
            <button type="button" class="button" onClick={close}>
              <Icon name="done" />
              <span class="button-words">Close</span>
            </button>
          )}
          <button
            type="button"
            class="button-icon conversation-details"
            aria-label="Details"
            title="Details"
            aria-expanded={details}
            onClick={() => onDetails(!details)}
          >
            <Icon name="details" />
          </button>
        </div>
      </header>
      <Timeline conversation={conversation} />
      {live && <Idle conversation={conversation} />}
      <Composer conversation={conversation} textareaRef={replyRef} />
      {asking && (
        <Confirm
          {...QUESTIONS[asking]}
          title={asking === 'end' ? `End the chat with ${name}?` : `Close the conversation with ${name}?`}
          onNo={() => setAsking(undefined)}
          onYes={() => {
            setAsking(undefined)
            if (asking === 'end') void inbox.end(thread.id)
            else void inbox.setState(thread.id, 'closed')
          }}
        />
      )}
    </section>
  )
}

interface OpenedProps extends ConversationProps {
  readonly conversation: Data
  /** Not there already when the page was loaded. */
  readonly chosen: boolean
}

/** Says that a chat in which nobody writes is about to go on as messages, with a way to keep it. */
function Idle({ conversation: { thread, session, visitor } }: { readonly conversation: Data }) {
  const { accept } = useInbox()
  const idle = session?.idle
  if (!idle || thread.at > idle.since) return null
  return (
    <div class="idle" role="status">
      <p>
        Nobody has written for a while. {nameOf(visitor)} is asked whether they are still there; at {time(idle.endsAt)}{' '}
        this goes on as messages.
      </p>
      <button type="button" class="button" onClick={() => void accept(thread.id)}>
        Stay
      </button>
    </div>
  )
}

const QUESTIONS = {
  end: {
    text: 'They are asked how it went. The conversation stays, and they can still write messages.',
    yes: 'Yes, end it',
    no: 'Keep chatting'
  },
  close: {
    text: 'The live chat ends with it. They can still write a message, which opens the conversation again.',
    yes: 'Yes, close it',
    no: 'Keep it open'
  }
} as const

/** What is going on, in one line under the name. */
function Now({ conversation }: { readonly conversation: Data }) {
  const { team } = useInbox()
  const me = useStore(team.$me).id
  const { visitor, thread, session, assignee } = conversation
  const colleague = assignee === null || assignee === me ? undefined : (team.nameOf(assignee) ?? session?.agent?.name)
  if (isQueued(conversation)) {
    return (
      <p class="conversation-now">
        Wants to chat <Wait since={conversation.waitingSince ?? thread.at} />
      </p>
    )
  }
  const words = isChatting(conversation)
    ? colleague
      ? `Chatting with ${colleague}`
      : 'Live chat'
    : thread.state === 'closed'
      ? 'Closed'
      : colleague
        ? `Answered by ${colleague}`
        : 'Messages'
  const place = visitor.online ? (visitor.page.title ? `on “${visitor.page.title}”` : 'online') : 'not on the site'
  return (
    <p class="conversation-now">
      {words} <span aria-hidden="true">·</span> {place}
    </p>
  )
}

function Nothing() {
  const { conversations, team, preferences } = useInbox()
  const any = Object.keys(useStore(conversations.$conversations)).length > 0
  const lit = useStore(team.$lit)
  const { shortcuts } = useStore(preferences.$preferences)
  if (!any) {
    return (
      <div class="empty">
        <Lantern lit={lit} />
        <p class="empty-title">Your house is ready</p>
        <p>
          Open the shop in another window, press the lantern in its corner and write something. You will see it here at
          once.
        </p>
        <a class="button button-primary" href="/" target="_blank" rel="noopener">
          Open the shop
          <Icon name="open" />
        </a>
      </div>
    )
  }
  return (
    <div class="empty">
      <Icon name="bubble" />
      <p class="empty-title">No conversation is open</p>
      {shortcuts ? (
        <p>
          Choose one from the list, or press <kbd>J</kbd> and <kbd>Enter</kbd>. All keys: <kbd>?</kbd>
        </p>
      ) : (
        <p>Choose one from the list.</p>
      )}
    </div>
  )
}

function Unknown() {
  const { router } = useInbox()
  return (
    <div class="empty">
      <p class="empty-title">This conversation is not here</p>
      <p>The address may be old, or from another inbox.</p>
      <button type="button" class="button" onClick={() => router.go({ view: 'open', threadId: undefined })}>
        Show all open
      </button>
    </div>
  )
}
