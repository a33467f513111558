import { useLayoutEffect, useState } from 'preact/hooks'

/** Whether the page is in view, so that what is shown on it can be taken as seen. */
export function useVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState !== 'hidden')
  useLayoutEffect(() => {
    const look = () => setVisible(document.visibilityState !== 'hidden')
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return visible
}
