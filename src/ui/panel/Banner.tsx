import { useEffect, useState } from 'preact/hooks'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { useStore } from './use-store.ts'

/** Most connections come back before anybody noticed; what is said sooner only worries. */
const SILENT = 2000

const TONES: Readonly<Record<string, string>> = {
  connecting: 'busy',
  'catching-up': 'busy',
  online: 'good',
  refused: 'danger'
}

/** The truth about connection and saving, in plain words; nothing while all is well. */
export function Banner() {
  const { chat, words, times, announcer, $view } = useAround()
  const { link, syncedAt, storage, waiting: unsent } = useStore(chat.$status)
  const trouble = useStore($view).open && /^(conn|catch|wait)/.test(link)
  /** What `trouble` was a moment ago: both together are worth a word, and so is the end of it. */
  const [was, setWas] = useState(false)
  useEffect(() => {
    const timer = setTimeout(setWas, SILENT, trouble)
    return () => clearTimeout(timer)
  }, [trouble])

  const key =
    link === 'refused' || link === 'unauthorized' || (was && link === 'online')
      ? link
      : was && trouble
        ? link
        : storage !== 'durable' && storage
  const text = key && words.t(key as StringKey)
  useEffect(() => {
    // What is over in a moment is not worth interrupting anybody for.
    if (text && TONES[key] !== 'busy') announcer.say(text)
  }, [text])

  // Only then: a page with such a listener is not kept for the way back.
  const losing = storage !== 'durable' && unsent > 0
  useEffect(() => {
    if (!losing) return
    const ask = (event: Event) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [losing])

  return (
    key && (
      <div class={`banner ${TONES[key] ?? 'warning'}`} part="banner">
        <p>
          {text} {key === 'waiting' && syncedAt && words.t('syncedAt', { time: times.brief(syncedAt) })}
        </p>
        {key === 'waiting' && <Button class="text" label="retry" onClick={() => chat.reconnect()} />}
      </div>
    )
  )
}
