import type { Consent } from '../../model/consent.ts'
import type { Past } from '../../model/rule.ts'

/** Pages with less than so many milliseconds between them are one visit. */
const PAUSE = 30 * 60_000

/** What is remembered of a visitor for the rules. */
export interface Remembered extends Past {
  readonly visits: number
  /** When a page of this visit was last seen, and where it began. */
  readonly seenAt: number
  readonly referrer: string
  readonly utm: Readonly<Record<string, string>>
  /** First words of conversations that a rule began, by their threads. */
  readonly openings: Readonly<Record<string, { readonly message: string; readonly from: string; readonly at: number }>>
}

export interface Memory {
  get(): Remembered
  change(part: Partial<Remembered>): void
  /** The visitor has done something with what they were shown: from now on that may be kept. */
  act(): void
  /** What may be kept has changed; with `none` nothing remains on the device, and the page goes on. */
  allow(consent: Consent): void
  /** The visitor has signed out: nothing remains that tells of them. */
  forget(): void
}

/**
 * What rules remember: as long as the page lives, and on the device as far as the visitor allows. Where nothing was said
 * about that, from the moment on at which they do something.
 *
 * @param onChange Another tab has remembered something.
 */
export function createMemory(
  name: string,
  given: Consent | undefined,
  onChange: () => void,
  signal: AbortSignal
): Memory {
  let consent: Consent = given ?? 'none'
  const place = () => placeOf(consent)
  const read = (): Remembered | undefined => {
    try {
      return JSON.parse(place()?.getItem(name) ?? 'null') ?? undefined
    } catch {
      // Not ours: as if it were not there.
      return undefined
    }
  }
  const write = () => {
    try {
      place()?.setItem(name, JSON.stringify(now))
    } catch {
      /* full: memory goes on alone */
    }
  }
  // Also where nothing was said: what was kept once they had done something is theirs to be spared of.
  if (!given && (placeOf('persistent')?.getItem(name) ?? null) !== null) consent = 'persistent'
  let now = arrived(read())
  write()

  window.addEventListener(
    'storage',
    ({ key, newValue }) => {
      if (key !== name) return
      // Signed out there, or no longer allowed: who keeps it in mind would write it down again.
      if (newValue === null) memory.forget()
      now = read() ?? now
      onChange()
    },
    { signal }
  )

  // From page to page it is one visit, however long this one is looked at.
  window.addEventListener('pagehide', () => memory.change({ seenAt: Date.now() }), { signal })

  const move = (to: Consent) => {
    if (to === 'none') for (const level of ['session', 'persistent'] as const) placeOf(level)?.removeItem(name)
    if (to === consent) return
    place()?.removeItem(name)
    consent = to
    // Kept by an earlier visit, under another consent.
    const kept = read()
    if (kept) now = { ...kept, shown: merged(kept.shown, now.shown), openings: { ...kept.openings, ...now.openings } }
    write()
  }
  const memory: Memory = {
    get: () => {
      now = read() ?? now
      return now
    },
    change(part) {
      now = { ...(read() ?? now), ...part }
      write()
    },
    act() {
      if (!given) move('persistent')
    },
    allow: move,
    forget() {
      move('none')
      // Whoever is here now was asked on this page already.
      const { shown, quietUntil } = now
      now = { ...arrived(undefined), shown, quietUntil }
    }
  }
  return memory
}

function placeOf(consent: Consent): Storage | undefined {
  try {
    return consent === 'persistent' ? localStorage : consent === 'session' ? sessionStorage : undefined
  } catch {
    // A frame that may keep nothing: memory is all there is.
    return undefined
  }
}

/** What is remembered when a page is opened. */
function arrived(kept: Remembered | undefined): Remembered {
  const at = Date.now()
  const nothing = { visits: 0, seenAt: 0, referrer: '', utm: {}, openings: {}, shown: {}, quietUntil: 0 }
  const before: Remembered = { ...nothing, ...kept }
  if (at - before.seenAt < PAUSE) return { ...before, seenAt: at }
  const utm: Record<string, string> = {}
  for (const [name, value] of new URL(location.href).searchParams)
    if (name.startsWith('utm_')) utm[name.slice(4)] = value
  return { ...before, seenAt: at, visits: before.visits + 1, referrer: document.referrer, utm }
}

function merged(one: Past['shown'], other: Past['shown']): Past['shown'] {
  const all: Record<string, readonly number[]> = { ...one }
  for (const [id, times] of Object.entries(other)) all[id] = [...new Set([...(one[id] ?? []), ...times])]
  return all
}
