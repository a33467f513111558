import type { Chat, ChatEvents } from './core/chat.ts'
import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Visitor } from './model/visitor.ts'
import type { MountChatChoice } from './mount-options.ts'
import { databaseName, hasDatabase } from './storage/probe.ts'
import { askAvailability } from './transport/availability.ts'
import { type ChatSource, mountUi, once, type Widget } from './ui/mount.ts'

/** What opens a chat on a page, loaded when there is a reason to. */
export type OnPage = typeof import('./on-page.ts')

/** A widget that makes its own chat, when there is a reason to. */
export interface ChatWidget extends Widget {
  /** Says who is writing; kept until the panel is loaded. */
  identify(visitor: Partial<Visitor>): void
  /**
   * Signs out: see `chat.reset`. What is said next is said by nobody in particular, so make a new widget for them. Before
   * `destroy`, which lets it finish; after that it rejects, because nothing is open any more, and what is kept stays.
   */
  logout(): Promise<void>
  /** As `chat.on`, and possible before the chat is loaded. */
  on<Name extends keyof ChatEvents>(name: Name, listener: (event: ChatEvents[Name]) => void): () => void
}

/**
 * The whole widget, for options that were checked: launcher at once, everything else when it is needed.
 *
 * @param open What opens the chat, given what loads what does.
 * @param isKept Whether something is kept of an earlier visit, under this name.
 */
export function mountChosen(
  choice: MountChatChoice,
  open = (load: () => Promise<OnPage>): Promise<Pick<OnPage, 'openStandby' | 'reference'>> => load(),
  isKept = hasDatabase
): ChatWidget {
  const { app, identity, server, token } = choice
  const name = databaseName(app, identity)
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
      const { openStandby, reference } = await open(() => import('./on-page.ts'))
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
    eager: () => isKept(name)
  }
  const widget = mountUi(source, { ...choice, left: `${name}:open` })
  let leaving: Promise<void> | undefined

  return {
    ...widget,
    identify(visitor) {
      const was = leaving
      // Not of somebody who has signed out before anybody could be told.
      void whole.then(chat => (was === leaving ? chat.identify(visitor) : undefined)).catch(console.warn)
    },
    logout() {
      const leave = async () => (await source.talk())(await source.load()).reset()
      leaving = leave()
      return leaving
    },
    on(name, listener) {
      const bound = chat.then(chat => chat.on(name, listener))
      return () => void bound.then(unbind => unbind())
    },
    async destroy() {
      widget.destroy()
      // Whoever signs out leaves first, or what was theirs would stay.
      await leaving?.catch(console.warn)
      // Also if it comes only now.
      ;(await chat).close()
    }
  }
}
