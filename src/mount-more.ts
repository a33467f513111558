import type { Chat } from './core/chat.ts'
import type { ChatOptions } from './core/options.ts'
import type { Standby } from './core/standby.ts'
import type { Consent } from './model/consent.ts'
import type { Message } from './model/message.ts'
import type { Rule, RuleSet } from './model/rule.ts'
import type { ChatWidget, mountChosen, OnPage } from './mount-chat.ts'
import type { MountChatChoice, MountChatOptions } from './mount-options.ts'
import { mountInto } from './ui/place.ts'
import type { Explained, Rules } from './ui/rules/index.ts'

export interface MountMoreOptions extends MountChatOptions {
  /**
   * A few words that are offered beside the launcher, and when: a list of `Rule`, `{ rules, perDay, quietHours }`, or either
   * as JSON. What is wrong with one is said on the console, and the others go on.
   */
  readonly rules?: readonly Rule[] | RuleSet | string | undefined
  /** For a script tag: has what `on` tells about numbers at hand. With a bundler it always is. */
  readonly numbers?: boolean | string | undefined
  /**
   * `true`, or `on`: the team sees which page a visitor is on, by address without what follows `?` or `#`, and title. From
   * the first message on, and not while `consent` is `none`. Default: `off`.
   */
  readonly pages?: boolean | 'on' | 'off' | undefined
}

export interface ChatWidgetWithMore extends ChatWidget {
  /**
   * The visitor allows more, or less, to be kept: see `chat.consent`. Option `consent` has to say what was allowed at
   * first. What an earlier visit left is picked up, or deleted.
   */
  consent(level: Consent): void
  /** Something happened on the page that a rule may wait for. */
  trigger(event: string): void
  /** Why each rule is shown, or is not: its conditions, what is left of its budget, and what is against it right now. */
  explain(tell?: (explained: readonly Explained[]) => void): Promise<readonly Explained[]>
}

/** The options, checked but for the rules: what is wrong with one of them is no reason to have no chat. */
export type MoreChoice = Omit<MountChatChoice, 'target'> & Pick<MountMoreOptions, 'rules' | 'pages' | 'target'>

/**
 * The widget with what only some sites ask for; what the options do not ask for is not loaded.
 *
 * @param mountPlain What mounts one without.
 * @throws {TypeError} If `consent`, `pages` or `target` is wrong.
 */
