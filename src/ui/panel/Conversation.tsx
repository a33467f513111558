import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Entry } from '../../core/chat.ts'
import { isLive, isRateable } from '../../model/session.ts'
import type { ThreadId } from '../../model/thread.ts'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'
import { Banner } from './Banner.tsx'
import { Button } from './Button.tsx'
import { Composer } from './Composer.tsx'
import { Header } from './Header.tsx'
import { late } from './late.ts'
import { MessageList, type Older } from './MessageList.tsx'
import { useOffers } from './offers.ts'
import { useLive } from './parts.ts'
import { useBottom } from './use-bottom.ts'
import { useNews } from './use-news.ts'
import { $visible, useStore } from './use-store.ts'

const useForms = late(() => import('./forms/index.tsx'))

const NONE: readonly Entry[] = []
/** So long the newest message is in view before all of them count as read, in milliseconds. */
const READ_AFTER = 1000

interface ConversationProps {
  readonly threadId: ThreadId
  /** What stands above the place to write. */
  readonly children: ComponentChildren
}

/** One thread: everything that was said in it, and where to go on. */
export function Conversation({ threadId, children }: ConversationProps) {
  const { chat, look, words, announcer, attempt, $view } = useAround()
  const timeline = useStore(chat.$messages)[threadId]
  const thread = useStore(chat.$threads).find(({ id }) => id === threadId)
  const session = useStore(chat.$sessions)[threadId]
  const typist = useStore(chat.$typing)[threadId]
  const { open, at } = useStore($view)
  const visible = useStore($visible) && open
  const offers = useOffers()
  const [older, setOlder] = useState<Older>(undefined)
  const screen = useRef<HTMLElement>(null)
  const entries = timeline?.entries ?? NONE
  const unread = thread?.unread ?? 0

  useEffect(() => {
    void attempt(chat.load(threadId, at))
  }, [])

  // Drawn when the thread is opened, and left there until it is left: a line that moves says nothing.
  const unreadAfter = useMemo(() => (unread ? thread!.read : undefined), [open])

  const loadOlder = async () => {
    setOlder('loadingOlder')
    const loaded = await attempt(chat.older(threadId), null)
    const now = chat.$messages.get()[threadId]!
    const more = now.entries.length > entries.length
    if (more) announcer.say(words.t('olderLoaded'))
    // Shown above the list, with a way to try again.
    setOlder(loaded && (more || !now.more) ? undefined : 'olderFailed')
  }
  const bottom = useBottom(entries, at, () => timeline?.more && !older && void loadOlder())
  const { atBottom, toBottom } = bottom
  useNews(entries, visible)

  useEffect(() => {
    // What was there for a moment only was not read.
    const timer = setTimeout(() => visible && atBottom && unread && attempt(chat.read(threadId), null), READ_AFTER)
    return () => clearTimeout(timer)
  }, [visible, atBottom, unread])

  /** The state of the session for which the visitor asked to end it, or answered the question how it was. */
  const [marked, mark] = useState<string | undefined>(undefined)
  const step = session && session.id + session.state
  const live = isLive(session)
  const active = session?.state === 'active'
  const ending = active && marked === step
  const asking = isRateable(session) && marked !== step
  const canChat = offers.chat && !live && !asking
  // Where there are only live chats, what ended well is followed by a new one, not by a letter.
  const onlyChat = canChat && !offers.message && (session || entries.length)

  // What only a live chat needs, or an answer that grows, fetched when there is one or was.
  const grows = entries.find(({ growing }) => growing)
  const parts = useLive(session || typist || grows)
  // Asked before it begins; until the form is there, and if it never comes, there is the composer.
  const form = entries.length || live ? undefined : offers.form
  const forms = useForms(form)
  const composer = (
    <Composer
      threadId={threadId}
      onSent={() => {
        toBottom()
        // Whoever answers has read what is there.
        void attempt(chat.read(threadId), null)
      }}
    />
  )

  const toComposer = () => screen.current?.querySelector<HTMLElement>('[data-start]')?.focus()
  const start = () => {
    toComposer()
    void attempt(chat.start(threadId))
  }

  // Who answers now, or answered last.
  const agent = session?.agent ?? entries.findLast(({ message }) => message.by)?.message.by
  return (
    <section class="screen conversation" ref={screen}>
      <Header
        title={agent?.name || look.title || words.t('title')}
        // Without a connection nothing is promised, and the name stays where it is.
        subtitle={!offers.online ? '\xa0' : live ? words.t(`live-${session.state}` as StringKey) : offers.reply}
        person={agent}
        live={active && offers.online}
      >
        {parts && active && !ending && <Button class="button small" label="endChat" onClick={() => mark(step)} />}
      </Header>
      <Banner />
      <MessageList
        bottom={bottom}
        unreadAfter={unreadAfter}
        older={older}
        typing={parts && typist && <parts.Typing typist={typist} />}
        unread={unread}
        empty={!live && offers.online && (timeline || !thread) ? words.t('hint') : ''}
        onOlder={() => void loadOlder()}
        onLeave={toComposer}
      />
      <div class="dock">
        {parts && grows && <parts.Growing message={grows.message} />}
        {parts && session && (
          <parts.Dock
            session={session}
            ending={ending}
            asking={asking}
            onDone={() => {
              mark(asking ? step : undefined)
              toComposer()
            }}
          />
        )}
        {children}
        {form && forms ? (
          <forms.Before form={form} threadId={threadId}>
            {composer}
          </forms.Before>
        ) : onlyChat ? (
          <Button class="button main" data-start label="chatNow" onClick={start} />
        ) : (
          <>
            {canChat && (
              <p class="nudge">
                <span>{words.t('somebodyHere')}</span>
                <Button class="text" label="chatNow" onClick={start} />
              </p>
            )}
            {composer}
          </>
        )}
      </div>
    </section>
  )
}
