import { useEffect, useRef } from 'preact/hooks'
import type { Session } from '../../model/session.ts'
import { useAround } from './around.ts'

const OFTEN = 30_000

/** Place in the queue and expected wait, with the way out of it. */
export function Queue({ session, onLeave }: { readonly session: Session; onLeave(): void }) {
  const { words, times, announcer } = useAround()
  const { ahead, wait } = session
  const place =
    ahead === null
      ? words.t('queueWaiting')
      : ahead === 0
        ? words.t('queueNext')
        : words.t('queuePlace', { count: ahead })
  const lasts = wait === null ? '' : times.wait(wait)
  const saidAt = useRef(Number.NEGATIVE_INFINITY)

  useEffect(() => {
    if (Date.now() - saidAt.current < OFTEN) return
    saidAt.current = Date.now()
    announcer.say([place, lasts].filter(Boolean).join('. '))
  }, [announcer, place, lasts])

  return (
    <div class="card queue" part="card">
      <span class="wick" aria-hidden="true" />
      <p>
        <strong>{place}</strong>
        {lasts && <span class="quiet">{lasts}</span>}
      </p>
      <button type="button" class="button small" onClick={onLeave}>
        {words.t('asMessage')}
      </button>
    </div>
  )
}
