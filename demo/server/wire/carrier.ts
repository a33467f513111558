import type { RawData } from 'ws'

/** What frames go in and out of: a WebSocket is one, and so are an event stream and polls with the requests beside them. */
export interface Carrier {
  readonly OPEN: number
  readonly readyState: number
  /** Bytes that were sent and not taken yet. */
  readonly bufferedAmount: number
  send(frame: string): void
  /** Closes when everything that was sent has been taken. */
  close(code: number, reason: string): void
  /** Closes at once. */
  terminate(): void
  on(event: 'message', listener: (data: RawData, binary: boolean) => void): unknown
  on(event: 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}
