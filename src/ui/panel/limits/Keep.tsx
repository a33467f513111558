import { useEffect } from 'preact/hooks'
import { useAround } from '../around.ts'
import { useStore } from '../use-store.ts'

/** Has the visitor keep this page open, and the browser ask before it is closed: what was written is nowhere else yet. */
export function Keep() {
  const { chat, words } = useAround()
  const { storage } = useStore(chat.$status)
  useEffect(() => {
    const ask = (event: Event) => event.preventDefault()
    // Only now: a page with such a listener is not kept for the way back.
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [])
  // Where saving has stopped, the bar says so already.
  return storage === 'volatile' && words.t('unsent')
}
