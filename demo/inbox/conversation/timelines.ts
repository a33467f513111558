import { atom, type ReadableAtom } from 'nanostores'
import { type Message, upsert } from '../../../src/model/message.ts'
import type { ThreadId } from '../../../src/model/thread.ts'
import type { Link } from '../link.ts'

/** The messages of the conversations that were looked at. */
export interface Timelines {
  readonly $timelines: ReadableAtom<Readonly<Record<ThreadId, Timeline>>>
  /** Loads the newest page; cheap when it is there already. */
  open(threadId: ThreadId): void
  /** Loads the page before what is there. */
  older(threadId: ThreadId): void
  message(message: Message): void
  close(): void
}

/** A stretch without holes that ends with the newest message, oldest first. */
interface Timeline {
  readonly messages: readonly Message[]
  /** Whether there is more before the first. */
  readonly more: boolean
  readonly state: 'loading' | 'ready' | 'loading-older' | 'failed'
}

interface Page {
  readonly messages: readonly Message[]
  readonly more: boolean
}

const PAGE = 50
const EMPTY: Timeline = { messages: [], more: false, state: 'loading' }

export function createTimelines(link: Pick<Link, 'on' | 'send'>): Timelines {
  const $timelines = atom<Readonly<Record<ThreadId, Timeline>>>({})
  const questions = new Map<number, { readonly threadId: ThreadId; answer(page: Page | undefined): void }>()
  let opened: ThreadId | undefined
  let q = 0

  const put = (threadId: ThreadId, timeline: Timeline) => $timelines.set({ ...$timelines.get(), [threadId]: timeline })

  function ask(threadId: ThreadId, before: number | null, answer: (page: Page | undefined) => void) {
    q += 1
    if (link.send({ t: 'history', q, threadId, before, limit: PAGE })) questions.set(q, { threadId, answer })
  }

  function answer(q: number | undefined, page: Page | undefined) {
    if (q === undefined) return
    const question = questions.get(q)
    questions.delete(q)
    question?.answer(page)
  }

  function loadNewest(threadId: ThreadId) {
    put(threadId, { ...($timelines.get()[threadId] ?? EMPTY), state: 'loading' })
    ask(threadId, null, page => {
      const known = $timelines.get()[threadId] ?? EMPTY
      put(threadId, page ? { ...join(known, page), state: 'ready' } : { ...known, state: 'failed' })
    })
  }

  const unbinds = [
    link.on('frame', frame => {
      if (frame.t === 'page') answer(frame.q, frame)
      if (frame.t === 'error') answer(frame.q, undefined)
    }),
    link.on('online', () => {
      questions.clear()
      // What was missed is asked for again when it is looked at.
      const known = opened === undefined ? undefined : $timelines.get()[opened]
      $timelines.set(opened !== undefined && known ? { [opened]: known } : {})
      if (opened !== undefined) loadNewest(opened)
    })
  ]

  return {
    $timelines,
    open(threadId) {
      opened = threadId
      const state = $timelines.get()[threadId]?.state
      if (state === undefined || state === 'failed') loadNewest(threadId)
    },
    older(threadId) {
      const known = $timelines.get()[threadId]
      const first = known?.messages[0]
      if (known?.state !== 'ready' || !known.more || !first) return
      put(threadId, { ...known, state: 'loading-older' })
      ask(threadId, first.position, page => {
        const now = $timelines.get()[threadId]
        if (!now) return
        if (!page) return put(threadId, { ...now, state: 'ready' })
        const older = page.messages.filter(({ position }) => position < (now.messages[0]?.position ?? 0))
        put(threadId, { messages: [...older, ...now.messages], more: page.more, state: 'ready' })
      })
    },
    message(message) {
      const known = $timelines.get()[message.threadId]
      if (!known) return
      const first = known.messages[0]?.position ?? message.position
      const last = known.messages.at(-1)?.position ?? message.position - 1
      const { content } = message
      if (content?.type === 'notice' && content.code === 'erased') {
        // Nothing of what was known is there any more.
        put(message.threadId, { messages: [], more: false, state: 'loading' })
        return loadNewest(message.threadId)
      }
      if (message.position < first) return
      if (message.position > last + 1) return loadNewest(message.threadId)
      put(message.threadId, { ...known, messages: upsert(known.messages, message) })
    },
    close() {
      for (const unbind of unbinds) unbind()
    }
  }
}

/** The newest page, with what was known before it if they join, and what came after it. */
function join(known: Timeline, page: Page): Page {
  const first = page.messages[0]?.position
  const last = page.messages.at(-1)?.position ?? 0
  const newer = known.messages.filter(({ position }) => position > last)
  // Of what both have: once it is erased, so is everything before it.
  const shared = page.messages.find(({ position }) => known.messages.some(one => one.position === position))
  const joins = first !== undefined && shared !== undefined && shared.content?.type !== 'erased'
  const older = joins ? known.messages.filter(({ position }) => position < first) : []
  return { messages: [...older, ...page.messages, ...newer], more: older.length > 0 ? known.more : page.more }
}
