/** Who a signed token says the visitor is, and until when. */
export interface Proof {
  /** What the site calls this visitor, for ever. */
  readonly subject: string
  /** Empty: the site does not say. */
  readonly name: string
  readonly email: string
  /** Names this token among those that were signed out. Not the token itself. */
  readonly token: string
  /** In milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Checks what a host page's own server signed. */
export interface Verifier {
  /** The proof, or in one sentence why there is none; the sentence repeats nothing of the token. */
  verify(token: string): Promise<Proof | { readonly problem: string }>
}

/**
 * Who is behind a `hello`, beyond the browser it comes from. Without a verifier a token proves nothing and is ignored:
 * every visitor is then whoever holds the device.
 */
export async function prove(
  token: string | undefined,
  verifier: Verifier | undefined
): Promise<Proof | { readonly problem: string } | undefined> {
  return token && verifier ? verifier.verify(token) : undefined
}
