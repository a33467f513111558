import type { Chat } from './core/chat.ts'
import { mountChosen } from './mount-chat.ts'
import { type ChatWidgetWithMore, type MountMoreOptions, mountMore } from './mount-more.ts'
import { checkMountChat } from './mount-options.ts'
import { checkLook, type LookOptions } from './ui/look.ts'
import { type ChatSource, mountUi, type Widget } from './ui/mount.ts'
import { mountInto } from './ui/place.ts'

export type { Conditions, Rule, RuleSet } from './model/rule.ts'
export type { ChatWidgetWithMore as ChatWidget, MountMoreOptions as MountChatOptions } from './mount-more.ts'
export type { Channels, LookOptions, Mode, ModeRule } from './ui/look.ts'
export type { Widget } from './ui/mount.ts'
export type { Explained } from './ui/rules/index.ts'
export type { StringKey, Strings } from './ui/strings.ts'

/**
 * The interface for a chat of your own: with another backend, or shared with the rest of your page.
 *
 * ```ts
 * const widget = mount(chat, { title: 'Fernhill Lamps' }) // a button in the corner
 * const inPage = mount(chat, { target: '#help' }) // open, in an element of the page
 * ```
 *
 * @param chat The chat, a promise of it, or a function that makes it when a visitor shows interest.
 * @throws {TypeError} If an option is wrong.
 */
export function mount(chat: Chat | Promise<Chat> | (() => Chat | Promise<Chat>), look: LookOptions = {}): Widget {
  const lazy = typeof chat === 'function'
  const source: ChatSource<Chat> = {
    load: async () => (lazy ? chat() : chat),
    talk: async () => chat => chat,
    eager: async () => !lazy
  }
  const checked = checkLook(look)
  return mountInto(look.target, target => mountUi(source, { ...checked, target }))
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
export function mountChat(options: MountMoreOptions): ChatWidgetWithMore {
  return mountMore(checkMountChat(options), mountChosen)
}
