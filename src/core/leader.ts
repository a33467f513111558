import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'

export interface Leader {
  /** Whether this tab holds the link. */
  leads(): boolean
  close(): void
}

interface LeaderParts {
  readonly tabs: Tabs
  readonly page: Page
  /** This tab leads until `signal` aborts. */
  onLead(signal: AbortSignal): Promise<void>
  /** This tab does not lead, for now. */
  onFollow(): void
}

/** Which tab holds the link: one at a time, and another one when that is closed, frozen or left. */
export function createLeader({ tabs, page, onLead, onFollow }: LeaderParts): Leader {
  let term = new AbortController()
  let leads = false
  let closed = false

  const stand = async () => {
    term = new AbortController()
    const { signal } = term
    onFollow()
    try {
      await tabs.lead(signal)
      leads = true
      await onLead(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      leads = false
    }
  }

  const begin = () => {
    if (!closed) stand().catch(error => console.error('porchlight: the link stopped', error))
  }
  const unbind = [
    // Left or frozen, a page must hold neither lock nor socket: it would keep others from leading, or itself from the
    // back/forward cache.
    page.on('leave', () => term.abort()),
    page.on('return', begin)
  ]
  begin()

  return {
    leads: () => leads,
    close() {
      closed = true
      for (const stop of unbind) stop()
      term.abort()
    }
  }
}