export function mountMore(choice: MoreChoice, mountPlain: typeof mountChosen): ChatWidgetWithMore {
  const { consent, pages = false } = choice
  // Here, because who says nothing about it need not load what checks it.
  if (consent !== undefined && !/^(none|session|persistent)$/.test(consent))
    throw new TypeError(`porchlight: option consent must be none, session or persistent, got "${consent}"`)
  if (!/^(true|false|on|off)$/.test(String(pages)))
    throw new TypeError(`porchlight: option pages must be on or off, got ${JSON.stringify(pages)}`)
  /** Its name; known as soon as there is a widget. */
  let database = ''
  let allow = () => {}
  /** Until something may be kept, there is no reason to look whether something was. */
  const allowed = new Promise<void>(resolve => {
    allow = resolve
    if (consent !== 'none') resolve()
  })
  let standby: Standby | undefined
  /** What listens; settles when there was a reason to load it. */
  let found = (_chat: Standby) => {}
  const chat = new Promise<Standby>(resolve => {
    found = resolve
  })
  const openWithMore = async (load: () => Promise<OnPage>) => {
    const [onPage, ladder] = await Promise.all([load(), consent && import('./consent.ts')])
    return {
      ...onPage,
      async openStandby(options: ChatOptions) {
        const opened = await (ladder && consent
          ? ladder.openWithConsent({ ...options, consent }, onPage, database)
          : onPage.openStandby(options))
        const offering = await rules
        standby = offering ? withOpenings(opened, offering.openings) : opened
        found(standby)
        return standby
      }
    }
  }
  const isKept = async (name: string) => {
    database = name
    await allowed
    return (consent && name in sessionStorage) || (await indexedDB.databases()).some(known => known.name === name)
  }
  const widget = mountInto(choice.target, target => mountPlain({ ...choice, target }, openWithMore, isKept))
  const { host } = widget
  /** Without them there is a chat all the same. */
  const rules =
    host && choice.rules !== undefined
      ? unlessMissing(async () => {
          const { watchRules } = await import('./ui/rules/index.ts')
          return watchRules({
            given: choice.rules,
            name: database,
            consent,
            host,
            strings: choice.strings,
            $open: widget.$open,
            lastActivity: () => standby?.$threads.get()[0]?.at ?? 0,
            open: threadId => widget.open(threadId, true)
          })
        })
      : undefined
  if (pages === 'on' || String(pages) === 'true')
    chat.then(async chat => (await import('./ui/pages.ts')).tellPages(chat)).catch(console.warn)
  let counting: Promise<Chat['on'] | undefined> | undefined
  const count = async () => {
    const [{ countingOn }, { on, wires }] = await Promise.all([import('./core/numbers.ts'), chat])
    return countingOn(on, async () => wires)
  }

  return {
    ...widget,
    on(name, listener) {
      counting ??= unlessMissing(count)
      const bound = counting.then(on => on?.(name, listener))
      return () => void bound.then(unbind => unbind?.())
    },
    trigger: event => void rules?.then(rules => rules?.trigger(event)),
    async explain(tell) {
      const explained = (await rules)?.explain() ?? []
      tell?.(explained)
      return explained
    },
    async logout() {
      void rules?.then(rules => rules?.forget())
      await widget.logout()
    },
    destroy() {
      void rules?.then(rules => rules?.close())
      widget.destroy()
    },
    consent(level) {
      allow()
      void rules?.then(rules => rules?.allow(level))
      chat
        .then(chat => {
          if (!chat.consent) throw new TypeError('porchlight: option consent must say what was allowed at first')
          return chat.consent(level)
        })
        .catch(console.warn)
    }
  }
}

/** What was made; `undefined`, and the reason on the console, if its code cannot be had. */
function unlessMissing<Part>(make: () => Promise<Part>): Promise<Part | undefined> {
  return make().catch(error => void console.warn(error))
}

/** Where the first words of a conversation stand that a rule began: before everything that the backend knows of. */
const FIRST = 0.5

/** A chat that shows what a rule has said as the first words of its conversation. They are nobody's message, and not stored. */
function withOpenings(standby: Standby, openings: Rules['openings']): Standby {
  const { rows } = standby.wires
  const rowOf = (threadId: string) => {
    const opening = openings()[threadId]
    if (!opening) return []
    const { message: text, from, at } = opening
    const by = from ? { name: from, picture: '' } : null
    const said = { author: 'agent', by, text, content: null, attachments: [], at, position: FIRST } as const
    const value: Message = { id: `opening-${threadId}`, threadId, ...said }
    return [{ key: ['message', threadId, FIRST], value }]
  }
  const list: typeof rows.list = async (prefix, page) => {
    const found = await rows.list(prefix, page)
    const first = found[0]?.value as Message | undefined
    if (prefix[0] !== 'message' || prefix.length !== 2 || page?.before || (first && first.position > 1)) return found
    return [...(rowOf(String(prefix[1])) as unknown as typeof found), ...found]
  }
  const on: typeof rows.on = (kind, listener) => {
    if (kind !== 'message') return rows.on(kind, listener)
    return rows.on('message', changes => {
      // What the backend says of a thread may take the place of all that was shown of it.
      const threads = new Set(changes.map(({ key }) => String(key[1])))
      listener([...changes, ...[...threads].flatMap(rowOf)] as never)
    })
  }
  const shown = Object.create(rows, { list: { value: list }, on: { value: on } })
  return { ...standby, wires: { ...standby.wires, rows: shown } }
}
