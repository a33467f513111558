import type { ChatOptions } from './core/options.ts'
import { check, isText, LOOK, type Look, type LookOptions } from './ui/look.ts'

export interface MountChatOptions extends LookOptions {
  /** Names the chat: visitors of one app on one site share their conversations over all its pages. */
  readonly app: string
  /** Base address of the API; default: `/api` on the site of the page. */
  readonly server?: string | undefined
  /** Whom the site knows the visitor as; see `createChat`. Default: nobody. */
  readonly identity?: ChatOptions['identity']
  /** Proves who the visitor is; called for each attempt to connect. Default: the visitor is anonymous. */
  readonly token?: ChatOptions['token']
  /** What may be kept on this device; see `createChat`. With `none` nothing is looked for, either. */
  readonly consent?: ChatOptions['consent']
}

/** The same with nothing left out. */
export interface MountChatChoice extends Look {
  readonly app: string
  readonly identity: string
  readonly server: string
  readonly token: ChatOptions['token']
  readonly consent?: ChatOptions['consent']
}

/** @throws {TypeError} If an option is wrong: names it, what came, and what would be right. */
export function checkMountChat(options: MountChatOptions): MountChatChoice {
  return check(options, {
    ...LOOK,
    app: [
      undefined,
      'a name of up to 64 letters, digits, - or _',
      value => isText(value) && /^[\w-]{1,64}$/.test(value)
    ],
    identity: ['', 'text', isText],
    server: ['/api', 'an address', isText],
    token: [undefined, 'a function', value => !value || typeof value === 'function']
  }) as unknown as MountChatChoice
}
