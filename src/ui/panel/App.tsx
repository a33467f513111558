import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useAround } from './around.ts'
import { Conversation } from './Conversation.tsx'
import { Home } from './Home.tsx'
import { late } from './late.ts'
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

  useEffect(() => chat.on('failed', () => $view.get().open && announcer.alert(words.t('failed'))), [])

  return (
    <div class="app" ref={root}>
      {threadId === undefined ? (
        <Home>{threads && earlier && <earlier.Earlier />}</Home>
      ) : (
        <Conversation key={threadId} threadId={threadId}>
          {earlier && <earlier.TellMe threadId={threadId} />}
        </Conversation>
      )}
      {earlier && <earlier.Attention root={root} />}
      {trouble && (
        <p class="trouble" part="trouble">
          {trouble}
        </p>
      )}
    </div>
  )
}
