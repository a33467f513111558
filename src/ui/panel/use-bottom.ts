import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Row } from './rows.ts'

/** So many rows are in the document at most, at any length of a thread. */
const LIMIT = 120
const STEP = 40
/** Closer than this to the bottom is at the bottom. */
const NEAR = 48
/** Closer than this to an end, more rows are brought in. */
const AHEAD = 400

export interface Bottom {
  readonly list: RefObject<HTMLDivElement | null>
  /** The rows to render. */
  readonly shown: readonly Row[]
  /** Whether these are the last ones there are. */
  readonly atTail: boolean
  /** Whether the visitor looks at the end of the thread. */
  readonly atBottom: boolean
  toBottom(): void
  onScroll(): void
}

interface BottomParts {
  readonly rows: readonly Row[]
  /** Called when the beginning comes near. */
  onBeginning(): void
}

/**
 * Shows a part of a long list and keeps it still: at the bottom if the visitor was there, else with the row at the top
 * of the view where it was, whatever is put in above or below.
 *
 * By hand in every browser (`overflow-anchor: none`), because Safari has no scroll anchoring.
 */
export function useBottom({ rows, onBeginning }: BottomParts): Bottom {
  const list = useRef<HTMLDivElement>(null)
  /** Key of the first row shown; `undefined`: the last rows, whichever they are. */
  const [start, setStart] = useState<string | undefined>(undefined)
  const [atBottom, setAtBottom] = useState(true)
  const stuck = useRef(true)
  /** How far the list could be scrolled when that was last looked at. */
  const room = useRef(0)
  const anchor = useRef<{ readonly key: string; readonly top: number } | undefined>(undefined)
  const begun = useRef(false)

  const tail = Math.max(0, rows.length - LIMIT)
  const found = start === undefined ? -1 : rows.findIndex(({ key }) => key === start)
  const at = found < 0 ? tail : Math.min(found, tail)
  let from = at
  // The line of the day belongs to the message below it.
  while (from > 0 && !isLasting(rows[from - 1]!)) from--
  const shown = rows.slice(from, at + LIMIT)
  const atTail = at === tail

  const remember = () => {
    const element = list.current
    if (!element || element.clientHeight === 0) return
    const { scrollTop, scrollHeight, clientHeight } = element
    room.current = scrollHeight - clientHeight
    stuck.current = atTail && scrollHeight - scrollTop - clientHeight <= NEAR
    setAtBottom(stuck.current)
    anchor.current = undefined
    // Only what stays the same when more is put in before it: the line of a day moves up to the first of that day.
    for (const row of element.querySelectorAll<HTMLElement>('.row')) {
      if (row.offsetTop + row.offsetHeight <= scrollTop) continue
      anchor.current = { key: row.dataset.key!, top: row.offsetTop - scrollTop }
      break
    }
  }

  const restore = () => {
    const element = list.current
    if (!element || element.clientHeight === 0) return
    if (!begun.current && shown.length > 0) {
      begun.current = true
      const line = element.querySelector<HTMLElement>('[data-key="unread"]')
      element.scrollTop = element.scrollHeight
      // What is new is read from its beginning.
      if (line && line.offsetTop < element.scrollTop) {
        element.scrollTop = line.offsetTop - NEAR
        stuck.current = false
      }
    } else if (stuck.current) {
      element.scrollTop = element.scrollHeight
    } else if (anchor.current) {
      const { key, top } = anchor.current
      const row = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
      if (row) element.scrollTop += row.offsetTop - element.scrollTop - top
    }
    remember()
  }

  const keyAt = (index: number) => rows.slice(index).find(isLasting)?.key

  /** Brings in more rows where an end of the rendered ones comes near. */
  const extend = () => {
    const element = list.current
    if (!element || element.clientHeight === 0) return
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    if (element.scrollTop < AHEAD && from > 0) setStart(keyAt(Math.max(0, from - STEP)))
    else if (element.scrollTop < AHEAD && from === 0) onBeginning()
    else if (below < AHEAD && !atTail) {
      const next = at + STEP
      setStart(next < tail ? keyAt(next) : undefined)
    }
  }

  useLayoutEffect(() => {
    restore()
    extend()
  })

  const latest = useRef(restore)
  latest.current = restore
  useLayoutEffect(() => {
    const element = list.current
    if (!element || typeof ResizeObserver === 'undefined') return
    // The composer grows, a keyboard opens, a picture arrives.
    const observer = new ResizeObserver(() => latest.current())
    observer.observe(element)
    if (element.firstElementChild) observer.observe(element.firstElementChild)
    return () => observer.disconnect()
  }, [])

  return {
    list,
    shown,
    atTail,
    atBottom,
    toBottom() {
      stuck.current = true
      setStart(undefined)
      setAtBottom(true)
      const element = list.current
      if (element) element.scrollTop = element.scrollHeight
    },
    onScroll() {
      const { scrollHeight = 0, clientHeight = 0 } = list.current ?? {}
      // Nobody scrolled: the list or what is in it changed its size, and this event overtook the observer of that.
      if (stuck.current && scrollHeight - clientHeight !== room.current) restore()
      else remember()
      extend()
    }
  }
}

/** Whether a row stays what it is when others are put in: not so the lines between messages. */
function isLasting({ kind }: Row): boolean {
  return kind === 'message' || kind === 'notice'
}
