import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { Icon } from './Icon.tsx'
import { late } from './late.ts'
import { personOf, textOf } from './names.ts'
import { useLimits, useLive } from './parts.ts'
import type { Row } from './rows.ts'

/** What may have an address or a mark in it. */
const MARKED = /:\/\/|www\.|@|[*_`~>#-]|\d[.)]/i

const useRich = late(() => import('./rich/index.tsx'))

interface MessageItemProps {
  readonly row: Row
  /** A control of this message is gone together with what it did. */
  onDone(): void
}

/** One bubble, with who, when, and how far it has come; or a notice. And the lines above it. */
export function MessageItem({ row: { entry, gap, day, unread, first, last, state }, onDone }: MessageItemProps) {
  const { chat, words, times, attempt } = useAround()
  const { message, delivery } = entry
  const { id, author, at } = message
  useLive(author === 'system')
  const text = textOf(message, words, times)
  const more = message.content || message.attachments[0]
  const rich = useRich(more || MARKED.test(text))
  const side = author === 'visitor' ? 'out' : 'in'
  const own = side === 'out'
  const failed = delivery === 'failed'
  const limits = useLimits(failed || gap)
  const person = personOf(message, words)
  const clock = times.clock(at)
  const says = delivery && words.t(delivery)
  const below = rich && <rich.Choice message={message} />
  const act = (label: 'retry' | 'discard' | 'undo') => (
    // The focus goes on when the words are where it goes.
    <Button class="text" label={label} onClick={() => attempt(chat[label](id)).then(onDone)} />
  )

  return (
    <>
      {gap && limits && <p class="notice">{words.t('gap')}</p>}
      {day && (
        <h3 class="day" part="day-separator">
          {times.day(at)}
        </h3>
      )}
      {unread && (
        <h3 class="day unread" part="unread-separator">
          {words.t('newLine')}
        </h3>
      )}
      {author === 'system' ? (
        <>
          <p class="notice" part="notice">
            {text}
          </p>
          {below}
        </>
      ) : (
        <div
          class={`row ${own ? 'ours' : 'theirs'}${first ? ' begins' : ''}`}
          part="message"
          data-at={message.position}
        >
          {first && (
            <h3 class={own ? 'aloud' : 'author'}>
              <bdi>{person.name}</bdi>
            </h3>
          )}
          <article
            // Only what just appeared moves in: what scrolls into the document has always been there.
            class={`bubble ${side}${first ? ' first' : ''}${failed ? ' failed' : ''}${Date.now() - at < 3000 ? ' fresh' : ''}`}
            part={`bubble ${side}`}
            aria-label={[person.name, clock, says].filter(Boolean).join(', ')}
            title={times.exact(at)}
            tabIndex={-1}
          >
            {rich ? <rich.Rich message={message} text={text} /> : <p dir="auto">{text}</p>}
          </article>
          {!own && last && <Avatar person={person} />}
          {state && (
            <p class={`meta ${side} ${delivery}`} part="meta" aria-hidden={!own}>
              {!failed && <time>{clock}</time>}
              {delivery && (
                <>
                  <Icon name={delivery} />
                  <span class={failed ? '' : 'aloud'}>{says}</span>
                </>
              )}
              {failed ? [act('retry'), act('discard')] : delivery === 'queued' && !more && act('undo')}
            </p>
          )}
          {failed && limits && <limits.Reason reason={entry.reason} />}
          {below}
        </div>
      )}
    </>
  )
}
