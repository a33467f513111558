import type { Consent } from '../model/consent.ts'
import type { Transport } from '../transport/transport.ts'

/** What every chat needs to know. */
export interface ChatOptions {
  /** Names this chat on this site: chats of one name share their stored messages. Letters, digits, `-`, `_`. */
  readonly app: string
  /** The way to the backend, such as `websocket('wss://chat.example/api/socket')`. */
  readonly transport: Transport
  /**
   * Whom the site knows the visitor as, such as the number of their account: each one's conversations are kept apart on
   * this device, and what was written before signing in comes along. `token` has to prove it. Default: nobody.
   */
  readonly identity?: string | undefined
  /**
   * What may be kept on this device: nothing but memory (`none`), something until the tab is closed (`session`), or
   * until it is deleted (`persistent`). Given, `chat.consent` changes it at any time. Default: `persistent`, from the
   * moment on at which the visitor opens the chat.
   */
  readonly consent?: Consent | undefined
  /**
   * Proves to the backend who the visitor is; called for each attempt to connect. Default: the visitor is anonymous.
   */
  readonly token?: () => Promise<string | undefined> | string | undefined
}

/** @throws {TypeError} That names the option, what came and what would be right. */
export function checkOptions(options: ChatOptions): void {
  if (typeof options !== 'object' || options === null) throw wrong('options', 'an object', options)
  const { app, transport, token, identity, consent } = options
  if (typeof app !== 'string' || !/^[\w-]{1,64}$/.test(app)) {
    throw wrong('app', 'a name of up to 64 letters, digits, - or _', app)
  }
  if (typeof transport?.connect !== 'function')
    throw wrong('transport', "a transport, such as websocket('wss://…')", transport)
  if (identity !== undefined && typeof identity !== 'string') throw wrong('identity', 'text', identity)
  if (identity && !token) throw wrong('token', 'a function that gives the token that proves `identity`', token)
  if (!/^(none|session|persistent|undefined)$/.test(String(consent)))
    throw wrong('consent', 'none, session or persistent', consent)
  if (token !== undefined && typeof token !== 'function') throw wrong('token', 'a function that gives the token', token)
}

/** The error for a wrong option: which one, what would be right, what came. */
export function wrong(name: string, right: string, value: unknown): TypeError {
  const came = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : value === null ? 'null' : typeof value
  return new TypeError(`porchlight: option ${name} must be ${right}, got ${came}`)
}
