import { useEffect } from 'preact/hooks'
import { isLive } from '../../../model/session.ts'
import type { Thread } from '../../../model/thread.ts'
import type { StringKey } from '../../strings.ts'
import { Avatar } from '../Avatar.tsx'
import { useAround } from '../around.ts'
import { Switches } from '../attention/Switches.tsx'
import { Erase } from '../copy/Erase.tsx'
import { SaveCopy } from '../copy/index.tsx'
import { personOf } from '../names.ts'
import { previewOf } from '../rich/preview.ts'
import { useStore } from '../use-store.ts'
import { Search } from './Search.tsx'

/** The conversations of this visitor, on the first screen. */
export function Earlier() {
  const { chat, words, attempt } = useAround()
  const threads = useStore(chat.$threads)
  const drafts = useStore(chat.$drafts)

  useEffect(() => {
    // What was written and not sent yet is known only here.
    for (const { id, newest } of threads) if (!newest) void attempt(chat.load(id), null)
  }, [threads])

  return (
    <section class="earlier" aria-labelledby="earlier">
      <h3 id="earlier">{words.t('earlier')}</h3>
      <Search>
        <ul>
          {threads.map(thread => (
            <li key={thread.id}>
              <ThreadLine thread={thread} draft={drafts[thread.id]} />
            </li>
          ))}
        </ul>
      </Search>
      <Switches />
      <div class="notice">
        <SaveCopy /> <Erase />
      </div>
    </section>
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
  const entries = useStore(chat.$messages)[id]?.entries ?? []
  const entry = entries.findLast(({ message }) => message.author !== 'system')
  const message = entry?.message ?? newest
  const own = message?.author === 'visitor'
  const person =
    message && !own && message.author !== 'system'
      ? personOf(message, words)
      : (session?.agent ??
        // Who answered last is who one talks to, also after a word of one's own.
        entries.findLast(({ message }) => message.by)?.message.by ?? {
          name: look.title || words.t('team'),
          picture: ''
        })
  const text = message ? previewOf(message, words, times) : words.t('queueSoon')
  const mark = draft ? 'draft' : entry?.delivery === 'failed' && 'failed'
  return (
    <button type="button" class={unread ? 'line new' : 'line'} onClick={() => go(id)}>
      <Avatar person={person} />
      <span class="about">
        <bdi class="name">{person.name}</bdi>
        {isLive(session) && <span class="chip">{words.t(`live-${session.state}` as StringKey)}</span>}
      </span>
      <time class="quiet">{times.brief(at)}</time>
      <span class="preview said">
        {mark ? <b>{words.t(mark)}</b> : own && <span>{words.t('visitor')}:</span>} <bdi>{draft || text}</bdi>
      </span>
      {unread > 0 && (
        <span class="count" role="img" aria-label={words.t('unread', { count: unread })}>
          {unread}
        </span>
      )}
    </button>
  )
}
