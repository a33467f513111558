import type { Rule } from '../../model/rule.ts'

export interface BubbleWords {
  readonly offer: string
  readonly offerTeam: string
  readonly offerClose: string
}

/**
 * A few words beside the launcher: never takes the focus, is said aloud once and politely, and is closed with its button
 * or with Escape.
 *
 * @returns What takes it away.
 */
export function showBubble(
  frame: Element,
  { message, from }: Rule,
  words: BubbleWords,
  onOpen: () => void,
  onClose: () => void
): () => void {
  const life = new AbortController()
  const { signal } = life
  const bubble = make('div', 'bubble-offer')
  const name = from ? words.offer.replace('{name}', from) : words.offerTeam
  bubble.setAttribute('role', 'group')
  bubble.setAttribute('aria-label', name)
  bubble.setAttribute('part', 'offer')
  const open = make('button', 'words')
  if (from) open.append(make('b', '', from))
  open.append(make('span', '', message))
  const shut = make('button', 'shut')
  shut.setAttribute('aria-label', words.offerClose)
  for (const button of [open, shut]) button.setAttribute('type', 'button')
  for (const part of open.children) part.setAttribute('dir', 'auto')
  bubble.append(open, shut)
  open.onclick = onOpen
  shut.onclick = onClose
  document.addEventListener('keydown', event => event.key === 'Escape' && !event.defaultPrevented && onClose(), {
    signal
  })
  frame.append(bubble)
  sayOnce(`${name}: ${message}`, signal)
  return () => {
    life.abort()
    bubble.remove()
  }
}

/** In the page and not in the shadow root, because VoiceOver on iOS rarely hears a live region inside of one. */
function sayOnce(text: string, signal: AbortSignal): void {
  const region = document.createElement('porchlight-announcer')
  region.setAttribute('aria-live', 'polite')
  region.style.cssText = 'position:fixed;clip-path:inset(50%)'
  document.body.append(region)
  // A region that comes together with its text is not read; gone soon, so that nobody finds it while browsing.
  const timers = [
    setTimeout(() => {
      region.textContent = text
    }, 100),
    setTimeout(() => region.remove(), 1200)
  ]
  signal.addEventListener('abort', () => {
    timers.forEach(clearTimeout)
    region.remove()
  })
}

function make(name: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(name)
  if (className) element.className = className
  element.textContent = text
  return element
}
