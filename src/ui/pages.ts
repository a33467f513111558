import type { Standby } from '../core/standby.ts'
import type { Hint } from '../model/command.ts'

/** How often the page is looked at, in milliseconds: nothing tells of every change of an address and a title. */
const TICK = 1000
/** While the address stays, another title is told at most so often. */
const TITLE_GAP = 10_000
/** As much as the protocol takes. */
const LONGEST = { url: 2000, title: 200 }

/**
 * Tells the team which page the visitor looks at, and when that changes: from the moment on at which the backend knows of
 * a conversation, by the tab that is seen, and not while nothing may be kept of it on the device. Of the address only as
 * much as names the page, because what follows may be a secret. It ends with the chat.
 */
export function tellPages({ $threads, $link, wires }: Standby): void {
  const { rows, page, duties, tabs, events, leads } = wires
  let told: Extract<Hint, { readonly type: 'visit' }> | undefined
  let toldAt = 0
  /** The backend does not know any more, or another tab has told it of its page meanwhile. */
  const again = () => {
    told = undefined
  }

  const look = () => {
    const isTold =
      page.visible &&
      $link.get().state === 'online' &&
      rows.$storage.get() !== 'volatile' &&
      $threads.get().some(({ last }) => last > 0)
    if (!isTold) return again()
    const url = (location.origin + location.pathname).slice(0, LONGEST.url)
    const title = document.title.slice(0, LONGEST.title)
    if (told?.url === url && (told.title === title || performance.now() - toldAt < TITLE_GAP)) return
    told = { type: 'visit', url, title }
    toldAt = performance.now()
    if (leads()) duties.hint(told)
    else tabs.tell({ type: 'ask', name: 'hint', args: [told] })
  }

  const timer = setInterval(look, TICK)
  const unbind = [page.on('show', again), $link.listen(({ state }) => state === 'online' || again())]
  events.on('close', () => {
    clearInterval(timer)
    for (const stop of unbind) stop()
  })
}
