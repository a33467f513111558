/** Who a signed token says the visitor is. */
export interface Proof {
  readonly subject: string
  readonly name: string
  readonly email: string
}

/** Checks what a host page's own server signed. */
export interface Verifier {
  /** The proof, or in one sentence why there is none. */
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
