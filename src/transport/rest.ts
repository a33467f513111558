import { fallback } from './fallback.ts'
import { polling } from './polling.ts'
import { sse } from './sse.ts'
import type { Transport } from './transport.ts'

/** All that is fetched when the socket does not work, in one file. */
export function withRest(socket: Transport, api: string): Transport {
  return fallback([socket, sse(`${api}/link`), polling(`${api}/link`)])
}
