import { useEffect, useId, useRef } from 'preact/hooks'
import { codeOf } from '../../../src/model/code.ts'
import type { ThreadId } from '../../../src/model/thread.ts'
import type { Conversation, SeenPage, VisitorView } from '../../server/wire/agent-frames.ts'
import { ago, date, timeIn } from '../clock.ts'
import { wordsOf } from '../conversation/notices.ts'
import { Face } from '../Face.tsx'
import { Icon } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { hashOf } from '../route.ts'
import { useStore } from '../use-store.ts'
import { isNamed, nameOf } from './visitor-name.ts'

/** The right pane: who this is, where they are, and what was before. */
export function Context({ over, onClose }: ContextProps) {
  const { $open, conversations } = useInbox()
  const conversation = useStore($open)
  const all = Object.values(useStore(conversations.$conversations))
  const closeRef = useRef<HTMLButtonElement>(null)
  const titleId = useId()

  useEffect(() => {
    if (over) closeRef.current?.focus()
  }, [])

  if (!conversation) return null
  const { visitor, thread } = conversation
  const name = nameOf(visitor)
  const theirs = all.filter(one => one.visitor.id === visitor.id)
  const others = theirs.filter(one => one.thread.id !== thread.id).sort((a, b) => b.thread.at - a.thread.at)
  const rated = [conversation, ...others].find(({ session }) => session?.score)

  return (
    <section
      class="context"
      data-over={over}
      aria-labelledby={titleId}
      onKeyDown={event => {
        if (event.key === 'Escape' && over) onClose()
      }}
    >
      <header class="context-head">
        <h2 id={titleId}>Details</h2>
        <button ref={closeRef} type="button" class="button-icon" aria-label="Close details" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="context-body">
        <div class="context-who">
          <Face id={visitor.id} name={name} size="l" online={visitor.online} />
          <div>
            <p class="context-name">{name}</p>
            <p class="context-sub">
              {isNamed(visitor) ? visitor.email || 'No e-mail address yet' : 'Has not said a name yet'}
            </p>
          </div>
        </div>
        <dl class="facts">
          <Fact name="Now">
            {visitor.online ? (
              <span class="presence-words" data-online>
                On the site
              </span>
            ) : (
              <span class="presence-words">Not on the site</span>
            )}
          </Fact>
          <Pages visitor={visitor} />
          {visitor.subject !== null && <Fact name="Signed in as">{visitor.subject}</Fact>}
          <LocalTime visitor={visitor} />
          {visitor.locale && <Fact name="Language">{languageOf(visitor.locale)}</Fact>}
          <Fact name="First seen">{date(visitor.since)}</Fact>
          <Fact name="Code">{codeOf(thread.id)}</Fact>
          <Fact name="Last rating">{rated ? <Score score={rated.session!.score!} /> : 'None yet'}</Fact>
        </dl>
        <h3>Other conversations</h3>
        {others.length === 0 ? (
          <p class="context-none">This is the first one.</p>
        ) : (
          <ul class="others">
            {others.map(one => (
              <Other key={one.thread.id} conversation={one} threadId={one.thread.id} />
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}

export interface ContextProps {
  /** Lies over the conversation, for want of room beside it. */
  readonly over: boolean
  onClose(): void
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function LocalTime({ visitor }: { readonly visitor: VisitorView }) {
  const { clock } = useInbox()
  const now = useStore(clock.$halfMinute)
  const time = timeIn(visitor.zone, now)
  return time ? (
    <Fact name="Their time">
      {time}
      <span class="fact-note">{visitor.zone.replaceAll('_', ' ')}</span>
    </Fact>
  ) : null
}

/** Pages that are shown at once of those before this one. */
const SHOWN = 3

/** Where they are on the site, and where they were before in this visit. */
function Pages({ visitor: { page, before } }: { readonly visitor: VisitorView }) {
  const { clock } = useInbox()
  const now = useStore(clock.$halfMinute)
  const list = (pages: readonly SeenPage[]) => (
    <ol class="pages">
      {pages.map(one => (
        <li key={`${one.since} ${one.url}`}>
          <PageLink page={one} note={since(one.since, now, ' ago')} />
        </li>
      ))}
    </ol>
  )
  return (
    <>
      {page.url !== '' && (
        <Fact name="Page">
          <PageLink page={page} note={since(page.since, now)} />
        </Fact>
      )}
      {before.length > 0 && (
        <Fact name={page.url ? 'Before' : 'Was on'}>
          {list(before.slice(0, SHOWN))}
          {before.length > SHOWN && (
            <details class="pages-more">
              <summary>{before.length - SHOWN} more</summary>
              {list(before.slice(SHOWN))}
            </details>
          )}
        </Fact>
      )}
    </>
  )
}

const since = (at: number, now: number, more = '') => {
  const words = ago(at, now)
  return words === 'now' ? 'just now' : words + more
}

function PageLink({ page: { url, title }, note }: { readonly page: SeenPage; readonly note: string }) {
  // The address came from outside: only the web is linked to.
  const web = /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url) : undefined
  const path = web ? readable(web.pathname) : url
  const name = <bdi>{title || short(path)}</bdi>
  return (
    <>
      {web ? (
        <a href={web.href} target="_blank" rel="noopener noreferrer">
          {name}
        </a>
      ) : (
        name
      )}
      <span class="fact-note">
        {title && <bdi title={path}>{short(path)}</bdi>}
        {title && ', '}
        {note}
      </span>
    </>
  )
}

/** The end of a long path says most. */
const short = (path: string) => (path.length > 40 ? `…${path.slice(-39)}` : path)

function readable(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    /* a sign that is none: shown as it is written */
    return path
  }
}

function Score({ score }: { readonly score: number }) {
  return (
    <span class="score">
      <span class="score-stars" aria-hidden="true">
        {[1, 2, 3, 4, 5].map(n => (
          <span key={n} data-full={n <= score}>
            <Icon name="star" />
          </span>
        ))}
      </span>
      {score} of 5
    </span>
  )
}

function Other({ conversation: { thread, visitor }, threadId }: { conversation: Conversation; threadId: ThreadId }) {
  const { clock } = useInbox()
  const now = useStore(clock.$halfMinute)
  return (
    <li>
      <a class="other" href={hashOf({ view: thread.state === 'closed' ? 'closed' : 'open', threadId })}>
        <span class="other-text">{thread.newest ? wordsOf(thread.newest, nameOf(visitor)) : 'No message yet'}</span>
        <span class="other-meta">
          {thread.state === 'closed' ? 'Closed' : 'Open'} <span aria-hidden="true">·</span> {ago(thread.at, now)}
        </span>
      </a>
    </li>
  )
}

function languageOf(locale: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(locale) ?? locale
  } catch {
    /* not a language tag: shown as it came */
    return locale
  }
}
