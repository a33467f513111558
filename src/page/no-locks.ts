import type { Tabs } from './tabs.ts'

/** How long to listen for a tab that leads before leading, at first and after it was heard, in milliseconds. */
const LISTEN = 500
const SILENT = 8000

/**
 * Leading where there are no locks, as on pages served over plain http: whoever hears nobody lead does. Two that begin
 * in the same moment may both lead for a while, which costs a connection; the backend keeps them apart by their terms.
 */
export async function elect(tabs: Tabs, signal: AbortSignal, take?: boolean): Promise<void> {
  for (let wait = LISTEN, heard = !take; heard; wait = SILENT) {
    heard = false
    const stop = tabs.listen(({ type }) => {
      heard ||= type === 'link'
    })
    tabs.tell({ type: 'ask', name: 'beat', args: [] })
    await new Promise(resolve => setTimeout(resolve, wait))
    stop()
    signal.throwIfAborted()
  }
}
