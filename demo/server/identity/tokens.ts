import { createPublicKey, type KeyObject } from 'node:crypto'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { nullable, object, optional, text } from '../../../src/model/shape.ts'
import { LIMITS } from '../../../src/transport/frames.ts'
import { hashSecret } from './secrets.ts'
import type { Proof, Verifier } from './visitors.ts'

/** Whose tokens count. At least one secret, or a public key. */
export interface TokenRules {
  /** Shared with the site's server, for HS256; several while an old one is being replaced. */
  readonly secrets: readonly string[]
  /** PEM of the site's public key: RSA for RS256, P-256 for ES256. */
  readonly publicKey?: string | undefined
  /** What `aud` has to name; `undefined`: it does not matter. */
  readonly audience?: string | undefined
  /** What `iss` has to be; `undefined`: it does not matter. */
  readonly issuer?: string | undefined
}

const DAY = 86_400_000
/** By how much the clock of the site's server may differ from ours. */
const TOLERANCE = 60_000
/** Shorter ones can be guessed offline, from any one token. */
const SECRET_BYTES = 32
const RSA_BITS = 2048

/**
 * Checks JSON Web Tokens. The algorithm is ours to choose, by the keys we have; a key that comes with the token counts
 * for nothing.
 *
 * @throws {Error} If a secret is too short, or the public key cannot be used; it names the variable.
 */
export function createVerifier(rules: TokenRules): Verifier {
  const { audience, issuer } = rules
  const keys = [...rules.secrets.map(fromSecret), ...(rules.publicKey ? [fromPublicKey(rules.publicKey)] : [])]
  const algorithms = [...new Set(keys.map(({ algorithm }) => algorithm))]

  /** The claims, if one of our keys signed them and they are meant for us, now. */
  async function read(token: string): Promise<{ readonly claims: JWTPayload } | { readonly problem: string }> {
    let problem = `token: expected one that is signed with ${algorithms.join(' or ')}`
    const header = decodeProtectedHeader(token)
    if (['jwk', 'jku', 'x5c', 'x5u'].some(name => name in header)) return { problem: 'token: expected no key in it' }
    for (const { key, algorithm } of keys) {
      if (header.alg !== algorithm) continue
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          clockTolerance: TOLERANCE / 1000,
          ...(audience === undefined ? {} : { audience }),
          ...(issuer === undefined ? {} : { issuer })
        })
        return { claims: payload }
      } catch (error) {
        problem = wordsFor(error)
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) break
      }
    }
    return { problem }
  }

  return {
    async verify(token) {
      if (token.length > LIMITS.token) return { problem: `token: expected at most ${LIMITS.token} characters` }
      try {
        const found = await read(token)
        return 'claims' in found ? proofOf(token, found.claims) : found
      } catch (error) {
        return { problem: wordsFor(error) }
      }
    }
  }
}

interface Key {
  readonly key: KeyObject | Uint8Array
  readonly algorithm: 'HS256' | 'RS256' | 'ES256'
}

function fromSecret(secret: string): Key {
  const key = Buffer.from(secret, 'utf8')
  if (key.length < SECRET_BYTES) {
    throw new Error(`VISITOR_SECRET: expected at least ${SECRET_BYTES} bytes, got ${key.length}`)
  }
  return { key, algorithm: 'HS256' }
}

function fromPublicKey(pem: string): Key {
  const right = `VISITOR_PUBLIC_KEY: expected the PEM of a public key, RSA of at least ${RSA_BITS} bits or P-256`
  if (/PRIVATE KEY/.test(pem)) throw new Error(`${right}, got a private key: keep that to yourself`)
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch (cause) {
    throw new Error(right, { cause })
  }
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= RSA_BITS) return { key, algorithm: 'RS256' }
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { key, algorithm: 'ES256' }
  throw new Error(`${right}, got ${key.asymmetricKeyType} ${namedCurve ?? modulusLength}`)
}

const claimsShape = object({
  sub: text(200, 1),
  name: optional(nullable(text(LIMITS.name))),
  email: optional(nullable(text(LIMITS.email))),
  jti: optional(text(LIMITS.token))
})

/** What the claims say, once it is known who signed them. */
function proofOf(token: string, claims: JWTPayload): Proof | { readonly problem: string } {
  const problem = claimsShape(claims, 'token') ?? badTimes(claims)
  if (problem) return { problem }
  const { sub, name, email, jti, exp } = claims as Claims
  // Compared byte by byte, never made alike: what a database would change on the way is nobody's name.
  if ([sub, name ?? '', email ?? ''].some(words => words.includes('\0') || !isWellFormed(words))) {
    return { problem: 'token: expected text without zero characters and halves of surrogate pairs' }
  }
  return {
    subject: sub,
    name: (name ?? '').trim(),
    email: (email ?? '').trim(),
    // Without an id, what was signed names it: the signature can be written in more than one way.
    token: hashSecret(jti ? JSON.stringify([sub, jti]) : token.slice(0, token.lastIndexOf('.'))),
    expiresAt: exp * 1000
  }
}

interface Claims {
  readonly sub: string
  readonly name?: string | null
  readonly email?: string | null
  readonly jti?: string
  readonly exp: number
}

/** What `jose` does not hold tokens to: they have to end, soon, and to the second. */
function badTimes({ exp, iat }: JWTPayload): string | undefined {
  const now = Date.now()
  if (exp === undefined) return 'token.exp: expected the second in which it expires'
  if (exp * 1000 <= now) return EXPIRED
  if (exp * 1000 > now + DAY + TOLERANCE) return 'token.exp: expected at most 24 hours from now'
  if (iat !== undefined && iat * 1000 > now + TOLERANCE) return 'token.iat: expected a time that has been'
}

const EXPIRED = 'token: has expired'

const isWellFormed = (words: string) => Buffer.from(words, 'utf8').toString('utf8') === words

/** In our own words, so that nothing of the token is repeated. */
function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return EXPIRED
  if (error instanceof errors.JWTClaimValidationFailed) {
    const known = ['aud', 'iss', 'nbf', 'exp', 'iat'].find(name => name === error.claim)
    return known ? `token.${known}: is not what it has to be` : 'token: its claims are not what they have to be'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token: the signature is not one of this site'
  return 'token: expected a signed JSON Web Token'
}
