import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Entry } from '../../core/chat.ts'

/** So many messages are in the document at most, at any length of a thread. */
const LIMIT = 72
const STEP = 24
/** Closer than this to the bottom is at the bottom. */
const NEAR = 48
/** Closer than this to an end, more messages are brought in. */
const AHEAD = 400

export interface Bottom {
  readonly list: RefObject<HTMLDivElement | null>
  /** The messages to render. */
  readonly shown: readonly Entry[]
  /** Whether these are the last ones there are. */
  readonly atTail: boolean
  /** Whether the visitor looks at the end of the thread. */
  readonly atBottom: boolean
  toBottom(): void
  onScroll(): void
}

/** Where the visitor is in the list. */
interface Place {
  /** At the bottom, and to be kept there. */
  stuck: boolean
  /** How far the list could be scrolled when that was last looked at; `undefined`: never. And how far it was. */
  room?: number
  was?: number
  /** What stood at the top of the view, and how far below it. */
  row?: HTMLElement | null | undefined
  top: number
  settle(scrolled?: boolean): void
}

/**
 * Shows a part of a long list and keeps it still: at the bottom if the visitor was there, else with the row at the top
 * of the view where it was, whatever is put in above or below.
 *
 * By hand in every browser (`overflow-anchor: none`), because Safari has no scroll anchoring.
 *
 * @param at Position of the message to begin with; `undefined`: the first unread one, or the bottom.
 * @param onBeginning Called when the beginning comes near.
 */
export function useBottom(entries: readonly Entry[], at: number | undefined, onBeginning: () => void): Bottom {
  const list = useRef<HTMLDivElement>(null)
  /** The first message shown; `undefined`: the last ones, whichever they are. */
  const [start, setStart] = useState<string | undefined>(undefined)
  const [atBottom, setAtBottom] = useState(true)
  const place = useRef<Place>({ stuck: true, top: 0, settle() {} }).current

  const tail = Math.max(0, entries.length - LIMIT)
  const found = entries.findIndex(({ message }) => (start ? message.id === start : message.position === at))
  const from = found < 0 ? tail : Math.min(found, tail)

  /** Puts the list where it belongs, unless the visitor moved it; looks where that is; brings in what comes near. */
  place.settle = scrolled => {
    const element = list.current
    // A scroll is told of a frame later, when the list may be gone.
    if (!element?.clientHeight || !entries.length) return
    const room = element.scrollHeight - element.clientHeight
    if (place.room === undefined) {
      // What is new is read from its beginning.
      place.row = element.querySelector<HTMLElement>(at ? `[data-at="${at}"]` : '.unread')
      place.top = NEAR
      place.stuck = !place.row
      if (at) place.row?.querySelector('article')?.focus({ preventScroll: true })
    }
    // If there is another room, nobody scrolled: this event overtook the observer of the size. Unless it goes up.
    if (!scrolled || (place.stuck && room !== place.room && (room < place.room! || element.scrollTop >= place.was!))) {
      if (place.stuck) element.scrollTop = room
      else if (place.row?.isConnected) element.scrollTop = place.row.offsetTop - place.top
    }
    const { scrollTop } = element
    place.room = room
    place.was = scrollTop
    place.stuck = from === tail && room - scrollTop <= NEAR
    setAtBottom(place.stuck)
    // Only what stays what it is: the line of a day moves up to the first of that day.
    place.row = [...element.querySelectorAll<HTMLElement>('.row')].find(
      row => row.offsetTop + row.offsetHeight > scrollTop
    )
    place.top = (place.row?.offsetTop ?? 0) - scrollTop

    const move = (to: number) => setStart(entries[to]?.message.id)
    if (scrollTop < AHEAD) from ? move(Math.max(0, from - STEP)) : onBeginning()
    else if (room - scrollTop < AHEAD && from < tail) move(from + STEP < tail ? from + STEP : -1)
  }

  useLayoutEffect(() => place.settle())
  useLayoutEffect(() => {
    // The composer grows, a keyboard opens, a picture arrives.
    const observer = new ResizeObserver(() => place.settle())
    observer.observe(list.current!)
    observer.observe(list.current!.firstElementChild!)
    return () => observer.disconnect()
  }, [])

  return {
    list,
    shown: useMemo(() => entries.slice(from, from + LIMIT), [entries, from]),
    atTail: from === tail,
    atBottom,
    toBottom() {
      place.stuck = true
      setStart(undefined)
      setAtBottom(true)
    },
    onScroll: () => place.settle(true)
  }
}
