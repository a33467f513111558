import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useAround } from './around.ts'
import { Conversation } from './Conversation.tsx'
import { Home } from './Home.tsx'
import { late } from './late.ts'
import { authorOf } from './names.ts'
import { useStore } from './use-store.ts'

const useEarlier = late(() => import('./earlier/index.tsx'))

/** The panel: one of its screens, and what is said aloud whichever it is. */
export function App() {
  const { chat, words, announcer, $view, $trouble } = useAround()
  const { threadId, focus } = useStore($view)
  const trouble = useStore($trouble)
  const threads = useStore(chat.$threads).length > 0
  // Begun from wherever the visitor is, so that it is there when they come back.
  const earlier = useEarlier(threads)
  const root = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    if (focus) root.current!.querySelector<HTMLElement>('[data-start]')?.focus({ preventScroll: true })
  }, [focus])

  useEffect(() => {
    const unbindAlert = chat.on('alert', ({ message, threadId: from }) => {
      const { open, threadId } = $view.get()
      // The thread in view says it itself, with its words.
      if (open && from !== threadId) announcer.say(words.t('announceNew', { name: authorOf(message, words) }))
    })
    const unbindFailed = chat.on('failed', () => $view.get().open && announcer.alert(words.t('failed')))
    return () => {
      unbindAlert()
      unbindFailed()
    }
  }, [])

  return (
    <div class="app" ref={root}>
      {threadId === undefined ? (
        <Home>{threads && earlier && <earlier.Earlier />}</Home>
      ) : (
        <Conversation key={threadId} threadId={threadId} />
      )}
      {trouble && (
        <p class="trouble" part="trouble">
          {trouble}
        </p>
      )}
    </div>
  )
}
