import { useEffect } from 'preact/hooks'
import { useAround } from './around.ts'
import { Button } from './Button.tsx'
import { useTruth } from './use-truth.ts'

/** The truth about connection and saving, in plain words; nothing while all is well. */
export function Banner() {
  const { chat, words, times, announcer } = useAround()
  const truth = useTruth()
  const text = truth && words.t(truth.key)
  const tone = truth?.tone

  useEffect(() => {
    // What is over in a moment is not worth interrupting anybody for.
    if (text && tone !== 'busy') announcer.say(text)
  }, [announcer, text, tone])

  if (!truth) return null
  return (
    <div class={`banner ${truth.tone}`} part="banner">
      <p>
        {text} {truth.syncedAt !== undefined && words.t('syncedAt', { time: times.brief(truth.syncedAt) })}
      </p>
      {truth.retry && <Button kind="text" label="tryNow" onClick={() => chat.reconnect()} />}
    </div>
  )
}
