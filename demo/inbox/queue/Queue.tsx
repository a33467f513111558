import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Conversation } from '../../server/wire/agent-frames.ts'
import { Icon, Lantern } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { useShortcuts } from '../use-shortcuts.ts'
import { useStore } from '../use-store.ts'
import { Row } from './Row.tsx'
import { inOrder, isIn, isQueued, matches, VIEW_NAMES, VIEWS, type View } from './views.ts'

/** More rows than anybody reads at once cost time at every change. */
const ROWS = 100

/** The list of conversations of one view: live and asynchronous, in one place. */
export function Queue() {
  const inbox = useInbox()
  const { view, threadId } = useStore(inbox.router.$route)
  const all = Object.values(useStore(inbox.conversations.$conversations))
  const query = useStore(inbox.$query)
  const me = useStore(inbox.team.$me).id
  const { shortcuts } = useStore(inbox.preferences.$preferences)
  const [rows, setRows] = useState(ROWS)
  const [active, setActive] = useState<string>()
  const searchRef = useRef<HTMLInputElement>(null)
  const listRef = useRef<HTMLDivElement>(null)
  const titleRef = useRef<HTMLHeadingElement>(null)
  const focused = useRef<{ readonly element: Element; readonly at: number }>(undefined)
  const opened = useRef(threadId)
  const titleId = useId()

  const words = query.trim()
  const found = all.filter(one => isIn(view, one, me) && (!words || matches(one, words)))
  const list = inOrder(view, found).slice(0, rows)
  const ids = list.map(({ thread }) => thread.id)
  // One tab stop for the whole list: where the agent was last, else the open one, else the first.
  const stop = [active, threadId, ids[0]].find(id => id !== undefined && ids.includes(id))

  useEffect(() => {
    setRows(ROWS)
    setActive(undefined)
  }, [view])

  function focus(id: string | undefined) {
    if (id === undefined) return
    setActive(id)
    const link = [...(listRef.current?.querySelectorAll<HTMLElement>('[data-thread]') ?? [])]
    link.find(({ dataset }) => dataset.thread === id)?.focus()
  }

  // Whoever stands on a row that goes away stands on its neighbour then, not nowhere.
  useLayoutEffect(() => {
    const last = focused.current
    if (!last || last.element.isConnected || document.activeElement !== document.body) return
    focused.current = undefined
    if (ids.length > 0) focus(ids[Math.min(last.at, ids.length - 1)])
    else titleRef.current?.focus()
  })

  // Back from a conversation that took the place of the list.
  useEffect(() => {
    if (threadId === undefined && opened.current !== undefined && document.activeElement === document.body) {
      focus(ids.includes(opened.current) ? opened.current : ids[0])
    }
    opened.current = threadId
  }, [threadId])

  function move(by: number) {
    // Nothing is focused yet: the first key shows where the focus begins.
    const here = listRef.current?.contains(document.activeElement) ? ids.indexOf(stop ?? '') : -1
    const from = here >= 0 || stop === undefined ? here : ids.indexOf(stop) - (threadId === stop ? 0 : by)
    focus(ids[Math.min(Math.max(from + by, 0), ids.length - 1)])
  }

  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    '/': () => searchRef.current?.focus()
  })

  function press(event: KeyboardEvent) {
    const to: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Home: () => focus(ids[0]),
      End: () => focus(ids.at(-1))
    }
    const run = Object.hasOwn(to, event.key) ? to[event.key] : undefined
    if (!run) return
    event.preventDefault()
    run()
  }

  const live = view === 'waiting' ? list.filter(isQueued) : []
  const rest = list.filter(one => !live.includes(one))
  const groups = [
    { title: 'Live chat', rows: live },
    { title: live.length > 0 || view === 'waiting' ? 'Messages' : '', rows: rest }
  ].filter(group => group.rows.length > 0)

  return (
    <section class="queue" aria-labelledby={titleId}>
      <div class="queue-head">
        <h2 id={titleId} ref={titleRef} tabIndex={-1}>
          {VIEW_NAMES[view]}
        </h2>
        <search class="search">
          <Icon name="search" />
          <input
            ref={searchRef}
            type="search"
            aria-label="Search by name or message"
            placeholder="Search"
            value={query}
            onInput={event => inbox.$query.set(event.currentTarget.value)}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                inbox.$query.set('')
                event.currentTarget.blur()
              }
              if (event.key === 'ArrowDown' || event.key === 'Enter') {
                event.preventDefault()
                focus(ids[0])
              }
            }}
          />
          {shortcuts && <kbd class="search-key">/</kbd>}
        </search>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the links inside are the controls, this only moves among them */}
      <div class="queue-list" ref={listRef} onKeyDown={press}>
        {groups.map(group => (
          <Group key={group.title} title={group.title} count={group.rows.length}>
            {group.rows.map(conversation => (
              <Row
                key={conversation.thread.id}
                conversation={conversation}
                view={view}
                stop={conversation.thread.id === stop}
                current={conversation.thread.id === threadId}
                onFocus={element => {
                  setActive(conversation.thread.id)
                  focused.current = { element, at: ids.indexOf(conversation.thread.id) }
                }}
              />
            ))}
          </Group>
        ))}
        {found.length > rows && (
          <button type="button" class="button queue-more" onClick={() => setRows(rows + ROWS)}>
            Show more
          </button>
        )}
        {found.length === 0 &&
          (words ? <NotFound all={all} words={words} /> : <Empty view={view} any={all.length > 0} />)}
      </div>
    </section>
  )
}

