import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { createVerifier } from '../../demo/server/identity/tokens.ts'

export const SECRET = 'a secret of the shop that tests know'

export const verifier = createVerifier({ secrets: [SECRET] })

/** Seconds since 1970, as tokens count. */
export const second = (fromNow = 0) => Date.now() / 1000 + fromNow

/** What the site's server would sign: good for ten minutes, unless the claims say otherwise. */
export function signFor(sub: string, claims: Readonly<Record<string, unknown>> = {}, secret = SECRET): Promise<string> {
  return new SignJWT({ sub, exp: second(600), jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}
