import type { Message } from '../../../model/message.ts'
import type { ThreadId } from '../../../model/thread.ts'
import type { Around } from '../around.ts'
import { authorOf } from '../names.ts'
import { previewOf } from '../rich/preview.ts'
import { createClaims } from './claims.ts'
import { mayNotify, notify } from './notices.ts'
import { createTitleBadge } from './title.ts'
import { createTone } from './tone.ts'

/** How long a tab that nobody looks at waits for another one to show the message, in milliseconds. */
const PATIENCE = 400
/** How long a count waits, in milliseconds: what is in view in another tab is read by then, and a title must not blink. */
const SETTLED = 1500

const INSTALLED = '(display-mode: standalone), (display-mode: minimal-ui), (display-mode: window-controls-overlay)'

/**
 * Tells of each message that arrives where the visitor does not look: aloud, with a tone, with a count in the title, and
 * as a notification if they asked for that. Once in all tabs, and never while they look at it.
 *
 * @param open Opens the panel on a thread.
 * @returns What ends all of it.
 */
export function attend(around: Around, open: (threadId: ThreadId) => void): () => void {
  const { chat, words, announcer, $view } = around
  const life = new AbortController()
  const { signal } = life
  const tone = createTone(signal)
  const claim = createClaims(signal)
  const showInTitle = createTitleBadge(signal)
  const badge = window.matchMedia(INSTALLED).matches ? createAppBadge(signal) : undefined

  const looks = () => !document.hidden && document.hasFocus()
  const isRead = ({ threadId, position }: Message) =>
    chat.$threads.get().some(({ id, read }) => id === threadId && read >= position)

  let pending: ReturnType<typeof setTimeout> | undefined
  const show = () => {
    clearTimeout(pending)
    pending = undefined
    const unread = chat.$unread.get()
    showInTitle(looks() ? 0 : unread)
    badge?.(unread)
  }
  const count = () => {
    if (looks()) show()
    else pending ??= setTimeout(show, SETTLED)
  }

  const hear = async (message: Message) => {
    const { id, threadId } = message
    const name = authorOf(message, words)
    const view = $view.get()
    const isShown = view.open && view.threadId === threadId
    // The thread in view says it itself, with its words.
    if (!isShown) announcer.say(words.t('announceNew', { name }))
    const isHere = looks()
    if (isHere && isShown) {
      // Seen: nobody else has to say it.
      for (const what of ['sound', 'notice']) void claim(`${what}:${id}`)
      return
    }
    if (!isHere) {
      await new Promise(resolve => setTimeout(resolve, PATIENCE))
      if (signal.aborted || isRead(message)) return
    }
    const { sound, notices } = chat.$choices.get()
    if (sound !== 'off' && tone.isAllowed() && (await claim(`sound:${id}`))) tone.play()
    // Who looks at the page needs no other notice.
    if (isHere) void claim(`notice:${id}`)
    else if (notices === 'on' && mayNotify() && (await claim(`notice:${id}`))) {
      notify(threadId, words.t('announceNew', { name }), previewOf(message, words, around.times), () => open(threadId))
    }
  }

  const unbind = chat.$unread.listen(count)
  around.hear = message => void hear(message)
  for (const type of ['focus', 'blur']) window.addEventListener(type, count, { signal })
  document.addEventListener('visibilitychange', count, { signal })
  count()
  // What it was loaded for.
  if (around.heard && !isRead(around.heard)) void hear(around.heard)

  return () => {
    unbind()
    clearTimeout(pending)
    life.abort()
  }
}

/** The count on the icon of an installed app; in others it would be seen by nobody, or by all sites at once. */
function createAppBadge(signal: AbortSignal): ((count: number) => void) | undefined {
  if (!navigator.setAppBadge) return
  const show = (count: number) => {
    navigator.setAppBadge(count).catch(() => {
      /* the system does not want it */
    })
  }
  signal.addEventListener('abort', () => show(0))
  return show
}
