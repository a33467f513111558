import { useEffect } from 'preact/hooks'
import type { Entry } from '../../core/chat.ts'
import type { Session } from '../../model/session.ts'
import { isLive } from '../../model/session.ts'
import type { Thread } from '../../model/thread.ts'
import { isolate } from '../strings.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Banner } from './Banner.tsx'
import { CloseButton } from './Header.tsx'
import { Icon, Lamp } from './Icon.tsx'
import { authorOf, personOf, textOf } from './names.ts'
import { offersOf } from './offers.ts'
import { useStore } from './use-store.ts'

/** The first screen: is somebody home, what can be done now, and what was said before. */
export function Home() {
  const { chat, look, words, times, go, attempt } = useAround()
  const threads = useStore(chat.$threads)
  const sessions = useStore(chat.$sessions)
  const drafts = useStore(chat.$drafts)
  const { state, capabilities } = useStore(chat.$link)
  const said = useStore(chat.$availability)
  // Without a connection, what was last said about who is home may long be untrue.
  const availability = state === 'waiting' ? undefined : said
  const offers = offersOf(look.mode, availability, capabilities?.sessions)
  const lit = availability?.open === true
  const messages = useStore(chat.$messages)

  useEffect(() => {
    // What was written and not sent yet is known only here.
    for (const { id, newest } of threads) if (!newest) void attempt(chat.load(id), null)
  }, [chat, threads, attempt])

  // What was begun and never sent has no thread yet, but it has its words.
  const begun = Object.keys(drafts).find(id => drafts[id] && !threads.some(thread => thread.id === id))

  const chatNow = () => {
    const id = chat.newThread()
    go(id)
    void attempt(chat.start(id))
  }

  const hint = !availability
    ? 'hintUnknown'
    : offers.chat
      ? offers.message
        ? 'hintOpen'
        : 'hintLive'
      : availability.assistant && !lit
        ? 'hintAssistant'
        : lit
          ? 'hintUnknown'
          : 'hintAway'

  return (
    <div class="screen home">
      <div class={lit ? 'porch lit' : 'porch'} part="header">
        <Lamp />
        <h2 id="title" part="title">
          <bdi>{look.title || words.t('title')}</bdi>
        </h2>
        <CloseButton />
        <p class="greeting">{words.t(availability ? (lit ? 'greetingOpen' : 'greetingAway') : 'greetingUnknown')}</p>
        <p class="hint">{words.t(hint)}</p>
      </div>
      <Banner />

      <div class="scroll" tabIndex={-1}>
        <div class="offer">
          {availability && (availability.people.length > 0 || availability.replyAfter !== null) && (
            <div class="people">
              {availability.people.slice(0, 4).map(person => (
                <Avatar key={person.name} person={person} />
              ))}
              <p>
                <span class="names">
                  {new Intl.ListFormat(words.locale, { type: 'conjunction' }).format(
                    availability.people.slice(0, 4).map(({ name }) => isolate(name.split(' ')[0]!, words.dir))
                  )}
                </span>
                {availability.replyAfter !== null && <span class="quiet">{times.reply(availability.replyAfter)}</span>}
              </p>
            </div>
          )}
          {offers.chat && (
            <button type="button" class="button main" data-start onClick={chatNow}>
              <Icon name="chat" />
              {words.t('chatNow')}
            </button>
          )}
          {offers.message && (
            <button
              type="button"
              class={offers.chat ? 'button' : 'button main'}
              data-start={offers.chat ? undefined : true}
              onClick={() => go(begun ?? chat.newThread())}
            >
              <Icon name="note" />
              {words.t(begun ? 'goOnWriting' : offers.chat || !lit ? 'leaveMessage' : 'sendMessage')}
            </button>
          )}
        </div>

        {threads.length > 0 && (
          <section class="earlier" aria-labelledby="earlier">
            <h3 id="earlier">{words.t('earlier')}</h3>
            <ul>
              {threads.map(thread => (
                <li key={thread.id}>
                  <ThreadLine
                    thread={thread}
                    session={sessions[thread.id]}
                    entry={messages[thread.id]?.entries.findLast(({ message }) => message.author !== 'system')}
                    draft={drafts[thread.id] ?? ''}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  )
}

interface ThreadLineProps {
  readonly thread: Thread
  readonly session: Session | undefined
  /** The last message, where it is loaded: the thread itself knows only of those that the backend has. */
  readonly entry: Entry | undefined
  readonly draft: string
}

function ThreadLine({ thread, session, entry, draft }: ThreadLineProps) {
  const { words, times, look, go } = useAround()
  const { unread } = thread
  const newest = entry?.message ?? thread.newest
  const live = isLive(session) ? session : undefined
  const theirs = newest && newest.author !== 'visitor' && newest.author !== 'system' ? newest : undefined
  const person =
    live?.agent ??
    session?.agent ??
    (theirs ? personOf(theirs, words) : { name: look.title || words.t('team'), picture: '' })
  const text = newest ? textOf(newest, words) : words.t('queueWaiting')
  return (
    <button type="button" class={unread > 0 ? 'line new' : 'line'} onClick={() => go(thread.id)}>
      <Avatar person={person} />
      <span class="about">
        <span class="name">
          <bdi>{theirs ? authorOf(theirs, words) : person.name}</bdi>
        </span>
        {live && <span class="chip">{words.t(live.state === 'queued' ? 'stateQueued' : 'stateActive')}</span>}
      </span>
      <time class="quiet" dateTime={new Date(thread.at).toISOString()}>
        {times.brief(thread.at)}
      </time>
      <span class="preview" dir="auto">
        {draft ? (
          <>
            <b>{words.t('draft')}</b> {draft}
          </>
        ) : newest?.author === 'visitor' ? (
          entry?.delivery === 'failed' ? (
            <>
              <b>{words.t('failed')}</b> {text}
            </>
          ) : (
            words.t('yours', { text })
          )
        ) : (
          text
        )}
      </span>
      {unread > 0 && (
        <span class="count">
          <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
          <span class="aloud">{words.t('unread', { count: unread })}</span>
        </span>
      )}
    </button>
  )
}
