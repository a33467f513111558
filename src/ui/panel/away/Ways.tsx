import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { codeOf } from '../../../model/code.ts'
import type { ThreadId } from '../../../model/thread.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import { useStore } from '../use-store.ts'
import { type Channel, linkTo, readChannels } from './channels.ts'

/**
 * Other ways to reach the team, each with a code by which an agent finds what was said here; nothing if there are none.
 *
 * @param threadId What it goes on from; without one they are there only while nobody is home.
 */
export function Ways({ threadId }: { readonly threadId?: ThreadId }) {
  const { chat, look, words, $view } = useAround()
  const first = useRef<HTMLAnchorElement>(null)
  const isAll = look.offline === 'channels' && !threadId
  const newest = useStore(chat.$threads)[0]?.id
  const away = useStore(chat.$availability)?.open === false
  const channels = useMemo(() => valid(look.channels), [])
  const thread = threadId ?? newest
  const code = thread ? codeOf(thread) : ''
  const text = words.t(code ? 'waysText' : 'waysHello', { code }).replace(/[\u2068\u2069]/g, '')
  const isShown = channels.length > 0 && (threadId !== undefined || away)

  useLayoutEffect(() => {
    // The button to write a message had the focus until it was known that nobody is home. Whoever went on to the page
    // since is left there.
    if (isAll && isShown && $view.get().focus && document.activeElement === document.body) first.current?.focus()
  }, [isShown])

  if (!isShown) return null
  return (
    <div class="ways" part="channels">
      <p class="quiet" id="ways">
        {words.t(isAll ? 'waysOnly' : 'ways')}
      </p>
      <ul aria-labelledby="ways">
        {channels.map((channel, i) => {
          const href = linkTo(channel, text, code)
          return (
            <li key={href}>
              <a
                class="way"
                ref={i ? null : first}
                // Where there is nothing else to start with.
                data-start={isAll && !i ? true : undefined}
                part="channel"
                href={href}
                target={/^http/.test(href) ? '_blank' : undefined}
                rel="noopener"
              >
                {words.t(`way-${channel[0]}` satisfies StringKey)}
              </a>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function valid(option: unknown): readonly Channel[] {
  try {
    return readChannels(option)
  } catch (error) {
    // For whoever put the widget on the page; a visitor can do nothing about it.
    console.error(error)
    return []
  }
}
