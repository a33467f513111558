import { useRef } from 'preact/hooks'
import type { Entry } from '../../core/chat.ts'
import type { Attachment } from '../../model/message.ts'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { Icon } from './Icon.tsx'
import { authorOf, personOf } from './names.ts'
import { addressOf, RichText } from './rich-text.tsx'

interface MessageItemProps {
  readonly entry: Entry
  readonly first: boolean
  readonly last: boolean
  readonly state: boolean
  /** The row that the arrow keys stand on: only there links are part of the tab order. */
  readonly current: boolean
  /** A control of this message is gone together with what it did. */
  onDone(): void
}

/** One bubble, with who, when, and how far it has come. */
export function MessageItem({ entry, first, last, state, current, onDone }: MessageItemProps) {
  const { chat, words, times, attempt } = useAround()
  const { message, delivery, reason } = entry
  const own = message.author === 'visitor'
  const author = authorOf(message, words)
  const clock = times.clock(message.at)
  const says = delivery && words.t(delivery === 'failed' && reason === 'too-long' ? 'failedTooLong' : delivery)
  // Only what just appeared moves in: what scrolls into the document has always been there.
  const fresh = useRef(Math.abs(Date.now() - message.at) < 3000)
  const tabIndex = current ? 0 : -1

  return (
    <>
      {first && (
        <h3 class={own ? 'aloud' : 'author'}>
          <bdi>{author}</bdi>
        </h3>
      )}
      <article
        class={`bubble ${own ? 'out' : 'in'}${first ? ' first' : ''}${last ? ' last' : ''}${fresh.current ? ' fresh' : ''}${delivery === 'failed' ? ' failed' : ''}`}
        part={own ? 'bubble out' : 'bubble in'}
        aria-label={[author, clock, says].filter(Boolean).join(', ')}
        title={times.exact(message.at)}
        tabIndex={-1}
      >
        {message.text && (
          <p dir="auto">
            <RichText text={message.text} tabIndex={tabIndex} />
          </p>
        )}
        {message.attachments.map(attachment => (
          <File key={attachment.id} attachment={attachment} tabIndex={tabIndex} />
        ))}
      </article>
      {!own && last && <Avatar person={personOf(message, words)} />}
      {(last || state) && (
        <p class={`meta ${own ? 'out' : 'in'} ${delivery ?? ''}`} part="meta" aria-hidden={!own}>
          {delivery !== 'failed' && <time dateTime={new Date(message.at).toISOString()}>{clock}</time>}
          {own && delivery && (
            <>
              <Icon name={delivery} />
              <span class={delivery === 'failed' ? '' : 'aloud'}>{says}</span>
            </>
          )}
          {delivery === 'failed' && (
            <>
              <Button
                kind="text"
                label="retry"
                onClick={() => {
                  onDone()
                  void attempt(chat.retry(message.id))
                }}
              />
              <Button
                kind="text"
                label="delete"
                onClick={() => {
                  onDone()
                  void attempt(chat.discard(message.id))
                }}
              />
            </>
          )}
        </p>
      )}
    </>
  )
}

function File({ attachment, tabIndex }: { readonly attachment: Attachment; readonly tabIndex: number }) {
  const { words } = useAround()
  const href = addressOf(attachment.url)
  const name = words.t('attachment', { name: attachment.name })
  return (
    <p dir="auto">
      {href ? (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc" tabIndex={tabIndex}>
          {name}
        </a>
      ) : (
        name
      )}
    </p>
  )
}
