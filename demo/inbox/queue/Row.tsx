import type { Conversation } from '../../server/wire/agent-frames.ts'
import { ago, exact, wait } from '../clock.ts'
import { nameOf } from '../context/visitor-name.ts'
import { namesOf, wordsOf } from '../conversation/notices.ts'
import { Face } from '../Face.tsx'
import { Icon } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { hashOf } from '../route.ts'
import { useStore } from '../use-store.ts'
import { isChatting, isQueued, isWaiting, type View } from './views.ts'

/** One conversation in the list. */
export function Row({ conversation, view, stop, current, onFocus }: RowProps) {
  const inbox = useInbox()
  const { thread, visitor, unread } = conversation
  const name = nameOf(visitor)
  const queued = isQueued(conversation)

  return (
    <li class="row" data-current={current} data-queued={queued} data-unread={unread > 0}>
      <a
        class="row-link"
        href={hashOf({ view, threadId: thread.id })}
        aria-current={current ? 'true' : undefined}
        tabIndex={stop ? 0 : -1}
        data-thread={thread.id}
        onFocus={event => onFocus(event.currentTarget)}
      >
        <Face id={visitor.id} name={name} online={visitor.online} />
        <span class="row-body">
          <span class="row-line">
            <span class="row-name">{name}</span>
            {visitor.online && <span class="unseen">, online,</span>}
            <State conversation={conversation} />
          </span>
          <span class="row-line">
            <Preview conversation={conversation} current={current} />
            {unread > 0 && (
              <span class="badge">
                {unread}
                <span class="unseen"> unread</span>
              </span>
            )}
          </span>
        </span>
      </a>
      {queued && (
        <button
          type="button"
          class="button button-lamp button-small row-accept"
          aria-label={`Accept ${name}`}
          tabIndex={stop ? 0 : -1}
          onClick={() => {
            inbox.router.go({ threadId: thread.id })
            void inbox.accept(thread.id)
          }}
        >
          Accept
        </button>
      )}
    </li>
  )
}

export interface RowProps {
  readonly conversation: Conversation
  readonly view: View
  /** The one row of the list that Tab reaches. */
  readonly stop: boolean
  readonly current: boolean
  onFocus(link: Element): void
}

/** How long they wait, that they chat, or when something happened last: the one that matters most. */
function State({ conversation }: { readonly conversation: Conversation }) {
  const { thread, session, assignee } = conversation
  const { team } = useInbox()
  const me = useStore(team.$me).id
  if (isQueued(conversation)) return <Wait since={conversation.waitingSince ?? thread.at} />
  if (isChatting(conversation)) {
    const colleague = assignee === null || assignee === me ? undefined : (team.nameOf(assignee) ?? session?.agent?.name)
    return <span class="tag tag-live">{colleague ? `Live with ${colleague}` : 'Live'}</span>
  }
  if (isWaiting(conversation)) return <Ago at={conversation.waitingSince ?? thread.at} waits />
  return <Ago at={thread.at} />
}

export function Wait({ since }: { readonly since: number }) {
  const { clock } = useInbox()
  const now = useStore(now$(clock, since))
  return (
    <span class="tag tag-wait">
      <span class="unseen">waiting </span>
      {wait(since, now)}
    </span>
  )
}

// The second hand is of interest only within the first hour.
function now$(clock: ReturnType<typeof useInbox>['clock'], since: number) {
  return Date.now() - since < 3_600_000 ? clock.$second : clock.$halfMinute
}

function Ago({ at, waits = false }: { readonly at: number; readonly waits?: boolean }) {
  const { clock } = useInbox()
  const now = useStore(clock.$halfMinute)
  return (
    <time class={waits ? 'row-time row-waits' : 'row-time'} dateTime={new Date(at).toISOString()} title={exact(at)}>
      {waits && (
        <>
          <Icon name="clock" />
          <span class="unseen">waiting </span>
        </>
      )}
      {ago(at, Math.max(now, Date.now()))}
    </time>
  )
}

/** The newest message in one line, and whose it is. */
function Preview({ conversation: { thread, visitor }, current }: Pick<RowProps, 'conversation' | 'current'>) {
  const { typing, team, drafts } = useInbox()
  const types = useStore(typing.$typing).has(thread.id)
  const me = useStore(team.$me)
  const { newest } = thread
  if (types) return <span class="row-preview row-typing">typing…</span>
  // The open one is in the composer, for all to see.
  const draft = current ? '' : drafts.get(thread.id)
  if (draft) {
    return (
      <span class="row-preview">
        <span class="row-draft">Draft:</span> {draft}
      </span>
    )
  }
  if (!newest) return <span class="row-preview">No message yet</span>
  const who =
    newest.author === 'agent' ? (newest.by?.name === me.name ? 'You: ' : `${newest.by?.name ?? 'Team'}: `) : ''
  return (
    <span class="row-preview" dir="auto">
      {who}
      {wordsOf(newest, nameOf(visitor)) || namesOf(newest)}
    </span>
  )
}
