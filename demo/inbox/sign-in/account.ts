import { atom, type ReadableAtom } from 'nanostores'
import type { Agent } from '../../server/wire/agent-frames.ts'
import type { Shelf } from '../shelf.ts'

/** Who works here, and the token that proves it. */
export interface Account {
  readonly $signedIn: ReadableAtom<SignedIn | undefined>
  /** A sentence for the sign-in page, such as why one is there; empty: nothing to say. */
  readonly $why: ReadableAtom<string>
  /** The e-mail address of the last attempt. */
  readonly email: string
  /** Settles with a sentence for the agent if it did not work. */
  signIn(form: SignInForm): Promise<string | undefined>
  signOut(): Promise<void>
  /** The server does not know the token any more. */
  refused(): void
}

export interface SignedIn {
  readonly token: string
  readonly agent: Agent
}

interface SignInForm {
  readonly email: string
  readonly password: string
  /** Also after the browser was closed. */
  readonly stay: boolean
}

export interface AccountParts {
  /** Lives as long as the tab. */
  readonly tab: Shelf
  /** Lives until it is cleared. */
  readonly device: Shelf
  readonly fetch?: typeof fetch
}

const KEY = 'signed-in'

export function createAccount({ tab, device, fetch = globalThis.fetch.bind(globalThis) }: AccountParts): Account {
  const known = [tab.get(KEY), device.get(KEY)].find(isSignedIn)
  const $signedIn = atom<SignedIn | undefined>(known)
  const $why = atom('')

  function forget(why: string) {
    tab.drop(KEY)
    device.drop(KEY)
    $why.set(why)
    $signedIn.set(undefined)
  }

  return {
    $signedIn,
    $why,
    get email() {
      const email = device.get('email')
      return typeof email === 'string' ? email : ''
    },
    async signIn({ email, password, stay }) {
      device.put('email', email)
      let response: Response
      try {
        response = await fetch('/api/inbox/sign-in', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email, password })
        })
      } catch {
        // Offline and refused look the same from here.
        return 'The server cannot be reached. Check your connection and try again.'
      }
      const body: unknown = await response.json().catch(() => undefined)
      if (!response.ok) return problem(response.status)
      if (!isSignedIn(body)) return 'The server gave an answer that makes no sense here. Is this the right address?'
      tab.put(KEY, body)
      if (stay) device.put(KEY, body)
      $why.set('')
      $signedIn.set(body)
      return undefined
    },
    async signOut() {
      const token = $signedIn.get()?.token
      forget('')
      if (!token) return
      const headers = { authorization: `Bearer ${token}` }
      try {
        await fetch('/api/inbox/sign-out', { method: 'POST', headers })
      } catch {
        /* unreachable: this browser has forgotten the token, and it expires by itself */
      }
    },
    refused: () => forget('Your time here ran out. Sign in again to go on; nothing you wrote is lost.')
  }
}

function problem(status: number): string {
  if (status === 401) return 'This e-mail address and password do not belong together. Check both and try again.'
  if (status === 429) return 'Too many attempts. Wait a minute, then try again.'
  return `The server could not do it (${status}). Try again in a moment.`
}

function isSignedIn(value: unknown): value is SignedIn {
  if (typeof value !== 'object' || value === null) return false
  const { token, agent } = value as { token?: unknown; agent?: Partial<Agent> | null }
  return typeof token === 'string' && typeof agent?.id === 'string' && typeof agent.name === 'string'
}
