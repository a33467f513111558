const NAME = 'porchlight-announcer'

export interface Announcer {
  /** Has a screen reader say this. Never what was just said in the same words: readers drop repeats. */
  say(text: string): void
  /** For what failed: interrupts. */
  alert(text: string): void
  leave(): void
}

/**
 * The one place on a page that screen readers listen to, shared by all widgets on it.
 *
 * It lies in the page, not in a shadow root, because VoiceOver on iOS rarely hears a live region inside of one; and it
 * is there before the first use, because a region that comes with its text is not read.
 */
export function joinAnnouncer(): Announcer {
  const region = document.querySelector<HTMLElement>(NAME) ?? (document.body.appendChild(makeRegion()) as HTMLElement)
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let left = false
  count(region, 1)

  const put = (text: string, parent: Element | null) => {
    if (left || !text) return
    // A framework may have swapped the body, and the region with it.
    if (!region.isConnected) document.body.append(region)
    const line = document.createElement('div')
    line.textContent = text
    parent?.append(line)
    // Gone after a second, so that nobody finds it while browsing; earlier, some readers miss it.
    const timer = setTimeout(() => {
      timers.delete(timer)
      line.remove()
    }, 1000)
    timers.add(timer)
  }

  return {
    say: text => put(text, region.firstElementChild),
    alert: text => put(text, region.lastElementChild),
    leave() {
      if (left) return
      left = true
      for (const timer of timers) clearTimeout(timer)
      if (count(region, -1) === 0) region.remove()
    }
  }
}

function makeRegion(): HTMLElement {
  const region = document.createElement(NAME)
  // Seen by nobody, heard by some. Set through the CSSOM: a `style` attribute would break a strict policy.
  for (const [name, value] of Object.entries({
    position: 'fixed',
    width: '1px',
    height: '1px',
    overflow: 'hidden',
    'clip-path': 'inset(50%)',
    'white-space': 'nowrap'
  })) {
    region.style.setProperty(name, value, 'important')
  }
  const polite = document.createElement('div')
  polite.setAttribute('aria-live', 'polite')
  const urgent = document.createElement('div')
  urgent.setAttribute('role', 'alert')
  region.append(polite, urgent)
  return region
}

/** How many widgets use the region; kept on the element, so that two copies of this file agree. */
function count(region: HTMLElement, by: number): number {
  const users = Number(region.dataset.users ?? 0) + by
  region.dataset.users = String(users)
  return users
}
