import { atom, type ReadableAtom } from 'nanostores'
import type { Cursor } from '../model/event.ts'
import { isTransportError, TransportError } from '../transport/errors.ts'
import type { Connection, Transport } from '../transport/transport.ts'
import { nextDelay } from './backoff.ts'
import type { LinkState } from './chat.ts'
import type { Device } from './device.ts'
import { linked, until } from './waiting.ts'

/** A connection that lived this long was a good one: the next loss starts counting anew. */
const HEALTHY = 30_000
/** Attempts asked for by hand or by an event, at the most one in this time. */
const WAKE_GAP = 2000
/** How long the host page may take to say who this is, in milliseconds. */
const TOKEN_PATIENCE = 60_000

export interface Link {
  readonly $link: ReadableAtom<LinkState>
  /** The open connection, if there is one. */
  connection(): Connection | undefined
  /** Is online whenever there is a reason, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Whether there is a reason to be online. */
  want(is: boolean): void
  /** Do not wait any longer for the next attempt. */
  wake(): void
  /** Everything that was missed has been stored and shown. */
  caughtUp(): void
  /** The network is gone: the connection is not worth waiting for. */
  lost(): void
  /** Drops the connection and makes a new one, as somebody else. */
  restart(): void
  /** Another tab leads: this is how its link is. */
  follow(link: LinkState): void
}

interface LinkParts {
  readonly transport: Transport
  readonly device: Device
  token(): Promise<string | undefined> | string | undefined
  cursor(): Cursor | undefined
  /** The visitor of this device signed out, and whoever did so had no time to empty the disk, or it took nothing. */
  onForgotten(): void
  /** Moves everything both ways, for as long as the connection lives. Rejects with what ended it; then `signal` aborts. */
  serve(connection: Connection, signal: AbortSignal): Promise<never>
}

/** When to be online: one connection at a time, made again with patience whenever it is lost. */
export function createLink(parts: LinkParts): Link {
  const $link = atom<LinkState>({ state: 'idle' })
  let connection: Connection | undefined
  let attempt = 0
  /** The attempt before which a token was not taken, if it was for its token that the last one ended. */
  let denied: number | false
  /** The number under which this tab leads. */
  let term: number | undefined
  let lastWake = Number.NEGATIVE_INFINITY
  let wanted = false
  let live = new AbortController()
  let changed = () => {}

  const set = (state: LinkState['state'], more: Partial<LinkState> = {}) =>
    $link.set({ ...$link.get(), retryAt: undefined, ...more, state })

  /** Settles when something happened that may change what to do, or after `most` milliseconds. */
  const change = (signal: AbortSignal, most?: number) =>
    until(
      signal,
      done => {
        changed = done
        return undefined
      },
      most
    )

  const connectOnce = async (term: number, signal: AbortSignal) => {
    // Before others are told of the link, and with it of the name.
    const device = await parts.device.id()
    set('connecting')
    const began = performance.now()
    let own: Connection | undefined
    try {
      own = await parts.transport.connect({
        device,
        term,
        // A page may never answer, and must keep nobody waiting: not who comes next either.
        token: await Promise.race([
          parts.token(),
          until(signal, undefined, TOKEN_PATIENCE).then(() => {
            throw new Error('no token')
          })
        ]),
        credentials: parts.device.credentials(),
        cursor: parts.cursor(),
        signal
      })
      connection = own
      denied = false
      set('catching-up', { capabilities: own.capabilities })
      await parts.serve(own, signal)
    } finally {
      if (performance.now() - began > HEALTHY) attempt = 0
      // By the time this one has ended, the tab may lead again, with another.
      if (connection === own) {
        connection = undefined
        if ($link.get().state === 'online') set('catching-up', { syncedAt: Date.now() })
      }
    }
  }

  /** Waits as the end of a connection, or the lack of one, asks for. */
  const recover = async (error: unknown, signal: AbortSignal) => {
    const { retry, retryAfter = 0, reason }: Partial<TransportError> = isTransportError(error) ? error : {}
    // The token may just have grown old: one attempt with a fresh one, then the host page has to say who this is.
    const isDenied = retry === 'after-auth'
    const refused = retry === 'never' ? 'refused' : isDenied && attempt === denied ? 'unauthorized' : undefined
    const delay = refused ? undefined : Math.max(retryAfter, nextDelay(attempt++))
    denied = isDenied && attempt
    set(refused ?? 'waiting', { retryAt: delay && Date.now() + delay })
    if (reason === 'forgotten') parts.onForgotten()
    await change(signal, delay)
  }

  return {
    $link,
    connection: () => connection,
    async run(signal) {
      term = undefined
      // What a follower heard from the tab that led before is over.
      set('idle')
      try {
        for (;;) {
          signal.throwIfAborted()
          while (!wanted) {
            set('idle')
            await change(signal)
          }
          const own = linked(signal)
          live = own
          try {
            term ??= await parts.device.nextTerm()
            await connectOnce(term, own.signal)
          } catch (error) {
            // Dropped on purpose.
            if (own.signal.aborted && !isTransportError(own.signal.reason)) continue
            // Not when the waiting is over: it may be open still, where it was not the network that failed.
            own.abort()
            if (!isTransportError(error)) console.warn('porchlight:', error)
            // Asked to wait, perhaps by a backend that has met a higher number, given when no disk could keep it.
            else if (error.retryAfter) term = undefined
            await recover(error, signal)
          }
        }
      } catch (error) {
        if (!signal.aborted) throw error
      }
      // Unless the tab leads again by now.
      if (live.signal.aborted) set('idle')
    },
    want(is) {
      if (wanted === is) return
      wanted = is
      if (is) changed()
      else live.abort()
    },
    wake() {
      connection?.probe?.()
      const now = performance.now()
      if (now - lastWake < WAKE_GAP) return
      lastWake = now
      changed()
    },
    caughtUp: () => set('online', { syncedAt: Date.now() }),
    lost() {
      if (connection) live.abort(new TransportError('offline', 'no network'))
    },
    restart() {
      attempt = 0
      // Somebody else is here by now, or another database, where tabs are counted anew.
      term = undefined
      live.abort()
      changed()
    },
    follow: state => $link.set(state)
  }
}
