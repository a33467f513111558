import { useMemo } from 'preact/hooks'
import { codeOf } from '../../../model/code.ts'
import type { ThreadId } from '../../../model/thread.ts'
import type { StringKey } from '../../strings.ts'
import { useAround } from '../around.ts'
import { useStore } from '../use-store.ts'
import { type Channel, linkTo, readChannels } from './channels.ts'

/** Other ways to reach the team, each with a code by which an agent finds what was said here; nothing if there are none. */
export function Ways({ threadId }: { readonly threadId?: ThreadId }) {
  const { chat, look, words } = useAround()
  const newest = useStore(chat.$threads)[0]?.id
  const channels = useMemo(() => valid(look.channels), [])
  const thread = threadId ?? newest
  const code = thread ? codeOf(thread) : ''
  const text = words.t(code ? 'waysText' : 'waysHello', { code }).replace(/[\u2068\u2069]/g, '')
  if (!channels.length) return null
  return (
    <div class="ways" part="channels">
      <p class="quiet" id="ways">
        {words.t('ways')}
      </p>
      <ul aria-labelledby="ways">
        {channels.map(channel => {
          const href = linkTo(channel, text, code)
          return (
            <li key={href}>
              <a
                class="way"
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
  } catch {
    // Whoever mounted the widget was told; a visitor can do nothing about it.
    return []
  }
}