function Group({ title, count, children }: { title: string; count: number; children: preact.ComponentChildren }) {
  return (
    <>
      {title && (
        <h3 class="queue-group">
          {title} <span>{count}</span>
        </h3>
      )}
      {/* biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from lists without bullets */}
      <ul role="list">{children}</ul>
    </>
  )
}

/** Nothing here, but perhaps elsewhere. */
function NotFound({ all, words }: { readonly all: readonly Conversation[]; readonly words: string }) {
  const inbox = useInbox()
  const me = useStore(inbox.team.$me).id
  const elsewhere = VIEWS.map(view => ({
    view,
    count: all.filter(one => isIn(view, one, me) && matches(one, words)).length
  })).filter(({ view, count }) => count > 0 && (view === 'open' || view === 'closed'))
  return (
    <div class="empty">
      <p class="empty-title">No match here</p>
      <p>Names, e-mail addresses and newest messages are searched.</p>
      {elsewhere.map(({ view, count }) => (
        <button key={view} type="button" class="button" onClick={() => inbox.router.go({ view })}>
          {count} in {VIEW_NAMES[view]}
        </button>
      ))}
    </div>
  )
}

function Empty({ view, any }: { readonly view: View; readonly any: boolean }) {
  const { team } = useInbox()
  const lit = useStore(team.$lit)
  const [title, text] = {
    waiting: [
      'Nobody is waiting',
      lit
        ? 'The light is on. Who comes to the door appears here.'
        : 'The light is off. Visitors leave messages, which appear here.'
    ],
    mine: ['Nothing is yours yet', 'Accept a chat or answer a message, and it is kept here.'],
    open: any
      ? ['All done', 'Every conversation is closed. A new message opens one again.']
      : ['No conversations yet', 'They appear here with the first message of a visitor.'],
    closed: ['Nothing is closed yet', 'What you close is kept here. A new message opens it again.']
  }[view] as [string, string]
  return (
    <div class="empty">
      {view === 'waiting' && <Lantern lit={lit} />}
      <p class="empty-title">{title}</p>
      <p>{text}</p>
      {!any && (
        <a class="button" href="/" target="_blank" rel="noopener">
          Open the shop in a new window
          <Icon name="open" />
        </a>
      )}
    </div>
  )
}
