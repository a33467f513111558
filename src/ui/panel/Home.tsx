import { useEffect } from 'preact/hooks'
import { isLive } from '../../model/session.ts'
import type { Thread } from '../../model/thread.ts'
import type { StringKey } from '../strings.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Banner } from './Banner.tsx'
import { Button, Round } from './Button.tsx'
import { Icon, Lamp } from './Icon.tsx'
import { personOf, textOf } from './names.ts'
import { useOffers } from './offers.ts'
import { useStore } from './use-store.ts'
import { isolate } from './words.ts'

/** The first screen: is somebody home, what can be done now, and what was said before. */
export function Home() {
  const { chat, look, words, times, go, close, attempt } = useAround()
  const threads = useStore(chat.$threads)
  const drafts = useStore(chat.$drafts)
  const offers = useOffers()
  const { availability } = offers
  const lit = availability?.open
  const people = availability?.people.slice(0, 4) ?? []
  const after = availability?.replyAfter ?? undefined

  useEffect(() => {
    // What was written and not sent yet is known only here.
    for (const { id, newest } of threads) if (!newest) void attempt(chat.load(id), null)
  }, [threads])

  // What was begun and never sent has no thread yet, but it has its words.
  const begun = Object.keys(drafts).find(id => drafts[id] && !threads.some(thread => thread.id === id))

  return (
    <div class="screen home">
      <div class={lit ? 'porch lit' : 'porch'} part="header">
        <Lamp />
        <h2 id="title" part="title">
          <bdi>{look.title || words.t('title')}</bdi>
        </h2>
        <Round name="close" onClick={close} />
        <p class="greeting">{words.t(lit ? 'greetingOpen' : availability ? 'greetingAway' : 'greeting')}</p>
        <p class="hint">
          {words.t(
            offers.chat && offers.message ? 'hintOpen' : availability?.assistant && !lit ? 'hintAssistant' : 'hint'
          )}
        </p>
      </div>
      <Banner />

      <div class="scroll" tabIndex={-1}>
        <div class="offer">
          {(people.length > 0 || after !== undefined) && (
            <div class="people">
              {people.map(person => (
                <Avatar key={person.name} person={person} />
              ))}
              <p>
                <span class="names">
                  {new Intl.ListFormat(words.locale).format(
                    people.map(({ name }) => isolate(name.split(' ')[0]!, words.dir))
                  )}
                </span>
                {after !== undefined && <span class="quiet">{words.t('reply', { time: times.span(after) })}</span>}
              </p>
            </div>
          )}
          {offers.chat && (
            <Button
              class="button main"
              data-start
              label="chatNow"
              onClick={() => {
                const id = chat.newThread()
                go(id)
                void attempt(chat.start(id))
              }}
            >
              <Icon name="chat" />
            </Button>
          )}
          {offers.message && (
            <Button
              class={offers.chat ? 'button' : 'button main'}
              data-start={offers.chat ? undefined : true}
              label={begun ? 'goOnWriting' : 'leaveMessage'}
              onClick={() => go(begun ?? chat.newThread())}
            >
              <Icon name="note" />
            </Button>
          )}
        </div>

        {threads.length > 0 && (
          <section class="earlier" aria-labelledby="earlier">
            <h3 id="earlier">{words.t('earlier')}</h3>
            <ul>
              {threads.map(thread => (
                <li key={thread.id}>
                  <ThreadLine thread={thread} draft={drafts[thread.id]} />
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
  readonly draft: string | undefined
}

function ThreadLine({ thread: { id, unread, at, newest }, draft }: ThreadLineProps) {
  const { chat, words, times, look, go } = useAround()
  const session = useStore(chat.$sessions)[id]
  // Where messages are loaded: the thread itself knows only of those that the backend has.
  const entry = useStore(chat.$messages)[id]?.entries.findLast(({ message }) => message.author !== 'system')
  const message = entry?.message ?? newest
  const own = message?.author === 'visitor'
  const person =
    message && !own && message.author !== 'system'
      ? personOf(message, words)
      : (session?.agent ?? { name: look.title || words.t('team'), picture: '' })
  const text = message ? textOf(message, words) : words.t('queueSoon')
  const mark = draft ? 'draft' : entry?.delivery === 'failed' && 'failed'
  return (
    <button type="button" class={unread ? 'line new' : 'line'} onClick={() => go(id)}>
      <Avatar person={person} />
      <span class="about">
        <span class="name">
          <bdi>{person.name}</bdi>
        </span>
        {isLive(session) && <span class="chip">{words.t(`live-${session.state}` as StringKey)}</span>}
      </span>
      <time class="quiet">{times.brief(at)}</time>
      <span class="preview" dir="auto">
        {mark ? <b>{words.t(mark)}</b> : own && `${words.t('visitor')}:`} {draft || text}
      </span>
      {unread > 0 && (
        <span class="count" role="img" aria-label={words.t('unread', { count: unread })}>
          {unread}
        </span>
      )}
    </button>
  )
}
