import type { Transport } from './transport.ts'

/** Whether this failure says nothing of the backend, only of the way there: another way may lead to it. */
export const isOfTheWay = (error: unknown): boolean =>
  /^(offline|timeout|protocol|unsupported)$/.test((error as { readonly code: string } | undefined)?.code as string)

/** How long the others may take to come before the first one is tried again, in milliseconds. */
const PATIENCE = 3000

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
          // Where the code cannot be fetched, nothing else gets through either; where it is swallowed on its way, the
          // first one may work again long before anybody says so.
          rest = await Promise.race([load(), enough()]).catch(() => undefined)
          if (!rest) throw error
        }
      }
      return rest.connect(request)
    }
  }
}

const enough = () => new Promise<undefined>(resolve => setTimeout(resolve, PATIENCE))
