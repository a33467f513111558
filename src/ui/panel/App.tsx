import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useAround } from './around.ts'
import { Conversation } from './Conversation.tsx'
import { Home } from './Home.tsx'
import { authorOf } from './names.ts'
import { useStore } from './use-store.ts'

/** The panel: one of its screens, and what is said aloud whichever it is. */
export function App() {
  const { chat, words, announcer, $view, $trouble } = useAround()
  const { threadId, open, focus } = useStore($view)
  const trouble = useStore($trouble)
  const root = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    if (focus > 0 && open) root.current?.querySelector<HTMLElement>('[data-start]')?.focus({ preventScroll: true })
  }, [focus])

  useEffect(() => {
    if (!open) return
    const unbindAlert = chat.on('alert', ({ message, threadId: from }) => {
      // The thread in view says it itself, with its words.
      if (from !== threadId) announcer.say(words.t('announceNew', { name: authorOf(message, words) }))
    })
    const unbindFailed = chat.on('failed', ({ id, threadId: of }) => {
      const failed = chat.$messages.get()[of]?.entries.find(({ message }) => message.id === id)
      announcer.alert(words.t('announceFailed', { text: failed?.message.text.slice(0, 60) ?? '' }))
    })
    return () => {
      unbindAlert()
      unbindFailed()
    }
  }, [chat, words, announcer, open, threadId])

  return (
    <div class="app" ref={root}>
      {threadId === undefined ? <Home /> : <Conversation key={threadId} threadId={threadId} />}
      {trouble && (
        <p class="trouble" part="trouble">
          {trouble}
        </p>
      )}
    </div>
  )
}
