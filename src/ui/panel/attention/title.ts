/** Counts that stand before a title, by us or by another chat on this page. */
const COUNTS = /^(?:\(\d+\) )*/

/**
 * A count before the title of the page. What stands behind it stays the page's: a title that changes meanwhile gets the
 * count as well, and when the count goes, all else is as the page left it. A page without a title is left without one.
 */
export function createTitleBadge(signal: AbortSignal): (count: number) => void {
  let put = ''

  const write = (next: string) => {
    const text = document.head.querySelector('title')?.firstChild as Text | null | undefined
    if (!text) return
    const [counts] = COUNTS.exec(text.data)!
    const isThere = put !== '' && counts.includes(put)
    if (next === put && isThere) return
    // In place: a framework may hold on to this very node.
    text.data = next + (isThere ? counts.replace(put, '') + text.data.slice(counts.length) : text.data)
  }
  const observer = new MutationObserver(() => write(put))

  const show = (count: number) => {
    const next = count ? `(${count}) ` : ''
    if (next === put) return
    write(next)
    put = next
    observer.disconnect()
    if (put) observer.observe(document.head, { subtree: true, childList: true, characterData: true })
  }
  signal.addEventListener('abort', () => show(0))
  return show
}
