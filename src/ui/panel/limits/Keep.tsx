import { useEffect } from 'preact/hooks'

/** Has the browser ask before this page is closed: what was written is nowhere else yet. */
export function Keep() {
  useEffect(() => {
    const ask = (event: Event) => event.preventDefault()
    // Only now: a page with such a listener is not kept for the way back.
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [])
  return null
}
