import type { Session } from '../../../model/session.ts'
import { useAround } from '../around.ts'
import { Button } from '../Button.tsx'
import { useAway } from '../offers.ts'
import { useOften } from './use-often.ts'

/** Place in the queue and expected wait, with the way out of it. */
export function Queue({ session, onLeave }: { readonly session: Session; onLeave(): void }) {
  const { look, words, times } = useAround()
  const away = useAway(!!look.channels)
  const { ahead, wait } = session
  const place =
    ahead === null ? words.t('queueSoon') : ahead === 0 ? words.t('queueNext') : words.t('queuePlace', { count: ahead })
  const lasts = wait === null ? '' : words.t('wait', { time: times.span(wait) })
  useOften('queue', [place, lasts].filter(Boolean).join('. '))

  return (
    <div class="card queue" part="card">
      <span class="wick" aria-hidden="true" />
      <p>
        <strong>{place}</strong>
        {lasts && <span class="quiet">{lasts}</span>}
      </p>
      <Button class="button small" label="asMessage" onClick={onLeave} />
      {away && <away.Ways threadId={session.threadId} />}
    </div>
  )
}
