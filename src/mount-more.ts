import type { Chat } from './core/chat.ts'
import type { ChatWidget, MountChatOptions, mountChat } from './mount-chat.ts'
import type { Consent } from './storage/consent.ts'

export interface MountMoreOptions extends MountChatOptions {
  /** What may be kept on this device; see `createChat`. With `none` nothing is looked for, either. */
  readonly consent?: Consent | undefined
  /** For a script tag: has what `on` tells about numbers at hand. With a bundler it always is. */
  readonly numbers?: boolean | string | undefined
}

export interface ChatWidgetWithMore extends ChatWidget {
  /**
   * The visitor allows more, or less, to be kept: see `chat.consent`. Option `consent` has to say what was allowed at
   * first. What an earlier visit left is picked up, or deleted.
   */
  consent(level: Consent): void
}

/**
 * `mountChat` with what only some sites ask for; what the options do not ask for is not loaded.
 *
 * @param mountPlain The one without.
 * @throws {TypeError} If an option is wrong.
 */
export function mountMore(options: MountMoreOptions, mountPlain: typeof mountChat): ChatWidgetWithMore {
  const { consent } = options
  if (consent !== undefined && !/^(none|session|persistent)$/.test(consent))
    throw new TypeError(`porchlight: option consent must be none, session or persistent, got "${consent}"`)
  /** Its name; known as soon as there is a widget. */
  let database = ''
  let allow = () => {}
  /** Until something may be kept, there is no reason to look whether something was. */
  const allowed = new Promise<void>(resolve => {
    allow = resolve
    if (consent !== 'none') resolve()
  })
  const widget = consent
    ? mountPlain(
        options,
        async load => {
          const [onPage, { openWithConsent }] = await Promise.all([load(), import('./consent.ts')])
          return { ...onPage, openStandby: options => openWithConsent({ ...options, consent }, onPage, database) }
        },
        async name => {
          database = name
          await allowed
          return name in sessionStorage || (await indexedDB.databases()).some(known => known.name === name)
        }
      )
    : mountPlain(options)

  let counting: Promise<Chat['on']> | undefined
  const count = async () => {
    const [{ countingOn }, { on, wires }] = await Promise.all([import('./core/numbers.ts'), widget.chat])
    return countingOn(on, async () => wires)
  }

  return {
    ...widget,
    on(name, listener) {
      counting ??= count()
      const bound = counting.then(on => on(name, listener))
      return () => void bound.then(unbind => unbind())
    },
    consent(level) {
      allow()
      widget.chat
        .then(chat => {
          if (!chat.consent) throw new TypeError('porchlight: option consent must say what was allowed at first')
          return chat.consent(level)
        })
        .catch(console.warn)
    }
  }
}
