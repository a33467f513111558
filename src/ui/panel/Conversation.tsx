import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Timeline } from '../../core/chat.ts'
import type { Person } from '../../model/message.ts'
import { isLive, isRateable } from '../../model/session.ts'
import type { ThreadId } from '../../model/thread.ts'
import { useAround } from './around.ts'
import { Banner } from './Banner.tsx'
import { Button } from './Button.tsx'
import { Composer } from './Composer.tsx'
import { Header } from './Header.tsx'
import { MessageList, type Older, useRows } from './MessageList.tsx'
import { offersOf } from './offers.ts'
import { useBottom } from './use-bottom.ts'
import { useLive } from './use-live.ts'
import { useNews } from './use-news.ts'
import { useStore } from './use-store.ts'
import { useVisible } from './use-visible.ts'

/** One thread: everything that was said in it, and where to go on. */
export function Conversation({ threadId }: { readonly threadId: ThreadId }) {
  const { chat, look, words, times, announcer, attempt, $view } = useAround()
  const timeline = useStore(chat.$messages)[threadId]
  const thread = useStore(chat.$threads).find(({ id }) => id === threadId)
  const session = useStore(chat.$sessions)[threadId]
  const typist = useStore(chat.$typing)[threadId]
  const availability = useStore(chat.$availability)
  const { state, capabilities } = useStore(chat.$link)
  const { open } = useStore($view)
  const visible = useVisible() && open
  const [older, setOlder] = useState<Older>('idle')
  const [ending, setEnding] = useState(false)
  const [skipped, setSkipped] = useState('')
  const [thanked, setThanked] = useState('')
  const screen = useRef<HTMLElement>(null)

  useEffect(() => {
    void attempt(chat.load(threadId))
  }, [chat, threadId, attempt])

  // Drawn when the thread is opened, and left there until it is left: a line that moves says nothing.
  const unreadAfter = useMemo(() => (thread && thread.unread > 0 ? thread.read : undefined), [threadId, open])
  const rows = useRows(timeline, unreadAfter)

  const loadOlder = async (again = false) => {
    if (!timeline?.more || older === 'loading' || (older === 'failed' && !again)) return
    setOlder('loading')
    const before = timeline.entries.length
    const loaded = await chat.older(threadId).then(
      () => true,
      // Shown above the list, with a way to try again.
      () => false
    )
    const after = chat.$messages.get()[threadId]
    const more = (after?.entries.length ?? 0) - before
    if (more > 0) announcer.say(words.t('olderLoaded', { count: more }))
    setOlder(loaded && (more > 0 || !after?.more) ? 'idle' : 'failed')
  }

  const bottom = useBottom({ rows, onBeginning: () => void loadOlder() })
  const below = useNews(timeline, thread, bottom.atBottom, visible)

  const unread = thread?.unread ?? 0
  useEffect(() => {
    if (visible && bottom.atBottom && unread > 0) void attempt(chat.read(threadId), null)
  }, [visible, bottom.atBottom, unread, chat, threadId, attempt])

  const live = isLive(session) ? session : undefined
  const agent = session?.agent ?? lastPerson(timeline)
  const offers = offersOf(look.mode, availability, capabilities?.sessions)
  const rating = isRateable(session) && session.id !== skipped && session.id !== thanked
  const over = session !== undefined && !live
  const parts = useLive(live !== undefined || rating)
  const canChat = offers.chat && state !== 'waiting' && !live && !rating && !ending
  // Where there are only live chats, what ended well is followed by a new one, not by a letter.
  const onlyChat = canChat && !offers.message && (over || rows.length > 0)

  const toComposer = () => screen.current?.querySelector<HTMLElement>('.composer [data-start]')?.focus()

  useEffect(() => {
    if (!live) setEnding(false)
  }, [live])

  const keep = () => {
    setEnding(false)
    toComposer()
  }
  const end = (as: 'done' | 'message') => {
    keep()
    void attempt(chat.end(threadId, as))
  }
  const start = () => {
    toComposer()
    void attempt(chat.start(threadId))
  }

  const title = live?.agent?.name ?? agent?.name ?? (look.title || words.t(rows.length ? 'messages' : 'newMessage'))
  const subtitle =
    live?.state === 'active'
      ? words.t('live')
      : live
        ? words.t('waitingFor')
        : availability?.replyAfter != null
          ? times.reply(availability.replyAfter)
          : words.t('hintUnknown')

  return (
    <section class="screen conversation" ref={screen}>
      <Header title={title} subtitle={subtitle} person={agent ?? undefined} live={live?.state === 'active'}>
        {parts && live?.state === 'active' && !ending && (
          <Button kind="button small" label="endChat" onClick={() => setEnding(true)} />
        )}
      </Header>
      <Banner />
      <MessageList
        threadId={threadId}
        bottom={bottom}
        older={older}
        typist={typist}
        below={below}
        empty={timeline || !thread ? words.t(live || look.mode === 'live' ? 'emptyChat' : 'emptyMessage') : ''}
        onOlder={() => void loadOlder(true)}
        onLeave={toComposer}
      />
      <div class="dock">
        {parts && live?.state === 'queued' && <parts.Queue session={live} onLeave={() => end('message')} />}
        {parts && ending && <parts.Ending onEnd={() => end('done')} onKeep={keep} />}
        {parts && rating && (
          <parts.Rating
            name={session.agent?.name ?? ''}
            onRate={(score, note) => {
              toComposer()
              setThanked(session.id)
              announcer.say(words.t('rateThanks'))
              void attempt(chat.rate(threadId, score, note))
            }}
            onSkip={() => {
              toComposer()
              setSkipped(session.id)
            }}
          />
        )}
        {thanked === session?.id && !live && <p class="notice">{words.t('rateThanks')}</p>}
        {canChat && !onlyChat && (
          <p class="nudge">
            <span>{words.t('somebodyHere')}</span>
            <Button kind="text" label="chatLive" onClick={start} />
          </p>
        )}
        {onlyChat ? (
          <button type="button" class="button main" data-start onClick={start}>
            {words.t('startNew')}
          </button>
        ) : (
          <Composer threadId={threadId} onSent={bottom.toBottom} />
        )}
      </div>
    </section>
  )
}

/** Who answered last, as the face of the thread. */
function lastPerson(timeline: Timeline | undefined): Person | undefined {
  return timeline?.entries.findLast(({ message }) => message.by)?.message.by ?? undefined
}
