import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Message } from '../../../src/model/message.ts'
import { Linked } from '../../../src/ui/panel/rich/links.tsx'
import { Markdown } from '../../../src/ui/panel/rich/Markdown.tsx'
import { isMarked } from '../../../src/ui/panel/rich/markdown.ts'
import type { Conversation } from '../../server/wire/agent-frames.ts'
import { day, exact, isSameDay, time } from '../clock.ts'
import { nameOf } from '../context/visitor-name.ts'
import { Face } from '../Face.tsx'
import { Icon, type IconName } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { useStore } from '../use-store.ts'
import { Attachments } from './Attachments.tsx'
import { whyFailed, wordsOf } from './notices.ts'
import type { Pending } from './outbox.ts'

/** Messages of one author within this time stand together. */
const GROUP_WITHIN = 5 * 60_000
/** Who is this near to the bottom wants to stay there. */
const NEAR = 48

/** What was said, oldest first, with what is still on its way at the end. */
export function Timeline({ conversation }: { readonly conversation: Conversation }) {
  const inbox = useInbox()
  const { thread, visitor } = conversation
  const { messages, more, state } = useStore(inbox.timelines.$timelines)[thread.id] ?? LOADING
  const pending = useStore(inbox.outbox.$pending)[thread.id] ?? NONE
  const typing = useStore(inbox.typing.$typing).has(thread.id)
  const { state: link } = useStore(inbox.link.$link)
  const name = nameOf(visitor)
  const scrollRef = useRef<HTMLDivElement>(null)
  const atBottom = useRef(true)
  const before = useRef({ first: 0, last: 0, pending: 0, height: 0 })
  const [unseen, setUnseen] = useState(0)

  const unsent = pending.filter(({ id }) => !messages.some(message => message.id === id))
  const first = messages[0]?.position ?? 0
  const last = messages.at(-1)?.position ?? 0

  function toBottom() {
    const scroller = scrollRef.current
    if (scroller) scroller.scrollTop = scroller.scrollHeight
    atBottom.current = true
    setUnseen(0)
    look()
  }

  function look() {
    if (state === 'ready' && atBottom.current && document.visibilityState === 'visible') inbox.read(thread.id)
  }

  useLayoutEffect(() => {
    const scroller = scrollRef.current
    if (!scroller) return
    const was = before.current
    // Older messages came in above: what the agent reads must not move. Done here, as not every browser anchors.
    if (was.first > 0 && first < was.first && !atBottom.current)
      scroller.scrollTop += scroller.scrollHeight - was.height
    else if (atBottom.current || unsent.length > was.pending) toBottom()
    else if (last > was.last && was.last > 0) setUnseen(count => count + last - was.last)
    before.current = { first, last, pending: unsent.length, height: scroller.scrollHeight }
  })

  useEffect(() => {
    const scroller = scrollRef.current
    const list = scroller?.firstElementChild
    if (!scroller || !list) return
    const keep = new ResizeObserver(() => {
      if (atBottom.current) scroller.scrollTop = scroller.scrollHeight
    })
    keep.observe(scroller)
    keep.observe(list)
    return () => keep.disconnect()
  }, [])

  useEffect(() => {
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [state, thread.last, conversation.unread, link])

  function scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = scrollRef.current!
    atBottom.current = scrollHeight - scrollTop - clientHeight < NEAR
    if (atBottom.current && unseen > 0) setUnseen(0)
    if (atBottom.current) look()
    if (scrollTop < 200) inbox.timelines.older(thread.id)
  }

  return (
    <div class="timeline-frame">
      <div
        class="timeline"
        ref={scrollRef}
        role="log"
        aria-live="off"
        aria-label={`Messages with ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={scrolled}
      >
        <ol>
          {more && (
            <li class="timeline-edge">
              <button
                type="button"
                class="button button-small"
                aria-disabled={state !== 'ready'}
                onClick={() => inbox.timelines.older(thread.id)}
              >
                {state === 'loading-older' ? 'Loading…' : 'Show earlier messages'}
              </button>
            </li>
          )}
          {messages.map((message, i) => (
            <Entry
              key={message.id}
              message={message}
              previous={messages[i - 1]}
              next={messages[i + 1]}
              conversation={conversation}
              name={name}
            />
          ))}
          {unsent.map((one, i) => (
            <Unsent key={one.id} pending={one} online={link === 'online'} first={i === 0 && !isMine(messages.at(-1))} />
          ))}
          {typing && (
            <li class="timeline-typing">
              <span class="typing-dots" aria-hidden="true">
                <span />
                <span />
                <span />
              </span>
              {name} is typing
            </li>
          )}
        </ol>
        {messages.length === 0 && unsent.length === 0 && (
          <p class="timeline-edge">
            {state === 'failed' ? (
              <>
                The messages could not be loaded.{' '}
                <button type="button" class="button button-small" onClick={() => inbox.timelines.open(thread.id)}>
                  Try again
                </button>
              </>
            ) : state === 'loading' ? (
              'Loading…'
            ) : (
              'No messages yet.'
            )}
          </p>
        )}
      </div>
      {unseen > 0 && (
        <button type="button" class="button button-primary timeline-jump" onClick={toBottom}>
          {unseen === 1 ? '1 new message' : `${unseen} new messages`}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}

const LOADING = { messages: [] as readonly Message[], more: false, state: 'loading' } as const
const NONE: readonly Pending[] = []

function Entry({ message, previous, next, conversation, name }: EntryProps) {
  const newDay = !previous || !isSameDay(previous.at, message.at)
  const notice = message.author === 'system' || message.content?.type === 'notice'
  return (
    <>
      {newDay && <Day at={message.at} />}
      {notice ? (
        <li class="notice">
          <span>{wordsOf(message, name)}</span>
          <time dateTime={new Date(message.at).toISOString()} title={exact(message.at)}>
            {time(message.at)}
          </time>
        </li>
      ) : (
        <Bubble
          message={message}
          name={name}
          starts={newDay || !belongTogether(previous, message)}
          ends={!next || !isSameDay(next.at, message.at) || !belongTogether(message, next)}
          conversation={conversation}
        />
      )}
    </>
  )
}

interface EntryProps {
  readonly message: Message
  readonly previous: Message | undefined
  readonly next: Message | undefined
  readonly conversation: Conversation
  readonly name: string
}

function Day({ at }: { readonly at: number }) {
  const { clock } = useInbox()
  const now = useStore(clock.$halfMinute)
  return (
    <li class="day">
      <h3>{day(at, now)}</h3>
    </li>
  )
}

function Bubble({ message, name, starts, ends, conversation: { visitor, thread } }: BubbleProps) {
  const { team } = useInbox()
  const me = useStore(team.$me)
  const theirs = message.author === 'visitor'
  const by = theirs ? name : (message.by?.name ?? 'Team')
  const mine = message.author === 'agent' && by === me.name
  const read = message.position <= thread.read
  return (
    <li class="message" data-author={message.author} data-starts={starts} data-ends={ends}>
      {theirs && <span class="message-face">{starts && <Face id={visitor.id} name={name} size="s" />}</span>}
      <article class="message-body" aria-label={`${mine ? 'You' : by}, ${time(message.at)}`}>
        {starts && !theirs && !mine && (
          <p class="message-by">
            {by}
            {message.author === 'bot' && <span class="tag">Assistant</span>}
          </p>
        )}
        {message.text && <Words text={message.text} marked={isMarked(message)} />}
        {message.attachments.length > 0 && <Attachments list={message.attachments} />}
        {ends && (
          <p class="message-meta">
            <time dateTime={new Date(message.at).toISOString()} title={exact(message.at)}>
              {time(message.at)}
            </time>
            {message.author === 'agent' && <Mark icon={read ? 'read' : 'sent'} words={read ? 'Read' : 'Sent'} />}
          </p>
        )}
      </article>
    </li>
  )
}

/** What somebody wrote, as the visitor sees it. */
function Words({ text, marked }: { readonly text: string; readonly marked: boolean }) {
  const ref = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    // The widget leads to them with the arrow keys; here Tab does.
    for (const link of ref.current!.querySelectorAll('a')) link.tabIndex = 0
  })
  return (
    <div class={marked ? 'bubble prose' : 'bubble'} ref={ref} dir={marked ? undefined : 'auto'}>
      {marked ? <Markdown text={text} /> : <Linked text={text} />}
    </div>
  )
}

interface BubbleProps {
  readonly message: Message
  readonly name: string
  /** First of its group. */
  readonly starts: boolean
  /** Last of its group. */
  readonly ends: boolean
  readonly conversation: Conversation
}

/** A reply that the server has not shown back yet. */
function Unsent({ pending, online, first }: UnsentProps) {
  const { outbox } = useInbox()
  const failed = pending.state === 'failed'
  return (
    <li class="message" data-author="agent" data-starts={first} data-ends data-state={pending.state}>
      <article class="message-body" aria-label={`You, ${time(pending.at)}`}>
        {pending.text && <Words text={pending.text} marked />}
        {pending.files.length > 0 && <p class="bubble">{pending.files.map(({ name }) => name).join(', ')}</p>}
        <p class="message-meta">
          {failed ? (
            <>
              <Mark icon="failed" words={`Not sent. ${whyFailed(pending.reason)}`} />
              <button type="button" class="link-button" onClick={() => outbox.retry(pending.id)}>
                Try again
              </button>
              <button type="button" class="link-button" onClick={() => outbox.discard(pending.id)}>
                Delete
              </button>
            </>
          ) : (
            <>
              <time dateTime={new Date(pending.at).toISOString()}>{time(pending.at)}</time>
              {pending.state === 'sent' ? (
                <Mark icon="sent" words="Sent" />
              ) : (
                <Mark icon="clock" words={online ? 'Sending' : 'Waits for the connection'} />
              )}
            </>
          )}
        </p>
      </article>
    </li>
  )
}

interface UnsentProps {
  readonly pending: Pending
  readonly online: boolean
  /** First of its group. */
  readonly first: boolean
}

function Mark({ icon, words }: { readonly icon: IconName; readonly words: string }) {
  return (
    <span class={`mark mark-${icon}`}>
      <Icon name={icon} />
      <span>{words}</span>
    </span>
  )
}

function belongTogether(a: Message | undefined, b: Message): boolean {
  if (!a || a.author !== b.author || a.content?.type === 'notice') return false
  return a.by?.name === b.by?.name && b.at - a.at < GROUP_WITHIN
}

function isMine(message: Message | undefined): boolean {
  return message?.author === 'agent'
}
