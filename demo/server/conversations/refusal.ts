import type { TransportErrorCode } from '../../../src/transport/errors.ts'

/** A command that is refused for good, and remembered as such. Nothing of it was done. */
export interface Refusal {
  readonly code: Extract<TransportErrorCode, 'rejected' | 'forbidden' | 'unsupported'>
  /** Picks what people read. */
  readonly reason: string
  /** For developers. */
  readonly message: string
}

export const refuse = (reason: string, message: string, code: Refusal['code'] = 'rejected'): Refusal => ({
  code,
  reason,
  message
})

/** The same words whether it is somebody else's or not there at all. */
export const notYours: Refusal = refuse('forbidden', 'this thread is not one of yours', 'forbidden')
