import type { Chat, ChatEvents } from './core/chat.ts'
import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Visitor } from './model/visitor.ts'
import { hasDatabase } from './storage/probe.ts'
import { askAvailability } from './transport/availability.ts'
import { check, isText, type LookOptions } from './ui/look.ts'
import { mountUi, type Widget } from './ui/mount.ts'

export interface MountChatOptions extends LookOptions {
  /** Names the chat: visitors of one app on one site share their conversations over all its pages. */
  readonly app: string
  /** Base address of the API; default: `/api` on the site of the page. */
  readonly server?: string | undefined
  /** Proves who the visitor is; called for each attempt to connect. Default: the visitor is anonymous. */
  readonly token?: ChatOptions['token']
}

/** A widget that makes its own chat, when there is a reason to. */
export interface ChatWidget extends Widget {
  /** Says who is writing; kept until the panel is loaded. */
  identify(visitor: Partial<Visitor>): void
  /** As `chat.on`, and possible before the chat is loaded. */
  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void
}

/**
 * Puts the whole widget on the page: launcher at once, everything else when it is needed.
 *
 * ```ts
 * const widget = mountChat({ app: 'shop', server: 'https://chat.example/api', title: 'Fernhill Lamps' })
 * ```
 *
 * @throws {TypeError} If an option is wrong.
 */
export function mountChat(options: MountChatOptions): ChatWidget {
  // The chat checks this as well, but it comes too late to tell whoever wrote the call.
  const { app, server, token } = check(options, {
    app: [
      undefined,
      'a name of up to 64 letters, digits, - or _',
      value => isText(value) && /^[\w-]{1,64}$/.test(value)
    ],
    server: ['/api', 'an address', isText],
    token: [undefined, 'a function', value => !value || typeof value === 'function']
  }) as unknown as Checked
  const base = server.replace(/\/+$/, '')

  let found: (chat: Standby) => void
  const chat = new Promise<Standby>(resolve => {
    found = resolve
  })
  /** The whole of it, which can say who is writing. */
  let whole: Chat | undefined
  let waiting: Partial<Visitor> | undefined
  const introduce = (visitor: Partial<Visitor>) => {
    if (whole) whole.identify(visitor).catch(error => console.warn('porchlight:', error))
    else waiting = { ...waiting, ...visitor }
  }

  const widget = mountUi(
    {
      async load() {
        const { openStandby, reference } = await import('./on-page.ts')
        const standby = await openStandby({ app, transport: reference(base), token } as ChatOptions)
        found(standby)
        return standby
      },
      async talk() {
        const { talk } = await import('./core/talk.ts')
        return standby => {
          whole = talk(standby)
          if (waiting) introduce(waiting)
          return whole
        }
      },
      ask: askAvailability(base),
      eager: () => hasDatabase(app)
    },
    options
  )

  return {
    ...widget,
    identify: introduce,
    on(name, listener) {
      const bound = chat.then(chat => chat.on(name, listener))
      return () => void bound.then(unbind => unbind())
    },
    destroy() {
      widget.destroy()
      // Also if it comes only now.
      void chat.then(({ close }) => close())
    }
  }
}

interface Checked {
  readonly app: string
  readonly server: string
  readonly token: ChatOptions['token']
}
