import { useEffect, useState } from 'preact/hooks'
import type { StringKey } from '../strings.ts'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { useLimits } from './parts.ts'
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

  const barred = link === 'refused' || link === 'unauthorized'
  const losing = storage !== 'durable'
  const limits = useLimits(barred || losing)
  const key = barred || (was && (trouble || link === 'online')) ? link : losing ? storage : ''
  const text = words.t(key as StringKey)
  // Some words come late.
  const said = text !== key
  useEffect(() => {
    // What is over in a moment is not worth interrupting anybody for.
    if (said && TONES[key] !== 'busy') announcer.say(text)
  }, [text])

  return (
    said && (
      <div class={`banner ${TONES[key] ?? 'warning'}`} part="banner">
        <p>
          {text} {key === 'waiting' && syncedAt && words.t('syncedAt', { time: times.brief(syncedAt) })}{' '}
          {losing && limits && unsent > 0 && <limits.Keep />}
        </p>
        {key === 'waiting' && <Button class="text" label="retry" onClick={() => chat.reconnect()} />}
      </div>
    )
  )
}
