/**
 * Names one browser to the backend, and proves that it is the same browser: 128 random bits, kept like a password.
 * The scope in which command ids and lane numbers are unique.
 */
export type DeviceId = string

/** What the visitor or the host page said about who is writing. Empty text means: not said. */
export interface Visitor {
  readonly name: string
  readonly email: string
}
