import type { ComponentChild } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { Icon } from './Icon.tsx'
import { late } from './late.ts'
import { MessageItem } from './MessageItem.tsx'
import { rowsOf } from './rows.ts'
import type { Bottom } from './use-bottom.ts'

const useReach = late(() => import('./reach/index.tsx'))

/** How it goes with older messages, if there is anything to say about it. */
export type Older = 'loadingOlder' | 'olderFailed' | undefined

interface MessageListProps {
  readonly bottom: Bottom
  readonly unreadAfter: number | undefined
  readonly older: Older
  /** Somebody is at it. */
  readonly typing: ComponentChild
  /** Messages of others that the visitor has not seen. */
  readonly unread: number
  /** What stands there while nothing was said. */
  readonly empty: string
  onOlder(): void
  /** The visitor is done with the list and goes on writing. */
  onLeave(): void
}

/**
 * The messages. One stop for the tab key; arrows move between messages, Enter goes to the links of one.
 *
 * A log that never speaks: `aria-live` is off from the start, and the announcer says what is new. Left to themselves,
 * screen readers read history aloud when older messages are put in.
 */
export function MessageList(props: MessageListProps) {
  const { bottom, unreadAfter, older, typing, unread, empty, onOlder, onLeave } = props
  const { words } = useAround()
  const { list, shown, atBottom, atTail, toBottom, onScroll } = bottom
  const [reached, setReached] = useState(false)
  const reach = useReach(reached)

  // The same rows are the same picture, whatever is rendered around them.
  const rows = useMemo(
    () => rowsOf(shown, unreadAfter).map(row => <MessageItem key={row.entry.message.id} row={row} onDone={onLeave} />),
    [shown, unreadAfter]
  )

  return (
    <div class="reading">
      <div
        ref={list}
        class="list"
        part="list"
        role="log"
        aria-live="off"
        aria-label={words.t('conversation')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
        tabIndex={0}
        onScroll={onScroll}
        onFocusIn={() => setReached(true)}
        onKeyDown={event => reach?.moveByKey(event, list.current!, onLeave)}
      >
        <div class="rows">
          {older && (
            <p class="notice older">
              {words.t(older)} {older === 'olderFailed' && <Button class="text" label="retry" onClick={onOlder} />}
            </p>
          )}
          {rows.length ? rows : <p class="notice empty">{empty}</p>}
          {atTail && typing}
        </div>
        {reach && <reach.Copying list={list} />}
      </div>
      {!atBottom && (
        <button
          type="button"
          class={unread ? 'jump new' : 'jump'}
          part="jump"
          aria-label={unread ? undefined : words.t('toNewest')}
          onClick={() => {
            toBottom()
            onLeave()
          }}
        >
          {unread > 0 && words.t('newCount', { count: unread })}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}
