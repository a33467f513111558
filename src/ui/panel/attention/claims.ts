/**
 * How long a claim is held, in milliseconds: until the slowest hidden tab has asked for it as well, and one that was told
 * nothing has found the message where it is stored: each looks there every 20 seconds.
 */
const HELD = 45_000
/** How long a tab listens before it claims where there are no locks, at the most, in milliseconds. */
const LISTEN = 512

/**
 * Gives what there is once to one of all tabs of this browser.
 *
 * @returns Settles with whether this tab has it; the others are told `false`.
 */
export function createClaims(signal: AbortSignal): (name: string) => Promise<boolean> {
  const { locks } = navigator
  return locks ? byLock(locks, signal) : byListening(signal)
}

function byLock(locks: LockManager, signal: AbortSignal) {
  return (name: string) =>
    new Promise<boolean>(resolve => {
      const take = async (lock: Lock | null) => {
        resolve(!!lock)
        if (lock && !signal.aborted) await held(signal)
      }
      // A page without an origin of its own has no locks, and no other tabs.
      locks.request(`porchlight:${name}`, { ifAvailable: true }, take).catch(() => resolve(true))
    })
}

function held(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, HELD)
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', end)
    // A page that holds a lock is not kept for the way back.
    window.addEventListener('pagehide', end, { once: true, signal })
  })
}

/** On pages served over plain http: whoever hears nobody say it first. */
function byListening(signal: AbortSignal) {
  const claimed = new Set<unknown>()
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('porchlight:claims')
  channel?.addEventListener('message', ({ data }) => claimed.add(data), { signal })
  signal.addEventListener('abort', () => channel?.close())
  return async (name: string) => {
    // Each tab waits differently long.
    const [random] = crypto.getRandomValues(new Uint16Array(1))
    await new Promise(resolve => setTimeout(resolve, random! % LISTEN))
    if (signal.aborted || claimed.has(name)) return false
    claimed.add(name)
    channel?.postMessage(name)
    return true
  }
}
