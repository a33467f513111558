import type { Chat, ChatEvents, Listening } from './core/chat.ts'
import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Visitor } from './model/visitor.ts'
import { databaseName, hasDatabase } from './storage/probe.ts'
import { askAvailability } from './transport/availability.ts'
import { type LookOptions, wrong } from './ui/look.ts'
import { mountUi, type Widget } from './ui/mount.ts'

export type { LookOptions } from './ui/look.ts'
export type { Widget } from './ui/mount.ts'
export type { StringKey, Strings } from './ui/strings.ts'

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
  /** Says who is writing; kept until the chat is loaded. */
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
  const { app, server = '/api', token, ...look } = options
  // The chat checks this as well, but it comes too late to tell whoever wrote the call.
  if (typeof app !== 'string' || !/^[\w-]{1,64}$/.test(app))
    wrong('app', 'a name of up to 64 letters, digits, - or _', app)
  if (token !== undefined && typeof token !== 'function') wrong('token', 'a function that gives the token', token)
  if (typeof server !== 'string') wrong('server', 'an address such as https://chat.example/api', server)
  const base = server.replace(/\/+$/, '')

  let chat: Standby | undefined
  let over = false
  let visitor: Partial<Visitor> | undefined
  const bindings = new Set<{ bind(chat: Listening): void }>()

  const load = async () => {
    if (chat) return chat
    const { openStandby, websocket } = await import('./on-page.ts')
    const made = await openStandby({ app, transport: websocket(`${base}/socket`), ...(token && { token }) })
    if (over) made.close()
    else {
      chat = made
      if (visitor) introduce(made, visitor)
      for (const { bind } of bindings) bind(made)
    }
    return made
  }

  const widget = mountUi(
    {
      load,
      async talk() {
        const { talk } = await import('./core/talk.ts')
        return talk(await load())
      },
      ask: askAvailability(base),
      eager: typeof indexedDB === 'undefined' ? Promise.resolve(false) : hasDatabase(databaseName(app))
    },
    look
  )

  return {
    ...widget,
    identify(who) {
      visitor = { ...visitor, ...who }
      if (chat) introduce(chat, who)
    },
    on(name, listener) {
      let unbind = () => {}
      const binding = {
        bind(to: Listening) {
          unbind = to.on(name, listener)
        }
      }
      bindings.add(binding)
      if (chat) binding.bind(chat)
      return () => {
        bindings.delete(binding)
        unbind()
      }
    },
    destroy() {
      over = true
      widget.destroy()
      chat?.close()
    }
  }
}

function introduce(chat: Listening, visitor: Partial<Visitor>): void {
  chat.identify(visitor).catch(error => console.warn('porchlight: identify did not work', error))
}

/**
 * The interface for a chat of your own: with another backend, or shared with the rest of your page.
 *
 * @param chat The chat, a promise of it, or a function that makes it when a visitor shows interest.
 * @throws {TypeError} If an option is wrong.
 */
export function mount(chat: Chat | Promise<Chat> | (() => Chat | Promise<Chat>), look: LookOptions = {}): Widget {
  const lazy = typeof chat === 'function'
  let made: Chat | Promise<Chat> | undefined
  // Once made it is the same chat; a maker that failed is asked again.
  const make = async () => {
    made ??= lazy ? chat() : chat
    try {
      return await made
    } catch (error) {
      made = undefined
      throw error
    }
  }
  return mountUi({ load: make, talk: make, eager: Promise.resolve(!lazy) }, look)
}
