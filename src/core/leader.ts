import type { Page } from '../page/page.ts'
import type { Tabs } from '../page/tabs.ts'

/** The tab that leads says so this often. */
const BEAT = 2500
/** Not heard for so long, it is frozen; seen by nobody for so long, it may be: then a tab that is seen takes over. */
const SILENT = 10_000

export interface Leader {
  /** Whether this tab holds the link. */
  leads(): boolean
  /** The tab that leads was heard. */
  hear(hidden: boolean): void
  /** Leads now, whoever does. */
  take(): void
  close(): void
}

interface LeaderParts {
  readonly tabs: Tabs
  readonly page: Page
  /** This tab leads until `signal` aborts. */
  onLead(signal: AbortSignal): Promise<void>
  /** This tab does not lead, for now. */
  onFollow(): void
  /** Tells the others that this tab leads. */
  beat(): void
}

/** Which tab holds the link: one at a time, and another one when that is closed, frozen or left. */
export function createLeader({ tabs, page, onLead, onFollow, beat }: LeaderParts): Leader {
  let term = new AbortController()
  /** The term in which this tab was given the lead. */
  let won: AbortSignal | undefined
  const leads = () => won?.aborted === false
  let closed = false
  let looked = performance.now()
  /** When the tab that leads last said that somebody sees it. */
  let seen = looked

  const stand = async (take?: boolean) => {
    const { signal } = term
    seen = performance.now()
    onFollow()
    try {
      await tabs.lead(signal, begin, take)
      // Both may have happened in one moment.
      signal.throwIfAborted()
      won = signal
      beat()
      await onLead(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  const begin = (take?: boolean) => {
    term.abort()
    if (closed) return
    term = new AbortController()
    stand(take).catch(error => {
      // The disk failed at a bad moment: once more, rather than never.
      console.warn('porchlight:', error)
      setTimeout(begin, BEAT)
    })
  }
  const look = () => {
    const now = performance.now()
    // Nobody is heard by a tab that was asleep itself.
    if (now - looked > 2 * BEAT) seen = now
    looked = now
    if (leads()) beat()
    else if (page.visible && now - seen > SILENT) begin(true)
  }
  const timer = setInterval(look, BEAT)
  const unbind = [
    // Left or frozen, a page must hold neither lock nor socket: it would keep others from leading, or itself from the
    // back/forward cache.
    page.on('leave', () => term.abort()),
    page.on('return', () => begin()),
    page.on('show', look)
  ]
  begin()

  return {
    leads,
    hear(hidden) {
      if (!hidden) seen = performance.now()
    },
    take: () => begin(true),
    close() {
      closed = true
      clearInterval(timer)
      for (const stop of unbind) stop()
      term.abort()
    }
  }
}
