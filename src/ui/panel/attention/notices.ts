/** Whether this browser has notifications, and its owner has not forbidden them to this site. */
export function canNotify(): boolean {
  return typeof Notification !== 'undefined' && Notification.permission !== 'denied'
}

/** Whether they may be shown without asking. */
export function mayNotify(): boolean {
  return canNotify() && Notification.permission === 'granted'
}

/**
 * Shows a notification outside of the page. Of one subject there is one, the latest.
 *
 * @param onClick The visitor pressed it.
 */
export function notify(subject: string, title: string, body: string, onClick: () => void): void {
  try {
    const shown = new Notification(title, { body, tag: `porchlight:${subject}` })
    shown.onclick = () => {
      window.focus()
      shown.close()
      onClick()
    }
  } catch {
    // On Android only service workers may: the title and the launcher say it as well.
  }
}
