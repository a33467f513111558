import type { Connection, ConnectRequest, Transport } from './transport.ts'

/** A transport that can take over from an attempt which another one has begun, and which may still connect. */
export interface Successor extends Transport {
  connect(request: ConnectRequest, begun?: Promise<Connection>): Promise<Connection>
}

/** How long a transport may take to connect before another is tried beside it, in milliseconds. */
const PATIENCE = 3000

/** Whether this failure says nothing of the backend, only of the way there: another way may lead to it. */
export const isOfTheWay = (error: unknown): boolean =>
  /^(offline|timeout|protocol|unsupported)$/.test((error as { readonly code: string } | undefined)?.code as string)

/**
 * One transport at once, and the others only where it does not work: what `load` gives takes over from an attempt that
 * failed or takes too long, and stays. For pages that fetch no code for bad networks where the network is good.
 */
export function eager(
  first: Transport,
  load: () => Promise<Successor>,
  pause: (ms: number, signal: AbortSignal) => Promise<void>
): Transport {
  let rest: Successor | undefined
  return {
    get name() {
      return (rest || first).name
    },
    async connect(request) {
      if (rest) return rest.connect(request)
      const begun = first.connect(request)
      const soon = <T>(work: Promise<T>) => Promise.race([work, pause(PATIENCE, request.signal)])
      const early = await soon(
        begun.catch(error => {
          if (!isOfTheWay(error)) throw error
        })
      )
      if (early) return early
      // Where the code cannot be fetched, nothing else gets through.
      rest = (await soon(load().catch(() => undefined))) as Successor | undefined
      return rest ? rest.connect(request, begun) : begun
    }
  }
}
