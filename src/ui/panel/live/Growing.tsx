import { useEffect, useRef, useState } from 'preact/hooks'
import type { Message } from '../../../model/message.ts'
import { useAround } from '../around.ts'
import { authorOf } from '../names.ts'
import { spoken, wholeUntil } from './sentences.ts'

/** How long an answer may stand still before it counts as not coming. */
const PATIENCE = 20_000

/**
 * What goes with an answer while it grows: a way to stop it, and its sentences for ears, each once and whole. Its words
 * stand in the list, as those of every message.
 */
export function Growing({ message: { id, threadId, text } }: { readonly message: Message }) {
  const { chat, words } = useAround()
  useSentences(id, threadId, text)
  const [stuck, setStuck] = useState(false)
  useEffect(() => {
    setStuck(false)
    const timer = setTimeout(setStuck, PATIENCE, true)
    return () => clearTimeout(timer)
  }, [text])
  // What was said stays; but whoever says it seems to be gone.
  if (stuck) return null
  return (
    <p class="growing">
      <button type="button" class="button small" part="stop" onClick={() => chat.stop(threadId)}>
        <i aria-hidden="true" />
        {words.t('stop')}
      </button>
    </p>
  )
}

function useSentences(id: string, threadId: string, text: string): void {
  const { chat, words, announcer, $view } = useAround()
  const said = useRef(0)

  const say = (whole: string, until: number) => {
    const news = spoken(whole.slice(said.current, until))
    const first = !said.current
    said.current = until
    if (!news || !$view.get().open || document.hidden) return
    const entry = chat.$messages.get()[threadId]?.entries.find(({ message }) => message.id === id)
    announcer.say(first && entry ? `${authorOf(entry.message, words)}: ${news}` : news)
  }

  useEffect(() => {
    const until = wholeUntil(text)
    if (until > said.current) say(text, until)
  }, [text])

  useEffect(() => {
    said.current = 0
    return () => {
      // It is whole, or was stopped: what is left of it.
      const entry = chat.$messages.get()[threadId]?.entries.find(({ message }) => message.id === id)
      if (entry && !entry.growing) say(entry.message.text, entry.message.text.length)
    }
  }, [id])
}
