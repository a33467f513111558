import type { ComponentChild, ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Found } from '../../../core/search.ts'
import { useAround } from '../around.ts'
import { authorOf } from '../names.ts'

/** How much of a message stands before the first word that was found, in UTF-16 units. */
const BEFORE = 28
/** How long nobody types before what was found is said aloud, in milliseconds. */
const PAUSE = 900

/**
 * Where the visitor looks for what was said, in everything that this device has. Without a query it shows `children`.
 */
export function Search({ children }: { readonly children: ComponentChildren }) {
  const { chat, words, announcer, attempt } = useAround()
  const [query, setQuery] = useState('')
  const [found, setFound] = useState<readonly Found[] | undefined>(undefined)
  const asked = query.trim()

  useEffect(() => {
    if (!asked) return setFound(undefined)
    let current = true
    const search = async () => {
      const messages = await chat.search(asked)
      if (current) setFound(messages)
    }
    void attempt(search())
    return () => {
      current = false
    }
  }, [asked])

  useEffect(() => {
    if (!found) return
    const timer = setTimeout(() => announcer.say(words.t('found', { count: found.length })), PAUSE)
    return () => clearTimeout(timer)
  }, [found])

  return (
    <>
      <p class="search">
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5l5 5" />
        </svg>
        <input
          type="search"
          class="query"
          part="search"
          dir="auto"
          enterkeyhint="search"
          autocomplete="off"
          aria-label={words.t('search')}
          placeholder={words.t('search')}
          value={query}
          onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          onKeyDown={event => {
            // The first Escape takes back the search, the next one closes the panel.
            if (event.key !== 'Escape' || !query) return
            event.preventDefault()
            setQuery('')
          }}
        />
      </p>
      {!found && children}
      {found?.length === 0 && <p class="notice">{words.t('foundNone')}</p>}
      {found && found.length > 0 && (
        <ul aria-label={words.t('search')}>
          {found.map(one => (
            <li key={one.message.threadId + one.message.id}>
              <FoundLine found={one} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function FoundLine({ found: { message, ranges } }: { readonly found: Found }) {
  const { words, times, go } = useAround()
  const { threadId, position, text, at } = message
  const from = startOf(text, ranges[0]?.[0] ?? 0)
  const parts: ComponentChild[] = [from ? '…' : '']
  let end = from
  for (const [begin, close] of ranges) {
    parts.push(text.slice(end, begin), <mark>{text.slice(begin, close)}</mark>)
    end = close
  }
  parts.push(text.slice(end, end + 200))
  return (
    <button type="button" class="line hit" onClick={() => go(threadId, position)}>
      <span class="name">
        <bdi>{authorOf(message, words)}</bdi>
      </span>
      <time class="quiet">{times.brief(at)}</time>
      <span class="preview" dir="auto">
        {parts}
      </span>
    </button>
  )
}

/** Where to begin, so that what was found is in view: at a word. */
function startOf(text: string, first: number): number {
  if (first <= BEFORE) return 0
  const space = text.indexOf(' ', first - BEFORE)
  return space >= 0 && space < first ? space + 1 : first
}
