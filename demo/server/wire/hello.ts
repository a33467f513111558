import { LIMITS } from '../../../src/transport/frames.ts'
import { parseJson } from './body.ts'

/**
 * What is wrong with the token of a `hello` whose form is wrong; `undefined`: nothing, or it is none. It is answered as
 * every token that does not count: whoever is only told of a wrong frame waits for the answer to it.
 */
export function tokenProblem(raw: string): string | undefined {
  const { t, token } = parseJson(raw) ?? {}
  const tooLong = t === 'hello' && typeof token === 'string' && token.length > LIMITS.token
  return tooLong ? `token: expected at most ${LIMITS.token} characters` : undefined
}
