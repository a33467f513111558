import type { Transport } from './transport.ts'

/** Whether this failure says nothing of the backend, only of the way there: another way may lead to it. */
export const isOfTheWay = (error: unknown): boolean =>
  /^(offline|timeout|protocol|unsupported)$/.test((error as { readonly code: string } | undefined)?.code as string)

/**
 * One transport at once, and the others only where it does not work: what `load` gives takes over when it failed, and
 * stays. For pages that fetch no code for bad networks where the network is good.
 */
export function eager(first: Transport, load: () => Promise<Transport>): Transport {
  let rest: Transport | undefined
  return {
    get name() {
      return (rest ?? first).name
    },
    async connect(request) {
      if (!rest) {
        try {
          return await first.connect(request)
        } catch (error) {
          if (!isOfTheWay(error)) throw error
          // Where the code cannot be fetched, nothing else gets through either.
          rest = await load().catch(() => undefined)
          if (!rest) throw error
        }
      }
      return rest.connect(request)
    }
  }
}
