import { useMemo, useRef, useState } from 'preact/hooks'
import type { Timeline, Typist } from '../../core/chat.ts'
import type { ThreadId } from '../../model/thread.ts'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { Icon } from './Icon.tsx'
import { MessageItem } from './MessageItem.tsx'
import { textOf } from './names.ts'
import { type Row, rowsOf } from './rows.ts'
import { Typing } from './Typing.tsx'
import type { Bottom } from './use-bottom.ts'

export type Older = 'idle' | 'loading' | 'failed'

interface MessageListProps {
  readonly threadId: ThreadId
  readonly bottom: Bottom
  readonly older: Older
  readonly typist: Typist | undefined
  /** Messages of others that came in below what the visitor sees. */
  readonly below: number
  /** What stands there while nothing was said. */
  readonly empty: string
  onOlder(): void
  /** The visitor is done with the list and goes on writing. */
  onLeave(): void
}

/** The rows of a thread, for the list to show; only made anew when the messages changed. */
export function useRows(timeline: Timeline | undefined, unreadAfter: number | undefined): readonly Row[] {
  return useMemo(() => (timeline ? rowsOf(timeline.entries, unreadAfter) : []), [timeline, unreadAfter])
}

/**
 * The messages. One stop for the tab key; arrows move between messages, Enter goes to the links of one.
 *
 * A log that never speaks: `aria-live` is off from the start, and the announcer says what is new. Left to themselves,
 * screen readers read history aloud when older messages are put in.
 */
export function MessageList({ bottom, older, typist, below, empty, onOlder, onLeave }: MessageListProps) {
  const { words } = useAround()
  const { list, shown } = bottom
  const [current, setCurrent] = useState<string | undefined>(undefined)

  const onKeyDown = (event: KeyboardEvent) => {
    const root = list.current
    if (!root || event.altKey || event.ctrlKey || event.metaKey) return
    const target = event.target as HTMLElement
    const messages = [...root.querySelectorAll<HTMLElement>('article')]
    const at = messages.findIndex(message => message === target || message.contains(target))
    const inside = at >= 0 && messages[at] !== target
    const to: Readonly<Record<string, number>> = {
      ArrowUp: at < 0 ? messages.length - 1 : at - 1,
      ArrowDown: at < 0 ? messages.length - 1 : at + 1,
      Home: 0,
      End: messages.length - 1
    }
    const { key } = event
    if (key === 'Escape' && (inside || at >= 0)) {
      // The innermost first: link, message, list, panel.
      ;(inside ? messages[at]! : root).focus()
    } else if (key === 'Enter' && target === messages[at]) {
      target.querySelector<HTMLElement>('a, button')?.focus()
    } else if (key in to) {
      const next = messages[to[key]!]
      if (to[key]! >= messages.length) onLeave()
      else if (next) {
        setCurrent(next.parentElement?.dataset.key)
        next.focus({ preventScroll: true })
        next.scrollIntoView({ block: 'nearest' })
      }
    } else return
    event.preventDefault()
  }

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
        onScroll={bottom.onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="rows">
          {older === 'loading' && <p class="notice">{words.t('loadingOlder')}</p>}
          {older === 'failed' && (
            <p class="notice">
              {words.t('olderFailed')} <Button kind="text" label="retry" onClick={onOlder} />
            </p>
          )}
          {shown.length === 0 && <p class="notice empty">{empty}</p>}
          {shown.map(row => (
            <RowView key={row.key} row={row} current={row.key === current} onDone={onLeave} />
          ))}
          {typist && bottom.atTail && <Typing typist={typist} />}
        </div>
      </div>
      {!bottom.atBottom && (
        <button
          type="button"
          class={below > 0 ? 'jump new' : 'jump'}
          part="jump"
          aria-label={below > 0 ? undefined : words.t('toNewest')}
          onClick={() => {
            bottom.toBottom()
            onLeave()
          }}
        >
          {below > 0 && words.t('newCount', { count: below })}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}

interface RowViewProps {
  readonly row: Row
  readonly current: boolean
  onDone(): void
}

function RowView({ row, current, onDone }: RowViewProps) {
  const { words, times } = useAround()
  const done = useRef(onDone)
  done.current = onDone
  // Nothing in a row changes by itself: the same row is the same picture, and a long list costs what changed in it.
  return useMemo(() => {
    switch (row.kind) {
      case 'day':
        return (
          <h3 class="day" data-key={row.key} part="day-separator">
            {times.day(row.at)}
          </h3>
        )
      case 'unread':
        return (
          <h3 class="day unread" data-key={row.key} part="unread-separator">
            {words.t('newLine')}
          </h3>
        )
      case 'gap':
        return (
          <p class="notice" data-key={row.key}>
            {words.t('gap')}
          </p>
        )
      case 'notice':
        return (
          <p class="notice" data-key={row.key} part="notice" title={times.exact(row.entry.message.at)}>
            {textOf(row.entry.message, words)}
          </p>
        )
      case 'message':
        return (
          <div
            class={`row ${row.entry.message.author === 'visitor' ? 'ours' : 'theirs'}${row.first ? ' begins' : ''}`}
            data-key={row.key}
            part="message"
          >
            <MessageItem {...row} current={current} onDone={() => done.current()} />
          </div>
        )
    }
  }, [row, current, words, times])
}
