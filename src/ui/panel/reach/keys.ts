/**
 * Arrows move between messages, Enter goes to the links of one, Escape back out.
 *
 * @param onLeave Who is past the last message goes on writing.
 */
export function moveByKey(event: KeyboardEvent, list: HTMLElement, onLeave: () => void): void {
  const target = event.target as HTMLElement
  const messages = [...list.querySelectorAll('article')]
  const at = messages.findIndex(message => message.contains(target))
  const message = messages[at]
  const { key } = event
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const to = at < 0 ? messages.length - 1 : key === 'ArrowUp' ? at - 1 : at + 1
    const next = messages[to]
    // Tab goes on to the links of this message only.
    for (const link of list.querySelectorAll('a')) link.tabIndex = next?.contains(link) ? 0 : -1
    next?.focus()
    if (to && !next) onLeave()
  } else if (!message) return
  // The innermost first: link, message, list, panel.
  else if (key === 'Escape') (target === message ? list : message).focus()
  else if (key === 'Enter' && target === message) message.querySelector('a')?.focus()
  else return
  event.preventDefault()
}
