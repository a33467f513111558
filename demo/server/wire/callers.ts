import type { ServerFrame } from '../../../src/transport/frames.ts'
import type { Bus } from '../bus/bus.ts'
import type { Proof } from '../identity/visitors.ts'
import type { Peer } from './peer.ts'

/** A visitor's connection, by what it showed at `hello`. */
export interface Caller {
  readonly peer: Peer<ServerFrame>
  /** Hash of the secret. */
  readonly device: string
  readonly proof: Proof | undefined
}

/** Ends visitors' connections when what they showed counts no more. */
export interface Callers {
  /**
   * Watches over a connection from before it is let in, so that a sign-out in the same moment does not miss it. Returns
   * the function that stops.
   */
  add(caller: Caller): () => void
}

export function createCallers(bus: Bus): Callers {
  const all = new Set<Caller>()

  bus.subscribe('signed-in', ({ device, subject }) => {
    for (const caller of all) {
      // What was opened without a token would go on reading what is now for signed-in eyes.
      if (caller.device === device && caller.proof?.subject !== subject) {
        caller.peer.bye('closed', 'a visitor signed in in this browser')
      }
    }
  })
  bus.subscribe('forgotten', ({ device, token }) => {
    for (const caller of all) {
      if (caller.device === device) {
        caller.peer.bye('forbidden', 'device: was signed out; expected a new one', null, 'forgotten')
      } else if (token !== null && caller.proof?.token === token) {
        caller.peer.bye('unauthorized', 'token: was signed out')
      }
    }
  })

  return {
    add(caller) {
      all.add(caller)
      const { proof, peer } = caller
      const expiry =
        proof && setTimeout(() => peer.bye('unauthorized', 'token: has expired'), proof.expiresAt - Date.now())
      return () => {
        clearTimeout(expiry)
        all.delete(caller)
      }
    }
  }
}
