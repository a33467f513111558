import { useEffect, useState } from 'preact/hooks'

/** Room for three panes; the same width stands in `inbox.css`. */
const WIDE = '(min-width: 75em)'

export function useWide(): boolean {
  const [wide, setWide] = useState(() => matchMedia(WIDE).matches)
  useEffect(() => {
    const query = matchMedia(WIDE)
    const follow = () => setWide(query.matches)
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [])
  return wide
}
