import type { Chat, ChatEvents } from './core/chat.ts'
import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Visitor } from './model/visitor.ts'
import { checkMountChat, type MountChatChoice, type MountChatOptions } from './mount-options.ts'
import { databaseName, hasDatabase } from './storage/probe.ts'
import { askAvailability } from './transport/availability.ts'
import { type ChatSource, mountUi, once, type Widget } from './ui/mount.ts'

/** A widget that makes its own chat, when there is a reason to. */
export interface ChatWidget extends Widget {
  /** Says who is writing; kept until the panel is loaded. */
  identify(visitor: Partial<Visitor>): void
  /** Signs out: see `chat.reset`. What is said next is said by nobody in particular, so make a new widget for them. */
  logout(): Promise<void>
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
  return mountChosen(checkMountChat(options))
}

/** The same for options that were checked: the script tag's loader does that before it fetches this. */
export function mountChosen(choice: MountChatChoice): ChatWidget {
  const { app, identity, server, token } = choice
  const base = server.replace(/\/+$/, '')

  let found: (chat: Standby) => void
  const chat = new Promise<Standby>(resolve => {
    found = resolve
  })
  /** The whole of it, which can say who is writing. */
  let made: (chat: Chat) => void
  const whole = new Promise<Chat>(resolve => {
    made = resolve
  })

  const source: ChatSource<Standby> = {
    load: once(async () => {
      const { openStandby, reference } = await import('./on-page.ts')
      const standby = await openStandby({ app, identity, transport: reference(base), token } as ChatOptions)
      found(standby)
      return standby
    }),
    talk: once(async () => {
      const { talk } = await import('./core/talk.ts')
      let chat: Chat | undefined
      return standby => {
        chat ??= talk(standby)
        made(chat)
        return chat
      }
    }),
    ask: askAvailability(base),
    eager: () => hasDatabase(databaseName(app, identity))
  }
  const widget = mountUi(source, choice)

  return {
    ...widget,
    identify: visitor => void whole.then(({ identify }) => identify(visitor)).catch(console.warn),
    logout: async () => (await source.talk())(await source.load()).reset(),
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
