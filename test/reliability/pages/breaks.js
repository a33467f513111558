/**
 * Loaded before everything else: breaks what the address asks to be broken, and notes what the page goes through.
 * `?database=missing`, `throws`, `hangs`; `?clock` makes the clock one that `jump` moves.
 */
const asked = new URLSearchParams(location.search)

const BROKEN = {
  missing: () => Object.defineProperty(globalThis, 'indexedDB', { value: undefined }),
  throws() {
    IDBFactory.prototype.open = () => {
      throw new DOMException('The user denied permission to access the database.', 'SecurityError')
    }
  },
  hangs() {
    // A request that never has an answer.
    IDBFactory.prototype.open = () => new EventTarget()
  }
}
BROKEN[asked.get('database')]?.()

if (asked.has('clock')) {
  const RealDate = Date
  let offset = 0
  globalThis.Date = class extends RealDate {
    constructor(...parts) {
      super(...(parts.length ? parts : [RealDate.now() + offset]))
    }
    static now() {
      return RealDate.now() + offset
    }
  }
  globalThis.jump = milliseconds => {
    offset += milliseconds
  }
}

/**
 * When the page was shown, and whether it came back as it was left; when its sockets opened; how often it tried to
 * connect, by whatever way.
 */
const seen = { shown: [], opened: [], sockets: [], attempts: 0 }
addEventListener('pageshow', ({ persisted }) => seen.shown.push({ persisted, at: performance.now() }))
globalThis.WebSocket = class extends WebSocket {
  constructor(...parts) {
    super(...parts)
    seen.attempts++
    seen.sockets.push(this)
    this.addEventListener('open', () => seen.opened.push(performance.now()))
  }
}
const realFetch = globalThis.fetch
globalThis.fetch = (...request) => {
  if (String(request[0]).endsWith('/api/link')) seen.attempts++
  return realFetch(...request)
}
globalThis.seen = seen
