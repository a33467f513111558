import type { Announcer } from '../announcer.ts'

/**
 * What screen readers listen to.
 *
 * It lies in the page, not in a shadow root, because VoiceOver on iOS rarely hears a live region inside of one.
 */
export function createLiveRegion(signal: AbortSignal): Announcer {
  const region = document.createElement('porchlight-announcer')
  // Seen by nobody, heard by some. Set through the CSSOM: a `style` attribute would break a strict policy.
  region.style.cssText = 'position:fixed;clip-path:inset(50%)'
  document.body.append(region)
  signal.addEventListener('abort', () => region.remove())

  const speaker = (urgency: string) => {
    const parent = document.createElement('div')
    parent.setAttribute('aria-live', urgency)
    region.append(parent)
    return (text: string) => {
      const line = document.createElement('div')
      line.textContent = text
      // A region that comes together with its text is not read.
      setTimeout(() => {
        if (signal.aborted) return
        // A framework may have swapped the body, and the region with it.
        if (!region.isConnected) document.body.append(region)
        parent.append(line)
        // Gone after a second, so that nobody finds it while browsing; earlier, some readers miss it.
        setTimeout(() => line.remove(), 1000)
      }, 100)
    }
  }
  return { say: speaker('polite'), alert: speaker('assertive') }
}
